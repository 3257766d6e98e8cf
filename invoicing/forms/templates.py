"""A document template: its name, its layout and its words in each language."""

import unicodedata

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from invoicing.models import DocumentTemplate
from invoicing.models.template import CLOSING_MAX, OPENING_MAX
from invoicing.pdf import missing_glyphs

LINES_MAX = 12
PARTS = (
    ("opening", OPENING_MAX, _("Text above the lines"), 3),
    ("closing", CLOSING_MAX, _("Text at the end"), 4),
)


class PlainTextField(forms.CharField):
    """Some lines of plain text: no control characters, no more of them than there is room for."""

    def __init__(self, *, lines_max=LINES_MAX, **kwargs):
        super().__init__(**kwargs)
        self.lines_max = lines_max

    def to_python(self, value):
        text = super().to_python(value).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
        text = "".join(c for c in text if c == "\n" or unicodedata.category(c) != "Cc")
        return "\n".join(line.rstrip() for line in text.split("\n")).strip()

    def validate(self, value):
        super().validate(value)
        if value.count("\n") >= self.lines_max:
            raise forms.ValidationError(_("At most %s lines fit. Take some away.") % self.lines_max)


class TemplateForm(forms.ModelForm):
    """Name, layout, and two texts in each language: opening_sv, closing_sv, ... `shown` is the language in front."""

    shown = forms.ChoiceField(required=False, choices=settings.LANGUAGES, widget=forms.RadioSelect)
    number = forms.CharField(
        required=False,
        max_length=60,
        label=_("Invoice in the preview"),
        help_text=_("A number; empty for the newest one."),
    )

    class Meta:
        model = DocumentTemplate
        fields = ["name", "layout"]
        widgets = {"layout": forms.RadioSelect}

    def __init__(self, *args, is_read_only=False, **kwargs):
        super().__init__(*args, **kwargs)
        company = self.instance.company
        self.fields["name"].error_messages["required"] = _("Type a name: it is what the Send sheet shows.")
        for language, _name in settings.LANGUAGES:
            for part, most, label, rows in PARTS:
                name = f"{part}_{language}"
                self.fields[name] = PlainTextField(
                    required=False, max_length=most, label=label, widget=forms.Textarea(attrs={"rows": rows})
                )
                self.initial[name] = self.instance.texts.get(language, {}).get(part, "")
        for field in self.fields.values():
            field.disabled = is_read_only
        self.fields["number"].disabled = False
        self.initial.setdefault("shown", company.language)

    def clean_name(self):
        name = " ".join(self.cleaned_data["name"].split())
        others = DocumentTemplate.objects.of(self.instance.company).exclude(pk=self.instance.pk)
        if others.filter(name=name).exists():
            raise forms.ValidationError(_("Another template has this name. Choose another one."))
        return name

    def texts(self):
        """{"sv": {"opening": ...}} of what was typed; what is empty or wrong is left out."""
        typed = {
            language: {part: text for part, *_ in PARTS if (text := self.cleaned_data.get(f"{part}_{language}"))}
            for language, _name in settings.LANGUAGES
        }
        return {language: texts for language, texts in typed.items() if texts}

    def changed_columns(self):
        """The columns of a valid form that differ from what is stored; the instance has the new values."""
        self.instance.texts = self.texts()
        changed = [name for name in ("name", "layout") if name in self.changed_data]
        return changed + (["texts"] if any("_" in name for name in self.changed_data) else [])

    def unprintable(self):
        """The characters of the texts that no font of ours has, as one text."""
        found = set().union(*(missing_glyphs(text) for texts in self.texts().values() for text in texts.values()))
        return " ".join(sorted(found))

    def panes(self):
        """(code, name, its fields, whether something is typed) of each language, for the tabs."""
        return [
            (code, name, [self[f"{part}_{code}"] for part, *_ in PARTS], bool(self[f"opening_{code}"].value()))
            for code, name in settings.LANGUAGES
        ]

    def front(self):
        """The language whose texts are in front: the first one with something to correct, else the chosen one."""
        wrong = [code for code, _name in settings.LANGUAGES for part, *_ in PARTS if f"{part}_{code}" in self.errors]
        asked = self["shown"].value()
        return wrong[0] if wrong else asked if asked in dict(settings.LANGUAGES) else self.instance.company.language

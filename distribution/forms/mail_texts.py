"""The words of a company's e-mails, with names that exist and braces that are closed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from distribution import placeholders
from distribution.models import MailText
from distribution.models.mail import BODY_MAX
from invoicing.forms.templates import PlainTextField

LINES_MAX = 80


class MailTextForm(forms.ModelForm):
    body = PlainTextField(
        max_length=BODY_MAX,
        lines_max=LINES_MAX,
        label=_("Text"),
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("Plain text. The amount, the due day and how to pay follow below it by themselves."),
        error_messages={"required": _("Type a text, or take the shipped one again.")},
    )

    class Meta:
        model = MailText
        fields = ["subject", "body"]
        error_messages = {"subject": {"required": _("Type a subject, or take the shipped one again.")}}

    def __init__(self, *args, shipped, is_read_only=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.shipped = shipped
        if self.instance._state.adding:
            self.initial |= {"subject": shipped[0], "body": shipped[1]}
        for field in self.fields.values():
            field.disabled = is_read_only

    def clean_subject(self):
        return self.checked(" ".join(self.cleaned_data["subject"].split()))

    def clean_body(self):
        return self.checked(self.cleaned_data["body"])

    def checked(self, text):
        kind = self.instance.kind
        if wrong := placeholders.unknown(text, kind):
            said = {
                "wrong": ", ".join(f"{{{{ {name} }}}}" for name in wrong),
                "names": ", ".join(placeholders.names(kind)),
            }
            raise forms.ValidationError(_("%(wrong)s is no name that exists here. These do: %(names)s.") % said)
        if placeholders.is_broken(text):
            raise forms.ValidationError(_("A name is not closed. Write each one like {{ number }}."))
        return text

    def is_shipped(self):
        """Whether the words of a valid form are the shipped ones."""
        return (self.cleaned_data["subject"], self.cleaned_data["body"]) == self.shipped

"""A company's colour and logo, and what there is to say about a picture."""

from django import forms
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from invoicing.formats.picture import MAX_BYTES
from invoicing.formats.svg import Refusal
from invoicing.logo import cleaned

REFUSALS = {
    "too-large": _("The file has %(size)s; %(limit)s is the most. Save it smaller."),
    "no-picture": _("This is no PNG, JPEG or SVG picture, whatever its name says. Export the logo as one of these."),
    "broken": _("The picture cannot be read: the file is damaged or cut off. Export it again."),
    "too-many-pixels": _("%(width)s × %(height)s pixels; %(limit)s million are the most. Save it smaller."),
    "bomb": _("Many more pixels than the %(limit)s million that are the most. Save it smaller."),
    "too-heavy": _("The picture took too long to read, so it was not taken. Save it smaller, as PNG."),
    "doctype": _("The SVG defines entities of its own, which can hide anything. Export it as plain SVG, or as PNG."),
    "script": _("The SVG holds a script. A logo may not run anything: export it as plain SVG, or as PNG."),
    "handler": _("The SVG holds a script (%(what)s). A logo may not run anything: export it as plain SVG, or as PNG."),
    "foreign": _("The SVG holds a web page inside (foreignObject). Export it as plain SVG, or as PNG."),
    "embedded": _("The SVG holds a picture inside, so it is no drawing. Save it as PNG and upload that."),
    "link": _("The SVG holds a link. Take it away, or save the logo as PNG."),
    "outward": _(
        "The SVG fetches something from outside (%(what)s). Export it with everything inside it, or save it as PNG."
    ),
    "no-size": _("The SVG does not say how large it is (viewBox). Export it again, or save it as PNG."),
    "empty": _("The SVG draws nothing that can be printed. Save it as PNG and upload that."),
    "ring": _("The SVG contains itself. Save it as PNG and upload that."),
    "too-detailed": _("The SVG has more than %(limit)s parts, which would slow down every document. Save it as PNG."),
}
NOTES = {
    "scaled": _("Made smaller, from %(width)s × %(height)s to %(to)s pixels: more cannot be seen on paper."),
    "coarse": _("Few pixels: %(dpi)s dots per inch on paper, where 150 look sharp. A larger file looks better."),
    "flattened": _("Gradients became one colour, because some printers and viewers lose them."),
    "left-out": _("Effects that do not print alike everywhere (filters, masks, patterns) were left out."),
    "text": _("It holds text, which is printed in our font. Turn text into outlines to keep its own."),
}


def told(code, params):
    """What was done to a picture, as a sentence."""
    return NOTES[code] % params


class ColourForm(forms.Form):
    colour = forms.RegexField(
        r"\A#[0-9a-fA-F]{6}\Z",
        label=_("Colour"),
        help_text=_("Of the rule above the payment box, of the amount, and of the name where there is no logo."),
        error_messages={
            "invalid": _("Type a colour as # and six digits: #0b6a61."),
            "required": _("Choose a colour."),
        },
        widget=forms.TextInput(attrs={"type": "color"}),
    )

    def __init__(self, *args, is_read_only=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["colour"].disabled = is_read_only

    def clean_colour(self):
        return self.cleaned_data["colour"].lower()


class LogoForm(forms.Form):
    """`cleaned_data["logo"]` is a Picture."""

    logo = forms.FileField(
        label=_("New logo"),
        help_text=_("PNG, JPEG or SVG, at most 2 MB. It is printed at most 60 mm wide and 14 mm high."),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty. Choose another one.")},
        widget=forms.FileInput(attrs={"accept": ".png,.jpg,.jpeg,.svg,image/png,image/jpeg,image/svg+xml"}),
    )

    def clean_logo(self):
        file = self.cleaned_data["logo"]
        try:
            if file.size > MAX_BYTES:
                raise Refusal("too-large", size=file.size, limit=MAX_BYTES)
            return cleaned(file.read())
        except Refusal as refusal:
            sizes = {name: filesizeformat(refusal.params[name]) for name in ("size",) if name in refusal.params}
            if sizes:
                sizes["limit"] = filesizeformat(refusal.params["limit"])
            raise forms.ValidationError(
                REFUSALS[refusal.code] % (refusal.params | sizes), code=refusal.code
            ) from refusal

"""Files of invoices, handed in by a person."""

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from config.template_tags import count


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Any number of files. One that is empty or too large is a line in the report, not an error of the form."""

    widget = ManyFilesInput

    def clean(self, data, initial=None):
        if not data:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        if len(data) > settings.UPLOAD_MAX_FILES:
            too_many = _("%(given)s files at one time; %(most)s are the most. Upload them in parts.")
            raise forms.ValidationError(
                too_many % {"given": count(len(data)), "most": count(settings.UPLOAD_MAX_FILES)}, code="too_many"
            )
        return data


class UploadForm(forms.Form):
    files = ManyFilesField(
        label=_("Files"),
        help_text=format_lazy(
            _(
                "UBL 2.1 invoices and credit notes, one a file; at most {n} files of {mb} MB. The seller in each file "
                "chooses the company, and good files go in whatever the others are."
            ),
            n=count(settings.UPLOAD_MAX_FILES),
            mb=settings.UPLOAD_MAX_BYTES // 1024**2,
        ),
        error_messages={"required": _("Choose at least one file.")},
        widget=ManyFilesInput(attrs={"accept": ".xml,application/xml,text/xml"}),
    )
    history = forms.ChoiceField(
        label=_("These invoices"),
        widget=forms.RadioSelect,
        initial="new",
        choices=[
            ("new", _("are to be sent from here")),
            ("elsewhere", _("were already sent elsewhere")),
        ],
        help_text=_(
            "What was already sent elsewhere comes in as Sent outside the system: "
            "it can be looked at, paid and credited, and is never offered for sending."
        ),
    )

"""What the clerk chooses in the sheet before sending."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from config.template_tags import count


class SheetForm(forms.Form):
    """What the clerk chooses in the sheet. `going(again)` is the number that a large batch must be confirmed with."""

    template = forms.ModelChoiceField(None, required=False, label=_("Template"), empty_label=None)
    again = forms.BooleanField(required=False)
    number = forms.CharField(required=False, label=_("Type the number of invoices to send them"))

    def __init__(self, *args, batch, going, **kwargs):
        super().__init__(*args, auto_id="sheet_%s", **kwargs)
        self.going = going
        template = self.fields["template"]
        template.queryset = offered = batch.company.templates.offered()
        # the one that was used last, else the first
        last = batch.template
        template.initial = last if last and not last.put_away_at else offered.first()
        if "again" not in self.initial:  # else the focus is on that choice
            template.widget.attrs["autofocus"] = True
        self.fields["number"].widget.attrs |= {"inputmode": "numeric", "autocomplete": "off"}

    def clean_template(self):
        return self.cleaned_data["template"] or self.fields["template"].initial

    def is_large(self, again):
        return self.going(again) > settings.SENDING["typed_confirmation_over"]

    def clean(self):
        data = super().clean()
        typed = "".join(filter(str.isdigit, data.get("number", "")))
        again = data.get("again", False)
        if self.is_large(again) and typed != str(self.going(again)):
            self.add_error("number", _("Type %s, the number of invoices that leave.") % count(self.going(again)))
        return data

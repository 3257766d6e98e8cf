"""What staff say of invoices that they sent by other means."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class OutsideForm(forms.Form):
    sent_on = forms.DateField(
        label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    way = forms.CharField(
        label=gettext_lazy("How"), max_length=80, help_text=gettext_lazy("For example: letter, handed over, portal.")
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=200)

    def __init__(self, data=None):
        super().__init__(data, initial={"sent_on": timezone.localdate()}, auto_id="outside_%s")
        self.fields["way"].widget.attrs |= {"autofocus": True, "autocomplete": "off"}

    def clean_sent_on(self):
        day = self.cleaned_data["sent_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet. Type the day on which it was sent."))
        return day

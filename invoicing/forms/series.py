"""What a manager sets about a company's invoice numbers and terms."""

from django import forms
from django.utils.translation import gettext as _

from invoicing.actions.numbering import highest
from invoicing.models import FIRST_IN_FINLAND, Series


class SeriesForm(forms.ModelForm):
    class Meta:
        model = Series
        fields = ["prefix", "next_number", "payment_days", "kid_check"]

    def __init__(self, data, *, instance, is_read_only):
        super().__init__(data, instance=instance)
        if instance.company.country != "NO":
            del self.fields["kid_check"]
        for field in self.fields.values():
            field.disabled = is_read_only

    def clean(self):
        data = super().clean()
        prefix, number = data.get("prefix"), data.get("next_number")
        if prefix is None or number is None:
            return data
        most = highest(self.instance, prefix)
        if number <= most:
            words = _("%(prefix)s%(most)s exists already. The next number is %(next)s or higher.")
            self.add_error("next_number", words % {"prefix": prefix, "most": most, "next": most + 1})
            return data
        typed = Series(company=self.instance.company, prefix=prefix, next_number=number)
        try:
            typed.reference_of(str(typed))
        except ValueError:
            words = _(
                "%(number)s makes no payment reference. Digits: at most 23, in Finland from %(first)s and at most 19."
            )
            self.add_error("next_number", words % {"number": typed, "first": FIRST_IN_FINLAND})
        return data

"""Money as it is typed, in one currency."""

from django import forms
from django.utils.translation import gettext as _

from invoicing.money import WHOLE_CURRENCIES

from .numbers import NumberField, typed


class AmountField(NumberField):
    """Money with no more decimals than its currency has; None when nothing is typed."""

    def __init__(self, *, currency, **kwargs):
        super().__init__(decimals=0 if currency in WHOLE_CURRENCIES else 2, **kwargs)
        self.currency = currency
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def read(self, text):
        number = super().read(text)
        if not number:
            raise forms.ValidationError(_("Type an amount that is not zero."))
        return number

    def prepare_value(self, value):
        return value if value is None or isinstance(value, str) else typed(value, decimals=self.decimals)

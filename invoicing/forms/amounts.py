"""Amounts as people in the Nordic countries type them: 1 234,50."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from invoicing.money import WHOLE_CURRENCIES

SPACES = dict.fromkeys(map(ord, " \u00a0\u202f\u2009"))


class NumberField(forms.DecimalField):
    """A number with comma or point, and spaces where one likes."""

    widget = forms.TextInput
    default_error_messages = {"invalid": _("Type a number, for example 1 234,50.")}

    def widget_attrs(self, widget):
        return {"inputmode": "decimal", "autocomplete": "off"}

    def to_python(self, value):
        if isinstance(value, str):
            value = value.translate(SPACES).replace("\u2212", "-").replace(",", ".")
        return super().to_python(value)

    def prepare_value(self, value):
        return f"{value.normalize():f}".replace(".", ",") if isinstance(value, Decimal) else value


class AmountField(NumberField):
    """Money in one currency, with no more decimals than it has."""

    def __init__(self, *, currency, **kwargs):
        decimals = 0 if currency in WHOLE_CURRENCIES else 2
        super().__init__(decimal_places=decimals, max_digits=16, **kwargs)
        self.decimals = decimals
        few = _("At most two decimals.") if decimals else _("%s has no decimals: type a whole amount.") % currency
        self.error_messages["max_decimal_places"] = few

    def prepare_value(self, value):
        return f"{value:.{self.decimals}f}".replace(".", ",") if isinstance(value, Decimal) else value

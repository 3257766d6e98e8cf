"""Numbers as Nordic people type them: 1 234,50, 1234.5, 1.234,50. And a discount: 10 % or 50,00."""

import re
from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from invoicing.totals import Discount

# One kind of sign between thousands, another one before the decimals; or no thousands, and either before the decimals.
GROUPED = re.compile(r"-?\d{1,3}(?:(?:\.\d{3})+(?:,\d+)?|(?:,\d{3})+\.\d+|(?:,\d{3}){2,})")
PLAIN = re.compile(r"-?(?:\d+(?:[.,]\d*)?|[.,]\d+)", re.ASCII)
DIGITS = 12  # before the decimals


def read_number(text):
    """The Decimal of a typed number, or None. A sign that could be either counts as the decimal one."""
    bare = re.sub(r"[\s\u00a0\u202f']", "", text).replace("\u2212", "-")
    if PLAIN.fullmatch(bare):
        return Decimal(bare.replace(",", "."))
    if GROUPED.fullmatch(bare):
        last = max(bare.rfind("."), bare.rfind(","))
        point = bare[last] if bare.count(bare[last]) == 1 else ""
        thousands = {".": ",", ",": "."}.get(point, bare[last])
        return Decimal(bare.replace(thousands, "").replace(point or thousands, "."))
    return None


def typed(number, *, decimals=0):
    """A number as a form shows it: at least `decimals` decimals, those that it has, decimal comma."""
    if number is None:
        return ""
    whole, _point, rest = f"{number:f}".partition(".")
    rest = rest.rstrip("0").ljust(decimals, "0")
    return f"{whole},{rest}" if rest else whole


class NumberField(forms.CharField):
    """A Decimal with at most `decimals` decimals, None when nothing is typed."""

    too_exact = ngettext_lazy("At most %(n)s decimal here.", "At most %(n)s decimals here.", "n")

    def __init__(self, *, decimals, **kwargs):
        super().__init__(required=False, max_length=40, **kwargs)
        self.decimals = decimals

    def clean(self, value):
        text = super().clean(value)
        return self.read(text) if text else None

    def read(self, text):
        number = read_number(text)
        if number is None:
            raise forms.ValidationError(_("%(text)s is not a number. Type it as 1234,50.") % {"text": text})
        if -number.as_tuple().exponent > self.decimals:
            raise forms.ValidationError(self.too_exact % {"n": self.decimals})
        if abs(number) >= 10**DIGITS:
            raise forms.ValidationError(_("This number is too large."))
        return number


class DiscountField(NumberField):
    """A totals.Discount, or None."""

    def read(self, text):
        percent = text.endswith("%")
        number = super().read(text.removesuffix("%").strip())
        if number < 0 or (percent and number > 100):
            raise forms.ValidationError(_("A discount is between 0 and 100 %, or an amount above 0."))
        return Discount(percent=number) if percent else Discount(amount=number)

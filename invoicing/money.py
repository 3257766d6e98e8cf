"""Money and numbers: Decimal only, rounded half up, written the way each language writes them.

No floats: everything here raises TypeError on one, since a float has already lost the cent.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

NBSP = "\u00a0"
MINUS = "\u2212"


class Style(NamedTuple):
    thousands: str
    point: str
    minus: str
    percent: str
    # Currencies with a sign that cannot be taken for another's: "kr" means the language's own krone only.
    signs: dict
    sign_first: bool = False


STYLES = {
    "sv": Style(NBSP, ",", MINUS, f"{NBSP}%", {"SEK": "kr", "EUR": "€"}),
    "nb": Style(NBSP, ",", MINUS, f"{NBSP}%", {"NOK": "kr", "EUR": "€"}, sign_first=True),
    "fi": Style(NBSP, ",", MINUS, f"{NBSP}%", {"EUR": "€"}),
    "en": Style(",", ".", "-", "%", {}),
}
# ISO 4217 currencies without a smaller unit. Decimals are still shown where an amount has them.
WHOLE_CURRENCIES = {
    *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV"),
    *("XAF", "XOF", "XPF"),
}
CURRENCY_OF_COUNTRY = {"SE": "SEK", "NO": "NOK", "DK": "DKK"}


def currency_of(country):
    """The currency in which a company of this country reckons."""
    return CURRENCY_OF_COUNTRY.get(country, "EUR")


def round_half_up(value, decimals=2):
    """1116.9375 -> 1116.94; half a cent goes away from zero (EN 16931-1, Skatteverket)."""
    return exact(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def format_amount(value, currency, language):
    """An amount with its currency, to two decimals: "1 234,50 kr" (sv), "kr 1 234,50" (nb), "1,234.50 EUR" (en)."""
    style = STYLES[language]
    rounded = round_half_up(value)
    is_whole = currency in WHOLE_CURRENCIES and rounded == rounded.to_integral_value()
    number = written(rounded, style, at_least=0 if is_whole else 2)
    sign = style.signs.get(currency, currency)
    return f"{sign}{NBSP}{number}" if style.sign_first and sign != currency else f"{number}{NBSP}{sign}"


def format_number(value, language):
    """An amount without its currency, to two decimals, for the columns of a table."""
    return written(round_half_up(value), STYLES[language], at_least=2)


def format_price(value, language):
    """A unit price: two decimals, more where it has them (0.0485)."""
    return written(exact(value), STYLES[language], at_least=2)


def format_quantity(value, language):
    """A quantity with the decimals that it needs: 2.500 -> "2,5"."""
    return written(exact(value), STYLES[language], at_least=0)


def format_percent(value, language):
    """25.00 -> "25 %", 25.5 -> "25,5 %"; English has no space."""
    return format_quantity(value, language) + STYLES[language].percent


def exact(value):
    if not isinstance(value, (Decimal, int)) or isinstance(value, bool):
        raise TypeError(f"money is Decimal, not {type(value).__name__}")
    return Decimal(value)


def written(value, style, *, at_least):
    """All digits of `value`, without zeros at the end beyond `at_least` decimals."""
    whole, _, decimals = f"{abs(value):,f}".partition(".")
    decimals = decimals.rstrip("0").ljust(at_least, "0")
    sign = style.minus if value < 0 else ""
    return sign + whole.replace(",", style.thousands) + (style.point + decimals if decimals else "")

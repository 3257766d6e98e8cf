"""The VAT rates of the Nordic countries, as dated data. Where a rate changes, a row ends and another one begins.

Sources: Skatteverket, ML (2023:200) 9 kap. (25, 12, 6); Skatteetaten, Stortingets vedtak om merverdiavgift (25, 15,
12); Vero, AVL 84-85 a § (24 until 2024-08-31, 25.5 since; 14 until 2025-12-31, 13.5 since; 10); Skat, ML § 33 (25).
Categories are those of UNCL5305 that EN 16931 takes: S standard or reduced, Z zero, E exempt, AE reverse charge.
"""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

STANDARD, ZERO, EXEMPT, REVERSE_CHARGE = "S", "Z", "E", "AE"


class Rate(NamedTuple):
    percent: Decimal
    since: date = date.min
    until: date = date.max  # its last day


RATES = {
    "SE": (Rate(Decimal("25")), Rate(Decimal("12")), Rate(Decimal("6"))),
    "NO": (Rate(Decimal("25")), Rate(Decimal("15")), Rate(Decimal("12"))),
    "FI": (
        Rate(Decimal("25.5"), since=date(2024, 9, 1)),
        Rate(Decimal("24"), until=date(2024, 8, 31)),
        Rate(Decimal("14"), until=date(2025, 12, 31)),
        Rate(Decimal("13.5"), since=date(2026, 1, 1)),
        Rate(Decimal("10")),
    ),
    "DK": (Rate(Decimal("25")),),
}


def rates_on(country, days):
    """The percentages above nothing that hold in a country on any of these days."""
    rates = RATES.get(country, ())
    return [rate.percent for rate in rates if any(rate.since <= day <= rate.until for day in days)]


def known_rates(country):
    """Every percentage that a country has or had within this table."""
    return [rate.percent for rate in RATES.get(country, ())]


def holds(country, category, percent, days):
    """Whether a line may bear this category and rate in a country on any of these days.

    A country that is not in the table is trusted with its own rates.
    """
    if category != STANDARD:
        return percent == 0
    return country not in RATES or percent in rates_on(country, days)

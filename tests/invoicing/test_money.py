from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing import money

S = "\u00a0"


@pytest.mark.parametrize(
    "value, expected",
    [
        ("1116.9375", "1116.94"),
        ("0.005", "0.01"),
        ("-0.005", "-0.01"),
        ("2.675", "2.68"),
        ("1.994999", "1.99"),
        ("7", "7"),
    ],
)
def test_half_a_cent_goes_away_from_zero(value, expected):
    assert money.round_half_up(Decimal(value)) == Decimal(expected)


@pytest.mark.parametrize(
    "value, currency, language, expected",
    [
        ("1234.5", "SEK", "sv", f"1{S}234,50{S}kr"),
        ("1234.5", "NOK", "nb", f"kr{S}1{S}234,50"),
        ("1234.5", "EUR", "fi", f"1{S}234,50{S}€"),
        ("1234.5", "SEK", "en", f"1,234.50{S}SEK"),
        ("1234567.891", "SEK", "sv", f"1{S}234{S}567,89{S}kr"),
        ("-100", "SEK", "sv", f"−100,00{S}kr"),
        ("-100", "NOK", "nb", f"kr{S}−100,00"),
        ("-1234.5", "EUR", "en", f"-1,234.50{S}EUR"),
        # Somebody else's krone is never "kr".
        ("10", "NOK", "sv", f"10,00{S}NOK"),
        ("10", "SEK", "nb", f"10,00{S}SEK"),
        ("10", "DKK", "nb", f"10,00{S}DKK"),
        ("10", "EUR", "nb", f"€{S}10,00"),
        ("10", "SEK", "fi", f"10,00{S}SEK"),
        ("0", "PLN", "sv", f"0,00{S}PLN"),
        # Currencies without a smaller unit show decimals only where there are some.
        ("1234.00", "JPY", "en", f"1,234{S}JPY"),
        ("1234.5", "JPY", "sv", f"1{S}234,50{S}JPY"),
        ("1000", "ISK", "nb", f"1{S}000{S}ISK"),
        ("-0.001", "SEK", "sv", f"0,00{S}kr"),
    ],
)
def test_an_amount_is_written_as_the_language_writes_it(value, currency, language, expected):
    assert money.format_amount(Decimal(value), currency, language) == expected


def test_a_number_for_a_column():
    assert money.format_number(Decimal("6448.5"), "sv") == f"6{S}448,50"


@pytest.mark.parametrize(
    "value, expected", [("149.5", "149,50"), ("0.0485", "0,0485"), ("1000", f"1{S}000,00"), ("0.1200", "0,12")]
)
def test_a_price_keeps_its_decimals(value, expected):
    assert money.format_price(Decimal(value), "sv") == expected


@pytest.mark.parametrize(
    "value, expected",
    [
        ("2.500", "2,5"),
        ("3", "3"),
        ("3.000", "3"),
        ("1E+3", f"1{S}000"),
        ("-2", "−2"),
        ("0.00", "0"),
        ("1234.5", f"1{S}234,5"),
    ],
)
def test_a_quantity_has_the_decimals_that_it_needs(value, expected):
    assert money.format_quantity(Decimal(value), "nb") == expected


def test_percent():
    assert money.format_percent(Decimal("25.00"), "sv") == f"25{S}%"
    assert money.format_percent(Decimal("25.5"), "fi") == f"25,5{S}%"
    assert money.format_percent(Decimal("25.5"), "en") == "25.5%"


@pytest.mark.parametrize("value", [1.5, "1.5", None, True])
def test_money_is_decimal_and_nothing_else(value):
    with pytest.raises(TypeError):
        money.format_amount(value, "SEK", "sv")


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2), st.sampled_from(sorted(money.STYLES)))
def test_what_is_written_reads_back_as_the_same_amount(value, language):
    style = money.STYLES[language]
    text = money.format_number(value, language)
    back = text.replace(style.thousands, "").replace(style.point, ".").replace(style.minus, "-")
    assert Decimal(back) == value

"""The sums of an invoice made here, its VAT rates, the numbers that people type, and the references for banks."""

from datetime import date
from decimal import Decimal

import pytest

from config.identifiers import is_kid, is_ocr, is_viite, kid, ocr, viite
from invoicing.forms.numbers import read_number, typed
from invoicing.totals import Discount, line_sums, sums
from invoicing.vat import holds, rates_on

D = Decimal


@pytest.mark.parametrize(
    ("quantity", "price", "base", "discount", "expected"),
    [
        ("3", "33.335", 1, None, ("100.01", "0.00")),  # 100.005 is rounded up
        ("1", "0.005", 1, None, ("0.01", "0.00")),
        ("150", "4.85", 100, None, ("7.28", "0.00")),  # 7.275: a price for a hundred
        ("-1", "0.005", 1, None, ("-0.01", "0.00")),  # half a cent goes away from nothing
        ("2", "349.50", 1, Discount(percent=D("10")), ("629.10", "69.90")),
        ("1", "100", 1, Discount(amount=D("12.50")), ("87.50", "12.50")),
    ],
)
def test_a_line_is_rounded_half_up(quantity, price, base, discount, expected):
    assert line_sums(D(quantity), D(price), base=base, discount=discount) == tuple(map(D, expected))


def test_vat_is_taken_on_the_sum_of_its_rate():
    """Skatteverket's example: 25 % of 4 467,75 is 1 116,94. Line by line it would be another amount."""
    nets = ["1489.25"] * 3
    found = sums(("S", D("25"), D(net)) for net in nets)
    assert (found.lines, found.vat, found.gross) == (D("4467.75"), D("1116.94"), D("5584.69"))


def test_each_category_and_rate_has_a_row_the_highest_first():
    found = sums(
        [("S", D("6"), D("10.00")), ("Z", D("0"), D("5.00")), ("S", D("25"), D("4.00")), ("S", D("6"), D("1.50"))]
    )
    assert [(row.category, row.rate, row.net, row.vat) for row in found.rows] == [
        ("S", 25, D("4.00"), D("1.00")),
        ("S", 6, D("11.50"), D("0.69")),
        ("Z", 0, D("5.00"), D("0.00")),
    ]


@pytest.mark.parametrize(
    ("country", "day", "rates"),
    [
        ("SE", date(2026, 11, 21), ["25", "12", "6"]),
        ("NO", date(2026, 11, 21), ["25", "15", "12"]),
        ("FI", date(2026, 1, 1), ["25.5", "13.5", "10"]),
        ("FI", date(2025, 12, 31), ["25.5", "14", "10"]),
        ("FI", date(2024, 8, 31), ["24", "14", "10"]),
        ("FI", date(2024, 9, 1), ["25.5", "14", "10"]),
    ],
)
def test_the_rates_of_a_day(country, day, rates):
    assert rates_on(country, {day}) == list(map(D, rates))


def test_a_rate_that_held_on_the_day_of_delivery_may_be_invoiced_later():
    issued, delivered = date(2026, 1, 5), date(2025, 12, 20)
    assert not holds("FI", "S", D("14"), {issued})
    assert holds("FI", "S", D("14"), {issued, delivered})
    assert not holds("NO", "S", D("6"), {issued})
    assert not holds("SE", "Z", D("6"), {issued})


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1234,50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("1\u202f234,50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1.234.567", "1234567"),
        ("0,0485", "0.0485"),
        (",5", "0.5"),
        ("\u2212 3", "-3"),
        ("abc", None),
        ("1,2,3", None),
        ("1e9", None),
        ("٣", None),
        ("", None),
    ],
)
def test_numbers_as_people_type_them(text, number):
    assert read_number(text) == (None if number is None else D(number))


def test_a_number_is_shown_as_it_would_be_typed():
    assert typed(D("349.500000"), decimals=2) == "349,50"
    assert typed(D("2.000000")) == "2"
    assert typed(D("0.048500"), decimals=2) == "0,0485"
    assert typed(None) == ""


@pytest.mark.parametrize(
    ("number", "expected"),
    [("12345", "1234574"), ("1001", "100164"), ("20260001", "2026000105"), ("123456789", "12345678911")],
)
def test_ocr_with_length_and_check_digit(number, expected):
    assert ocr(number) == expected
    assert is_ocr(expected, length_digit=True)


def test_kid_by_either_modulus():
    assert (kid("12345678"), kid("12345678", modulus=11)) == ("123456782", "123456785")
    assert kid("1009", modulus=11) == "1009-"
    assert is_kid(kid("1000"))


def test_viite():
    assert [viite(number) for number in ("123456", "234823", "100", "12345")] == [
        "1234561",
        "2348236",
        "1009",
        "123453",
    ]
    assert is_viite(viite("00100"))
    for number in ("99", "0099", "1" * 20, "12a"):
        with pytest.raises(ValueError, match=number):
            viite(number)

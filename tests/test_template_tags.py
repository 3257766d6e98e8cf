"""How values look on a screen."""

from datetime import UTC, date, datetime
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from config import template_tags as tags
from recipients.methods import Method

SPRITE = {symbol.get("id") for symbol in ElementTree.parse(settings.BASE_DIR / "static" / "icons.svg").getroot()}


@pytest.mark.parametrize(
    "amount, currency, shown",
    [
        ("349", "SEK", "349,00\u00a0kr"),
        ("12480.5", "NOK", "12\u202f480,50\u00a0kr"),
        ("1874312", "EUR", "1\u202f874\u202f312,00\u00a0€"),
        ("-1249", "USD", "\u22121\u202f249,00\u00a0USD"),
        ("0", "", "0,00"),
    ],
)
def test_money_is_nordic(amount, currency, shown):
    assert tags.money(Decimal(amount), currency) == shown


@pytest.mark.parametrize("language, shown", [("en", "2026-12-20"), ("sv", "2026-12-20"), ("nb", "20.12.2026")])
def test_a_day_is_written_as_the_language_does(language, shown):
    with translation.override(language):
        assert tags.day(date(2026, 12, 20)) == f'<time datetime="2026-12-20">{shown}</time>'


def test_a_moment_is_told_in_local_time():
    assert ">23:30</time>" in tags.clock(datetime(2026, 11, 20, 22, 30, tzinfo=UTC))


def test_every_state_and_method_has_an_icon_of_the_sprite():
    icons = {icon for *_, icon in tags.PILLS.values()} | {icon for _, icon in tags.METHODS.values()}
    assert icons - SPRITE == set()


def test_every_method_has_its_name():
    assert {code: str(name) for code, (name, _) in tags.METHODS.items()} == {m.value: str(m.label) for m in Method}


def test_parts_of_a_meter_add_up_and_the_rest_is_left_open():
    parts = [
        {"count": 3, "tone": "1"},
        {"count": 0, "tone": "2"},
        {"count": 1, "tone": "danger"},
        {"count": 4, "tone": "rest"},
    ]
    assert tags.meter(parts, 8) == (
        '<rect class="fill-1" x="0.00%" width="37.50%" height="100%"/>'
        '<rect class="fill-danger" x="37.50%" width="12.50%" height="100%"/>'
        '<rect class="fill-gap" x="37.50%" width="2" height="100%"/>'
    )


@pytest.mark.parametrize(
    "name, letters",
    [("Kim Berg", "KB"), ("Fjordgym AB", "FJ"), ("Nordanvind Bygg AB", "NB"), ("a@b.se", "A@"), ("", "")],
)
def test_initials(name, letters):
    assert tags.initials(name) == letters


def test_what_a_customer_is_called_cannot_become_markup():
    assert "<script>" not in render_to_string("ui/_mark.html", {"text": "<script>alert(1)</script>"})


@pytest.mark.parametrize(
    "stored, home, shown",
    [
        ("Eva Lund\nStorgatan 1\n123 45\nTäby\nSE", "SE", "Eva Lund, Storgatan 1, 123 45 Täby"),
        ("Eva Lund\nBox 1\nStorgatan 1\n123 45\nTäby\nSE", "SE", "Eva Lund, Box 1, Storgatan 1, 123 45 Täby"),
        ("Aino\nKatu 1\n00100\nHelsinki\nFI", "SE", "Aino, Katu 1, 00100 Helsinki, FI"),
        ("Aino\nKatu 1\n\nHelsinki\nFI", "FI", "Aino, Katu 1, Helsinki"),
        ("eva@lund.example", "SE", "eva@lund.example"),
        ("", "SE", ""),
    ],
)
def test_where_something_goes_is_one_line(stored, home, shown):
    assert tags.on_one_line(stored, home) == shown

"""Test values: docs of the registers and banks, recomputed with python-stdnum."""

import pytest

from config import identifiers as ids
from invoicing.formats.core import Address, Identifier, Party

NBSP = "\u00a0"


@pytest.mark.parametrize(
    "same",
    [
        [
            ("556036-0793", {}),
            ("5560360793", {}),
            ("556036 0793", {}),
            ("165560360793", {}),
            ("16556036-0793", {"country": "SE"}),
            ("SE556036079301", {}),
            ("se 556036-0793 01", {"country": "NO"}),
            ("5560360793", {"scheme": "0007"}),
            ("SE556036079301", {"scheme": "9955"}),
        ],
        [("19820323-2775", {}), ("820323-2775", {}), ("198203232775", {"country": "SE"}), ("SE820323277501", {})],
        # An organisation whose number begins like a century.
        [("202100-5489", {}), ("SE202100548901", {}), ("16202100-5489", {})],
        # Made up, without a right check digit: the scheme or the country tells.
        [("1234567890", {"scheme": "0007"}), ("123456-7890", {"country": "se"}), ("SE123456789001", {})],
        [
            ("974760673", {}),
            ("974 760 673", {}),
            ("974 760 673 MVA", {}),
            ("NO974760673MVA", {"country": "SE"}),
            ("NO 974 760 673", {}),
            ("974760673", {"scheme": "0192"}),
            ("974760673", {"scheme": "9908"}),
        ],
        [
            ("2077474-0", {}),
            ("20774740", {"country": "FI"}),
            ("FI20774740", {}),
            ("003720774740", {}),
            ("00372077474012", {"scheme": "0216"}),
            ("2077474-0", {"scheme": "0212"}),
        ],
        [("13585628", {"country": "DK"}), ("DK13585628", {}), ("DK 13 58 56 28", {"scheme": "0184"})],
        [("de 136 695 976", {}), ("DE136695976", {"country": "DE"}), ("DE136695976", {"scheme": "9930"})],
    ],
)
def test_one_legal_id_in_all_its_forms_compares_equal(same):
    assert len({ids.normal_legal_id(value, **how) for value, how in same}) == 1


@pytest.mark.parametrize(
    "one, other",
    [
        (("556036-0793", {}), ("556732-1707", {})),
        (("13585628", {"country": "DK"}), ("13585628", {"country": "FI"})),
        (("974760673", {"country": "NO"}), ("974760673", {"country": "DE"})),
        # A French SIREN that happens to have a Norwegian check digit.
        (("974760673", {"scheme": "0002"}), ("974760673", {"scheme": "0192"})),
        (("1234567890", {}), ("1234567890", {"scheme": "0007"})),
        (("HRB 12-345", {}), ("HRB 1-2345", {})),
    ],
)
def test_different_ids_stay_different(one, other):
    assert ids.normal_legal_id(one[0], **one[1]) != ids.normal_legal_id(other[0], **other[1])


def test_the_normal_form_names_the_country():
    assert ids.normal_legal_id("165560360793") == "SE5560360793"
    assert ids.normal_legal_id("7300010000001", scheme="0088") == "7300010000001"


def test_the_ids_of_a_seller_come_the_strongest_first():
    party = Party(
        name="Fjordgym AB",
        ids=(Identifier("7300010000001", "0088"), Identifier("556036-0793", "0007")),
        legal_id=Identifier("5560360793", "0007"),
        vat_id="SE556036079301",
        address=Address(country="SE"),
    )
    assert ids.legal_ids(party) == ["SE5560360793"]
    assert ids.seller_ids(party) == ["SE5560360793", "7300010000001"]


def test_a_party_without_ids_has_none():
    assert ids.seller_ids(Party(name="Eva Lund")) == []


@pytest.mark.parametrize("value", ["5050-1055", "991-2346", "5805-6201", "5232-3524", "5402-9681", "123-4566"])
def test_good_bankgiro(value):
    assert ids.is_bankgiro(value)
    assert ids.format_bankgiro(value.replace("-", "")) == value


@pytest.mark.parametrize("value", ["990-2346", "505010", "505010551", "", "abcd-efgh", "٥٠٥٠١٠٥٥"])
def test_bad_bankgiro(value):
    assert not ids.is_bankgiro(value)


def test_plusgiro():
    assert ids.is_plusgiro("28 65 43-4")
    assert ids.is_plusgiro("1-8")
    assert not ids.is_plusgiro("47 23 45-7")
    assert ids.format_plusgiro("2865434") == f"28{NBSP}65{NBSP}43-4"
    assert ids.format_plusgiro("18") == "1-8"


@pytest.mark.parametrize("value", ["SE:1", "123456789", "12345678901"])
def test_what_is_no_giro_number_is_printed_as_it_is(value):
    assert (ids.format_bankgiro(value), ids.format_plusgiro(value)) == (value, value)


@pytest.mark.parametrize(
    "with_check, with_length",
    [
        ("123455", "1234574"),
        ("10017", "100164"),
        ("202600011", "2026000105"),
        ("1234567897", "12345678911"),
        ("1002003000", "10020030010"),
    ],
)
def test_ocr(with_check, with_length):
    assert ids.is_ocr(with_check)
    assert ids.is_ocr(with_length, length_digit=True)


def test_an_ocr_number_of_the_wrong_length_is_found_by_its_length_digit():
    assert ids.is_ocr("0001234574")
    assert not ids.is_ocr("0001234574", length_digit=True)


@pytest.mark.parametrize("value", ["123451", "5", "", "12 3455", "2" * 26, "²3"])
def test_bad_ocr(value):
    assert not ids.is_ocr(value)


@pytest.mark.parametrize("value", ["2345676", "12345678903", "6-"])
def test_kid(value):
    """Mod 10, mod 11, and a mod 11 that comes out as ten."""
    assert ids.is_kid(value)


def test_kid_takes_mod_10_and_mod_11_and_nothing_else():
    body = "000010240"
    good = {digit for digit in "0123456789-" if ids.is_kid(body + digit)}
    assert good == {ids.luhn_digit(body), ids.mod11_digit(body)}


@pytest.mark.parametrize("value", ["1234561", "2348236", "1009", "123453", "12 34561", "00001234561"])
def test_viite(value):
    assert ids.is_viite(value)
    assert not ids.is_viite(value[:-1] + str((int(value[-1]) + 1) % 10))


@pytest.mark.parametrize("value", ["RF332348236", "RF341234561", "RF06559582243294671", "RF18539007547034"])
def test_rf(value):
    assert ids.is_rf(value)
    assert not ids.is_rf(value[:-1] + str((int(value[-1]) + 1) % 10))


def test_a_reference_is_printed_in_groups():
    assert ids.format_reference("RF332348236") == f"RF33{NBSP}2348{NBSP}236"
    assert ids.format_reference("559582243294671") == f"55958{NBSP}22432{NBSP}94671"
    assert ids.format_reference("2026-118") == "2026-118"


@pytest.mark.parametrize("value", ["FI2112345600000785", "SE45 5000 0000 0583 9825 7466", "NO9386011117947"])
def test_iban(value):
    assert ids.is_iban(value)
    assert not ids.is_iban(value[:-1] + str((int(value[-1]) + 1) % 10))


def test_an_iban_is_printed_in_groups_of_four():
    assert ids.format_iban("FI2112345600000785") == f"FI21{NBSP}1234{NBSP}5600{NBSP}0007{NBSP}85"


@pytest.mark.parametrize("value", ["20774740", "01120389", "07375462"])
def test_y_tunnus(value):
    assert ids.is_y_tunnus(value)
    assert not ids.is_y_tunnus(value[:-1] + str((int(value[-1]) + 1) % 10))


@pytest.mark.parametrize("value", ["974760673", "923609016"])
def test_norwegian_organisation_number(value):
    assert ids.is_norwegian(value)
    assert not ids.is_norwegian(value[:-1] + str((int(value[-1]) + 1) % 10))

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.formats.findings import Code
from invoicing.formats.texts import NotOneAddress, clean_text, one_address, unwanted


@pytest.mark.parametrize(
    "value, expected, characters",
    [
        ("Borg AB", "Borg AB", ()),
        ("\n    Borg AB\n  ", "Borg AB", ()),
        ("Borg\r\nBcc: x@evil.example", "Borg Bcc: x@evil.example", ("U+000A", "U+000D")),
        ("Borg \u202eBA", "Borg BA", ("U+202E",)),
        ("Bo\u200brg\x85AB", "Borg AB", ("U+0085", "U+200B")),
        ("Borg\x9bAB", "BorgAB", ("U+009B",)),
        ("Borg\u2028A\u2029B", "Borg A B", ("U+2028", "U+2029")),
        ("Åsa  Łukasz\tŻółw Иван", "Åsa Łukasz Żółw Иван", ()),
        ("1\u00a0234 kr", "1\u00a0234 kr", ()),
        ("می\u200cخواهم", "می\u200cخواهم", ()),
    ],
)
def test_one_line_of_text(value, expected, characters):
    assert (clean_text(value), unwanted(value)) == (expected, characters)


def test_line_ends_stay_where_they_mean_something():
    note = "\r\n 30 dagar  netto.\r\n\r\n Ränta 12 %\u202e\t \n"
    assert clean_text(note, lines=True) == "30 dagar netto.\n\nRänta 12 %"
    assert unwanted(note, lines=True) == ("U+202E",)


@given(st.text())
def test_what_is_clean_stays_as_it_is_and_can_stand_in_a_header(value):
    cleaned = clean_text(value)
    assert clean_text(cleaned) == cleaned
    assert unwanted(cleaned) == ()
    assert not set(cleaned) & set("\r\n\x00\u202e")


@pytest.mark.parametrize(
    "value",
    [
        "eva.lund@borg.example",
        "B.E.Stallman@A-kommunen.se",
        "faktura+2026@åkeri.example",
        "o'hara@x-y.co.uk",
        "eva@xn--keri-poa.example",
    ],
)
def test_one_address_stays_as_it_is(value):
    assert one_address(f"\n {value} ") == value


@pytest.mark.parametrize(
    "value",
    ["a@b.se, c@d.se", "a@b.se;c@d.se", "a@b.se c@d.se", "a@b.se\nBcc: c@d.se", "<a@b.se> c@d.se", "a@b@c.se"],
)
def test_two_addresses_in_one_field_are_refused(value):
    with pytest.raises(NotOneAddress) as caught:
        one_address(value)
    assert caught.value.code == Code.TWO_ADDRESSES


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Eva Lund",
        "eva@",
        "@borg.se",
        "eva@borg",
        "eva@borg..se",
        "eva@-borg.se",
        "eva@borg-.se",
        "eva@borg_ab.se",
        "eva@127.0.0.1",
        "eva@[127.0.0.1]",
        "eva lund@borg.se",
        "eva@borg.se,",
        "Eva <eva@borg.se>",
        ".eva@borg.se",
        "eva..lund@borg.se",
        '"eva"@borg.se',
        "åsa@borg.se",
        "eva@bo\u202erg.se",
        "e" * 65 + "@borg.se",
        "eva@" + "b" * 64 + ".se",
        "eva@" + ".".join(["b" * 60] * 5) + ".se",
        "eva@" + "å" * 60 + ".se",
    ],
)
def test_what_is_no_address_is_refused(value):
    with pytest.raises(NotOneAddress) as caught:
        one_address(value)
    assert caught.value.code == Code.BAD_ADDRESS


def test_an_address_may_have_254_characters_and_not_255():
    domain = ".".join(["b" * 62] * 3) + ".se"
    longest = "e" * (254 - 1 - len(domain)) + "@" + domain
    assert one_address(longest) == longest
    with pytest.raises(NotOneAddress):
        one_address("e" + longest)


@given(st.text())
def test_whatever_is_taken_for_an_address_is_one_safe_token(value):
    try:
        address = one_address(value)
    except NotOneAddress:
        return
    assert address.count("@") == 1
    assert not any(character.isspace() for character in address)

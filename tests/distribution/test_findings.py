"""Every finding has a sentence that names its place and says what to do."""

from pathlib import Path

import pytest
from django.utils.translation import override

from distribution.actions import importing
from distribution.findings import SENTENCES, sentence
from invoicing.formats.findings import Code
from recipients.models import Company
from tests.factories import CompanyFactory

SAMPLES = Path(__file__).parents[1] / "samples" / "ubl"


def se_invoice(old="", new=""):
    text = (SAMPLES / "se_invoice.xml").read_text()
    assert old in text
    return text.replace(old, new, 1).encode()


# What each code's sentence gets, as `invoicing.formats.findings` documents it.
PLACE = {"element": "cac:InvoiceLine[2]/cbc:Note", "line": 12, "term": "BT-127"}
AMOUNTS = {"given": "100.00", "expected": "12500.5"}
SINCE = {"number": "10240", "since": "2026-11-20T13:30:00+00:00"}
PARAMS = {
    "empty": {},
    "is-pdf": {},
    "is-zip": {},
    "doctype": {},
    "too-large": {"size": 30 * 1024**2, "limit": 25 * 1024**2},
    "not-xml": {"line": 3, "column": 7, "reason": "Opening and ending tag mismatch"},
    "text-too-large": {"line": 3, "limit": 10 * 1024**2},
    "too-deep": {"line": 3},
    "wrong-namespace": {"element": "Invoice", "namespace": "urn:example"},
    "unknown-format": {"element": "Faktura", "profile": ""},
    "bad-date": PLACE | {"value": "20/12"},
    "bad-number": PLACE | {"value": "1,5"},
    "bad-currency": PLACE | {"value": "kr"},
    "too-long": PLACE | {"length": 70, "limit": 60},
    "not-kept": PLACE | {"value": "blue"},
    "cleaned": PLACE | {"characters": ["U+202E", "U+0007"]},
    "other-currency": PLACE | {"currency": "EUR", "expected": "SEK"},
    "two-addresses": PLACE | {"value": "a@b.example, c@d.example"},
    "bad-address": PLACE | {"value": "a@"},
    "BR-CO-17": AMOUNTS | {"category": "S", "rate": "25.00"},
    "unknown-seller": {"seller": "Borg AB", "ids": "5560360793"},
    "already-here": SINCE,
    "number-taken": SINCE,
    "our-fault": {},
}


def params_of(code):
    return PARAMS.get(str(code), AMOUNTS if str(code).startswith("BR-CO-") else PLACE)


def test_there_is_a_sentence_for_each_code_and_no_other():
    of_the_action = {"unknown-seller", "already-here", "number-taken", "our-fault"}
    assert {str(code) for code in SENTENCES} == {*map(str, Code), *of_the_action}


@pytest.mark.parametrize("code", SENTENCES)
def test_every_sentence_is_whole_and_says_what_to_do(code):
    params = params_of(code)
    what, todo = sentence({"code": str(code), "params": params})
    assert "%(" not in what + todo
    assert "?" not in what
    assert todo
    for name in ("value", "seller", "number", "term", "reason"):
        if name in params and code != "already-here":
            assert params[name] in what


def test_amounts_sizes_rates_and_times_are_told_as_in_the_rest_of_the_house():
    what, _todo = sentence({"code": "BR-CO-17", "params": AMOUNTS | {"category": "S", "rate": "25.00"}})
    assert "category S, 25 %" in what
    assert "is 100,00; base times rate gives 12\u202f500,50" in what
    assert sentence({"code": "too-large", "params": params_of("too-large")})[0] == (
        "The file is 30 MB; a file may be at most 25 MB."
    )
    assert "since 2026-11-20 14:30" in sentence({"code": "number-taken", "params": SINCE})[0]
    assert "is missing; the lines give" in sentence({"code": "BR-CO-10", "params": AMOUNTS | {"given": None}})[0]


def test_a_text_that_was_cut_on_its_way_in_is_told_otherwise_than_a_refusal():
    what, todo = sentence({"code": "too-long", "params": {"element": "buyer_name", "length": 250, "limit": 200}})
    assert what == "buyer name has 250 characters and is cut after 200."
    assert todo.startswith("Nothing")


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", "The file is empty."),
        (b"%PDF-1.7 ...", "is a PDF"),
        (b"PK\x03\x04...", "ZIP"),
        (b"<a><b></a>", "not XML: line 1"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "DOCTYPE"),
        (b"<Invoice/>", "is Invoice in the namespace “-”"),
        (b"<Faktura/>", "is Faktura: no format of invoice"),
        (b'<Invoice xmlns="urn:other"/>', "urn:other"),
    ],
)
def test_what_is_no_invoice_is_told_in_words(db, content, words):
    report = importing.take_file(content, Company.objects.all(), already_sent=False, by=None)
    assert words in sentence(report.findings[0])[0]


def test_what_is_wrong_with_an_invoice_names_the_element(db):
    CompanyFactory(legal_id="5560360793")
    told = lambda old, new: [  # noqa: E731
        sentence(finding)[0]
        for finding in importing.take_file(
            se_invoice(old, new), Company.objects.all(), already_sent=False, by=None
        ).findings
    ]
    assert told("<cbc:ID>2026-118</cbc:ID>", "") == ["cbc:ID (BT-1, line 4) is missing or empty."]
    assert "cbc:IssueDate (BT-2, line 8) holds “20/11”" in told("<cbc:IssueDate>2026-11-20", "<cbc:IssueDate>20/11")[0]
    assert "(cbc:PayableAmount, BT-115)" in told(">6921.00<", ">9921.00<")[0]


def test_sentences_are_made_in_the_language_of_the_reader():
    with override("sv"):
        sentence({"code": "empty", "params": {}})  # not frozen in whatever language came first
    assert sentence({"code": "empty", "params": {}})[0] == "The file is empty."

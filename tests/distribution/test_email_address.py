"""Whose address an e-mail goes to, and what is an address at all."""

import pytest

from distribution import channels
from distribution.channels.base import Address, Objection, Recipient
from distribution.channels.email import Email, in_ascii
from distribution.reasons import Reason
from recipients.methods import Method
from tests.factories import (
    CompanyFactory,
    CustomerFactory,
    InvoiceFactory,
    InvoiceReferenceFactory,
    OrganisationFactory,
)


@pytest.fixture
def everywhere(db):
    """A recipient with another address in each place that can hold one, and the places in the order they count."""
    company = CompanyFactory()
    workspace = {"workspace": company.workspace}
    organisation = OrganisationFactory(**workspace, email="o@o.test", invoice_email="oi@o.test")
    reference = InvoiceReferenceFactory(organisation=organisation, email="r@o.test", invoice_email="ri@o.test")
    customer = CustomerFactory(**workspace, organisation=organisation, email="c@c.test", invoice_email="ci@c.test")
    invoice = InvoiceFactory(
        company=company, customer=customer, reference=reference, email="typed@c.test", document_email="doc@c.test"
    )
    places = [
        (invoice, "email", "typed"),
        (invoice, "document_email", "document"),
        (reference, "invoice_email", "reference"),
        (reference, "email", "reference"),
        (organisation, "invoice_email", "organisation"),
        (organisation, "email", "organisation"),
        (customer, "invoice_email", "customer"),
        (customer, "email", "customer"),
    ]
    return invoice, places


def address(invoice, *, document=True, organisation_first=True):
    recipient = Recipient(invoice, uses_document_address=document, organisation_first=organisation_first)
    return Email().address(recipient)


def test_the_address_comes_from_the_first_place_that_has_one(everywhere):
    invoice, places = everywhere
    for card, field, source in places:
        assert address(invoice) == Address(getattr(card, field), source)
        setattr(card, field, "")
    with pytest.raises(Objection) as caught:
        address(invoice)
    assert caught.value.reason == Reason.NO_EMAIL


def test_the_documents_address_counts_only_where_the_company_says_so(everywhere):
    invoice, _places = everywhere
    invoice.email = ""
    assert address(invoice, document=True).source == "document"
    assert address(invoice, document=False) == Address("ri@o.test", "reference")


def test_the_person_alone_counts_where_companies_do_not_link_them(everywhere):
    invoice, _places = everywhere
    invoice.email = ""
    assert address(invoice, document=False, organisation_first=False) == Address("ci@c.test", "customer")


def test_a_wrong_address_is_not_passed_over_for_another_one(everywhere):
    invoice, _places = everywhere
    invoice.email = "eva@borg"
    with pytest.raises(Objection) as caught:
        address(invoice)
    assert caught.value.reason == Reason.BAD_EMAIL


@pytest.mark.parametrize(
    "text, carried",
    [
        ("Eva.Lund+faktura@Borg.test", "Eva.Lund+faktura@Borg.test"),
        ("eva@räksmörgås.se", "eva@xn--rksmrgs-5wao1o.se"),
        ("eva@Räksmörgås.se", "eva@xn--rksmrgs-5wao1o.se"),
        ("o'hara@borg.test", "o'hara@borg.test"),
    ],
)
def test_what_is_one_address(text, carried):
    assert in_ascii(text) == carried


@pytest.mark.parametrize(
    "text",
    [
        "eva",
        "eva@",
        "eva@borg",
        "eva@borg.test, ove@borg.test",
        "eva@borg.test;ove@borg.test",
        "eva@borg.test ove@borg.test",
        "Eva <eva@borg.test>",
        "eva@borg.test\r\nBcc: ove@borg.test",
        "eva@borg.test\n",
        "\teva@borg.test",
        "eva\x00@borg.test",
        "åsa@borg.test",
        '"eva lund"@borg.test',
        "eva@borg..test",
        "eva@\u202eborg.test",  # read from right to left
        "eva@bo\u200brg.test",  # a blank of no width
        "eva@straße.de",  # IDNA of 2003 would send it to strasse.de
        "eva@" + "x" * 64 + ".test",
        "e" * 64 + "@" + ("x" * 60 + ".") * 3 + "test.example",
        "eva@" + "ö" * 60 + ".test",
    ],
)
def test_what_is_not_one_address(text):
    with pytest.raises(ValueError, match=r"."):
        in_ascii(text)


def test_an_own_printer_needs_no_address_and_never_objects(db):
    recipient = Recipient(InvoiceFactory(), uses_document_address=False, organisation_first=True)
    assert channels.CHANNELS[Method.OWN_PRINTER].address(recipient) == Address("", "")
    assert set(channels.CHANNELS) == {Method.EMAIL, Method.CENTRAL_PRINT, Method.OWN_PRINTER}

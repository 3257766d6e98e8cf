"""Invoices in: the seller chooses the company, the buyer is matched, and nothing comes in twice."""

from collections import Counter
from dataclasses import replace

import pytest
from django.db import IntegrityError

from distribution.actions import importing
from distribution.models import Delivery
from distribution.states import State
from invoicing.actions.importing import import_invoice
from invoicing.formats import ubl
from invoicing.formats.core import Identifier, Preceding
from invoicing.models import Invoice
from recipients.models import ArchivedFile, Company, Organisation, Role, UploadedFile
from tests.conformance import company_of_each_seller, examples
from tests.factories import (
    CompanyFactory,
    CustomerFactory,
    InvoiceReferenceFactory,
    MemberFactory,
    OrganisationFactory,
)

Outcome = UploadedFile.Outcome


def take(content, **how):
    return importing.take_file(content, Company.objects.all(), **{"already_sent": False, "by": None} | how)


def test_the_official_examples_become_invoices_or_say_why_not(db):
    contents = [path.read_bytes() for path in examples("ubl")]
    assert len(contents) == 60
    company_of_each_seller(contents)
    reports = [take(content) for content in contents]
    outcomes = Counter(report.outcome for report in reports)
    refusals = {f["code"] for r in reports if r.outcome == Outcome.REFUSED for f in r.findings}
    assert outcomes[Outcome.TAKEN] >= 44
    allowed = {code for code in refusals if code == "number-taken" or code.startswith("BR-CO-")}
    assert refusals == allowed, [r.findings for r in reports if "unknown" in str(r.findings)]
    assert Invoice.objects.count() == outcomes[Outcome.TAKEN]


def ubl_invoice(**changes):
    """The official Swedish example, with texts replaced."""
    text = next(p for p in examples("ubl") if p.name == "cen__Invoice-Min_content_with_VAT.xml").read_text()
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text.encode()


@pytest.fixture
def seller(db):
    return CompanyFactory(name="Säljbolaget AB", legal_id="1234512345", vat_id="SE123451234501")


def test_an_unknown_seller_is_refused_with_its_ids(db):
    report = take(ubl_invoice())
    assert report.outcome == Outcome.REFUSED
    (finding,) = report.findings
    assert finding["code"] == "unknown-seller"
    assert "SE123451234501" in finding["params"]["ids"]


def test_the_same_bytes_are_known_and_other_bytes_with_the_number_are_refused(seller):
    first = take(ubl_invoice())
    assert first.outcome == Outcome.TAKEN, first
    again = take(ubl_invoice())
    assert (again.outcome, again.invoice) == (Outcome.KNOWN, first.invoice)
    other = take(ubl_invoice() + b"<!-- other bytes -->")
    assert (other.outcome, other.findings[0]["code"]) == (Outcome.REFUSED, "number-taken")
    assert Invoice.objects.count() == 1


def test_already_sent_elsewhere_is_never_offered(seller):
    invoice = take(ubl_invoice(), already_sent=True).invoice
    invoice.refresh_from_db()
    assert invoice.shown() == "sent"
    assert not Invoice.objects.to_send().exists()
    delivery = Delivery.objects.get()
    assert (delivery.method, delivery.state) == ("outside", State.SENT)


def test_a_buyer_without_any_number_is_never_matched_by_name(seller):
    """Two people may have one name; one person with two cards is merged by hand."""
    first = take(ubl_invoice()).invoice
    second = take(ubl_invoice(**{"2018-112": "2018-113"})).invoice
    assert first.customer.name == second.customer.name
    assert first.customer != second.customer


def with_buyer(number="", legal_id="", vat_id=""):
    """A credit-free core invoice of the seller, its buyer named by these."""
    core = ubl.read(ubl_invoice())[0]
    buyer = replace(
        core.buyer,
        ids=(Identifier(number),) if number else (),
        legal_id=Identifier(legal_id) if legal_id else None,
        vat_id=vat_id,
    )
    return replace(core, buyer=buyer, number=f"{number}/{legal_id}/{vat_id}")


def imported(core, seller):
    original = ArchivedFile.objects.keep(seller, core.number.encode(), media_type="application/xml")
    return import_invoice(core, original, seller, by=None)[0]


BUYERS = [
    # what the document says, the card that it is
    ({"number": "K1"}, "person"),
    ({"number": "O1", "legal_id": "999"}, "body"),
    ({"legal_id": "556036-0793"}, "body"),
    ({"legal_id": "165560360793"}, "body"),
    ({"vat_id": "SE556036079301"}, "body"),
    ({"number": "K1", "legal_id": "5560360793"}, "person"),
]


@pytest.mark.parametrize("says, card", BUYERS)
def test_a_buyer_is_found_by_customer_number_then_legal_id_then_vat_id(seller, says, card):
    person = CustomerFactory(workspace=seller.workspace, number="K1")
    body = OrganisationFactory(workspace=seller.workspace, number="O1", legal_id="556036-0793")
    invoice = imported(with_buyer(**says), seller)
    assert (invoice.customer, invoice.organisation) == ((person, None) if card == "person" else (None, body))


def test_a_new_buyer_with_a_legal_id_is_an_organisation_and_comes_once(seller):
    first = imported(with_buyer(legal_id="5560360793"), seller)
    second = imported(with_buyer(number="77", vat_id="SE556036079301"), seller)
    assert first.organisation == second.organisation
    assert Organisation.objects.count() == 1


def test_a_customer_number_is_one_over_people_and_bodies(seller):
    CustomerFactory(workspace=seller.workspace, number="1")
    with pytest.raises(IntegrityError):
        OrganisationFactory(workspace=seller.workspace, number="1")


def test_the_buyers_reference_names_the_organisations_own(seller):
    body = OrganisationFactory(workspace=seller.workspace, legal_id="5560360793")
    reference = InvoiceReferenceFactory(organisation=body, code="4711")
    core = replace(with_buyer(legal_id="5560360793"), buyer_reference="4711")
    assert imported(core, seller).reference == reference


def test_a_full_credit_stops_what_waits(outbox):
    invoice = outbox.invoice(number="2018-112")
    outbox.send(invoice)
    Company.objects.filter(pk=outbox.company.pk).update(legal_id="1234512345")
    note = ubl_invoice()  # read, then turned into the credit note of what waits
    core = replace(ubl.read(note)[0], is_credit=True, number="C1", preceding=(Preceding(number="2018-112"),))
    core = replace(core, totals=replace(core.totals, payable=invoice.payable))
    original = ArchivedFile.objects.keep(outbox.company, b"C1", media_type="application/xml")
    credit = import_invoice(core, original, outbox.company, by=None)[0]
    importing.stop_what_is_credited(credit.credits, by=None)
    invoice.refresh_from_db()
    assert invoice.shown() == "credited"
    assert outbox.delivery(invoice).state == State.UNDONE
    credit.refresh_from_db()
    assert credit.shown() == "books_only"
    assert not Invoice.objects.to_send().exists()


def test_a_fault_of_ours_in_one_file_does_not_keep_the_others_waiting(seller, monkeypatch):
    member = MemberFactory(company=seller, role=Role.CLERK)
    files = [(name, len(content), lambda content=content: content) for name, content in (
        ("bad.xml", ubl_invoice() + b"<!-- bad -->"), ("good.xml", ubl_invoice(**{"2018-112": "2018-113"})),
    )]  # fmt: skip
    upload = importing.receive(seller, files, already_sent=False, by=member.user)
    read = ubl.read

    def broken(content):
        if b"bad" in content:
            raise ZeroDivisionError
        return read(content)

    monkeypatch.setattr(ubl, "read", broken)
    importing.take_invoices(upload)
    assert [line.outcome for line in upload.files.all()] == [Outcome.REFUSED, Outcome.TAKEN]
    upload.refresh_from_db()
    assert upload.finished_at

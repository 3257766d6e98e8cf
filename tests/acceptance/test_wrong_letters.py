"""Wrong things that must never leave, on paper: each number is one of the product's list. What is looked at is what the
print provider unpacks."""

import json
import uuid
from decimal import Decimal

import pytest

from distribution.models import Delivery, Installation
from invoicing.models import Invoice
from recipients.methods import Method
from tests.factories import CompanyFactory, CustomerFactory, InvoiceFactory, OrganisationFactory, PreferenceFactory

from .conftest import print_house_of
from .mailserver import codes_of
from .test_central_print import by_letter, colours, picture, with_logo
from .test_wrong_things import INVOICE, full_credit_of


@pytest.fixture
def letters_first(company, printer):
    """The company sends letters where nobody says otherwise."""
    company.distribution.default_method = Method.CENTRAL_PRINT
    company.distribution.save()
    return printer


@pytest.fixture
def colleague(company, hire):
    return hire(company, user__name="Ove Ek")


def lives(street, **fields):
    return {"buyer_street": street, "buyer_postcode": "123 45", "buyer_city": "Täby"} | fields


def test_1_no_letter_where_an_email_was_due_and_the_other_way_round(
    company, clerk, letters_first, minutes_pass, mailserver
):
    mailed, printed = InvoiceFactory(company=company), InvoiceFactory(company=company)
    PreferenceFactory(customer=mailed.customer, method=Method.EMAIL)
    clerk.send(mailed, printed)
    minutes_pass(6)
    assert mailserver.recipients() == [mailed.customer.email]
    assert letters_first.numbers() == [printed.number]


def test_2_and_3_each_letter_is_its_own_and_in_its_own_letters(company, clerk, letters_first, minutes_pass):
    """Numbers and names that begin alike; the page, the manifest and the address agree."""
    people = {"1024": "Eva Lund", "10240": "Łódź Żółw", "110240": "Åke Öst"}
    for number, name in people.items():
        customer = CustomerFactory(workspace=company.workspace, name=name)
        InvoiceFactory(company=company, number=number, customer=customer, **lives(f"Storgatan {number}"))
    clerk.send(*Invoice.objects.all())
    minutes_pass(6)
    letters = letters_first.letters()
    assert sorted(letter.number for letter in letters) == sorted(people)
    for letter in letters:
        assert letter.to["name"] == people[letter.number]
        assert letter.to["lines"] == [f"Storgatan {letter.number}"]
        assert [name for name in people.values() if name in letter.paper] == [people[letter.number]]
        assert f"Faktura {letter.number} " in f"{letter.paper} "
    assert len({picture(letter.pdf).tobytes() for letter in letters}) == 3


def test_4_and_5_nothing_of_another_company(company, clerk, hire, settings, printer, tmp_path, minutes_pass):
    """One customer of two companies of a group, each with a provider's folder of its own."""
    with_logo(company)
    other = CompanyFactory(workspace=company.workspace, name="Isgym AB", slug="isgym", bankgiro="5402-9681")
    theirs = print_house_of(other, settings, tmp_path / "print")
    eva = CustomerFactory(workspace=company.workspace)
    PreferenceFactory(customer=eva, method=Method.CENTRAL_PRINT)
    clerk.send(InvoiceFactory(company=company, customer=eva))
    hire(other).send(InvoiceFactory(company=other, customer=eva))
    minutes_pass(6)
    facts = [(printer, "Fjordgym AB", "5050-1055", True), (theirs, "Isgym AB", "5402-9681", False)]
    for house, name, account, is_red in facts:
        (letter,) = house.letters()
        assert letter.sender["name"] == name
        assert letter.item["payment"]["account"] == account.replace("-", "")
        assert [each for each in ("Fjordgym AB", "Isgym AB") if each in letter.paper] == [name]
        assert [each for each in ("5050-1055", "5402-9681") if each in letter.paper] == [account]
        assert ((255, 0, 0) in colours(letter.pdf)) == is_red


def test_6_and_7_nothing_old_undone_or_credited(company, clerk, letters_first, work, minutes_pass):
    company.legal_id = "5560360793"
    company.save()
    OrganisationFactory(workspace=company.workspace, number="10042")
    old = [(f"{year}.xml", INVOICE.replace("2026-118", f"{year}-118").encode()) for year in (2023, 2024)]
    clerk.upload(*old, choice="were already sent elsewhere")
    files = {number: INVOICE.replace("2026-118", number) for number in ("2026-118", "2026-120", "2026-121")}
    clerk.upload(*((f"{number}.xml", text.encode()) for number, text in files.items()))
    work()
    undone, credited = Invoice.objects.get(number="2026-118"), Invoice.objects.get(number="2026-120")
    clerk.list("All").tick("Select all 5 matching").press_send()
    assert "2 Sent before" in clerk.text
    clerk.confirm()
    work()  # the parcel is built, with all three
    assert Delivery.objects.get(invoice=undone).parcel.documents == 3
    clerk.show(undone).press("Undo", within="main")
    clerk.upload(("credit.xml", full_credit_of(files["2026-120"], "2026-900")))
    minutes_pass(60)
    minutes_pass(0)
    assert letters_first.numbers() == ["2026-121"]
    assert [clerk.status_of(each) for each in (undone, credited)] == ["To send", "Credited"]


def test_8_no_address_that_nobody_saw(company, clerk, colleague, letters_first, work, minutes_pass):
    nowhere = lives("", buyer_postcode="", buyer_city="")
    before, after = (InvoiceFactory(company=company, **nowhere) for _each in range(2))
    clerk.mark(before).press_send()
    assert "Solvägen 4, 133 31 Saltsjöbaden" in clerk.text
    move = ("Street", "Nygatan 2")
    colleague.open(f"{colleague.company.get_absolute_url()}customers/{before.customer.pk}/details/")
    colleague.type(*move).press("Save changes")
    clerk.confirm()
    minutes_pass(6)
    assert letters_first.letters() == []
    assert "Changed while you were looking." in clerk.history_of(before)[0]
    clerk.send(after)
    work()
    colleague.open(f"{colleague.company.get_absolute_url()}customers/{after.customer.pk}/details/")
    colleague.type(*move).press("Save changes")
    clerk.follow("Deliveries", within="nav").follow(after.number)
    assert "The way has changed since." in clerk.text
    minutes_pass(6)
    assert [letter.to["lines"] for letter in letters_first.letters()] == [["Solvägen 4"]]


def test_9_the_code_pays_this_invoice(company, clerk, letters_first, minutes_pass):
    for number, amount, reference in (("801", "349.00", "8014"), ("802", "1249.50", "8022")):
        InvoiceFactory(company=company, number=number, payable=Decimal(amount), payment_reference=reference)
    clerk.send(*Invoice.objects.all())
    minutes_pass(6)
    for letter in letters_first.letters():
        invoice = Invoice.objects.get(number=letter.number)
        (code,) = codes_of(letter.pdf)
        said = json.loads(code)
        assert (said["acc"], Decimal(str(said["due"])), said["iref"]) == (
            "50501055", invoice.payable, invoice.payment_reference,
        )  # fmt: skip
        slip = letter.item["payment"]
        assert (Decimal(slip["amount"]), slip["reference"]) == (invoice.payable, invoice.payment_reference)


def test_12_in_the_recipients_language(company, clerk, letters_first, minutes_pass):
    customer = CustomerFactory(workspace=company.workspace, language="fi")
    clerk.send(InvoiceFactory(company=company, customer=customer))
    minutes_pass(6)
    (letter,) = letters_first.letters()
    assert "Eräpäivä" in letter.paper
    assert "Förfallodatum" not in letter.paper


def test_13_nothing_from_a_copy_of_the_database(company, clerk, manager, printer, minutes_pass, settings):
    settings.DELIVERY_LIVE, settings.INSTANCE_ID, settings.MAIL_SINK = True, str(uuid.uuid4()), ""
    invoice = by_letter(company)
    clerk.send(invoice)
    minutes_pass(60)
    assert printer.files() == {}
    assert clerk.status_of(invoice) == "Waiting to be sent"
    assert "This is a copy of the database: nothing is sent." in manager.distribution().row("Central print")
    settings.INSTANCE_ID = str(Installation.objects.this().instance_id)  # the real one, which may
    minutes_pass(0)
    assert printer.numbers() == [invoice.number]

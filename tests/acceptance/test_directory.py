"""Customers and organisations through the front door: found, changed, moved and merged, without a script."""

from urllib.parse import urlencode

import pytest

from recipients.methods import Method
from recipients.models import Customer
from tests.factories import CustomerFactory, InvoiceFactory, OrganisationFactory

from .browser import name_of, with_class, words


@pytest.fixture
def borg(company):
    return OrganisationFactory(workspace=company.workspace, name="Borg AB", number="20001", email="info@borg.example")


@pytest.fixture
def eva(company):
    return CustomerFactory(workspace=company.workspace, name="Eva Lund", number="20002", email="eva@lund.example")


def search(person, text):
    """Type into the search field and press Enter."""
    (form,) = person.page.xpath("//main//form[@role='search']")
    form.fields["q"] = text
    return person.open("?" + urlencode(form.form_values()))


def listed(person):
    return [name_of(link) for link in person.page.xpath(f"//tbody//a[{with_class('key')}]")]


def history(person):
    person.follow("History", within="Parts of the card")
    return [words(line) for line in person.page.xpath(f".//li[{with_class('event')}]")]


def test_a_customer_is_made_found_and_made_one_of_an_organisations_people(company, clerk, borg):
    clerk.follow("Customers", within="nav")
    assert "No customers yet" in clerk.text
    clerk.follow("New customer", within="main").type("Name", "Åsa Öberg").type("E-mail address", "asa@post.example")
    clerk.type("Customer number", "20001").press("Save")
    assert "Borg AB has this number." in clerk.text
    assert clerk.value("Name") == "Åsa Öberg"
    clerk.type("Customer number", "20003").press("Save")
    assert "Card saved." in clerk.text
    clerk.follow("Organisations", within="nav").follow("20001 Borg AB")
    clerk.follow("People", within="Parts of the card").type("Add a customer", "åsa öberg").press("Add")
    assert "Åsa Öberg belongs to Borg AB." in clerk.text
    search(clerk.follow("Customers", within="nav"), "ÅSA")
    assert listed(clerk) == ["20003 Åsa Öberg"]
    assert "info@borg.example" in clerk.row("20003")


def test_the_method_of_many_is_changed_at_once(company, clerk, eva, borg):
    ove = CustomerFactory(workspace=company.workspace, name="Ove Alm", email="")
    ada = CustomerFactory(workspace=company.workspace, name="Ada Ek")
    clerk.follow("Customers", within="nav").tick("Select Eva Lund").tick("Select Ove Alm").tick("Select Ada Ek")
    clerk.press("Change method…").tick("E-mail").press("Continue")
    assert "2 change" in clerk.text
    assert "1 cannot be reached that way and stays as it is: no e-mail address" in clerk.text
    clerk.press("Change 2")
    assert "2 cards now say E-mail." in clerk.text
    clerk.card(eva)
    assert clerk.value("Invoice distribution") == "E-mail"
    assert clerk.card(ove).value("Invoice distribution") == "Company default (E-mail)"
    clerk.card(ada)
    assert "From Company default to E-mail." in history(clerk)[0]


def test_all_that_match_are_changed_without_ticking_them(company, clerk, eva):
    CustomerFactory(workspace=company.workspace, name="Ewa Lund", number="20009")
    CustomerFactory(workspace=company.workspace, name="Ove Alm")
    search(clerk.follow("Customers", within="nav"), "lund")
    clerk.tick("Select all 2 matching").press("Change method…").tick("Own printer").press("Continue").press("Change 2")
    chosen = Customer.objects.filter(preferences__method=Method.OWN_PRINTER).values_list("name", flat=True)
    assert sorted(chosen) == ["Eva Lund", "Ewa Lund"]


def test_two_cards_of_one_person_are_merged(company, clerk, manager, eva):
    twin = CustomerFactory(workspace=company.workspace, name="Eva  LUND", number="20044", email="", phone="08-123 45")
    eva.phone = ""
    eva.save()
    invoice = InvoiceFactory(company=company, customer=twin)
    clerk.card(eva)
    assert "Merge with another card…" not in clerk.links()
    manager.card(eva).follow("Merge with another card…").follow("20044 Eva LUND")
    assert "1 Invoices" in manager.text
    manager.press("Merge 20044 into 20002")
    assert invoice.number in manager.links()
    assert manager.follow("Details", within="Parts of the card").value("Phone") == "08-123 45"
    assert "merged another card into this one" in history(manager)[0]
    manager.card(twin)
    assert "was merged into this card" in manager.text
    assert manager.page.xpath("//h1")[0].text == "Eva Lund"


def test_two_clerks_at_one_card_keep_each_others_work(company, clerk, hire, eva):
    other = hire(company, user__name="Ola By")
    clerk.card(eva).follow("Details", within="Parts of the card")
    other.card(eva).follow("Details", within="Parts of the card").type("E-mail address", "new@lund.example")
    other.press("Save changes")
    clerk.type("Phone", "08-1").press("Save changes")
    assert (clerk.value("Phone"), clerk.value("E-mail address")) == ("08-1", "new@lund.example")
    other.type("Phone", "08-2").press("Save changes")
    assert "Somebody else changed this while you were looking. It is now “08-1”." in other.text
    assert other.value("Phone") == "08-2"
    other.press("Save changes")
    assert clerk.card(eva).follow("Details", within="Parts of the card").value("Phone") == "08-2"

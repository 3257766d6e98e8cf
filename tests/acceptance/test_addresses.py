"""The cards and the invoice's own field: which method is chosen, and which address an e-mail goes to."""

import pytest

from tests.factories import (
    CustomerFactory,
    InvoiceFactory,
    InvoiceReferenceFactory,
    OrganisationFactory,
    PreferenceFactory,
)

CARD = "How invoices go out"


@pytest.fixture
def borg(company):
    return OrganisationFactory(workspace=company.workspace, name="Borg AB", email="info@borg.example")


@pytest.fixture
def eva(company, borg):
    """A person of Borg AB."""
    return CustomerFactory(workspace=company.workspace, name="Eva Lund", email="eva@lund.example", organisation=borg)


def test_brp_42_the_method_on_the_persons_card(company, clerk, eva):
    """The person card, tab "Invoices", has the field "Invoice distribution" (method)."""
    invoice = InvoiceFactory(company=company, customer=eva)
    clerk.card(eva)
    assert clerk.current("main") == ["Invoices"]
    assert clerk.options("Invoice distribution") == ["Company default (E-mail)", "E-mail", "Own printer"]
    clerk.choose("Invoice distribution", "Own printer").press("Save changes")
    assert clerk.card(eva).value("Invoice distribution") == "Own printer"
    clerk.mark(invoice).press_send()
    assert "Own printer" in clerk.text
    assert "E-mail" not in clerk.part("_sheet").text_content()


def test_brp_43_the_method_on_the_organisations_card(company, clerk, borg):
    """The organisation card, tab "Economy", has the field "Invoice distribution" (method)."""
    invoice = InvoiceFactory(company=company, customer=None, organisation=borg)
    clerk.card(borg)
    assert clerk.current("main") == ["Economy"]
    methods = clerk.options("Invoice distribution", within=CARD)
    assert methods == ["Company default (E-mail)", "E-mail", "Own printer"]
    clerk.choose("Invoice distribution", "Own printer", within=CARD).press("Save changes")
    assert clerk.card(borg).value("Invoice distribution", within=CARD) == "Own printer"
    clerk.mark(invoice).press_send()
    assert "Own printer" in clerk.text
    assert "E-mail" not in clerk.part("_sheet").text_content()


def test_brp_44_an_address_for_invoices(company, clerk, borg, minutes_pass, mailserver):
    """There is a field "E-mail address (for invoice)" on the person card and on the organisation card; when filled,
    invoices go there instead of the ordinary e-mail address."""
    person, other = (CustomerFactory(workspace=company.workspace) for _each in range(2))
    sent = [
        InvoiceFactory(company=company, customer=person),
        InvoiceFactory(company=company, customer=other),
        InvoiceFactory(company=company, customer=None, organisation=borg),
    ]
    for card, address in ((person, "faktura@lund.example"), (borg, "faktura@borg.example")):
        clerk.card(card).type("E-mail address (for invoice)", address, within=CARD).press("Save changes")
        assert clerk.card(card).value("E-mail address", within=CARD) == card.email
    clerk.send(*sent)
    minutes_pass(6)
    assert mailserver.recipients() == sorted(["faktura@lund.example", "faktura@borg.example", other.email])


def test_brp_45_the_setting_that_links_to_the_organisation(company, clerk, manager, eva, borg):
    """There is a setting "Link invoice to the person's organisation"."""
    invoice = InvoiceFactory(company=company, customer=eva)
    linked = "Link invoices to the person's organisation"
    assert manager.distribution().value(linked) is True
    assert borg.email in clerk.mark(invoice).press_send().text
    manager.tick(linked, on=False).press("Save changes")
    assert f"{borg.email} before, then {eva.email}" in manager.text
    manager.press("Save changes")
    assert manager.distribution().value(linked) is False
    assert eva.email in clerk.mark(invoice).press_send().text


def test_brp_46_reference_then_organisation_then_person(company, clerk, eva, borg, minutes_pass, mailserver):
    """With that setting on, the general priority when sending is: 1 the organisation's invoice reference, 2 the
    organisation, 3 the person."""
    reference = InvoiceReferenceFactory(organisation=borg, code="4711", email="inkop@borg.example")
    paper = InvoiceReferenceFactory(organisation=borg, code="4712")
    alone = CustomerFactory(workspace=company.workspace, email="ove@alone.example")
    all_three = InvoiceFactory(company=company, customer=eva, organisation=borg, reference=reference)
    two = InvoiceFactory(company=company, customer=eva, organisation=borg)
    one = InvoiceFactory(company=company, customer=alone)
    # the method goes the same way
    by_reference = InvoiceFactory(company=company, customer=eva, organisation=borg, reference=paper)
    PreferenceFactory(reference=paper, method="own_printer")
    PreferenceFactory(organisation=borg, method="email")
    PreferenceFactory(customer=eva, method="own_printer")

    clerk.send(all_three, two, one, by_reference)
    minutes_pass(6)
    found = {mail.to: mail.subject.split()[1] for mail in mailserver.received()}
    assert found == {
        "inkop@borg.example": all_three.number,
        "info@borg.example": two.number,
        "ove@alone.example": one.number,
    }
    assert "Own printer" in clerk.list().row(by_reference.number)


def test_brp_47_the_person_when_the_setting_is_off(company, clerk, manager, eva, borg, minutes_pass, mailserver):
    """(implied) With that setting off, the person is used."""
    manager.distribution().tick("Link invoices to the person's organisation", on=False).press("Save changes")
    reference = InvoiceReferenceFactory(organisation=borg, code="4711", email="inkop@borg.example")
    PreferenceFactory(organisation=borg, method="own_printer")
    clerk.send(InvoiceFactory(company=company, customer=eva, organisation=borg, reference=reference))
    minutes_pass(6)
    assert mailserver.recipients() == [eva.email]


def test_brp_48_the_invoices_own_address(company, clerk, eva, borg, minutes_pass, mailserver):
    """The invoice has its own e-mail field; free text there changes where this one invoice is sent."""
    changed, other = (InvoiceFactory(company=company, customer=eva) for _each in range(2))
    clerk.show(changed, "Delivery").type("E-mail for this invoice", "ekonomi@elsewhere.example").press("Save")
    clerk.send(changed, other)
    minutes_pass(6)
    found = {mail.to: mail.subject.split()[1] for mail in mailserver.received()}
    assert found == {"ekonomi@elsewhere.example": changed.number, borg.email: other.number}


def test_brp_49_emptied_the_address_is_fetched_again(company, clerk, eva, borg, minutes_pass, mailserver):
    """Emptying the invoice's e-mail field and pressing Save fetches the address again by the priority above."""
    invoice = InvoiceFactory(company=company, customer=eva, email="wrong@elsewhere.example")
    clerk.show(invoice, "Delivery")
    assert clerk.value("E-mail for this invoice") == "wrong@elsewhere.example"
    clerk.type("E-mail for this invoice", "").press("Save")
    assert clerk.value("E-mail for this invoice") == ""
    assert f"Will go to {borg.email}, from the organisation." in clerk.text
    clerk.send(invoice)
    minutes_pass(6)
    assert mailserver.recipients() == [borg.email]

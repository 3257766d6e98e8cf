"""Which way each invoice goes: the customer's choice, the company's methods, its default and its reserve."""

from recipients.methods import Method
from tests.factories import (
    CompanyFactory,
    CustomerFactory,
    InvoiceFactory,
    OrganisationFactory,
    PreferenceFactory,
)

from .mailserver import text_of


def without_address(company, **fields):
    """An invoice to somebody who has no e-mail address."""
    customer = CustomerFactory(workspace=company.workspace, email="")
    return InvoiceFactory(company=company, customer=customer, **fields)


def sister(company, **fields):
    """Another company of the same group, with the same customers."""
    methods = {"distribution__active_methods": [Method.EMAIL, Method.OWN_PRINTER]}
    return CompanyFactory(workspace=company.workspace, **(methods | fields))


def test_brp_01_one_mass_send_each_its_own_way(company, clerk, work, minutes_pass, mailserver):
    """Invoices can be sent by distribution, where each customer/organisation individually decides how it gets its
    invoice, in one mass send (as opposed to running one "report" over all invoices)."""
    mailed, printed = InvoiceFactory(company=company), InvoiceFactory(company=company)
    borg = OrganisationFactory(workspace=company.workspace)
    of_body = InvoiceFactory(company=company, customer=None, organisation=borg)
    clerk.card(mailed.customer).choose("Invoice distribution", "E-mail").press("Save changes")
    clerk.card(printed.customer).choose("Invoice distribution", "Own printer").press("Save changes")
    clerk.card(borg).choose("Invoice distribution", "E-mail", within="How invoices go out").press("Save changes")

    clerk.list("To send").tick("Select all 3 matching").press_send()
    assert "2 E-mail" in clerk.text
    assert "1 Own printer" in clerk.text
    clerk.confirm()
    work()
    clerk.batch().press("Download")
    assert f"Faktura {printed.number}" in text_of(clerk.file)
    minutes_pass(6)
    assert mailserver.recipients() == sorted([mailed.customer.email, borg.email])
    assert {clerk.status_of(invoice) for invoice in (mailed, printed, of_body)} == {"Sent"}


def test_brp_10_own_printer(company, clerk, work, mailserver):
    """Method "Print to own printer" exists (named in the reminder section)."""
    first, second = InvoiceFactory(company=company), InvoiceFactory(company=company)
    for invoice in (first, second):
        PreferenceFactory(customer=invoice.customer, method=Method.OWN_PRINTER)
    clerk.send(first, second)
    work()
    clerk.batch().press("Download")
    paper = text_of(clerk.file)
    # one file, in the order of the list: the newest first
    assert 0 < paper.index(f"Faktura {second.number}") < paper.index(f"Faktura {first.number}")
    assert clerk.status_of(first) == clerk.status_of(second) == "Sent"
    assert mailserver.received() == []


def test_brp_11_methods_are_active_per_company(company, clerk, manager, hire):
    """Each method can be active or not active per company (legal entity/facility)."""
    other = sister(company)
    customer = CustomerFactory(workspace=company.workspace, email="eva@lund.example")
    here = InvoiceFactory(company=company, customer=customer)
    there = InvoiceFactory(company=other, customer=customer)
    manager.distribution().tick("E-mail", on=False).choose("Default method", "Own printer").press("Save changes")
    assert "1 invoice goes another way" in manager.text
    manager.press("Save changes")
    assert "Settings saved." in manager.text
    assert (manager.distribution().value("E-mail"), manager.value("Own printer")) == (False, True)
    elsewhere = hire(other)
    assert elsewhere.distribution().value("E-mail") is True
    assert "Own printer" in clerk.mark(here).press_send().text
    assert "E-mail to eva@lund.example" in elsewhere.mark(there).press_send().text


def test_brp_12_one_default_and_perhaps_a_reserve(company, clerk, manager):
    """Each company has one standard (default) method and optionally one reserve method."""
    settings = manager.distribution()
    assert settings.value("Default method") == "E-mail"
    assert settings.options("Default method") == ["E-mail", "Central print", "Own printer"]  # never none
    assert settings.value("Reserve method") == "None"
    assert settings.options("Reserve method") == ["None", "E-mail", "Central print", "Own printer"]
    settings.choose("Reserve method", "E-mail").press("Save changes")
    assert "The same as the default method." in settings.text
    settings.choose("Default method", "Own printer").press("Save changes")
    settings.distribution()
    assert (settings.value("Default method"), settings.value("Reserve method")) == ("Own printer", "E-mail")
    assert "Own printer" in clerk.mark(InvoiceFactory(company=company)).press_send().text


def test_brp_50_the_default_where_the_choice_is_not_possible(company, clerk, manager, work):
    """If an invoice cannot be sent by the method chosen for a customer/organisation, the standard method is used."""
    manager.distribution().choose("Default method", "Own printer").press("Save changes")
    invoice, possible = without_address(company), InvoiceFactory(company=company)
    for each in (invoice, possible):
        PreferenceFactory(customer=each.customer, method=Method.EMAIL)
    clerk.mark(invoice, possible).press_send()
    assert "1 by the default method, their own is not possible" in clerk.text
    clerk.confirm()
    work()
    clerk.batch().press("Download")
    assert f"Faktura {invoice.number}" in text_of(clerk.file)
    assert possible.number not in text_of(clerk.file)
    why = clerk.show(invoice, "Delivery").text
    assert "Choice of the customer E-mail No e-mail address" in why
    assert "Default method Own printer Used" in why


def test_brp_51_a_method_that_is_off_at_this_company(company, clerk, manager, work, mailserver):
    """Example to test: organisation B is set to e-mail; e-mail is not active for company A; B's invoices at A are
    distributed by A's standard method."""
    manager.distribution().tick("E-mail", on=False).choose("Default method", "Own printer").press("Save changes")
    body = OrganisationFactory(workspace=company.workspace, name="B", email="info@b.example")
    PreferenceFactory(organisation=body, method=Method.EMAIL)
    invoice = InvoiceFactory(company=company, customer=None, organisation=body)
    clerk.send(invoice)
    work()
    clerk.batch().press("Download")
    assert f"Faktura {invoice.number}" in text_of(clerk.file)
    assert clerk.status_of(invoice) == "Sent"
    assert mailserver.received() == []


def test_brp_52_one_organisation_two_companies_two_ways(company, clerk, hire, work, minutes_pass, mailserver):
    """(implied) The same organisation can be reached by different methods at different companies, because activation is
    per company."""
    only_paper = sister(
        company, distribution__active_methods=[Method.OWN_PRINTER], distribution__default_method="own_printer"
    )
    body = OrganisationFactory(workspace=company.workspace, email="info@b.example")
    PreferenceFactory(organisation=body, method=Method.EMAIL)
    mailed = InvoiceFactory(company=company, customer=None, organisation=body)
    printed = InvoiceFactory(company=only_paper, customer=None, organisation=body)
    other_clerk = hire(only_paper)
    clerk.send(mailed)
    other_clerk.send(printed)
    work()
    other_clerk.batch().press("Download")
    assert f"Faktura {printed.number}" in text_of(other_clerk.file)
    minutes_pass(6)
    (mail,) = mailserver.received()
    assert (mail.to, f"Faktura {mailed.number}" in mail.paper) == ("info@b.example", True)


def test_brp_53_the_reserve_where_the_default_is_not_possible(company, clerk, manager, work, minutes_pass, mailserver):
    """A reserve method can be chosen; the system uses it automatically when the customer's invoice does not meet the
    criteria of the standard method."""
    manager.distribution().choose("Reserve method", "Own printer").press("Save changes")
    mailed, printed = InvoiceFactory(company=company), without_address(company)
    assert "Own printer reserve" in clerk.list().row(printed.number)
    clerk.mark(mailed, printed).press_send()
    assert "1 by the reserve method" in clerk.text
    clerk.confirm()
    work()
    clerk.batch().press("Download")
    assert f"Faktura {printed.number}" in text_of(clerk.file)
    minutes_pass(6)
    assert mailserver.recipients() == [mailed.customer.email]


def test_brp_56_not_queued_when_nothing_is_possible(company, clerk, minutes_pass, mailserver):
    """(implied) When neither standard nor reserve criteria are met, the invoice is not queued: status unchanged, reason
    in history."""
    goes, cannot = InvoiceFactory(company=company), without_address(company)
    clerk.mark(goes, cannot).press_send()
    assert "1 Cannot be sent" in clerk.text
    assert "No e-mail address" in clerk.text
    clerk.confirm()
    assert clerk.status_of(cannot) == "To send"
    newest = clerk.history_of(cannot)[0]
    assert newest.startswith("Kim Berg could not send it")
    assert "No e-mail address." in newest
    minutes_pass(6)
    assert mailserver.recipients() == [goes.customer.email]
    # alone it cannot even be confirmed
    clerk.mark(cannot).press_send()
    assert "No e-mail address." in clerk.text
    assert not [button for button in clerk.buttons("_sheet") if button.startswith("Send")]

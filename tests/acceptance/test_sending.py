"""From the list to the letter box: choose, press Send, and what an invoice shows meanwhile."""

from invoicing.models import DocumentTemplate
from tests.factories import CustomerFactory, InvoiceFactory


def test_brp_03_email_directly_to_the_customer(company, clerk, minutes_pass, mailserver):
    """Method "E-mail directly to customer" exists."""
    eva = CustomerFactory(workspace=company.workspace, name="Eva Lund", email="eva@lund.example")
    invoice = InvoiceFactory(company=company, customer=eva, number="10240")
    clerk.mark(invoice).press_send()
    assert "E-mail to eva@lund.example" in clerk.text
    clerk.confirm()
    minutes_pass(6)
    (mail,) = mailserver.received()
    assert mail.to == "eva@lund.example"
    assert "10240" in mail.subject
    assert "Faktura 10240" in mail.paper


def test_brp_13_invoices_stand_in_the_menu(company, clerk):
    """Path: Back Office > Invoicing > Invoices."""
    invoice = InvoiceFactory(company=company)
    clerk.follow("Deliveries", within="nav").follow("Invoices", within="nav")
    assert invoice.number in clerk.row(invoice.customer.name)


def test_brp_14_mark_one_or_many_and_press_send(company, clerk, minutes_pass, mailserver):
    """The user marks one or many invoices in the list and presses "Send"."""
    first, second, third = (InvoiceFactory(company=company) for _each in range(3))
    clerk.mark(first, second).press_send()
    assert "Send 2 invoices" in clerk.text
    clerk.confirm()
    clerk.mark(third).press_send()
    assert f"Send invoice {third.number}" in clerk.text
    minutes_pass(6)
    assert mailserver.recipients() == sorted([first.customer.email, second.customer.email])
    assert clerk.status_of(third) == "To send"


def test_brp_15_no_send_without_an_active_method(company, clerk, manager):
    """The "Send" button is not shown when no distribution method is active."""
    invoice = InvoiceFactory(company=company)
    clerk.list()
    assert "Send…" in clerk.buttons()
    manager.distribution().tick("E-mail", on=False).tick("Own printer", on=False).press("Save changes")
    manager.press("Save changes")  # it was said first that one invoice cannot be sent any more
    clerk.list()
    assert "Send…" not in clerk.buttons()
    assert "No distribution method is active for Fjordgym AB." in clerk.text
    clerk.show(invoice)
    assert "Send…" not in clerk.buttons()
    assert "No distribution method is active for Fjordgym AB." in clerk.text


def test_brp_16_the_template_is_chosen_after_send(company, clerk, minutes_pass, mailserver):
    """After Send the user chooses the template that fits best."""
    for name in ("Medlemmar", "Företag"):
        texts = {"sv": {"opening": f"En hälsning till våra {name.lower()}."}}
        DocumentTemplate.objects.create(company=company, name=name, texts=texts)
    invoice = InvoiceFactory(company=company)
    clerk.mark(invoice).press_send()
    assert clerk.options("Template") == ["Företag", "Medlemmar", "Standard"]
    clerk.choose("Template", "Medlemmar").confirm()
    minutes_pass(6)
    (mail,) = mailserver.received()
    assert "En hälsning till våra medlemmar." in mail.paper
    assert "företag" not in mail.paper


def test_brp_18_waiting_to_be_sent(company, clerk):
    """The invoice then gets status "Waiting to be sent"."""
    invoice, other = InvoiceFactory(company=company), InvoiceFactory(company=company)
    clerk.send(invoice)
    assert clerk.status_of(invoice) == "Waiting to be sent"
    assert clerk.status_of(other) == "To send"
    assert "Waiting to be sent" in clerk.show(invoice).text


def test_brp_20_sent(company, clerk, minutes_pass, mailserver):
    """When the invoice has been sent its status becomes "Sent"."""
    invoice = InvoiceFactory(company=company)
    clerk.send(invoice)
    minutes_pass(6)
    assert mailserver.recipients() == [invoice.customer.email]
    assert clerk.status_of(invoice) == "Sent"

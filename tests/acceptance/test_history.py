"""What happened to an invoice, told on its History tab, and what it shows when something goes wrong."""

from datetime import datetime

from django.utils import timezone

from invoicing.models import Invoice
from tests.demo.sink import Rule
from tests.factories import CustomerFactory, InvoiceFactory

NO_MAILBOX = Rule("gone", "rcpt", answer="550 5.1.1 There is no such mailbox here")


def gone(company, **fields):
    """An invoice to somebody whose mailbox does not exist any more."""
    customer = CustomerFactory(workspace=company.workspace, email="gone@lund.example")
    return InvoiceFactory(company=company, customer=customer, **fields)


def test_brp_21_when_it_was_sent(company, clerk, minutes_pass, mailserver):
    """On sending, the invoice history records when it was sent."""
    invoice = InvoiceFactory(company=company)
    clerk.send(invoice)
    minutes_pass(6)
    (mail,) = mailserver.received()
    arrived = timezone.localtime(datetime.fromisoformat(mail.at))
    clerk.show(invoice, "History")
    assert "Today" in clerk.text
    told = next(line for line in clerk.page.xpath(".//li") if "Sent by e-mail" in line.text_content())
    moment = datetime.fromisoformat(told.xpath(".//time/@datetime")[0])
    assert abs((moment - arrived).total_seconds()) < 60
    assert f"{timezone.localtime(moment):%H:%M}" in told.text_content()


def test_brp_22_to_whom_it_was_sent(company, clerk, minutes_pass, mailserver):
    """On sending, the invoice history records to whom it was sent."""
    invoice = InvoiceFactory(company=company)
    clerk.send(invoice)
    minutes_pass(6)
    (mail,) = mailserver.received()
    newest = clerk.history_of(invoice)[0]
    assert newest.startswith("Sent by e-mail")
    assert f"To {mail.to}." in newest


def test_brp_23_the_tab_history(company, clerk):
    """History is shown in the invoice dialog, tab "History"."""
    invoice = InvoiceFactory(company=company)
    clerk.send(invoice)
    clerk.show(invoice).follow("History")
    assert "Kim Berg pressed Send" in clerk.row("pressed Send")


def test_brp_24_a_failure_sets_the_status_back(company, clerk, minutes_pass, mailserver):
    """If anything goes wrong, the invoice status is set back to exactly what it was before it was queued."""
    never_sent, sent_before, paid = (gone(company) for _each in range(3))
    Invoice.objects.filter(pk=paid.pk).update(balance=0)
    clerk.send(sent_before)
    minutes_pass(6)
    before = {invoice: clerk.status_of(invoice) for invoice in (never_sent, sent_before, paid)}
    assert list(before.values()) == ["To send", "Sent", "Paid"]

    mailserver.answer(NO_MAILBOX)
    clerk.mark(never_sent, sent_before, paid).press_send().tick("Send again").press("Update").confirm()
    assert {clerk.status_of(invoice) for invoice in before} == {"Waiting to be sent"}
    minutes_pass(6)
    assert {invoice: clerk.status_of(invoice) for invoice in before} == before
    assert len(mailserver.received()) == 1
    clerk.list("To send")
    assert never_sent.number in clerk.text
    assert sent_before.number not in clerk.text


def test_brp_25_the_error_stands_in_the_history(company, clerk, minutes_pass, mailserver):
    """On failure an error message is written on the invoice's History tab."""
    mailserver.answer(NO_MAILBOX)
    invoice = gone(company)
    clerk.send(invoice)
    minutes_pass(6)
    newest = clerk.history_of(invoice)[0]
    assert "Not sent; the invoice shows what it showed before" in newest
    assert "The mailbox does not exist." in newest
    assert "Ask the customer for a new address, then send again." in newest
    assert "There is no such mailbox here" in newest  # the server's own words, unfolded


def test_brp_26_one_that_fails_stops_no_other(company, clerk, minutes_pass, mailserver):
    """(implied) One invoice failing does not stop or roll back the others in the same send."""
    mailserver.answer(NO_MAILBOX)
    first, fails, last = InvoiceFactory(company=company), gone(company), InvoiceFactory(company=company)
    clerk.send(first, fails, last)
    minutes_pass(6)
    assert mailserver.recipients() == sorted([first.customer.email, last.customer.email])
    assert [clerk.status_of(each) for each in (first, fails, last)] == ["Sent", "To send", "Sent"]

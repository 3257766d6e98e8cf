"""The nightly check: invoices show what their deliveries say, or somebody is told loudly."""

from django.utils import timezone

from distribution import jobs
from distribution.actions.checking import check
from distribution.models import Delivery
from distribution.states import State
from invoicing.models import Invoice
from recipients.models import Event
from tests.distribution.test_doubts import lose_the_answer
from tests.factories import DeliveryFactory, InvoiceFactory
from tests.fakes import RememberingChannel


def test_what_the_engine_made_is_found_right(outbox):
    invoices = [outbox.invoice() for _ in range(4)]
    outbox.close_window(outbox.sent_and_ready(*invoices[:3]))
    outbox.deliver(RememberingChannel({invoices[1].customer.email: lose_the_answer}))
    Delivery.objects.filter(invoice=invoices[2]).update(state=State.SENT)  # as it is: nothing changes
    assert check() == []


def test_each_column_that_lies_is_found(outbox, caplog):
    lies = {"sent_at": timezone.now(), "in_flight": "doubt", "attention": "no_mailbox", "reminder_count": 1}
    for column, value in lies.items():
        Invoice.objects.filter(pk=InvoiceFactory(company=outbox.company).pk).update(**{column: value})
    InvoiceFactory(company=outbox.company)
    jobs.check()
    assert caplog.text.count("does not show what its deliveries say") == 4
    assert Event.objects.filter(what="invoice.differs").count() == 4


def test_a_delivery_that_the_invoice_never_heard_of(outbox):
    delivery = DeliveryFactory(invoice=outbox.invoice(), state=State.SENT, finished_at=timezone.now())
    assert check() == [delivery.invoice]

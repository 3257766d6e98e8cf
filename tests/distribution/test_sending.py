"""Plan, confirm, undo: the numbers add up, and the number of queries does not grow."""

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from config.ids import uuid7
from distribution.actions import planning, sending
from distribution.models import Batch, Delivery, PlanLine
from distribution.reasons import Reason
from distribution.states import State
from distribution.tally import Tally
from invoicing.models import Invoice
from recipients.models import Event
from tests.factories import CompanyFactory, CustomerFactory, InvoiceFactory


def columns(invoice):
    invoice.refresh_from_db()
    return invoice.sent_at, invoice.in_flight, invoice.attention, invoice.reminder_count


def test_a_sheet_promises_nothing(outbox):
    invoice = outbox.invoice()
    before = columns(invoice)
    batch = outbox.plan(invoice)
    line = batch.lines.get()
    assert (line.method, line.address, line.reason) == ("email", invoice.customer.email, "")
    assert not Delivery.objects.exists()
    assert columns(invoice) == before


def test_confirming_puts_everything_in_the_outbox_and_the_sum_adds_up(outbox):
    going = [outbox.invoice() for _ in range(3)]
    nowhere = outbox.invoice(customer=CustomerFactory(workspace=outbox.company.workspace, email=""))
    batch = outbox.send(*going, nowhere)
    assert {d.invoice for d in batch.deliveries.all()} == set(going)
    assert {d.state for d in batch.deliveries.all()} == {State.WAITING}
    assert batch.selected_count == 4
    assert batch.deliveries.count() + batch.cannot_count + batch.left_out_count == 4
    going[0].refresh_from_db()
    assert going[0].shown() == "waiting"
    nowhere.refresh_from_db()
    assert nowhere.shown() == "to_send"
    told = Event.objects.get(thread=nowhere.pk)
    assert (told.what, told.data) == ("invoice.not_sent", {"reason": Reason.NO_EMAIL})


def test_undo_restores_what_the_invoice_showed(outbox):
    invoices = [outbox.invoice() for _ in range(3)]
    before = [columns(invoice) for invoice in invoices]
    batch = outbox.send(*invoices)
    stopped, left = sending.undo(batch.deliveries.all(), by=outbox.clerk)
    assert (stopped, left) == (3, 0)
    assert [columns(invoice) for invoice in invoices] == before
    assert {d.state for d in batch.deliveries.all()} == {State.UNDONE}


def test_a_second_confirmation_of_the_same_sheet_makes_one_batch(outbox):
    batch = outbox.plan(outbox.invoice())
    for _ in range(2):
        sending.send(batch, template=None, again=False, by=outbox.clerk)
    assert Delivery.objects.count() == 1


def test_a_sheet_over_something_that_changed_sends_nothing(outbox):
    first, second = outbox.invoice(), outbox.invoice()
    stale = outbox.plan(first, second)
    outbox.send(first)
    with pytest.raises(sending.Changed) as caught:
        sending.send(stale, template=None, again=False, by=outbox.clerk)
    assert caught.value.count == 1
    assert Delivery.objects.count() == 1
    stale.refresh_from_db()
    assert stale.confirmed_at is None


def test_a_sheet_with_nothing_that_can_go_is_refused(outbox):
    batch = outbox.plan(outbox.invoice(customer=CustomerFactory(workspace=outbox.company.workspace, email="")))
    with pytest.raises(sending.NothingToSend):
        sending.send(batch, template=None, again=False, by=outbox.clerk)
    assert not Batch.objects.confirmed().exists()


def test_a_lone_invoice_that_cannot_go_says_so_in_its_history(outbox):
    invoice = outbox.invoice(customer=CustomerFactory(workspace=outbox.company.workspace, email=""))
    before = columns(invoice)
    outbox.plan(invoice)
    told = Event.objects.get(thread=invoice.pk)
    assert (told.what, told.by, told.data) == ("invoice.not_sent", outbox.clerk, {"reason": Reason.NO_EMAIL})
    assert columns(invoice) == before


def test_another_companys_invoice_cannot_be_planned(outbox):
    with pytest.raises(Invoice.DoesNotExist):
        outbox.plan(outbox.invoice(), InvoiceFactory(company=CompanyFactory()))
    assert not PlanLine.objects.exists()


def test_what_was_sent_before_is_left_out_unless_asked_for(outbox):
    invoice, fresh = outbox.invoice(), outbox.invoice()
    outbox.sent(invoice)
    batch = outbox.send(invoice, fresh)
    assert [d.invoice for d in batch.deliveries.all()] == [fresh]
    assert batch.left_out_count == 1
    assert outbox.send(invoice, again=True).deliveries.get().invoice == invoice


def test_a_person_marks_what_came_back_and_what_never_left_stays(outbox):
    sent, waiting = outbox.invoice(), outbox.invoice()
    outbox.sent(sent)
    outbox.send(waiting)
    back = Delivery.objects.filter(invoice__in=[sent, waiting])
    assert sending.mark_returned(back, why="she moved", by=outbox.clerk) == 1
    assert outbox.delivery(sent).state == State.RETURNED
    assert outbox.delivery(waiting).state == State.WAITING
    sent.refresh_from_db()
    assert (sent.shown(), sent.attention) == ("to_send", Reason.RETURNED)
    event = Event.objects.get(what="delivery.returned")
    assert (event.by, event.data["note"]) == (outbox.clerk, "she moved")


@pytest.mark.parametrize("size", [1, 3, 5000])
def test_the_number_of_queries_does_not_grow(outbox, size):
    many(outbox.invoice(), size)
    with CaptureQueriesContext(connection) as planning_queries:
        batch = planning.plan(outbox.company, {"query": "tab=all"}, by=outbox.clerk)
        Tally.of(batch)
    with CaptureQueriesContext(connection) as confirm_queries:
        sending.send(batch, template=None, again=False, by=outbox.clerk)
    with CaptureQueriesContext(connection) as undo_queries:
        stopped, _left = sending.undo(batch.deliveries.all(), by=outbox.clerk)
    assert stopped == size
    counts = tuple(len(q) for q in (planning_queries, confirm_queries, undo_queries))
    assert counts == (15, 17, 11)


@pytest.mark.parametrize("rows", [1, 3])
def test_sending_again_names_what_it_repeats_in_the_same_queries(outbox, rows, django_assert_num_queries):
    outbox.send(*(outbox.invoice() for _n in range(rows)))
    Delivery.objects.all().move(State.FAILED, reason=Reason.NO_MAILBOX, finished_at=Now())
    failed = {row.invoice_id: row for row in Delivery.objects.all()}
    with django_assert_num_queries(32):
        batch = sending.send_again(Delivery.objects.needing_attention(), by=outbox.clerk)
    again = {row.invoice_id: row.again_of for row in batch.deliveries.select_related("again_of")}
    assert again == failed


def many(invoice, size):
    """So many invoices like this one, numbers apart, in few statements."""
    values = {field.attname: getattr(invoice, field.attname) for field in Invoice._meta.concrete_fields}
    Invoice.objects.bulk_create(
        Invoice(**{**values, "id": uuid7(), "number": f"N{number}"}) for number in range(size - 1)
    )

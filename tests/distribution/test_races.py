"""Two transactions that meet in one row. Only a database with row locks can show these; SQLite has one writer."""

import threading

import pytest
from django.db import connection, connections, transaction

from distribution.actions import crediting, handing_over, sending
from distribution.channels.base import Receipt
from distribution.models import Delivery
from distribution.states import State

pytestmark = [
    # Put back what the migrations made: these tests empty the tables.
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer: nothing to race"),
]


def claimed(outbox):
    batch = outbox.sent_and_ready(outbox.invoice())
    outbox.close_window(batch)
    (delivery,) = handing_over.claim()
    return delivery


def waits_for_lock():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0


@pytest.mark.parametrize(
    "chosen",
    [
        lambda d: Delivery.objects.filter(pk=d.pk),
        lambda d: Delivery.objects.filter(invoice__number=d.invoice.number),
        lambda d: Delivery.objects.filter(batch__company=d.company_id),
        lambda d: Delivery.objects.exclude(invoice__customer__name="nobody").filter(batch=d.batch_id),
    ],
    ids=["by key", "by number", "by company", "by customer"],
)
def test_undo_that_waits_for_a_gate_is_too_late(outbox, chosen):
    """The gate is being passed while undo is pressed: undo waits for it, and then may not have won."""
    delivery = claimed(outbox)
    answer = []

    def press_undo():
        try:
            answer.append(sending.undo(chosen(delivery), by=outbox.clerk))
        finally:
            connections.close_all()

    undo = threading.Thread(target=press_undo)
    with transaction.atomic():
        handing_over.Gate(delivery)()
        undo.start()
        while undo.is_alive() and not waits_for_lock():
            pass
    undo.join()
    delivery.refresh_from_db()
    assert delivery.state == State.HANDING_OVER
    assert answer == [(0, 1)]


def test_a_gate_that_waits_for_undo_is_shut(outbox):
    delivery = claimed(outbox)
    answer = []

    def pass_gate():
        try:
            handing_over.Gate(delivery)()
            answer.append("open")
        except handing_over.Stopped:
            answer.append("shut")
        finally:
            connections.close_all()

    gate = threading.Thread(target=pass_gate)
    with transaction.atomic():
        assert sending.undo(Delivery.objects.filter(invoice__number=delivery.invoice.number), by=outbox.clerk) == (1, 0)
        gate.start()
        while gate.is_alive() and not waits_for_lock():
            pass
    gate.join()
    assert answer == ["shut"]


def test_two_confirmations_at_once_take_an_invoice_once(outbox):
    invoice = outbox.invoice()
    batches = [outbox.plan(invoice), outbox.plan(invoice)]
    outcomes = []

    def confirm(batch):
        try:
            sending.send(batch, template=None, again=False, by=outbox.clerk)
            outcomes.append("sent")
        except (sending.Changed, sending.NothingToSend) as refused:
            outcomes.append(type(refused).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=confirm, args=[batch]) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes)[-1] == "sent"
    assert len([o for o in outcomes if o == "sent"]) == 1
    assert Delivery.objects.count() == 1


def test_two_senders_never_claim_one_row(outbox):
    batch = outbox.sent_and_ready(*[outbox.invoice() for _ in range(30)])
    outbox.close_window(batch)
    seen = []

    def work():
        try:
            while rows := handing_over.claim():
                seen.extend(row.pk for row in rows)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == len(set(seen)) == 30
    assert Delivery.objects.filter(state=State.CLAIMED).count() == 30


def test_a_doubt_that_is_settled_while_somebody_decides_is_not_sent_again(outbox):
    """The late answer says that it arrived; "Send again" is pressed over it and another one, and waits for it."""
    batch = outbox.sent_and_ready(outbox.invoice(), outbox.invoice())
    outbox.close_window(batch)
    arrived, lost = handing_over.claim()
    for delivery in (arrived, lost):
        handing_over.Gate(delivery)()
    Delivery.objects.update(crashes=1, lease_until="2020-01-01T00:00Z")  # at work, and slower than the lease
    handing_over.sweep()
    answer = []

    def press_again():
        try:
            answer.append(sending.decide(Delivery.objects.all(), "again", why="she rang", by=outbox.clerk))
        finally:
            connections.close_all()

    person = threading.Thread(target=press_again)
    with transaction.atomic():
        handing_over.taken(arrived, Receipt("2.0.0 Ok", "250"))
        person.start()
        while person.is_alive() and not waits_for_lock():
            pass
    person.join()
    ((decided, again),) = answer
    assert decided == 1
    assert [d.invoice_id for d in again.deliveries.all()] == [lost.invoice_id]


@pytest.mark.parametrize("first", ["gate", "credit"])
def test_credit_and_gate_never_both_win(outbox, first):
    """Whoever was first decides: the mail left and its credit note is to be sent, or neither ever leaves."""
    delivery = claimed(outbox)
    answer = []

    def press_credit():
        outcome = crediting.credit(
            delivery.invoice, None, seen_left=delivery.invoice.payable, reason="x", stops=False, by=outbox.clerk
        )
        return bool(outcome.stopped), outcome.note.is_books_only

    def pass_gate():
        try:
            handing_over.Gate(delivery)()
            return "open"
        except handing_over.Stopped:
            return "shut"

    def second():
        try:
            answer.append(press_credit() if first == "gate" else pass_gate())
        finally:
            connections.close_all()

    other = threading.Thread(target=second)
    with transaction.atomic():
        (pass_gate if first == "gate" else press_credit)()
        other.start()
        while other.is_alive() and not waits_for_lock():
            pass
    other.join()
    assert answer == ([(False, False)] if first == "gate" else ["shut"])


def test_an_invoice_that_is_credited_while_it_is_confirmed_does_not_leave(outbox):
    """Send has looked and begun; the credit holds the invoice's row and cannot see the delivery yet."""
    invoice = outbox.invoice()
    batch = outbox.plan(invoice)
    outcomes = []

    def confirm():
        try:
            sending.send(batch, template=None, again=False, by=outbox.clerk)
            outcomes.append("sent")
        except sending.Changed:
            outcomes.append("changed")
        finally:
            connections.close_all()

    person = threading.Thread(target=confirm)
    with transaction.atomic():
        crediting.credit(invoice, None, seen_left=invoice.payable, reason="x", stops=False, by=outbox.clerk)
        person.start()
        while person.is_alive() and not waits_for_lock():
            pass
    person.join()
    assert outcomes == ["changed"]
    assert not Delivery.objects.exists()

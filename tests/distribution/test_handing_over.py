"""The gate, and everything that may go wrong on either side of it."""

import pytest
from django.utils import timezone

from distribution.actions import handing_over, sending
from distribution.channels.base import Refused, Stopped, Unreachable
from distribution.models import Connection, Delivery
from distribution.reasons import Reason
from distribution.states import State
from recipients.models import Event
from tests.fakes import RememberingChannel

PAST = timezone.now().replace(year=2020)


@pytest.fixture
def due(outbox):
    """One delivery whose window has closed, routed and ready."""
    invoice = outbox.invoice()
    batch = outbox.sent_and_ready(invoice)
    outbox.close_window(batch)
    return outbox.delivery(invoice)


def answering(delivery, answer):
    return RememberingChannel({delivery.address: answer})


def after_gate(error):
    def answer(gate):
        gate()
        raise error

    return answer


def before_gate(error):
    def answer(gate):
        raise error

    return answer


def test_nothing_leaves_before_the_window_has_closed(outbox):
    invoice = outbox.invoice()
    batch = outbox.sent_and_ready(invoice)
    assert outbox.deliver().took == []
    outbox.close_window(batch)
    assert outbox.deliver().took == [invoice.customer.email]


def test_what_is_not_prepared_does_not_leave(outbox):
    batch = outbox.send(outbox.invoice())
    outbox.close_window(batch)
    assert outbox.deliver().took == []


def test_taken_is_sent_and_history_says_when_and_to_whom(outbox, due):
    outbox.deliver()
    due.refresh_from_db()
    assert (due.state, due.reply_code, due.crashes) == (State.SENT, "250", 0)
    due.invoice.refresh_from_db()
    assert due.invoice.shown() == "sent"
    event = Event.objects.get(about=due.pk, what="delivery.sent")
    assert event.data["address"] == due.address
    assert event.thread == due.invoice_id


OUTCOMES = [
    # what the other side does, the state, the reason, the invoice shows, it has an attention mark
    (before_gate(Refused(Reason.NO_MAILBOX, 550, "no such user")), State.FAILED, Reason.NO_MAILBOX, "to_send", True),
    (after_gate(Refused(Reason.REFUSED, 554, "spam")), State.FAILED, Reason.REFUSED, "to_send", True),
    (before_gate(Unreachable(Reason.TRY_LATER, 451, "greylisted")), State.WAITING, Reason.TRY_LATER, "waiting", False),
    (after_gate(Unreachable(Reason.TRY_LATER, 452, "full")), State.WAITING, Reason.TRY_LATER, "waiting", False),
    (before_gate(Unreachable(Reason.TRY_LATER, "", "reset")), State.WAITING, Reason.TRY_LATER, "waiting", False),
    (after_gate(Unreachable(Reason.TRY_LATER, "", "reset")), State.IN_DOUBT, Reason.NO_ANSWER, "doubt", True),
    (after_gate(ConnectionResetError()), State.IN_DOUBT, Reason.NO_ANSWER, "doubt", True),
    (after_gate(TimeoutError()), State.IN_DOUBT, Reason.NO_ANSWER, "doubt", True),
    (before_gate(ZeroDivisionError()), State.WAITING, "", "waiting", False),
]


@pytest.mark.parametrize("answer, state, reason, shown, attention", OUTCOMES)
def test_what_the_other_side_does_decides_the_state(outbox, due, answer, state, reason, shown, attention):
    channel = answering(due, answer)
    for delivery in handing_over.claim():
        handing_over.hand_over(delivery, channel)
    due.refresh_from_db()
    due.invoice.refresh_from_db()
    assert (due.state, due.reason, due.invoice.shown()) == (state, reason, shown)
    assert bool(due.invoice.attention) == attention


def test_a_temporary_refusal_waits_longer_each_time_and_gives_up_after_48_hours(outbox, due, settings):
    channel = answering(due, before_gate(Unreachable(Reason.TRY_LATER, 451, "later")))
    waits = []
    for _attempt in range(3):
        Delivery.objects.filter(pk=due.pk).update(leaves_at=PAST)
        outbox.deliver(channel)
        due.refresh_from_db()
        waits.append((due.leaves_at - timezone.now()).total_seconds())
    for wait, expected in zip(waits, settings.SENDING["back_off"], strict=False):
        assert 0.75 * expected < wait < 1.25 * expected
    Delivery.objects.filter(pk=due.pk).update(leaves_at=PAST, refused_since=PAST)
    outbox.deliver(channel)
    due.refresh_from_db()
    assert (due.state, due.reason) == (State.FAILED, Reason.GAVE_UP)


def test_undo_before_the_gate_wins_and_the_sender_is_told(outbox, due):
    (claimed,) = handing_over.claim()
    gate = handing_over.Gate(claimed)
    assert sending.undo(Delivery.objects.filter(pk=due.pk), by=outbox.clerk) == (1, 0)
    with pytest.raises(Stopped):
        gate()


def test_undo_after_the_gate_loses_and_says_so(outbox, due):
    (claimed,) = handing_over.claim()
    handing_over.Gate(claimed)()
    assert sending.undo(Delivery.objects.filter(pk=due.pk), by=outbox.clerk) == (0, 1)


def test_the_gate_opens_once(due):
    (claimed,) = handing_over.claim()
    gate = handing_over.Gate(claimed)
    gate()
    with pytest.raises(Stopped):
        gate()


def test_the_gate_is_shut_when_the_lease_is_over(due):
    (claimed,) = handing_over.claim()
    Delivery.objects.filter(pk=due.pk).update(lease_until=PAST)
    with pytest.raises(Stopped):
        handing_over.Gate(claimed)()


def test_the_gate_is_shut_for_a_sender_whose_row_another_one_took(due):
    (first,) = handing_over.claim()
    Delivery.objects.filter(pk=due.pk).update(lease_until=PAST)
    handing_over.sweep()
    (second,) = handing_over.claim()
    with pytest.raises(Stopped):
        handing_over.Gate(first)()
    handing_over.Gate(second)()


def test_a_dead_sender_before_the_gate_loses_nothing(outbox, due):
    handing_over.claim()
    Delivery.objects.filter(pk=due.pk).update(lease_until=PAST)
    handing_over.sweep()
    assert outbox.deliver().took == [due.address]


def test_a_dead_sender_past_the_gate_is_a_doubt_that_no_machine_sends_again(outbox, due):
    (claimed,) = handing_over.claim()
    handing_over.Gate(claimed)()
    Delivery.objects.filter(pk=due.pk).update(lease_until=PAST)
    handing_over.sweep()
    due.refresh_from_db()
    assert due.state == State.IN_DOUBT
    handing_over.sweep()
    assert outbox.deliver().took == []


def test_a_late_answer_settles_a_doubt(outbox, due):
    def slow(gate):
        gate()
        Delivery.objects.filter(pk=due.pk).update(lease_until=PAST)
        handing_over.sweep()

    outbox.deliver(answering(due, slow))
    due.refresh_from_db()
    assert due.state == State.SENT


def test_a_late_refusal_does_not_overrule_a_person(outbox, due):
    def slow(gate):
        gate()
        Delivery.objects.filter(pk=due.pk).update(lease_until=PAST)
        handing_over.sweep()
        sending.decide(Delivery.objects.filter(pk=due.pk), "arrived", why="she rang", by=outbox.clerk)
        raise Refused(Reason.REFUSED, 554, "no")

    outbox.deliver(answering(due, slow))
    due.refresh_from_db()
    assert due.state == State.SENT


def test_a_document_that_kills_its_worker_three_times_stops(outbox, due):
    for _death in range(3):
        (claimed,) = handing_over.claim()
        Delivery.objects.filter(pk=claimed.pk).update(crashes=claimed.crashes + 1, lease_until=PAST)
        handing_over.sweep()
    due.refresh_from_db()
    assert (due.state, due.reason) == (State.FAILED, Reason.STOPPED_WORKER)


def test_what_waits_for_a_method_that_was_switched_off_fails(outbox, due):
    settings = outbox.company.distribution
    settings.active_methods = []
    settings.save()
    assert outbox.deliver().took == []
    due.refresh_from_db()
    assert (due.state, due.reason) == (State.FAILED, Reason.METHOD_OFF)


def test_a_relay_in_trouble_pauses_and_blames_no_delivery(outbox, due):
    trouble = Unreachable(Reason.TRY_LATER, "", "connection refused", slows=Unreachable.CONNECTION)
    (claimed,) = handing_over.claim()
    handing_over.hand_over(claimed, answering(due, before_gate(trouble)))
    due.refresh_from_db()
    assert (due.state, due.attempts) == (State.WAITING, 0)
    assert handing_over.is_paused()
    assert Connection.objects.get(company=None).pause_reason == "connection refused"
    handing_over.resume()
    assert not handing_over.is_paused()


def test_one_bad_delivery_does_not_stop_the_others(outbox):
    invoices = [outbox.invoice() for _ in range(3)]
    batch = outbox.sent_and_ready(*invoices)
    outbox.close_window(batch)
    bad = invoices[1].customer.email
    channel = RememberingChannel({bad: before_gate(Refused(Reason.NO_MAILBOX, 550, "no"))})
    outbox.deliver(channel)
    assert set(channel.took) == {invoices[0].customer.email, invoices[2].customer.email}


DECISIONS = [
    ("arrived", State.SENT, "sent", 1),
    ("not_arrived", State.FAILED, "to_send", 1),
    ("cancel", State.FAILED, "to_send", 1),
    ("again", State.FAILED, "waiting", 2),
]


@pytest.mark.parametrize("verdict, state, shown, rows", DECISIONS)
def test_a_person_decides_a_doubt(outbox, due, verdict, state, shown, rows):
    outbox.deliver(answering(due, after_gate(ConnectionResetError())))
    decided, batch = sending.decide(Delivery.objects.all(), verdict, why="rang the customer", by=outbox.clerk)
    assert decided == 1
    due.refresh_from_db()
    due.invoice.refresh_from_db()
    assert (due.state, due.closed_by, due.invoice.shown()) == (state, outbox.clerk, shown)
    assert Delivery.objects.count() == rows
    if batch:
        assert batch.deliveries.get().again_of == due

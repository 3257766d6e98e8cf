"""What the chaos runs, or thinking about them, found in the engine: one test each."""

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone
from django_q.models import OrmQ

from distribution import jobs, rendering
from distribution.actions import handing_over, planning, preparing, printing, watching
from distribution.management.commands import deliver
from distribution.models import Batch, Delivery, Installation
from distribution.states import State
from recipients.methods import Method
from tests.conftest import Outbox
from tests.factories import CompanyFactory, MemberFactory
from tests.fakes import RememberingChannel

PAST = timezone.now().replace(year=2020)


def test_a_slow_relay_is_no_crash(outbox):
    """The lease ran out while the body was on its way: the gate stays shut, and nobody was killed."""
    invoice = outbox.invoice()
    outbox.close_window(outbox.sent_and_ready(invoice))

    def slow(gate):
        Delivery.objects.update(lease_until=PAST)
        gate()

    for _time in range(3):
        outbox.deliver(RememberingChannel({invoice.customer.email: slow}))
        handing_over.sweep()
    delivery = outbox.delivery(invoice)
    assert (delivery.state, delivery.crashes) == (State.WAITING, 0)


def test_a_document_that_two_rendered_is_no_crash(outbox, monkeypatch):
    """The lease of a slow renderer ran out, another one was quicker: one set of files, and nobody was killed."""
    invoice = outbox.invoice()
    batch = outbox.send(invoice)
    preparing.route(batch)
    render = rendering.enclosures

    def overtaken(delivery):
        made = render(delivery)
        monkeypatch.setattr(preparing, "enclosures", render)
        preparing.prepare_one(delivery.pk)
        return made

    monkeypatch.setattr(preparing, "enclosures", overtaken)
    preparing.prepare(Delivery.objects.filter(batch=batch))
    delivery = outbox.delivery(invoice)
    assert (delivery.crashes, delivery.enclosures.count()) == (0, 2)
    assert delivery.ready_at


@pytest.mark.parametrize("trouble", [OperationalError("database is locked"), OSError(28, "No space left on device")])
def test_trouble_of_our_own_while_rendering_is_not_the_documents_fault(outbox, monkeypatch, trouble):
    """A full disk or a database that restarts must not turn a batch of good invoices into failures."""
    invoice = outbox.invoice()
    batch = outbox.send(invoice)
    preparing.route(batch)

    def broken(delivery):
        raise trouble

    with monkeypatch.context() as patched:
        patched.setattr(preparing, "enclosures", broken)
        with pytest.raises(type(trouble)):
            preparing.prepare(Delivery.objects.filter(batch=batch))
    assert outbox.delivery(invoice).state == State.WAITING
    Delivery.objects.update(prepare_until=PAST)
    preparing.prepare(Delivery.objects.filter(batch=batch))
    delivery = outbox.delivery(invoice)
    assert (delivery.state, delivery.crashes) == (State.WAITING, 0)
    assert delivery.ready_at


def test_a_third_try_is_let_end(outbox, monkeypatch):
    """Two workers died over this document; while a third one is at it, the sweep does not count it as dead."""
    invoice = outbox.invoice()
    batch = outbox.send(invoice)
    preparing.route(batch)
    Delivery.objects.update(crashes=2)
    render = rendering.enclosures

    def swept_meanwhile(delivery):
        handing_over.sweep()
        return render(delivery)

    monkeypatch.setattr(preparing, "enclosures", swept_meanwhile)
    preparing.prepare(Delivery.objects.filter(batch=batch))
    assert outbox.delivery(invoice).ready_at


def test_trouble_in_the_housekeeping_does_not_end_it(db, monkeypatch, settings):
    """Without its main thread the sender would go on for ever without a sweep and without a sign of life."""
    settings.SENDING = settings.SENDING | {"sweep_every": 0.01}
    stop = threading.Event()
    threading.Timer(10, stop.set).start()  # red, not hanging
    times = []

    def keep_house():
        times.append(1)
        if len(times) == 2:
            stop.set()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(deliver, "keep_house", keep_house)
    deliver.Command().watch(stop, [threading.current_thread()])
    assert len(times) == 2


@pytest.fixture
def printed(outbox):
    """A batch for the own printer, routed and prepared, whose last bell was lost with the worker that had taken it."""
    settings = outbox.company.distribution
    settings.active_methods = [Method.OWN_PRINTER]
    settings.default_method = Method.OWN_PRINTER
    settings.save()
    batch = outbox.sent_and_ready(outbox.invoice(), outbox.invoice())
    assert not batch.parcels.exists()
    return batch


def test_print_files_are_made_without_the_queue(printed):
    Installation.objects.update(queue_seen_at=None)
    deliver.keep_house()
    assert printed.parcels.get().file
    assert list(preparing.unfinished()) == []


def test_the_queue_is_rung_again_for_print_files(printed):
    watching.queue_seen()
    assert list(preparing.unfinished()) == [("build_parcels", printed.pk)]
    printing.build_parcels(printed)
    assert list(preparing.unfinished()) == []


def test_a_large_sheet_opens_without_the_queue(outbox, monkeypatch):
    monkeypatch.setattr(planning, "PLAN_AT_ONCE", 1)
    batch = outbox.plan(outbox.invoice(), outbox.invoice())
    Batch.objects.update(opened_at=PAST)
    deliver.keep_house()
    batch.refresh_from_db()
    assert (batch.planned_at is not None, batch.lines.count()) == (True, 2)


def test_without_the_queue_the_work_goes_on_until_it_is_done(outbox, settings):
    """Not one chunk a sweep: that would be a hundred invoices a minute."""
    settings.SENDING = settings.SENDING | {"prepare_size": 1}
    batch = outbox.send(*[outbox.invoice() for _ in range(3)])
    rounds = 1
    while deliver.keep_house():
        rounds += 1
    assert Delivery.objects.filter(batch=batch).exclude(ready_at=None).count() == 3
    assert rounds < 10
    watching.queue_seen()
    outbox.send(outbox.invoice())
    assert not deliver.keep_house()  # the queue is there, and has been rung


@pytest.fixture
def neighbour(db):
    company = CompanyFactory()
    return Outbox(company, MemberFactory(company=company).user)


def test_the_companies_take_turns(outbox, neighbour, settings):
    """One with 50,000 invoices lets another one's single invoice pass, although that one came later."""
    settings.SENDING = settings.SENDING | {"claim_size": 2}
    outbox.close_window(outbox.sent_and_ready(*(outbox.invoice() for _n in range(5))))
    neighbour.close_window(neighbour.sent_and_ready(neighbour.invoice()))
    turns, served = [], None
    while claimed := handing_over.claim(after=served):
        served = claimed[0].company_id
        turns.append((served, len(claimed)))
    large, small = outbox.company.pk, neighbour.company.pk
    assert sorted(turns[:2]) == sorted([(large, 2), (small, 1)])
    assert turns[2:] == [(large, 2), (large, 1)]


def queued():
    return [each.func().rpartition(".")[2] for each in OrmQ.objects.order_by("id")]


def test_a_large_batch_has_one_bell_in_the_queue(outbox, settings):
    """With one for each chunk, all other work would wait behind it."""
    settings.SENDING = settings.SENDING | {"prepare_size": 1}
    batch = outbox.send(*[outbox.invoice() for _n in range(3)])
    OrmQ.objects.all().delete()
    jobs.route(batch.pk)
    for rung in (["prepare"], ["prepare"], []):
        OrmQ.objects.all().delete()
        jobs.prepare(batch.pk)
        assert queued() == rung
    assert not Delivery.objects.filter(batch=batch).unprepared().exists()


def test_the_sweep_rings_for_a_bell_that_was_lost_and_for_no_other(outbox, settings):
    batch = outbox.send(outbox.invoice())
    assert queued() == ["route"]
    preparing.ring([("route", batch.pk)])
    assert queued() == ["route"]  # it is still there
    lock = timezone.now() + timedelta(seconds=settings.Q_CLUSTER["retry"])
    OrmQ.objects.update(lock=lock)
    preparing.ring([("route", batch.pk)])
    assert queued() == ["route"]  # somebody has just taken it
    OrmQ.objects.update(lock=lock - timedelta(seconds=preparing.LATELY + 1))
    preparing.ring([("route", batch.pk)])
    assert queued() == ["route", "route"]  # whoever took it is dead

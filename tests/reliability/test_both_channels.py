"""Mails and letters of one batch: a smaller run of `./dev bench batch --invoices 1000 --channel both --undo 30`."""

import os
from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db.models import F

from distribution import jobs
from distribution.actions import planning, sending
from distribution.models import Delivery, Parcel
from distribution.states import State
from recipients.methods import Method
from tests.demo.processes import free_port, programs, wait_for_port

from .both import arrived, promises, two_ways

UNDONE = 6


@pytest.fixture
def sink(tmp_path, settings):
    """The demo's mail server."""
    port = free_port()
    program, *_others = programs(tmp_path, web_port=0, sink_port=port, environment=dict(os.environ), output=print)
    program.start()
    try:
        wait_for_port(port)
        settings.MAIL_SINK = f"127.0.0.1:{port}"
        yield
    finally:
        program.stop()


def test_a_batch_over_both_channels_arrives_once_and_without_what_was_undone(db, sink, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "archive"
    settings.ALLOW_PRIVATE_CONNECTIONS = True
    settings.SENDING = {**settings.SENDING, "print_part": 6}
    with two_ways(tmp_path, 40, "both") as ways:
        batch = planning.plan(ways.company, {"query": "tab=all&q=CH"}, by=ways.clerk)
        sending.send(batch, template=ways.company.templates.get(), again=False, by=ways.clerk)
        jobs.route(batch.pk)
        jobs.prepare(batch.pk)
        jobs.build_parcels(batch.pk)
        assert sorted(Parcel.objects.values_list("documents", flat=True)) == [2, 6, 6, 6]
        undone = list(batch.deliveries.order_by("position").values_list("pk", flat=True)[:UNDONE])
        assert sending.undo(Delivery.objects.filter(pk__in=undone), by=ways.clerk) == (UNDONE, 0)
        jobs.tidy(batch.pk)
        jobs.build_parcels(batch.pk)
        Delivery.objects.update(leaves_at=F("leaves_at") - timedelta(hours=1))
        call_command("deliver")
        mails = arrived(tmp_path, ways.root)
    ways_out = Counter(batch.deliveries.filter(state=State.SENT).values_list("method", flat=True))
    assert ways_out.keys() == {Method.EMAIL, Method.CENTRAL_PRINT}
    assert ways_out.total() == len(mails) == 40 - UNDONE
    assert set(promises(batch, undone, mails).values()) == {0}

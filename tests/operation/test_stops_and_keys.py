"""A stop in the middle of a batch, as the units do it, and a new SECRET_KEY while the queue is not empty: 0 lost."""

import urllib.request

import pytest
from django.test import Client
from django_q.models import OrmQ

from distribution.models import Delivery
from distribution.states import State
from tests.demo.sink import Rule
from tests.test_front_door import unit

from .conftest import Office, soon

pytestmark = pytest.mark.processes

SLOW = 1.5  # seconds that the relay thinks after each message


def stop(house, name):
    """SIGTERM to the main process alone, as KillMode=mixed does; it must end by itself, well within its unit's time."""
    process = house.processes[name]
    process.stop(grace=int(unit(name)["TimeoutStopSec"]) / 5)
    assert process.popen.returncode == 0, f"{name} did not end by itself"


def test_who_is_stopped_in_the_middle_of_a_batch_leaves_no_doubt_and_no_crash(running):
    with running(SENDER_THREADS="2") as house:
        house.plan(Rule(".", "dot", "slow", seconds=SLOW))
        office = Office(house)
        invoices = [office.invoice() for _n in range(24)]
        batch = office.send(*invoices)
        rows = Delivery.objects.filter(batch=batch)

        soon(lambda: rows.exclude(ready_at=None).count() > 2)
        assert rows.filter(ready_at=None).count() > 5, "it is stopped too late to prove anything"
        stop(house, "qcluster")
        assert not rows.filter(crashes__gt=0).exists()
        house.processes["qcluster"].start()
        soon(lambda: not rows.filter(ready_at=None).exists())

        house.close_window(batch)
        addresses = [invoice.customer.email for invoice in invoices]
        soon(lambda: len(house.mails(*addresses)) > 2)
        stop(house, "deliver")
        left = office.states(batch)
        assert set(left) == {State.SENT, State.WAITING}  # nothing in hand, nothing in doubt
        assert left[State.SENT] == len(house.mails(*addresses))
        assert not rows.filter(crashes__gt=0).exists()
        house.plan()
        house.processes["deliver"].start()
        soon(lambda: office.states(batch) == {State.SENT: 24})
        assert sorted(mail["rcpt"][0] for mail in house.mails(*addresses)) == sorted(addresses)


def test_a_new_secret_key_loses_no_work_and_logs_nobody_out(running, settings):
    """The jobs that were queued with the old key are thrown away by django-q; the rows are the ledger."""
    with running(SECRET_KEY="the-new-key", SECRET_KEY_FALLBACKS=settings.SECRET_KEY) as house:
        house.processes["deliver"].stop()
        house.processes["qcluster"].stop()
        office = Office(house)
        batch = office.send(office.invoice(), office.invoice())
        assert OrmQ.objects.count() == 1
        client = Client()
        client.force_login(office.clerk)  # with the old key
        house.start("qcluster", "deliver")
        rows = Delivery.objects.filter(batch=batch)
        soon(lambda: not rows.filter(ready_at=None).exists())
        house.close_window(batch)
        soon(lambda: office.states(batch) == {State.SENT: 2})

        cookie = {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}
        page = f"{house.url}{office.company.get_absolute_url()}"
        with urllib.request.urlopen(urllib.request.Request(page, headers=cookie)) as answer:
            assert (answer.status, answer.url) == (200, page)

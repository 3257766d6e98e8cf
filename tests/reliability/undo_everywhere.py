"""Undo at every point of a delivery's way, once each. `./dev chaos --scenario undo` does it a hundred times.

Run by hand (pytest with this file's path): it is not green yet, so nothing rests on it.
"""

import os
import sys
from functools import partial
from itertools import count

import pytest

from distribution.models import Connection, Delivery
from invoicing import pdf
from recipients.methods import Method
from tests.conftest import Outbox
from tests.demo.processes import Process, Processes, free_port, wait_for_port
from tests.demo.sink import read_log
from tests.factories import CompanyFactory, ConnectionFactory, MemberFactory
from tests.journeys.house import new_database

from . import evidence, slips
from .failpoints import is_true, walk

FEWEST = 20  # points


@pytest.fixture(scope="module")
def database(django_test_environment, django_db_blocker, tmp_path_factory):
    """One of its own: history is only added to, so that no flush could empty it."""
    with django_db_blocker.unblock(), new_database(tmp_path_factory.mktemp("database")):
        yield


@pytest.fixture
def post(database, settings, tmp_path, monkeypatch):
    """A company of its own for each method, a mail server, and a print provider's folder."""
    monkeypatch.setattr(pdf, "render", partial(slips.render, pdf.render))
    port = free_port()
    words = ["-m", "tests.demo.sink", "--port", port, "--log", tmp_path / "sink.jsonl"]
    sink = Process("sink", [sys.executable, *words], environment=os.environ, output=lambda name, line: None)
    settings.MAIL_SINK, settings.CONNECTION_FOLDERS = f"127.0.0.1:{port}", str(tmp_path)
    with Processes([sink]) as processes:
        processes.start()
        wait_for_port(port)
        yield tmp_path


def office(method):
    company = CompanyFactory(
        distribution__undo_minutes=0, distribution__active_methods=[method], distribution__default_method=method
    )
    return Outbox(company, MemberFactory(company=company).user)


def undo_everywhere(office, size):
    """One undo at each point of a batch of `size`; returns the ids of what was undone and of what was not."""
    numbers = count(1)

    def batch():
        invoices = [office.invoice(number=f"CH{20 * next(numbers) + 1:06}") for _n in range(size)]
        return office.send(*invoices)

    names, _answer = walk(batch(), by=office.clerk)
    assert len(set(names)) >= FEWEST
    undone = set()
    for at, name in enumerate(names):
        sent = batch()
        passed, answer = walk(sent, by=office.clerk, at=at)
        if at >= len(passed):  # its way was a statement shorter
            continue
        first = sent.deliveries.order_by("position").first()
        assert answer, name
        assert is_true(answer, first.pk), (name, answer, first.state)
        if answer[0]:
            undone.add(str(first.pk))
    everything = {str(pk) for pk in Delivery.objects.of(office.company).values_list("pk", flat=True)}
    assert undone
    assert len(undone) < len(names)  # some undos came too late
    return undone, everything - undone


def test_a_mail_is_undone_or_sent_whenever_somebody_takes_it_back(post):
    _undone, others = undo_everywhere(office(Method.EMAIL), 1)
    arrived = [evidence.delivery_of(line) for line in read_log(post / "sink.jsonl")]
    assert sorted(arrived) == sorted(others)


def test_a_letter_is_undone_or_sent_whenever_somebody_takes_it_back(post):
    printer = office(Method.CENTRAL_PRINT)
    folder = post / printer.company.slug / "print"
    folder.mkdir(parents=True)
    ConnectionFactory(company=printer.company, kind=Connection.Kind.FOLDER, folder="print")
    _undone, others = undo_everywhere(printer, 2)
    arrived = [letter.id for path in folder.glob("[!.]*") for letter in evidence.letters(path)]
    assert sorted(arrived) == sorted(others)

"""A company, its clerk before a browser, the workers of the house, and a real mail server outside it."""

import os
from datetime import timedelta
from pydoc import locate

import pytest
from django.core.management import call_command
from django.db.models import F
from django_q.models import OrmQ

from distribution.models import Batch, Connection, Delivery
from recipients.methods import Method
from recipients.models import Role
from tests.demo.processes import free_port, programs, wait_for_port
from tests.factories import CompanyFactory, ConnectionFactory, MemberFactory
from tests.servers.real import OpenSsh

from .clerk import Clerk
from .mailserver import Mailserver
from .printhouse import PrintHouse


@pytest.fixture(scope="session")
def sink(tmp_path_factory):
    """The demo's SMTP server, one a session."""
    folder, port = tmp_path_factory.mktemp("sink"), free_port()
    program, *_others = programs(folder, web_port=0, sink_port=port, environment=dict(os.environ), output=print)
    program.start()
    try:
        wait_for_port(port)
        yield Mailserver(folder, port)
    finally:
        program.stop()


@pytest.fixture(autouse=True)
def mailserver(sink, settings, tmp_path):
    sink.begin()
    settings.MAIL_SINK = sink.address
    settings.MEDIA_ROOT = tmp_path
    return sink


@pytest.fixture
def company(db):
    """Sends by e-mail and by its own printer, by e-mail first."""
    return CompanyFactory(
        name="Fjordgym AB", slug="fjordgym", distribution__active_methods=[Method.EMAIL, Method.OWN_PRINTER]
    )


@pytest.fixture(scope="session")
def sshd(tmp_path_factory):
    """OpenSSH, one a session."""
    with OpenSsh(tmp_path_factory.mktemp("openssh")) as server:
        yield server


@pytest.fixture
def printer(company, settings, tmp_path):
    """A print provider that fetches from a folder: the company may send by e-mail, central print and own printer."""
    return print_house_of(company, settings, tmp_path / "print")


def print_house_of(company, settings, root):
    """Central print for a company, over a folder below `root`."""
    settings.CONNECTION_FOLDERS = str(root)
    ConnectionFactory(company=company, kind=Connection.Kind.FOLDER, folder="out", name="Tryckeriet Norden")
    distribution = company.distribution
    distribution.active_methods = [Method.EMAIL, Method.CENTRAL_PRINT, Method.OWN_PRINTER]
    distribution.save()
    return PrintHouse(root / company.slug / "out")


@pytest.fixture
def hire():
    """Makes somebody of a company, logged in."""

    def make(company, role=Role.CLERK, **user):
        return Clerk(MemberFactory(company=company, role=role, **user).user, company).login()

    return make


@pytest.fixture
def clerk(company, hire):
    return hire(company)


@pytest.fixture
def manager(company, hire):
    return hire(company, Role.MANAGER, user__name="Mia Holm")


@pytest.fixture
def work(db):
    """The workers of the house do what there is to do now: the queue's jobs first, then the sender."""

    def run():
        while queued := OrmQ.objects.order_by("pk").first():
            queued.delete()
            task = queued.task
            locate(task["func"])(*task["args"], **task["kwargs"])
        call_command("deliver")

    return run


@pytest.fixture
def minutes_pass(work):
    """Time goes by and the workers work. Tests move what is written, never the clock."""

    def run(minutes):
        work()
        gone = timedelta(minutes=minutes)
        Delivery.objects.exclude(leaves_at=None).update(leaves_at=F("leaves_at") - gone)
        Batch.objects.exclude(leaves_at=None).update(leaves_at=F("leaves_at") - gone)
        work()

    return run

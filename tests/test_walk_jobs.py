"""The walk's other half: jobs with another company's ids, and the archive by its paths."""

import inspect

import pytest
from django.conf import settings
from django.test import Client

from distribution import jobs
from distribution.models import MailTest
from distribution.relay import Closed
from recipients.models import ArchivedFile, Member, Role
from recipients.models.archived_file import path_of
from tests.factories import MemberFactory
from tests.worlds import World, everything_of

# What each job is called with, out of one world. A job has the key of one row and finds the company by it.
OF_ONE_COMPANY = {
    "plan": lambda world: [world.sheet.pk],
    "route": lambda world: [world.batch.pk],
    "prepare": lambda world: [world.batch.pk],
    "build_parcels": lambda world: [world.batch.pk],
    "tidy": lambda world: [world.batch.pk],
    "take_invoices": lambda world: [world.upload.pk],
    "test_connection": lambda world: [world.connection.pk],
    "read_answers": lambda world: [world.connection.pk],
    "sweep_connection": lambda world: [world.connection.pk],
    "send_test": lambda world: [MailTest.objects.get(company=world.company).pk],
    "mail_invitation": lambda world: [
        Member.objects.get(company=world.company, user=world.colleague).pk, world.clerk.pk, "http://testserver",
    ],
}  # fmt: skip
OF_THE_HOUSE = {  # they have no ids: each looks at every company, one by one
    "look_for_answers", "sweep_connections", "mail_password_link", "heartbeat", "check", "look",
}  # fmt: skip


def test_every_job_is_named_here():
    mine = {name for name, job in vars(jobs).items() if inspect.isfunction(job) and job.__module__ == jobs.__name__}
    assert mine - {"begin", "job"} == OF_ONE_COMPANY.keys() | OF_THE_HOUSE


def test_a_job_does_nothing_to_another_company(db):
    """Not to a sister's rows and not to her cards; and nothing of the one is written down at the other."""
    ours = World("ours")
    theirs = World("stranger")
    before = everything_of(ours)
    for name, ids in OF_ONE_COMPANY.items():
        try:
            getattr(jobs, name)(*ids(theirs))
        except Closed:
            assert name in ("mail_invitation", "send_test"), name  # no mail leaves a test
        assert everything_of(ours) == before, name


@pytest.mark.parametrize("root", ["/static/", "/media/", "/archive/", "/"])
def test_no_address_leads_into_the_archive(db, root):
    ours = World("ours")
    client = Client()
    client.force_login(MemberFactory(company=ours.company, role=Role.MANAGER).user)
    path = path_of(ours.company, ours.file.sha256)
    for way in (path, f"../{path}", f"%2e%2e/{path}", f"..%2f{path}", f"{settings.MEDIA_ROOT}/{path}"):
        assert client.get(root + way).status_code in (301, 302, 404), way


def test_the_same_bytes_lie_in_each_company_by_themselves(db):
    """Nobody learns that somebody else has the same file, and nobody's file goes with another's."""
    ours, theirs = World("ours").company, World("stranger").company
    mine, other = (ArchivedFile.objects.keep(company, b"same", media_type="text/plain") for company in (ours, theirs))
    assert mine.sha256 == other.sha256
    assert mine.on_disk() != other.on_disk()
    assert str(ours.pk) in str(mine.on_disk())

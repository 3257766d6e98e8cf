"""What the queue runs: one to five lines each, primary keys in, an action called, safe to run twice."""

import logging
from contextvars import ContextVar
from functools import wraps
from inspect import signature

from django.dispatch import receiver
from django_q.signals import pre_execute

from config.logs import about
from recipients.models import Member, Upload, User

from . import measures
from .actions import (
    answering,
    checking,
    connecting,
    importing,
    noticing,
    planning,
    preparing,
    printing,
    staff_mail,
    testing,
    watching,
)
from .models import Batch, Connection, MailTest

log = logging.getLogger(__name__)
SUBJECTS = {"batch", "upload", "connection"}  # arguments that are ids, and stand in the lines of the log
task_id = ContextVar("task_id", default=None)


@receiver(pre_execute)
def begin(sender, func, task, **_signal):
    task_id.set(task["id"])


def job(function):
    """What every job does: a sign of life, its id and its subject in each line of the log, a line when it breaks."""
    parameters, work = signature(function), {"work": function.__name__}

    @wraps(function)
    def run(*args, **kwargs):
        given = parameters.bind(*args, **kwargs).arguments
        subjects = {name: value for name, value in given.items() if name in SUBJECTS}
        with about(job=task_id.get(), **subjects):
            watching.queue_seen()
            try:
                function(*args, **kwargs)
            except Exception:
                log.exception("a job broke", extra=work)
                raise
            log.info("a job is done", extra=work)
            measures.write()

    return run


@job
def plan(batch):
    planning.make_plan(Batch.objects.get(pk=batch))


@job
def route(batch):
    preparing.route(Batch.objects.get(pk=batch))


@job
def prepare(batch):
    preparing.prepare_in_turn(batch)
    watching.queue_seen()


@job
def build_parcels(batch):
    printing.build_parcels(Batch.objects.get(pk=batch))


@job
def tidy(batch):
    printing.open_up(Batch.objects.get(pk=batch))


@job
def take_invoices(upload):
    importing.take_invoices(Upload.objects.get(pk=upload))


@job
def test_connection(connection):
    connecting.test_connection(Connection.objects.get(pk=connection))


@job
def look_for_answers():
    answering.look_for_answers()


@job
def read_answers(connection):
    # gone when somebody removed it meanwhile
    for row in Connection.objects.filter(pk=connection).select_related("company"):
        answering.read_answers(row)


@job
def sweep_connections():
    connecting.sweep_connections()


@job
def sweep_connection(connection):
    for row in Connection.objects.filter(pk=connection):  # removed meanwhile
        connecting.sweep_connection(row)


@job
def mail_invitation(member, by, origin):
    staff_mail.mail_invitation(Member.objects.get(pk=member), by=User.objects.get(pk=by), origin=origin)


@job
def mail_password_link(email, origin):
    staff_mail.mail_password_link(email, origin=origin)


@job
def send_test(test):
    testing.send_test(MailTest.objects.get(pk=test))


def heartbeat():
    """Twice a minute, so without a line in the log."""
    watching.queue_seen()


@job
def check():
    checking.check()


@job
def look():
    noticing.look()

"""What managers do with the connections of their company, and the test that the queue runs for them."""

import logging

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django_q.tasks import async_task

from config.sealing import renewed
from distribution import transports
from distribution.models import Connection
from distribution.models.connection import UNTIL_RESUMED
from distribution.transports.sftp import fingerprint
from recipients import history

from .printing import build_again

log = logging.getLogger(__name__)
ANOTHER_SERVER = {"host", "port"}
ONLY_WORDS = {"name", "profile"}  # what a test does not look at
SECRETS = {"password": "secret", "private_key": "key_secret"}


@transaction.atomic
def add_connection(connection, *, by):
    connection.save(force_insert=True)
    history.record(connection, "connection.added", by=by, fields=str(connection))


@transaction.atomic
def change_connection(connection, changed, *, by):
    """Store what was typed; `changed` names the fields. A key that was accepted is another server's, when that changed.

    History has the names of the fields, never what was in them.
    """
    if not changed:
        return
    columns = {SECRETS.get(name, name) for name in changed}
    if columns & ANOTHER_SERVER:
        connection.host_key = connection.shown_key = ""
        columns |= {"host_key", "shown_key"}
    if not columns <= ONLY_WORDS:
        columns |= forget_test(connection)
    connection.save(update_fields=columns)
    if "profile" in columns:
        build_again(connection)
    history.record(connection, "connection.changed", by=by, fields=", ".join(changed))


@transaction.atomic
def remove_connection(connection, *, by):
    """What waits for it goes on waiting, until there is another one or somebody undoes it."""
    history.record(connection, "connection.removed", by=by, fields=str(connection))
    connection.delete()


@transaction.atomic
def pause_connection(connection, *, by):
    """Nothing leaves over it until somebody resumes; true if it was not paused by hand before."""
    running = Connection.objects.filter(pk=connection.pk).exclude(paused_until=UNTIL_RESUMED)
    won = running.update(paused_until=UNTIL_RESUMED, pause_reason="", trouble="", failures=0, failing_since=None)
    if won:
        history.record(connection, "connection.paused", by=by)
    return bool(won)


@transaction.atomic
def resume_connection(connection, *, by):
    """Ends a pause by hand, the brake's and the breaker's; refusals and failures are counted anew."""
    paused = Connection.objects.filter(pk=connection.pk, paused_until__isnull=False)
    won = paused.update(
        paused_until=None, pause_reason="", trouble="", brake={}, failures=0, failing_since=None, counted_since=Now()
    )
    if won:
        history.record(connection, "connection.resumed", by=by)
    return bool(won)


@transaction.atomic
def accept_host_key(connection, shown, *, by):
    """Pin the key that the last test met. False, when that is not the one with the fingerprint `shown`: it was shown
    another one meanwhile, and nobody has compared that."""
    met = connection.shown_key
    if not met or fingerprint(met) != shown:
        return False
    won = Connection.objects.filter(pk=connection.pk, shown_key=met).update(host_key=met, shown_key="")
    if won:
        connection.refresh_from_db()
        connection.save(update_fields=forget_test(connection))
        history.record(connection, "connection.host_key", by=by, fields=shown)
    return bool(won)


def forget_test(connection):
    """The last test was of something else; the columns that changed."""
    connection.tested_at = connection.test_asked_at = None
    connection.test_steps = []
    return {"tested_at", "test_asked_at", "test_steps"}


@transaction.atomic
def ask_for_test(connection):
    """The web talks to no other server: the queue does."""
    # Our clock, because the job compares it: SQLite's Now() has other digits than the value read back.
    asked_at = timezone.now()
    Connection.objects.filter(pk=connection.pk).update(test_asked_at=asked_at, tested_at=None, test_steps=[])
    async_task("distribution.jobs.test_connection", str(connection.pk))


def test_connection(connection):
    """Walk the steps, each one written as it ends, so that a page can watch. Safe to run twice: it leaves nothing.

    A key that nobody has accepted is remembered, to be shown; it is not used.
    """
    if not connection.test_asked_at:
        return  # changed since it was asked for
    asked = Connection.objects.filter(pk=connection.pk, test_asked_at=connection.test_asked_at)
    steps = []
    with transports.closed(connection, settings.SENDING["test_timeout"]) as session:
        for step in session.steps():
            steps.append(list(step))
            if not asked.update(test_steps=steps):
                return  # changed meanwhile: this is a test of something else
        met = getattr(session, "shown_key", "")
    asked.update(tested_at=Now(), shown_key=met if met != connection.host_key else "")


def rotate_secrets():
    """Encrypt the stored secrets with the newest key; returns how many, and the names of connections that none opens.

    What somebody types meanwhile is left as it is: it has the newest key already.
    """
    done, locked = 0, []
    for row in Connection.objects.all():
        for column in SECRETS.values():
            stored = getattr(row, column)
            try:
                fresh = renewed(stored)
            except InvalidToken:
                locked.append(str(row))
            else:
                done += (
                    Connection.objects.filter(pk=row.pk, **{column: stored})
                    .exclude(**{column: ""})
                    .update(**{column: fresh})
                )
    return done, locked


def sweep_connections():
    """Each one by itself in the queue: a server that answers slowly holds up no other."""
    for pk in Connection.objects.filter(company__isnull=False).values_list("pk", flat=True):
        async_task("distribution.jobs.sweep_connection", str(pk))


def sweep_connection(connection):
    """Delete our own unfinished files over there that are older than a day; returns how many."""
    if connection.paused_until and connection.paused_until > timezone.now():
        return 0
    try:
        with transports.open(connection) as session:
            return session.sweep()
    except (transports.Refused, transports.Unreachable) as error:
        log.info("connection %s was not swept: %s", connection.pk, error)  # tomorrow again
        return 0

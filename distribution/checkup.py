"""How the parts of the house are, as codes and figures: for the page of who runs it. Nothing here writes."""

from typing import NamedTuple

from django.conf import settings
from django_q.models import Schedule

from config.schedules import JOBS
from distribution.actions import watching
from distribution.states import State

GOOD, WARNING, BAD = "good", "warning", "bad"
QUEUE_SILENT = 180  # seconds; the sender asks it for a sign of life at each sweep
DUE = 300
JOB = 300
BACKUP = 2 * 24 * 3600
CLOCKS = 30
FREE_SHARE, FREE_BYTES = 0.05, 1024**3  # of the archive's disk, whichever is more


class Part(NamedTuple):
    """`code` names the part, `level` is GOOD, WARNING or BAD, `why` says what of the several things that may be the
    matter, `figure` is what the words quote: seconds, a count or bytes."""

    code: str
    level: str
    why: str = ""
    figure: object = None


def checkup(*, is_migrated, storage_works):
    """A Part each. Without the migrations nothing else can be asked."""
    if not is_migrated:
        return [Part("migrations", BAD, "pending")]
    now = watching.vitals()
    missing = len(JOBS) - Schedule.objects.filter(name__in=[job.name for job in JOBS]).count()
    doubts = watching.open_deliveries()[State.IN_DOUBT]
    return [
        alive("sender", now.sender_silent, settings.SENDING["sender_silent"]),
        alive("queue", now.queue_silent, QUEUE_SILENT),
        unless("jobs", WARNING, "old", now.oldest_job, (now.oldest_job or 0) > JOB, good=now.jobs),
        unless("due", BAD, "late", now.oldest_due, (now.oldest_due or 0) > DUE),
        mode(now),
        relay(now),
        unless("connections", WARNING, "paused", now.connections_paused, now.connections_paused > 0),
        unless("doubts", WARNING, "some", doubts, doubts > 0),
        archive(storage_works),
        backup(now.since_backup),
        unless("schedules", BAD, "missing", missing, missing > 0),
        unless("clocks", WARNING, "apart", now.clock_ahead, abs(now.clock_ahead) > CLOCKS),
        Part("migrations", GOOD),
    ]


def unless(code, level, why, figure, is_so, good=None):
    """A part that is good, with the figure `good`, unless something is so."""
    return Part(code, level, why, figure) if is_so else Part(code, GOOD, "", good)


def alive(code, silent, patience):
    if silent is None:
        return Part(code, BAD, "never")
    return unless(code, BAD, "silent", silent, silent > patience, good=silent)


def mode(now):
    level = {"live": GOOD, "test": WARNING, "copy": BAD}[now.mode]
    return Part("mode", level, "" if level == GOOD else now.mode)


def relay(now):
    if now.relay_paused:
        return Part("relay", BAD, "paused")
    return unless("relay", BAD, "none", None, now.mode == "live" and not now.relay_is_set_up)


def archive(storage_works):
    disk = watching.archive_disk()
    if not storage_works or disk is None:
        return Part("archive", BAD, "unwritable")
    is_short = disk.free < max(FREE_SHARE * disk.total, FREE_BYTES)
    return unless("archive", BAD, "full", disk.free, is_short, good=disk.free)


def backup(age):
    if age is None:
        return Part("backup", WARNING, "never")
    return unless("backup", WARNING, "old", age, age > BACKUP, good=age)

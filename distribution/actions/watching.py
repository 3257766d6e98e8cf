"""Who is alive: heartbeats through the whole chain, and what a page, a probe or a banner may say about them."""

import contextlib
import shutil
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, F, Min, Q, Subquery
from django.db.models.functions import Now
from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

from config.bulk import counted
from config.clock import SecondsBetween, in_seconds
from distribution.models import Connection, Delivery, Installation
from distribution.states import OPEN
from recipients.methods import Method
from recipients.models import Company

DAY = 24 * 3600


def sender_seen():
    Installation.objects.filter(pk=1).update(sender_seen_at=Now())


def queue_seen():
    """Called by every job: a worker of the queue is alive."""
    Installation.objects.filter(pk=1).update(queue_seen_at=Now())


def ask_queue():
    """Ring once and wait for the answer, so that a dead queue is not filled with questions."""
    long_ago = in_seconds(-settings.SENDING["queue_asked_again_after"])
    answered = Q(queue_asked_at=None) | Q(queue_seen_at__gte=F("queue_asked_at")) | Q(queue_asked_at__lt=long_ago)
    if Installation.objects.filter(answered, pk=1).update(queue_asked_at=Now()):
        async_task("distribution.jobs.heartbeat")


def queue_is_silent():
    """True while no worker of the queue has been seen for a minute: the sender then routes and prepares itself."""
    seen = Q(queue_seen_at__gte=in_seconds(-settings.SENDING["queue_silent"]))
    return not Installation.objects.filter(seen, pk=1).exists()


@dataclass(frozen=True)
class Health:
    """What is known about the workers. Times are datetimes or None."""

    mode: str  # live, test or copy
    sender_seen_at: object
    queue_seen_at: object
    sender_works: bool
    queue_works: bool
    oldest_due_at: object
    paused_until: object
    pause_reason: str


def health():
    """One look, one query: every page asks."""
    relay = Connection.objects.filter(company=None, method=Method.EMAIL, paused_until__gt=Now())
    one = Installation.objects.annotate(
        sender_works=Q(sender_seen_at__gte=in_seconds(-settings.SENDING["sender_silent"])),
        queue_works=Q(queue_seen_at__gte=in_seconds(-180)),
        oldest_due_at=Subquery(Delivery.objects.leaving().order_by("leaves_at").values("leaves_at")[:1]),
        paused_until=Subquery(relay.values("paused_until")[:1]),
        pause_reason=Subquery(relay.values("pause_reason")[:1]),
    ).get(pk=1)
    return Health(
        mode=one.mode(),
        sender_seen_at=one.sender_seen_at,
        queue_seen_at=one.queue_seen_at,
        sender_works=bool(one.sender_works),
        queue_works=bool(one.queue_works),
        oldest_due_at=one.oldest_due_at,
        paused_until=one.paused_until,
        pause_reason=one.pause_reason or "",
    )


def backed_up():
    Installation.objects.filter(pk=1).update(backed_up_at=Now())


@dataclass(frozen=True)
class Vitals:
    """What operators and their alarms ask. Spans are whole seconds by the database's clock; None: never, or nothing."""

    mode: str  # live, test or copy
    sender_silent: int | None
    queue_silent: int | None
    oldest_due: int | None  # since its time came
    jobs: int  # that wait for a worker of the queue
    oldest_job: int | None
    relay_is_set_up: bool
    relay_paused: bool
    connections_paused: int  # of companies
    since_backup: int | None
    clock_ahead: float  # seconds that this process's clock is before the database's; within a second it is noise


def vitals():
    """One query and one of the queue's table; the clocks are compared within it."""
    due = Delivery.objects.leaving().order_by("leaves_at").values("leaves_at")[:1]
    ways = Connection.objects.filter(method=Method.EMAIL, company=None)
    paused = Connection.objects.exclude(company=None).filter(paused_until__gt=Now())
    asked_at = timezone.now()
    one = Installation.objects.annotate(
        now=Now(),
        sender_silent=SecondsBetween("sender_seen_at", Now()),
        queue_silent=SecondsBetween("queue_seen_at", Now()),
        since_backup=SecondsBetween("backed_up_at", Now()),
        oldest_due=SecondsBetween(Subquery(due), Now()),
        relays=counted(ways.exclude(host="")),
        relays_paused=counted(ways.filter(paused_until__gt=Now())),
        connections_paused=counted(paused),
    ).get(pk=1)
    # A job's lock is the moment it was queued, until somebody takes it: then it lies in the future.
    waiting = OrmQ.objects.filter(lock__lte=Now())
    jobs = waiting.aggregate(count=Count("pk"), oldest=SecondsBetween(Min("lock"), Now()))
    return Vitals(
        mode=one.mode(),
        sender_silent=one.sender_silent,
        queue_silent=one.queue_silent,
        oldest_due=one.oldest_due,
        jobs=jobs["count"],
        oldest_job=jobs["oldest"],
        relay_is_set_up=bool(one.relays),
        relay_paused=bool(one.relays_paused),
        connections_paused=one.connections_paused,
        since_backup=one.since_backup,
        clock_ahead=(asked_at - one.now).total_seconds(),
    )


def archive_disk():
    """total, used and free bytes of the disk under the archive; None when it is not there."""
    with contextlib.suppress(OSError):
        return shutil.disk_usage(settings.MEDIA_ROOT)
    return None


def open_deliveries():
    """{state: how many}, each of OPEN, in the whole installation. By the index of each company: what was sent long ago
    is not looked at."""
    rows = Delivery.objects.filter(company__in=everybody(), state__in=OPEN).order_by()
    return dict.fromkeys(OPEN, 0) | dict(rows.values_list("state").annotate(count=Count("*")))


def ended_within_a_day():
    """{state: how many principal deliveries} that ended within 24 hours."""
    rows = Delivery.objects.principal().filter(company__in=everybody(), finished_at__gt=in_seconds(-DAY)).order_by()
    return dict(rows.values_list("state").annotate(count=Count("*")))


def everybody():
    """As a list: joined to their table, a planner would rather read all deliveries than each company's."""
    return list(Company.objects.values_list("pk", flat=True))

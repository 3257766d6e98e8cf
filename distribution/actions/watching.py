"""Who is alive: heartbeats through the whole chain, and what a page, a probe or a banner may say about them."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import F, Q, Subquery
from django.db.models.functions import Now
from django_q.tasks import async_task

from config.clock import in_seconds
from distribution.models import Connection, Delivery, Installation
from recipients.methods import Method


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

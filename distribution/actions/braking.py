"""The brake: when a company's connection fails for long or refuses much, it pauses until a manager resumes it.

What goes this way waits, and nothing fails. The installation's relay has none: it resumes by itself.
"""

from django.db import models, transaction
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Now

from config.clock import in_seconds
from distribution.models import Connection, Delivery, Notification
from distribution.models.connection import UNTIL_RESUMED
from distribution.reasons import Reason
from distribution.states import State
from recipients import history
from recipients.models import Role

from .noticing import tell

Brake = Connection.Brake
DAY = 24 * 3600
ENOUGH, TOO_MANY = 20, 0.2  # answers, and the part of them that may not be refusals
FAILURES = 5  # in a row
SILENCE = 10 * 60  # seconds
REFUSED = Q(state=State.RETURNED, reason=Reason.NOT_PRINTED) | Q(
    state=State.FAILED, reason__in=(Reason.REFUSED_THERE, Reason.NAME_TAKEN)
)
ANSWERED = Q(state__in=(State.SENT, State.RETURNED)) | REFUSED


def brake(ways):
    """Pause those of these connections that should not go on by themselves. Safe at any time, and by two at once."""
    running = ways.filter(company__isnull=False).exclude(paused_until=UNTIL_RESUMED)
    # The breaker still counts, so the last try is minutes ago: what was undone since says nothing of today.
    is_silent = Q(failing_since__lt=in_seconds(-SILENCE), paused_until__gt=Now())
    for way in running.annotate(refused=counted(REFUSED), answered=counted(ANSWERED), is_silent=is_silent):
        if why := reason_to_pause(way):
            pause_until_resumed(way, why)


def counted(which):
    """The number of such letters over a connection within a day, since somebody last resumed it."""
    a_day_ago = in_seconds(-DAY)
    rows = Delivery.objects.principal().filter(
        which,
        company=OuterRef("company"),
        method=OuterRef("method"),
        finished_at__gt=a_day_ago,
    )
    rows = rows.filter(finished_at__gt=Coalesce(OuterRef("counted_since"), a_day_ago)).order_by().values("company")
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n"), output_field=models.IntegerField()), 0)


def reason_to_pause(way):
    """What goes into `brake`, or None."""
    if way.answered >= ENOUGH and way.refused >= TOO_MANY * way.answered:
        return {"why": Brake.REFUSALS, "refused": way.refused, "answered": way.answered}
    if way.failures >= FAILURES:
        return {"why": Brake.FAILURES}
    if way.is_silent:
        return {"why": Brake.SILENCE}
    return None


@transaction.atomic
def pause_until_resumed(way, why):
    """Told once: who resumed, paused or got through since `way` was read was quicker, and this one does nothing."""
    # "Not later", since SQLite's Now() has other digits than the value read back.
    not_resumed = Q(counted_since__lte=way.counted_since) if way.counted_since else Q(counted_since=None)
    same = Connection.objects.filter(not_resumed, pk=way.pk, failures=way.failures)
    if not same.exclude(paused_until=UNTIL_RESUMED).update(paused_until=UNTIL_RESUMED, brake=why):
        return
    history.record(way, "connection.braked", reason=why["why"], note=way.pause_reason)
    since = way.counted_since.isoformat(timespec="seconds") if way.counted_since else "ever"
    facts = why | {"name": str(way), "trouble": way.trouble, "said": way.pause_reason, "waiting": waiting(way)}
    # Each resume begins a new story.
    key = f"{way.pk.hex} {since}"
    tell(way.company_id, Notification.Kind.BRAKED, key, role=Role.MANAGER, about=way.pk, **facts)


def waiting(way):
    """How many deliveries wait for this connection."""
    return Delivery.objects.filter(company=way.company_id, method=way.method, state=State.WAITING).count()

"""The sender's side: claim, gate, record, sweep. The only code between the outbox and the world.

The gate is one committed UPDATE before the byte that cannot be taken back: undo wins before it and loses after it.
Each delivery has its own commits; nothing here is done per chunk.
"""

import logging
import random
import time
import uuid

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now

from config.clock import in_seconds
from distribution.channels.base import Refused, Stopped, Unreachable
from distribution.models import Connection, Delivery
from distribution.models.delivery import IN_THE_SENDERS_HANDS, show_on_invoices
from distribution.reasons import Reason
from distribution.states import State
from invoicing.models import Invoice
from recipients.methods import Method

log = logging.getLogger(__name__)


@transaction.atomic
def claim(*, slow_domains=()):
    """Take up to `claim_size` due deliveries in hand, oldest first; returns them with what a channel needs.

    What waits for a method that was switched off meanwhile fails here; nothing is silently re-routed.
    """
    due = Delivery.objects.due().order_by("leaves_at", "position", "id")
    for domain in slow_domains:
        due = due.exclude(address__iendswith=f"@{domain}")
    rows = list(
        due.select_for_update(skip_locked=True, of=("self",))
        .select_related("company__distribution")
        .only("method", "company__distribution__active_methods")[: settings.SENDING["claim_size"]]
    )
    off = [row.pk for row in rows if row.method not in row.company.distribution.active_methods]
    Delivery.objects.filter(pk__in=off).move(State.FAILED, reason=Reason.METHOD_OFF, finished_at=Now())
    token = uuid.uuid4()
    Delivery.objects.filter(pk__in=[row.pk for row in rows if row.pk not in off]).move(
        State.CLAIMED, token=token, lease_until=in_seconds(settings.SENDING["lease_claimed"])
    )
    claimed = Delivery.objects.filter(token=token).select_related("company__distribution", "invoice", "batch")
    return list(claimed.prefetch_related("enclosures__file").order_by("leaves_at", "position"))


def release(deliveries):
    """Put claimed deliveries back in the outbox: the sender stops, or its connection is paused."""
    for delivery in deliveries:
        held(delivery, State.CLAIMED).move(State.WAITING, lease_until=None)


def held(delivery, *states):
    """The row, if it is still in this sender's hands: same token, one of `states`."""
    return Delivery.objects.filter(pk=delivery.pk, token=delivery.token, state__in=states or IN_THE_SENDERS_HANDS)


class Gate:
    """Passed once, just before the irreversible byte. Raises Stopped when the row is not this sender's any more."""

    def __init__(self, delivery):
        self.delivery = delivery
        self.passed = False

    def __call__(self):
        with transaction.atomic():  # committed on the way out: the sender goes on only after that
            live = held(self.delivery, State.CLAIMED).filter(lease_until__gt=Now())
            won = live.move(State.HANDING_OVER, lease_until=in_seconds(settings.SENDING["lease_handing_over"]))
        if not won:
            raise Stopped
        self.passed = True


def hand_over(delivery, channel):
    """Bring one claimed delivery to the next party and record what became of it.

    Returns None, or the Unreachable that tells the sender to slow down.
    """
    if not held(delivery, State.CLAIMED).filter(lease_until__gt=Now()).update(crashes=F("crashes") + 1):
        return None  # undone, or the lease ran out while earlier ones were slow
    gate = Gate(delivery)
    try:
        receipt = channel.hand_over([delivery], gate)
    except Stopped:
        log.info("delivery %s was stopped at the gate", delivery.pk)
        # Undone, or the relay was slower than the lease: no crash. The row may be in other hands, so by its key alone.
        Delivery.objects.filter(pk=delivery.pk, crashes__gt=0).update(crashes=F("crashes") - 1)
    except Refused as error:
        record(refused, delivery, error)
    except Unreachable as error:
        # Past the gate only an answer of the other side counts as "not now"; silence is a doubt.
        if gate.passed and not error.code:
            record(in_doubt, delivery, error)
        else:
            record(not_now, delivery, error)
            return error
    except Exception as error:
        if gate.passed:
            record(in_doubt, delivery, error)
        else:
            # Not the other side's doing. The row keeps its crash mark: at three the sweep fails it.
            log.exception("delivery %s broke before the gate", delivery.pk)
            record(broken, delivery, error)
    else:
        record(taken, delivery, receipt)
    return None


def record(outcome, delivery, answer):
    """Write an outcome that is known, also when the database restarts just now: else the sweep calls it a doubt."""
    for patience in (0.5, 1, 2, 5, 10):
        try:
            outcome(delivery, answer)
        except DatabaseError:
            log.warning("could not record delivery %s, trying again", delivery.pk, exc_info=True)
            connection.close()
            time.sleep(patience)
        else:
            return
    outcome(delivery, answer)


def taken(delivery, receipt):
    """The next party took it. A late answer with the same token also settles a doubt."""
    held(delivery, *IN_THE_SENDERS_HANDS, State.IN_DOUBT).move(State.SENT, **_ended(receipt), reason="")


def refused(delivery, error):
    held(delivery).move(State.FAILED, **_ended(error), reason=error.reason)


def in_doubt(delivery, error):
    held(delivery, State.HANDING_OVER).move(
        State.IN_DOUBT, note=str(error), reason=Reason.NO_ANSWER, crashes=F("crashes") - 1
    )


def broken(delivery, error):
    later = in_seconds(settings.SENDING["back_off"][0])
    held(delivery).move(State.WAITING, note=str(error), reply_text=str(error)[:500], leaves_at=later)


def not_now(delivery, error):
    """Back to the outbox with a later time, for up to 48 hours. A relay's own trouble is not the delivery's."""
    if error.slows == Unreachable.CONNECTION:
        held(delivery).move(State.WAITING, **_said(error))
        pause(error)
        return
    too_long = Q(refused_since__lt=in_seconds(-settings.SENDING["give_up_after"]))
    held(delivery).filter(too_long).move(State.FAILED, **_ended(error), reason=Reason.GAVE_UP)
    table = settings.SENDING["back_off"]
    wait = table[min(delivery.attempts, len(table) - 1)] * random.uniform(0.8, 1.2)  # noqa: S311 - jitter, no secret
    held(delivery).move(
        State.WAITING,
        **_said(error),
        reason=error.reason,
        attempts=F("attempts") + 1,
        refused_since=Coalesce("refused_since", Now()),
        leaves_at=in_seconds(wait),
    )


def _said(answer):
    """The other side's words; the work on this row ended without a crash."""
    words = answer.text[:500]
    return {"note": words, "reply_code": answer.code[:20], "reply_text": words, "crashes": F("crashes") - 1}


def _ended(answer):
    return {**_said(answer), "finished_at": Now()}


def pause(error):
    """The breaker: the relay's rows wait, one banner says why, nothing fails."""
    relay = Connection.objects.filter(company=None, method=Method.EMAIL)
    table = settings.SENDING["breaker"]
    failures = relay.values_list("failures", flat=True).first() or 0
    relay.update(
        failures=F("failures") + 1,
        paused_until=in_seconds(table[min(failures, len(table) - 1)]),
        pause_reason=f"{error.code} {error.text}".strip()[:300],
    )


def resume():
    """The relay answered: the breaker closes."""
    Connection.objects.filter(company=None, method=Method.EMAIL, failures__gt=0).update(
        failures=0, paused_until=None, pause_reason=""
    )


def is_paused():
    return Connection.objects.filter(company=None, method=Method.EMAIL, paused_until__gt=Now()).exists()


@transaction.atomic
def sweep():
    """Recover what a dead worker held. Past the gate nobody knows, so nobody re-sends: a person decides."""
    over = Delivery.objects.filter(lease_until__lt=Now())
    over.filter(state=State.CLAIMED).move(State.WAITING, note="lease over")
    over.filter(state=State.HANDING_OVER).move(State.IN_DOUBT, note="lease over", reason=Reason.NO_ANSWER)
    crashed = Delivery.objects.filter(state=State.WAITING, crashes__gte=settings.SENDING["max_crashes"])
    # While somebody renders it, its last mark is no crash yet.
    crashed.filter(Q(prepare_until=None) | Q(prepare_until__lt=Now())).move(
        State.FAILED, reason=Reason.STOPPED_WORKER, finished_at=Now()
    )
    late = Delivery.objects.filter(
        state=State.WAITING, is_late=False, refused_since__lt=in_seconds(-settings.SENDING["attention_after"])
    )
    ids = list(late.values_list("pk", "invoice"))
    Delivery.objects.filter(pk__in=[pk for pk, _invoice in ids]).update(is_late=True)
    show_on_invoices(Invoice.objects.filter(pk__in=[invoice for _pk, invoice in ids]))

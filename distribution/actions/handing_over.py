"""The sender's side: claim, gate, record, sweep. The only code between the outbox and the world.

The gate is one committed UPDATE before the byte that cannot be taken back: undo wins before it and loses after it.
Each load has its own commits; nothing here is done per chunk. A load is a Delivery, or a Parcel: the deliveries that
travel in one file, all or none of them (see posting.py).
"""

import logging
import random
import time
import uuid
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Case, Exists, F, Max, OuterRef, Q, When
from django.db.models.functions import Coalesce, Greatest, Now

from config.clock import in_seconds
from config.logs import about
from distribution import channels, measures
from distribution.channels.base import Refused, Stopped, Unreachable
from distribution.models import Connection, Delivery, Parcel
from distribution.models.connection import UNTIL_RESUMED
from distribution.models.delivery import IN_THE_SENDERS_HANDS, show_on_invoices
from distribution.models.measure import Measured
from distribution.reasons import Reason
from distribution.states import State
from invoicing.models import Invoice
from recipients.methods import Method
from recipients.models import Company
from recipients.models.archived_file import Damaged

from .braking import SILENCE, brake
from .printing import spoil

log = logging.getLogger(__name__)
# Not below zero: who rebuilt a parcel has wiped the marks of its rows.
ONE_LESS = Greatest(F("crashes") - 1, 0)


@transaction.atomic
def claim(*, slow_domains=(), after=None):
    """Take up to `claim_size` due deliveries of one company in hand, oldest first; returns them, ready for a channel.

    The companies take turns, so that one with 50,000 lets another one's single invoice pass: `after` is the key of the
    one that had its turn. What waits for a method that was switched off meanwhile fails here; nothing is silently
    re-routed.
    """
    due = Delivery.objects.due().filter(method=Method.EMAIL).order_by("leaves_at", "position", "id")
    for domain in slow_domains:
        due = due.exclude(address__iendswith=f"@{domain}")
    waiting = Company.objects.filter(Exists(due.filter(company=OuterRef("pk")))).order_by("pk")
    turn = (waiting.filter(pk__gt=after).first() if after else None) or waiting.first()
    if turn is None:
        return []
    rows = list(
        due.filter(company=turn)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("company__distribution")
        .only("method", "company__distribution__active_methods")[: settings.SENDING["claim_size"]]
    )
    token = take_in_hand(rows)
    claimed = Delivery.objects.filter(token=token).select_related("company__distribution", "invoice", "batch")
    return list(claimed.prefetch_related("enclosures__file").order_by("leaves_at", "position"))


def take_in_hand(rows):
    """Claim these locked rows under a fresh token, which is returned. Those whose method is off by now fail."""
    off = [row.pk for row in rows if row.method not in row.company.distribution.active_methods]
    Delivery.objects.filter(pk__in=off).move(State.FAILED, reason=Reason.METHOD_OFF, finished_at=Now())
    token = uuid.uuid4()
    Delivery.objects.filter(pk__in=[row.pk for row in rows if row.pk not in off]).move(
        State.CLAIMED, token=token, lease_until=in_seconds(settings.SENDING["lease_claimed"])
    )
    return token


def release(loads):
    """Put what was claimed back in the outbox: the sender stops, or its connection is paused."""
    for load in loads:
        held(load, State.CLAIMED).move(State.WAITING, lease_until=None)


def rows_of(load):
    """The deliveries of a load, in whosever hands."""
    return Delivery.objects.filter(pk=load.pk) if isinstance(load, Delivery) else Delivery.objects.filter(parcel=load)


def held(load, *states):
    """The rows of a load that are still in this sender's hands: same token, one of `states`."""
    return rows_of(load).filter(token=load.token, state__in=states or IN_THE_SENDERS_HANDS)


class Gate:
    """Passed once, just before the irreversible byte. Raises Stopped when a row is not this sender's any more.

    All rows of a load or none: a parcel of which something was undone is built again without it.
    """

    def __init__(self, load):
        self.load = load
        self.size = load.documents if isinstance(load, Parcel) else 1
        self.passed = False

    def live(self):
        """What is still held, all rows of a parcel locked in order: an undo may want several of them, too."""
        rows = held(self.load, State.CLAIMED).filter(lease_until__gt=Now())
        return rows.in_order() if isinstance(self.load, Parcel) else rows

    def __call__(self):
        with transaction.atomic():  # committed on the way out: the sender goes on only after that
            won = self.live().move(State.HANDING_OVER, lease_until=in_seconds(settings.SENDING["lease_handing_over"]))
            if won != self.size:
                raise Stopped
        self.passed = True

    def beat(self):
        """The way to the gate is long: hold the load for as long again. Raises Stopped when it is lost already."""
        self.hold(lease_until=in_seconds(settings.SENDING["lease_claimed"]))

    @transaction.atomic
    def hold(self, **columns):
        """Write these columns of all rows of the load; raises Stopped when one is not this sender's any more."""
        if self.live().update(**columns) != self.size:
            raise Stopped


class Outcome(NamedTuple):
    """What a hand-over says about the way, not about the load."""

    answered: bool = False  # the other side took it or said no: it is there
    trouble: Unreachable | None = None  # what tells the sender to slow down
    became: str = "stopped"  # else how it was recorded: taken, refused, not_now, in_doubt, broken
    code: str = ""  # of the other side


def hand_over(load, channel):
    """Bring one claimed load to the next party and record what became of it; returns an Outcome."""
    began = time.monotonic()
    with about(**{"delivery" if isinstance(load, Delivery) else "parcel": load.pk}, batch=load.batch_id):
        outcome = bring(load, channel)
        seconds = time.monotonic() - began
        said = {"method": load.method, "outcome": outcome.became, "seconds": round(seconds, 3)}
        log.info("handed over: %s", outcome.code, extra=said)
    if outcome.became != "stopped":
        measures.note(Measured.HAND_OVER, seconds, method=load.method, outcome=outcome.became)
    return outcome


def bring(load, channel):
    """The hand-over itself, as an Outcome."""
    gate = Gate(load)
    try:
        gate.hold(crashes=F("crashes") + 1)
    except Stopped:  # undone, or the lease ran out while earlier ones were slow
        put_back(load)
        return Outcome()
    try:
        receipt = channel.hand_over(load, gate)
    except Stopped:
        log.info("%s was stopped at the gate", load.pk)
        # Undone, or the other side was slower than the lease: no crash. The rows may be in other hands by now.
        rows_of(load).filter(crashes__gt=0).update(crashes=F("crashes") - 1)
        put_back(load)
    except Refused as error:
        return Outcome(answered=bool(error.code), became=record(refused, load, error), code=error.code)
    except Unreachable as error:
        # Past the gate only an answer of the other side counts as "not now"; silence is a doubt.
        if gate.passed and not error.code:
            return Outcome(became=record(in_doubt, load, error))
        return Outcome(trouble=error, became=record(not_now, load, error), code=error.code)
    except Exception as error:
        if gate.passed:
            return Outcome(became=record(in_doubt, load, error))
        # Not the other side's doing. The row keeps its crash mark: at three the sweep fails it.
        log.exception("%s broke before the gate", load.pk)
        return Outcome(became=record(broken, load, error))
    else:
        return Outcome(answered=True, became=record(taken, load, receipt), code=receipt.code)
    return Outcome()


@transaction.atomic
def put_back(load):
    """What is still held goes back to the outbox; a parcel of which something is gone is built again, now.

    A lease that is over is the sweep's: at once, a slow relay would be asked without end.
    """
    live = held(load, State.CLAIMED).filter(lease_until__gt=Now())
    back = live.in_order().move(State.WAITING, lease_until=None)
    if isinstance(load, Parcel) and 0 < back < load.documents:
        spoil(Parcel.objects.filter(pk=load.pk))


def record(outcome, load, answer):
    """Write an outcome that is known, also when the database restarts just now: else the sweep calls it a doubt.

    Returns its name.
    """
    for patience in (0.5, 1, 2, 5, 10):
        try:
            outcome(load, answer)
        except DatabaseError:
            log.warning("could not record %s, trying again", load.pk, exc_info=True)
            connection.close()
            time.sleep(patience)
        else:
            return outcome.__name__
    outcome(load, answer)
    return outcome.__name__


@transaction.atomic
def taken(load, receipt):
    """The next party took it. A late answer with the same token also settles a doubt."""
    answer = answer_due(load) if isinstance(load, Parcel) else {}
    ours = held(load, *IN_THE_SENDERS_HANDS, State.IN_DOUBT)
    sent = ours.move(State.SENT, **_ended(receipt), **answer, reason="")
    # Without a row of this claim it is no news: another sender has the parcel, and says so itself.
    if sent and isinstance(load, Parcel):
        Parcel.objects.filter(pk=load.pk, taken_at=None).update(taken_at=Now())


def answer_due(parcel):
    """The column that says when the next party should have answered about what is SENT; {} where it never does."""
    hours = channels.CHANNELS[parcel.method].answer_within(parcel.company)
    return {} if hours is None else {"receipt_due_at": in_seconds(hours * 3600)}


@transaction.atomic
def refused(load, error):
    held(load).in_order().move(State.FAILED, **_ended(error), reason=error.reason)
    if isinstance(load, Parcel):
        brake(connection_of(load))


def in_doubt(load, error):
    held(load, State.HANDING_OVER).move(State.IN_DOUBT, note=str(error), reason=Reason.NO_ANSWER, crashes=ONE_LESS)


@transaction.atomic
def broken(load, error):
    later = in_seconds(settings.SENDING["back_off"][0])
    back = held(load).in_order().move(State.WAITING, note=str(error), reply_text=str(error)[:500], leaves_at=later)
    if back and isinstance(load, Parcel) and isinstance(error, Damaged):
        spoil(Parcel.objects.filter(pk=load.pk))  # its documents are archived, each by itself


@transaction.atomic
def not_now(load, error):
    """Back to the outbox with a later time, for up to 48 hours. A relay's own trouble is not the delivery's."""
    held(load).in_order()
    if error.slows == Unreachable.CONNECTION:
        # Who slept past its lease finds its own file taken away by a sender that is well.
        if held(load).move(State.WAITING, **_said(error)):
            pause(connection_of(load), error)
        return
    too_long = Q(refused_since__lt=in_seconds(-settings.SENDING["give_up_after"]))
    held(load).filter(too_long).move(State.FAILED, **_ended(error), reason=Reason.GAVE_UP)
    wait = back_off(held(load))
    held(load).move(
        State.WAITING,
        **_said(error),
        reason=error.reason,
        attempts=F("attempts") + 1,
        refused_since=Coalesce("refused_since", Now()),
        leaves_at=in_seconds(wait),
    )


def back_off(rows):
    """Seconds until these rows are tried again, more with each try."""
    table = settings.SENDING["back_off"]
    attempts = rows.aggregate(most=Max("attempts"))["most"] or 0
    return table[min(attempts, len(table) - 1)] * random.uniform(0.8, 1.2)  # noqa: S311 - jitter, no secret


def _said(answer):
    """The other side's words; the work on this row ended without a crash."""
    words = answer.text[:500]
    return {"note": words, "reply_code": answer.code[:20], "reply_text": words, "crashes": ONE_LESS}


def _ended(answer):
    return {**_said(answer), "finished_at": Now()}


def connection_of(load=None):
    """The row, as a queryset, whose breaker stands for the way of this load: the relay for every mail."""
    if isinstance(load, Parcel):
        return Connection.objects.filter(company=load.company_id, method=load.method)
    return Connection.objects.filter(company=None, method=Method.EMAIL)


def pause(way, error):
    """The breaker: what goes this way waits, one banner says why, nothing fails."""
    table = settings.SENDING["breaker"]
    way = way.exclude(paused_until=UNTIL_RESUMED)  # a person ends that
    failures = way.values_list("failures", flat=True).first() or 0
    # Nobody has tried for long: how it was then says nothing about the time between.
    since = Case(When(paused_until__lt=in_seconds(-SILENCE), then=Now()), default=Coalesce("failing_since", Now()))
    way.update(
        failures=F("failures") + 1,
        failing_since=since,
        paused_until=in_seconds(table[min(failures, len(table) - 1)]),
        pause_reason=f"{error.code} {error.text}".strip()[:300],
        trouble=error.reason,
    )
    brake(way)


def resume(load=None):
    """The other side answered: the breaker closes."""
    connection_of(load).filter(failures__gt=0).exclude(paused_until=UNTIL_RESUMED).update(
        failures=0, failing_since=None, paused_until=None, pause_reason="", trouble=""
    )


def is_paused():
    return connection_of().filter(paused_until__gt=Now()).exists()


@transaction.atomic
def sweep():
    """Recover what a dead worker held. Past the gate nobody knows, so nobody re-sends: a person decides."""
    over = Delivery.objects.filter(lease_until__lt=Now())
    over.filter(state=State.CLAIMED).in_order().move(State.WAITING, note="lease over")
    over.filter(state=State.HANDING_OVER).move(State.IN_DOUBT, note="lease over", reason=Reason.NO_ANSWER)
    crashed = Delivery.objects.filter(state=State.WAITING, crashes__gte=settings.SENDING["max_crashes"])
    # While somebody renders or packs it, its last mark is no crash yet.
    crashed.in_nobodys_hands().in_order().move(State.FAILED, reason=Reason.STOPPED_WORKER, finished_at=Now())
    late = Delivery.objects.filter(
        state=State.WAITING, is_late=False, refused_since__lt=in_seconds(-settings.SENDING["attention_after"])
    )
    ids = list(late.values_list("pk", "invoice"))
    Delivery.objects.filter(pk__in=[pk for pk, _invoice in ids]).update(is_late=True)
    show_on_invoices(Invoice.objects.filter(pk__in=[invoice for _pk, invoice in ids]))

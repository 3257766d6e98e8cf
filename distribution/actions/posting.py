"""What travels in one file, on the sender's side: claim a Parcel, and find out after a crash what became of it."""

import logging

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce, Now

from config.clock import in_seconds
from distribution import channels
from distribution.channels.base import Fate, Refused, Unreachable
from distribution.models import Connection, Delivery, Parcel
from distribution.reasons import Reason
from distribution.relay import Closed
from distribution.states import State

from .handing_over import answer_due, back_off, take_in_hand
from .printing import spoil

log = logging.getLogger(__name__)


@transaction.atomic
def claim_parcel(method):
    """Take the oldest parcel of this method that is built and due in hand, all of it; None when there is none.

    One of which something is gone by now is sent back to be built again. One parcel of a company at a time: a provider
    that is slow takes no more than one sender away from the others.
    """
    parcel = due_parcels(method).select_for_update(skip_locked=True, of=("self",)).first()
    if parcel is None:
        return None
    rows = parcel.deliveries.filter(state=State.WAITING, leaves_at__lte=Now()).select_related("company__distribution")
    rows = list(rows.order_by("pk").select_for_update(of=("self",)))
    if len(rows) != parcel.documents:
        spoil(Parcel.objects.filter(pk=parcel.pk))
        return None
    parcel.token = take_in_hand(rows)
    Parcel.objects.filter(pk=parcel.pk).update(token=parcel.token, asked_at=None)
    if parcel.deliveries.filter(token=parcel.token, state=State.CLAIMED).count() != parcel.documents:
        return None  # the method is off: they have failed
    return parcel


def due_parcels(method):
    """Built, untaken, due, and with a way that is there and not paused; oldest first."""
    ways = Connection.objects.filter(company=OuterRef("company"), method=method)
    rows = Delivery.objects.filter(parcel=OuterRef("pk"))
    carried = Delivery.objects.filter(company=OuterRef("company"), method=method, state=State.CLAIMED)
    return (
        Parcel.objects.filter(Exists(ways), ~Exists(ways.filter(paused_until__gt=Now())))
        .filter(~Exists(carried), method=method, file__isnull=False, taken_at=None)
        .filter(Exists(rows.filter(state=State.WAITING)))
        .exclude(Exists(rows.filter(state=State.WAITING, leaves_at__gt=Now())))
        .select_related("file", "company__distribution", "batch")
        .order_by("pk")
    )


def settle():
    """Ask the other side about one parcel in doubt: its names over there are evidence. Returns whether it asked."""
    wait = in_seconds(-settings.SENDING["ask_again_after"])
    askable = Parcel.objects.filter(Q(asked_at=None) | Q(asked_at__lt=wait), method__in=channels.TOGETHER)
    doubts = Delivery.objects.filter(parcel=OuterRef("pk"), state=State.IN_DOUBT)
    parcel = askable.filter(Exists(doubts)).select_related("company").order_by("asked_at", "pk").first()
    if parcel is None or not askable.filter(pk=parcel.pk).update(asked_at=Now()):
        return False  # none, or another sender asks
    try:
        conclude(parcel, channels.open(parcel.method).fate(parcel))
    except (Refused, Unreachable, Closed) as error:
        log.info("parcel %s is still in doubt: %s", parcel.pk, error)
    except DatabaseError:
        raise
    except Exception:
        log.exception("could not ask about parcel %s", parcel.pk)  # and goes on with the others
    return True


@transaction.atomic
def conclude(parcel, fate):
    """Record what the other side's names prove; returns how many deliveries it settled."""
    rows = parcel.deliveries.filter(state=State.IN_DOUBT, token=parcel.token)
    if fate == Fate.ARRIVED:
        done = rows.move(State.SENT, note=parcel.name, reason="", finished_at=Now(), **answer_due(parcel))
        if done:
            Parcel.objects.filter(pk=parcel.pk, taken_at=None).update(taken_at=Now())
        return done
    if fate == Fate.NEVER:
        # Not at once, and not in silence: a line may die at each rename.
        return rows.move(
            State.WAITING,
            note=parcel.name,
            reason=Reason.CUT_OFF,
            lease_until=None,
            leaves_at=in_seconds(back_off(rows)),
            attempts=F("attempts") + 1,
            refused_since=Coalesce("refused_since", Now()),
        )
    return 0

"""What was sent by other means than ours: said once, and taken back where it was a mistake."""

import uuid
from datetime import datetime, time

from django.db import transaction
from django.db.models import Count, F, Q
from django.db.models.functions import Now
from django.utils import timezone

from config.bulk import NewUUID, insert_select
from distribution.models import Delivery
from distribution.models.delivery import show_on_invoices
from distribution.reasons import Reason
from distribution.states import State
from invoicing.models import Invoice
from recipients import history
from recipients.methods import Method

# Why an invoice is left out, the first that applies.
LEFT_OUT = (
    (Reason.DRAFT, Q(number=None)),
    (Reason.CREDITED, Q(is_credited=True)),
    (Reason.BOOKS_ONLY, Q(is_books_only=True)),
    (Reason.ALREADY_IN_DOUBT, Q(in_flight=Invoice.InFlight.DOUBT)),
    (Reason.ALREADY_WAITING, ~Q(in_flight="")),
    (Reason.SENT_BEFORE, Q(sent_at__isnull=False)),
)


@transaction.atomic
def mark_sent_outside(invoices, *, by, sent_on=None, way="", note=""):
    """A SENT delivery by no method of ours for each invoice that is to be sent, so that nothing offers it again.

    `sent_on` is the day, today where it is None; `way` says how. Returns (how many, {Reason: how many were left out}).
    """
    counts = left_out(invoices)
    today = timezone.localdate()
    finished_at = Now()
    if sent_on and sent_on != today:  # nobody knows the hour
        finished_at = timezone.make_aware(datetime.combine(sent_on, time(12)))
    stamp = uuid.uuid4()
    marked = insert_select(
        Delivery,
        invoices.to_send(),
        {
            "id": NewUUID(), "stamp": stamp, "company": F("company_id"), "invoice": F("pk"), "state": State.SENT,
            "method": Method.OUTSIDE, "address": way, "finished_at": finished_at, "because": [], "position": 0,
            "attempts": 0, "crashes": 0, "is_late": False, "reason": "", "reply_code": "", "reply_text": "",
        },
    )  # fmt: skip
    ours = Delivery.objects.filter(stamp=stamp)
    history.record(ours, "delivery.outside", by=by, on=(sent_on or today).isoformat(), way=way, said=note)
    show_on_invoices(Invoice.objects.filter(pk__in=ours.values("invoice")))
    return marked, counts


def left_out(invoices):
    """{Reason: invoices}, in one query."""
    counted, before = {}, Q()
    for reason, condition in LEFT_OUT:
        counted[str(reason)] = Count("pk", filter=condition & ~before if before else condition)
        before |= condition
    counts = invoices.order_by().aggregate(**counted)
    return {Reason(reason): n for reason, n in counts.items() if n}


def take_back_outside(deliveries, *, by):
    """They were not sent after all: the invoices show again what they showed before; returns how many."""
    return deliveries.filter(method=Method.OUTSIDE).move(
        State.RETURNED, by=by, reason=Reason.NOT_SENT, handled_at=Now()
    )

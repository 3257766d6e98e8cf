"""Crediting an invoice and what is on its way of it, in one transaction. The database decides what could be stopped."""

from dataclasses import dataclass

from django.db import transaction

from distribution.models import Delivery
from invoicing.actions import crediting
from invoicing.models import Invoice

from .sending import undo


@dataclass(frozen=True)
class Credited:
    """What came of crediting: the credit note, whether a delivery was stopped, and what had left or may have."""

    note: Invoice
    stopped: int
    gone: Delivery | None
    waits: bool = False  # it still leaves by itself: the clerk let it go


@transaction.atomic
def credit(invoice, parts, *, seen_left, reason, stops, by):
    """Issue a credit note over `parts`, or over all that is left where they are None; returns Credited.

    A full credit stops what has not left; a part does so where `stops`. Raises what invoicing's `credit` raises.
    """
    deliveries = Delivery.objects.filter(invoice=invoice)
    # Held first, because the sender too takes a delivery before its invoice; a gate being passed is waited for.
    list(deliveries.open().order_by("pk").select_for_update(of=("self",)).values_list("pk"))
    note = crediting.credit(invoice, parts, seen_left=seen_left, reason=reason, by=by)
    stopped = stop_what_is_credited(invoice, by=by)
    if stops and not stopped:
        stopped, _left = undo(deliveries.stoppable(), by=by, note="credited")
    note.refresh_from_db()
    gone = deliveries.principal().may_have_left().order_by("created_at").last()
    return Credited(note, stopped, gone, waits=deliveries.stoppable().exists())


def stop_what_is_credited(invoice, *, by):
    """A full credit stops what has not left; returns how many it stopped.

    Where nothing had left either, nobody got the invoice, so nobody is to get its credit notes.
    """
    invoice.refresh_from_db()
    if not invoice.is_credited:
        return 0
    deliveries = Delivery.objects.filter(invoice=invoice)
    stopped, _left = undo(deliveries.stoppable(), by=by, note="credited")
    if not deliveries.may_have_left().exists():
        undo(Delivery.objects.filter(invoice__credits=invoice).stoppable(), by=by, note="credited")
        invoice.credit_notes.filter(sent_at=None, in_flight="").update(is_books_only=True)
    return stopped

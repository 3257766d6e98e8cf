"""Seeing to failures by cause: a better address, another try, or a tick that it was seen to."""

from django.db import transaction
from django.db.models.functions import Now

from invoicing.actions.changing import set_email
from recipients import history
from recipients.actions.cards import CardChange, change_cards

from . import planning


@transaction.atomic
def mend_addresses(mended, *, company, by):
    """Store better addresses, all or none: `mended` are (invoice, card or None, address); without a card it is the
    invoice's own field."""
    cards = {}
    for invoice, card, address in mended:
        if card is None:
            set_email(invoice, address, by=by)
        else:
            card.invoice_email = address
            cards[card.pk] = CardChange(card, ["invoice_email"], {})
    change_cards(cards.values(), company=company, by=by)


@transaction.atomic
def mend_postal_addresses(mended, *, company, by):
    """Store better postal addresses on cards, all or none: `mended` are (card, {column: text})."""
    changes = {}
    for card, address in mended:
        changed = [column for column, text in address.items() if getattr(card, column) != text]
        for column in changed:
            setattr(card, column, address[column])
        changes.setdefault(card.pk, CardChange(card, changed, {}))
    change_cards(changes.values(), company=company, by=by)


def plan_again(lines, company, *, by):
    """A sheet over what could not be sent; returns its unconfirmed batch."""
    ids = [str(pk) for pk in lines.values_list("invoice", flat=True)]
    return planning.plan(company, {"ids": ids}, by=by)


@transaction.atomic
def mark_lines_handled(lines, *, by):
    """A person has seen to what could not be sent; returns how many."""
    history.record(lines, "invoice.not_sent_handled", by=by)
    return lines.model.objects.filter(pk__in=list(lines.values_list("pk", flat=True))).update(handled_at=Now())

"""What happens to the cards of the directory."""

from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from recipients import history
from recipients.models import Customer, InvoiceReference, Organisation, Preference


def find_buyer(workspace, *, number, ids):
    """The card of this buyer: (customer, organisation), one of them or neither.

    By customer number, then by `ids`, the normal legal id before the normal VAT id; never by name alone.
    """
    if number:
        customer = Customer.objects.filter(workspace=workspace, number=number).first()
        organisation = Organisation.objects.filter(workspace=workspace, number=number).first()
        if customer or organisation:
            return customer, organisation
    for key in ids:
        known = Q(legal_key=key) | Q(vat_key=key)
        if organisation := Organisation.objects.filter(known, workspace=workspace).first():
            return None, organisation
    return None, None


@transaction.atomic
def set_preference(card, method, *, company):
    """Store what a reference, organisation or customer wants; method "" takes the choice away.

    `company` narrows it to one company; None is for all of the workspace.
    """
    kind = card._meta.model_name.replace("invoicereference", "reference")
    workspace = card.organisation.workspace_id if kind == "reference" else card.workspace_id
    where = {"workspace_id": workspace, kind: card, "company": company}
    if method:
        Preference.objects.update_or_create(**where, defaults={"method": method})
    else:
        Preference.objects.filter(**where).delete()


def remember_change(card, company, changed, *, by):
    """History of a card: the names of the fields that changed, never their old or new content."""
    if changed:
        history.record(card, "card.changed", by=by, company=company, fields=", ".join(changed))


class CardChange(NamedTuple):
    """What somebody changed on a card: the names that history keeps, and {company or None: method} that it chooses."""

    card: Customer | Organisation | InvoiceReference
    changed: list
    methods: dict


@transaction.atomic
def change_cards(changes, *, company, by):
    """Store a card and those that belong to it (an organisation's references), all or nothing."""
    for change in changes:
        columns = {field.name for field in change.card._meta.concrete_fields}
        is_new = change.card._state.adding
        # only what was typed, so that two people who change one card keep each other's work
        change.card.save(update_fields=None if is_new else columns.intersection(change.changed))
        for where, method in change.methods.items():
            set_preference(change.card, method, company=where)
        remember_change(change.card, company, change.changed, by=by)

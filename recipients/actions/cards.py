"""What happens to the cards of the directory."""

from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, Q

from recipients import history
from recipients.models import Customer, FormerCard, InvoiceReference, Organisation, Preference


def find_buyer(workspace, *, number, ids):
    """The card of this buyer: (customer, organisation), one of them or neither.

    By customer number, then by `ids`, the normal legal id before the normal VAT id, each also of cards that were merged
    into others; never by name alone.
    """
    if number:
        card, _is_former = holder_of(workspace, number)
        if card:
            return (card, None) if isinstance(card, Customer) else (None, card)
    for key in ids:
        known = Q(legal_key=key) | Q(vat_key=key)
        if organisation := Organisation.objects.filter(known, workspace=workspace).first():
            return None, organisation
        former = FormerCard.objects.filter(workspace=workspace, legal_key=key).select_related("organisation").first()
        if former:
            return None, former.organisation
    return None, None


def holder_of(workspace, number):
    """(the card that goes by this customer number or None, whether it is the number of one merged into it)."""
    for cards in (Customer.objects, Organisation.objects):
        if card := cards.filter(workspace=workspace, number=number).first():
            return card, False
    former = FormerCard.objects.filter(workspace=workspace, number=number)
    former = former.select_related("customer", "organisation").order_by("-merged_at").first()
    return (former.customer or former.organisation, True) if former else (None, False)


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
        if is_new and not isinstance(change.card, InvoiceReference):
            history.record(change.card, "card.made", by=by, company=company)
        else:
            remember_change(change.card, company, change.changed, by=by)


@transaction.atomic
def move_person(customer, organisation, *, company, by):
    """Make a customer one of an organisation's people; None takes it out of the one it was in."""
    before = customer.organisation
    if before == organisation:
        return
    customer.organisation = organisation
    customer.save(update_fields=["organisation"])
    names = {"before": str(before or ""), "after": str(organisation or "")}
    for card in (customer, before, organisation):
        if card:
            history.record(card, "card.moved", by=by, company=company, person=customer.name, **names)


class InUse(Exception):
    """Invoices are to this card, so it stays. `invoices`: how many, over all companies of the workspace."""

    def __init__(self, invoices):
        super().__init__(invoices)
        self.invoices = invoices


def invoices_of(card):
    """How many invoices name a card or one of its references, over all companies of its workspace."""
    referring = card.references.aggregate(n=Count("invoices"))["n"] if isinstance(card, Organisation) else 0
    return card.invoices.count() + referring


@transaction.atomic
def delete_card(card, *, company, by):
    """Take away a card to which nothing was ever invoiced. Raises InUse."""
    if invoices := invoices_of(card):
        raise InUse(invoices)
    history.record(card, "card.deleted", by=by, company=company, name=card.name)
    card.delete()

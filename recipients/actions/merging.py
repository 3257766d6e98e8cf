"""Two cards that are one person or one body become one card, with everything that hangs on them."""

from django.db import transaction
from django.db.models import OuterRef, Subquery

from recipients import history
from recipients.models import Customer, FormerCard, InvoiceReference, Organisation, Preference

# What is chosen between two cards, and its columns. An address is taken whole: half of each would be nobody's.
ADDRESS = {"address": ("street", "street_2", "postcode", "city", "country")}
REACH = {name: (name,) for name in ("invoice_email", "email", "phone", "language")}
PARTS = {
    Customer: {name: (name,) for name in ("name", "number", "organisation")} | REACH | ADDRESS,
    Organisation: {name: (name,) for name in ("name", "number", "legal_id", "vat_id", "endpoint")} | REACH | ADDRESS,
}


def hanging(card):
    """[(relation, rows)]: what points at a card, as many rows as there are, over all companies of the workspace."""
    found = []
    for relation in card._meta.related_objects:
        rows = relation.related_model._base_manager.filter(**{relation.field.name: card})
        if count := rows.count():
            found.append((relation, count))
    return found


@transaction.atomic
def merge(other, keeper, *, taken, by):
    """Make `other` a part of `keeper` and take it away; `taken` names the PARTS in which the other's content stays.

    Whatever points at the other points at the keeper from now on. What can be there once only is the keeper's, and the
    other's fills a gap. Deliveries on their way keep the address with which they were confirmed.
    Raises DoesNotExist when one of them is gone already.
    """
    model = type(keeper)
    # in one order, so that two who merge the same pair the other way round wait for each other
    locked = model.objects.select_for_update().filter(pk__in=[keeper.pk, other.pk]).order_by("pk").in_bulk()
    if len(locked) < 2:
        raise model.DoesNotExist
    keeper, other = locked[keeper.pk], locked[other.pk]
    for relation in model._meta.related_objects:
        move = ONCE_ONLY.get((model, relation.name), move_all)
        move(relation, other, keeper)
    names = known_by(other), known_by(keeper)
    for column in (column for part in taken for column in PARTS[model][part]):
        setattr(keeper, column, getattr(other, column))
    gone = other.pk
    other.delete()  # before the keeper may take its numbers
    keeper.save()
    number, legal_key = (
        next((old for old in both if old and old != now), None)
        for *both, now in zip(*names, known_by(keeper), strict=True)
    )
    FormerCard.objects.create(
        id=gone, workspace=keeper.workspace, number=number, legal_key=legal_key or "", name=other.name,
        **{model._meta.model_name: keeper},
    )  # fmt: skip
    said = {"other": str(other), "other_number": other.number or "", "keeper": str(keeper)}
    for each in keeper.workspace.companies.all():  # it touches the invoices of each
        history.record(keeper, "card.merged", by=by, company=each, **said)
        history.record(model(pk=gone), "card.merged_away", by=by, company=each, **said)
    return keeper


def known_by(card):
    """What finds a card at import: its customer number and its legal key."""
    return card.number, getattr(card, "legal_key", "")


def move_all(relation, other, keeper):
    relation.related_model._base_manager.filter(**{relation.field.name: other}).update(**{relation.field.name: keeper})


def move_preferences(relation, other, keeper):
    """Where the keeper has chosen, everywhere or at one company, that stays."""
    name = relation.field.name
    known = Preference.objects.filter(**{name: keeper})
    theirs = Preference.objects.filter(**{name: other})
    for preference in theirs:
        if known.filter(company=preference.company_id).exists():
            preference.delete()
    theirs.update(**{name: keeper})


def move_references(relation, other, keeper):
    """A reference that both have becomes one, with its invoices and its choices."""
    same = InvoiceReference.objects.filter(organisation=keeper, code=OuterRef("code")).values("pk")
    both = InvoiceReference.objects.filter(organisation=other).annotate(kept=Subquery(same)).exclude(kept=None)
    for reference in both:
        kept = InvoiceReference.objects.get(pk=reference.kept)
        for each in InvoiceReference._meta.related_objects:
            ONCE_ONLY.get((InvoiceReference, each.name), move_all)(each, reference, kept)
        reference.delete()
    move_all(relation, other, keeper)


# Relations of which a card has one of a kind: a plain move would break a constraint.
ONCE_ONLY = {
    (Customer, "preferences"): move_preferences,
    (Organisation, "preferences"): move_preferences,
    (InvoiceReference, "preferences"): move_preferences,
    (Organisation, "references"): move_references,
}

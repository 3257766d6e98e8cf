"""Whom no active method reaches today: every customer and organisation of the directory, by the one resolver."""

from dataclasses import dataclass, field
from itertools import chain

from django.db.models import Count, Q, Sum, UUIDField
from django.db.models.functions import Coalesce

from distribution import words
from distribution.reasons import WHAT_TO_DO, Reason
from distribution.resolver import CARD_FIELDS, routes_to_cards, stated_by
from invoicing.models import Invoice
from recipients.models import Customer, Organisation


@dataclass(frozen=True)
class Unreached:
    """A card, and the Reason why an invoice to it that says nothing of its own could not be sent."""

    card: object
    reason: str
    open: dict = field(default_factory=dict)  # {"SEK": Decimal}: what the recipient owes this company
    to_send: int = 0

    @property
    def is_person(self):
        return isinstance(self.card, Customer)

    @property
    def email(self):
        """The address that is wrong, if it is one that keeps invoices away."""
        return self.card.invoice_email or self.card.email

    @property
    def todo(self):
        return words.ON_THE_CARD.get(self.reason) or WHAT_TO_DO[Reason(self.reason)]


def unreached(company):
    """Every Unreached, the largest open amount first. Four queries whatever their number."""
    customers = Customer.objects.of(company).select_related("organisation")
    customers = customers.only("number", *CARD_FIELDS, *(f"organisation__{name}" for name in CARD_FIELDS))
    organisations = Organisation.objects.of(company).only("number", *CARD_FIELDS)
    cards = chain(customers.iterator(chunk_size=2000), organisations.iterator(chunk_size=2000))
    found = {
        card.pk: (card, route.reason)
        for card, route in routes_to_cards(cards, stated_by(Q(), company), company.distribution)
        if not route.method
    }
    owed = money_of(company) if found else {}
    rows = [Unreached(card, reason, **owed.get(pk, {})) for pk, (card, reason) in found.items()]
    # Amounts of two currencies are compared as numbers: the order is a help, not a sum.
    return sorted(rows, key=lambda row: (-max(row.open.values(), default=0), -row.to_send, row.card.name.casefold()))


def money_of(company):
    """{card id: {"open": {currency: amount}, "to_send": invoices}}, of the invoices that the company has for it."""
    is_open = Q(kind=Invoice.Kind.DEBIT, number__isnull=False, balance__gt=0, is_credited=False)
    is_unsent = Q(number__isnull=False, sent_at=None, in_flight="", is_credited=False)
    rows = (
        Invoice.objects.of(company)
        .filter(is_open | is_unsent)
        .order_by()
        .values("currency", recipient=Coalesce("customer_id", "organisation_id", output_field=UUIDField()))
        .annotate(open=Sum("balance", filter=is_open), to_send=Count("pk", filter=is_unsent))
    )
    owed = {}
    for row in rows:
        known = owed.setdefault(row["recipient"], {"open": {}, "to_send": 0})
        known["to_send"] += row["to_send"]
        if row["open"]:
            known["open"][row["currency"]] = row["open"]
    return owed

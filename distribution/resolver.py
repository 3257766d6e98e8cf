"""One resolver for sheet, job and page: which way an invoice goes, where to, and because of what.

A policy is the order of the rungs. Each rung is tried at most once; it falls when its method is not active for the
company or when its channel has an objection. The trace of a route is data; pages turn it into words.
"""

from dataclasses import dataclass, field

from django.db.models import Count, Q

from distribution.channels import CHANNELS
from distribution.channels.base import Objection, Recipient
from distribution.models import Delivery
from distribution.reasons import Reason
from invoicing.models import Invoice
from recipients.methods import Method
from recipients.models import Customer, Preference

MANUAL = ("chosen", "default", "reserve")

# Enough of the cards to route by: a plan over 100,000 invoices must not hold 100,000 whole rows.
CARDS = ("customer", "customer__organisation", "organisation", "reference")
CARD_FIELDS = ("name", "email", "invoice_email", "street", "street_2", "postcode", "city", "country")
FIELDS = (
    "company", "email", "document_email", "sent_at", "in_flight", "is_credited", "is_books_only", "number",
    "buyer_name", "buyer_street", "buyer_street_2", "buyer_postcode", "buyer_city", "buyer_country",
    *(f"{card}__{name}" for card in CARDS for name in CARD_FIELDS),
)  # fmt: skip


@dataclass(frozen=True)
class Route:
    """The resolver's answer. `because` lists every rung: {"rung", "method", "level", "verdict", "source"}.

    `level` is the card that chose (chosen rung only), `verdict` a Reason, "used" or "not_needed", `source` where the
    address came from. `reason` is empty when there is a way.
    """

    method: str = ""
    address: str = ""
    because: list = field(default_factory=list)
    reason: str = ""


def routes(invoices, company, policy=MANUAL):
    """Yield (invoice, Route) for a queryset of one company's invoices, in two queries whatever their number."""
    for invoice, (route,) in routes_by([company.distribution], invoices, company, policy):
        yield invoice, route


def routes_by(houses, invoices, company, policy=MANUAL, more=()):
    """Yield (invoice, [Route by each of `houses`]), in two queries, and a third one where letters are sent: what would
    change, before anything is stored.

    `houses` are Settings of the company, stored or not, each with its own `company`, whose "link invoices to the
    person's organisation" is the one that counts. `more` names further columns of the invoice to fetch.
    """
    choices = chosen_methods(invoices, company)
    prints = letters(invoices) if any(Method.CENTRAL_PRINT in house.active_methods for house in houses) else {}
    for invoice in invoices.select_related(*CARDS).only(*FIELDS, *more).iterator(chunk_size=2000):
        yield invoice, [route_to(invoice, choices, house, policy, prints.get(invoice.pk, 0)) for house in houses]


def letters(invoices):
    """{invoice id: how many letters of it count against the limit}, of those that have any."""
    rows = Delivery.objects.letters().filter(invoice__in=invoices.order_by().values("pk")).order_by()
    return dict(rows.values_list("invoice").annotate(n=Count("pk")))


def route_to(invoice, choices, settings, policy=MANUAL, prints=0):
    """The Route of one invoice whose cards are loaded; `choices` as from `stated_by`, `prints` as from `letters`."""
    links_to_organisation = settings.company.links_to_organisation
    recipient = Recipient(invoice, settings.sends_to_document_address, links_to_organisation, prints)
    return resolve(recipient, choices, settings, policy)


def routes_to_cards(cards, choices, settings):
    """Yield (card, Route): how an invoice to each customer or organisation would go that says nothing of its own."""
    invoice = Invoice(company=settings.company)
    for card in cards:
        is_person = isinstance(card, Customer)
        invoice.customer, invoice.organisation = (card, None) if is_person else (None, card)
        yield card, route_to(invoice, choices, settings)


def rules(settings):
    """All of a company's settings that an answer depends on: equal rules give equal routes."""
    own = (settings.default_method, settings.reserve_method, settings.sends_to_document_address)
    return sorted(settings.active_methods), *own, settings.company.links_to_organisation


def chosen_methods(invoices, company):
    """{card id: method}: what the cards of these invoices state; a preference for this company before a general one."""
    cards = (
        Q(customer__in=invoices.order_by().values("customer"))
        | Q(organisation__in=invoices.order_by().values("organisation"))
        | Q(organisation__in=invoices.order_by().values("customer__organisation"))
        | Q(reference__in=invoices.order_by().values("reference"))
    )
    return stated_by(cards, company)


def chosen_by(card, company):
    """{card id: method}: what a customer or organisation states, and a customer's organisation."""
    if not isinstance(card, Customer):
        return stated_by(Q(organisation=card), company)
    return stated_by(Q(customer=card) | Q(organisation__isnull=False, organisation=card.organisation_id), company)


def stated_by(cards, company):
    """{card id: method} of the cards that the condition over Preference names."""
    stated = Preference.objects.of(company).filter(cards).filter(Q(company=None) | Q(company=company))
    general_first = sorted(stated, key=lambda preference: preference.company_id is not None)
    return {p.reference_id or p.organisation_id or p.customer_id: p.method for p in general_first}


def resolve(recipient, choices, settings, policy=MANUAL, channels=CHANNELS):
    """The Route of one recipient."""
    because, tried, found = [], set(), None
    for rung in policy:
        method, level = _method_of(rung, recipient, choices, settings)
        if not method or method in tried:
            continue
        tried.add(method)
        step = {"rung": rung, "method": method, "level": level, "source": ""}
        because.append(step)
        if found:
            step["verdict"] = "not_needed"
            continue
        try:
            address = _address(method, recipient, settings, channels)
        except Objection as objection:
            step["verdict"] = str(objection.reason)
            continue
        step["verdict"], step["source"] = "used", address.source
        found = Route(method=method, address=address.text, because=because)
    return found or Route(because=because, reason=_why_not(because))


def _method_of(rung, recipient, choices, settings):
    if rung == "default":
        return settings.default_method, ""
    if rung == "reserve":
        return settings.reserve_method, ""
    # The method comes from the first level that states one; lower levels are not asked again.
    for level, card in recipient.levels:
        if card.pk in choices:
            return choices[card.pk], level
    return "", ""


def _address(method, recipient, settings, channels):
    if method not in channels:
        raise Objection(Reason.NO_CHANNEL)
    if method not in settings.active_methods:
        raise Objection(Reason.NOT_ACTIVE)
    return channels[method].address(recipient)


def _why_not(because):
    """The reason that a person can do something about: a missing address before a switched-off method."""
    verdicts = [step["verdict"] for step in because]
    mendable = [v for v in verdicts if v not in (Reason.NOT_ACTIVE, Reason.NO_CHANNEL)]
    return (mendable or verdicts or [str(Reason.NOT_ACTIVE)])[0]

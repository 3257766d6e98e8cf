"""The live tester: what somebody types is found, and the one resolver says how an invoice to it would go, and why."""

from dataclasses import dataclass

from django.db.models import Q

from distribution import words
from distribution.actions.planning import obstacle
from distribution.reasons import WHAT_TO_DO, Reason
from distribution.resolver import chosen_by, routes_by, routes_to_cards
from invoicing.models import Invoice
from recipients.models import Customer, Organisation

MOST = 8  # of several found
KINDS = {"customer": Customer, "organisation": Organisation, "invoice": Invoice}


@dataclass(frozen=True)
class Found:
    """A customer, an organisation or an invoice that a text may mean."""

    kind: str
    row: object

    @property
    def name(self):
        return self.row.recipient_name() if self.kind == "invoice" else self.row.name


def find(company, text, pick=""):
    """What a text means: a number exactly, else a part of a name. At most MOST, and one more where there are more.

    `pick` is the id of one of them, which somebody chose among several.
    """
    found = _by_number(company, text) or _by_name(company, text)
    return [each for each in found if str(each.row.pk) == pick] or found


def _by_number(company, text):
    cards = [
        Found(kind, row)
        for kind in ("customer", "organisation")
        for row in KINDS[kind].objects.of(company).filter(number=text)
    ]
    invoices = Invoice.objects.of(company).filter(number=text).select_related("customer", "organisation")
    return [*cards, *(Found("invoice", row) for row in invoices)]


def _by_name(company, text):
    named = Q(name__icontains=text) | Q(email__iexact=text) | Q(invoice_email__iexact=text)
    return [
        Found(kind, row)
        for kind in ("customer", "organisation")
        for row in KINDS[kind].objects.of(company).filter(named).order_by("name", "pk")[: MOST + 1]
    ][: MOST + 1]


def answers(found, houses):
    """A Route by each of these Settings: of the invoice itself, or of an invoice to the card."""
    company = houses[0].company
    if found.kind == "invoice":
        invoices = Invoice.objects.of(company).filter(pk=found.row.pk)
        ((_invoice, ways),) = routes_by(houses, invoices, company)
        return ways
    choices = chosen_by(found.row, company)
    return [route for house in houses for _card, route in routes_to_cards([found.row], choices, house)]


def told(found, typed, stored):
    """The answer for a page: by the settings as typed, and as stored where that is another."""
    route, saved = answers(found, [typed, stored])
    home = typed.company.country
    reason = hindrance(found.row) if found.kind == "invoice" else ""
    return {
        "found": found,
        "way": words.way(route, home),
        "steps": words.steps(route.because, route.address, home),
        "reason": route.reason,
        "todo": WHAT_TO_DO[Reason(route.reason)] if route.reason else "",
        "saved": "" if (saved.method, saved.address) == (route.method, route.address) else words.way(saved, home),
        "hindrance": words.REASONS[reason] if reason else (),
    }


def hindrance(invoice):
    """What the sheet would say of this invoice whatever its way: a Reason, or ""."""
    return obstacle(invoice) or (Reason.SENT_BEFORE if invoice.sent_at else "")

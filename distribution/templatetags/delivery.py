"""What other apps' pages show of deliveries. Loaded by name, so that nothing imports upwards: {% load delivery %}.

Each tag takes a whole page or one invoice, and a constant number of queries.
"""

from copy import copy
from dataclasses import dataclass, replace
from datetime import timedelta

from django import template
from django.utils import timezone

from distribution import resolver, words
from distribution.channels import CHANNELS
from distribution.channels.base import Objection, Recipient
from distribution.channels.central_print import MOST_PRINTS
from distribution.models import Delivery, Enclosure
from distribution.models.delivery import LEFT
from distribution.reasons import WHAT_TO_DO, Reason
from distribution.states import OPEN, STOPPABLE, State
from invoicing.models import Invoice
from recipients import history as story_of
from recipients.methods import Method
from recipients.models import Event

register = template.Library()


@dataclass(frozen=True)
class Way:
    """How an invoice went or goes, else would go: a Method, or the Reason why there is none."""

    method: str
    because: list
    reason: str = ""
    address: str = ""
    delivery: Delivery | None = None  # None: a forecast

    @property
    def is_reserve(self):
        return any(step["rung"] == "reserve" and step["verdict"] == "used" for step in self.because)

    @property
    def leaves_at(self):
        return leaves_at(self.delivery)


@register.simple_tag(takes_context=True)
def routes(context, page):
    """[(invoice, Way)]: the way that was used, else the forecast. Three queries for any page of one company."""
    return list(ways(page, context["company"]))


def ways(page, company):
    used = current_deliveries([invoice.pk for invoice in page if invoice.sent_at or invoice.in_flight])
    open_ended = [invoice.pk for invoice in page if invoice.pk not in used or not used[invoice.pk].method]
    forecast = dict(_forecast(open_ended, company)) if open_ended else {}
    for invoice in page:
        delivery = used.get(invoice.pk)
        way = forecast.get(invoice.pk) or Way(delivery.method, delivery.because, address=delivery.address)
        yield invoice, replace(way, delivery=delivery)


def current_deliveries(invoice_ids):
    """{invoice id: the newest delivery that is on its way or was taken}."""
    rows = Delivery.objects.principal().filter(invoice__in=invoice_ids, state__in=(State.SENT, *OPEN))
    rows = rows.only("invoice", "method", "address", "state", "leaves_at", "because").order_by("created_at", "id")
    return {row.invoice_id: row for row in rows}


def _forecast(invoice_ids, company):
    for invoice, route in resolver.routes(Invoice.objects.filter(pk__in=invoice_ids), company):
        yield invoice.pk, Way(route.method, route.because, route.reason, route.address)


@register.filter
def leaves_at(delivery):
    """When a waiting delivery leaves at the earliest, while that lies ahead."""
    at = delivery and delivery.leaves_at
    return at if at and at > timezone.now() else None


@register.filter
def reason(code):
    """A Reason's words."""
    return Reason(code).label if code else ""


@register.filter
def short_reason(code):
    """Two words of it, for a row."""
    return words.SHORT.get(code, Reason(code).label) if code else ""


@register.filter
def what_to_do(code):
    return WHAT_TO_DO[Reason(code)] if code else ""


@register.filter
def source(because):
    """Where a route's address came from, in words."""
    used = next((step["source"] for step in because if step["verdict"] == "used"), "")
    return words.SOURCES.get(used, "")


@register.simple_tag(takes_context=True)
def route(context, invoice):
    """How one invoice goes: {"steps" for ui/_chain.html, "reason", "delivery" (None: if it were sent now)}."""
    ((_invoice, way),) = ways([invoice], context["company"])
    if way.delivery and not invoice.in_flight:  # it was sent: what counts is the next time
        way = dict(_forecast([invoice.pk], context["company"]))[invoice.pk]
    steps = words.steps(way.because, way.address, context["company"].country)
    return {"steps": steps, "reason": way.reason, "delivery": way.delivery}


@register.simple_tag(takes_context=True)
def address_of_the_cards(context, invoice):
    """Where e-mail goes when no address is typed on the invoice: {"address", "source" in words, "reason"}."""
    without = copy(invoice)
    without.email = ""
    return _address(without, context["company"])


def _address(invoice, company):
    recipient = Recipient(invoice, company.distribution.sends_to_document_address, company.links_to_organisation)
    try:
        found = CHANNELS[Method.EMAIL].address(recipient)
    except Objection as objection:
        return {"address": "", "source": "", "reason": objection.reason}
    return {"address": found.text, "source": words.SOURCES[found.source], "reason": ""}


@register.simple_tag
def deliveries_of(invoice):
    """Its deliveries, newest first, each with `pdf`, the Enclosure that left or will leave, or None."""
    rows = list(Delivery.objects.filter(invoice=invoice).order_by("-created_at", "-id").select_related("batch"))
    pdfs = Enclosure.objects.filter(delivery__in=rows, role=Enclosure.Role.PDF)
    by_delivery = {pdf.delivery_id: pdf for pdf in pdfs}
    for row in rows:
        row.pdf = by_delivery.get(row.pk)
        row.note = words.note(row)
        row.has_left = row.state in (State.SENT, State.RETURNED, State.IN_DOUBT)
    return rows


@register.simple_tag(takes_context=True)
def letters(context, invoice):
    """How many letters of an invoice count against the limit, and the limit: {"n", "most"}; {} where none matters."""
    n = Delivery.objects.letters().filter(invoice=invoice).count()
    is_offered = Method.CENTRAL_PRINT in context["company"].distribution.active_methods
    return {"n": n, "most": MOST_PRINTS} if n or is_offered else {}


@register.simple_tag
def stoppable(deliveries):
    """The first of these that can still be undone, or None."""
    return next((row for row in deliveries if row.state in STOPPABLE), None)


@register.simple_tag
def too_late(deliveries):
    """Why the newest of these cannot be undone any more, as a sentence, while somebody may want to; else ""."""
    newest = next((row for row in deliveries if row.state != State.UNDONE), None)
    if newest is None or newest.state not in LEFT or newest.state == State.RETURNED:
        return ""
    is_old = newest.finished_at and newest.finished_at < timezone.now() - timedelta(hours=24)
    return "" if is_old or newest.method == Method.OUTSIDE else words.left(newest)


@register.simple_tag
def history(invoice):
    """All that happened to an invoice and its deliveries, as the days of ui/_timeline.html."""
    events = Event.objects.of(invoice.company_id).filter(thread=invoice.pk).select_related("by").order_by("-id")
    return story_of.story(events, words.REASONS, home=invoice.company.country)

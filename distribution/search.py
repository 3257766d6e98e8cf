"""One question over a company's invoices and deliveries, and over the directory of its workspace.

Numbers, OCR and addresses are asked for by their beginning, names by any part of them. A fixed number of queries.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils.dateparse import parse_date

from config.identifiers import normal_legal_id
from distribution.models import Batch, Delivery
from distribution.overview import midnight
from invoicing.models import Invoice
from recipients.models import Customer, Organisation

SHORTEST = 2  # characters: one finds everybody
SHOWN = 8  # of each group
COUNTED = 100  # and no further


@dataclass(frozen=True)
class Found:
    """The first rows of a group, and how many there are; `count` stops at COUNTED, and `is_more` then."""

    rows: list
    count: int
    is_more: bool

    @classmethod
    def of(cls, rows):
        """Two queries, of which only the first searches."""
        found = list(rows.values_list("pk", flat=True)[: COUNTED + 1])
        return cls(list(rows.filter(pk__in=found[:SHOWN])), min(len(found), COUNTED), len(found) > COUNTED)


def exact_invoice(company, text):
    """The invoice with this very number, or None."""
    return Invoice.objects.of(company).filter(number=text).first() if text else None


def search(company, text):
    """{"invoices", "customers", "organisations", "deliveries", "batches": Found} for what somebody typed."""
    invoices = Invoice.objects.of(company)
    customers = Customer.objects.of(company).filter(_named(text))
    organisations = Organisation.objects.of(company).filter(
        _named(text) | Q(legal_key=normal_legal_id(text, country=company.country))
    )
    people = list(customers.order_by().values_list("pk", flat=True)[:COUNTED])
    bodies = list(organisations.order_by().values_list("pk", flat=True)[:COUNTED])
    numbered = list(invoices.filter(number__prefix=text).order_by().values_list("pk", flat=True)[:COUNTED])
    matching = invoices.filter(
        Q(number__prefix=text)
        | Q(payment_reference__prefix=text.replace(" ", ""))
        | Q(customer__in=people)
        | Q(organisation__in=bodies)
    )
    return {
        "invoices": Found.of(matching.select_related("customer", "organisation").order_by("-issued_on", "-id")),
        "customers": Found.of(customers.select_related("organisation").order_by("name", "id")),
        "organisations": Found.of(organisations.order_by("name", "id")),
        "deliveries": Found.of(_deliveries(company, text, numbered)),
        "batches": Found.of(_batches(company, text)),
    }


def _named(text):
    return (
        Q(name__icontains=text)
        | Q(number__startswith=text)
        | Q(email__istartswith=text)
        | Q(invoice_email__istartswith=text)
    )


def _deliveries(company, text, numbered):
    """Of the invoices with these ids; or, where it looks like an address, to that one."""
    rows = Delivery.objects.of(company).filter(address__istartswith=text)
    if "@" not in text:
        rows = Delivery.objects.filter(invoice__in=numbered)  # invoices of this company
    return (
        rows.select_related("invoice__customer", "invoice__organisation")
        .defer("because")
        .order_by("-created_at", "-id")
    )


def _batches(company, text):
    """Those of a day: 2026-11-20."""
    batches = Batch.objects.of(company).confirmed().select_related("by").order_by("-confirmed_at")
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        return batches.none()
    return batches.filter(confirmed_at__gte=midnight(day), confirmed_at__lt=midnight(day + timedelta(days=1)))

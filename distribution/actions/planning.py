"""The sheet: which way each ticked invoice would go. Nothing is promised and nothing leaves here."""

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.http import QueryDict
from django_q.tasks import async_task

from config.bulk import insert_rows
from distribution.models import Batch, PlanLine
from distribution.reasons import Reason
from distribution.resolver import routes
from invoicing.forms.invoice_list import InvoiceFilter
from invoicing.models import Invoice
from recipients import history

# Above this many the sheet opens at once and the plan is made by a job.
PLAN_AT_ONCE = 5000
COLUMNS = (
    "batch", "invoice", "position", "method", "address", "because", "reason", "sent_before",
    "seen_in_flight", "seen_email", "seen_credited",
)  # fmt: skip


class TooMany(Exception):
    """A batch over the limit; `count` is what was ticked."""

    def __init__(self, count):
        super().__init__(count)
        self.count = count


def selected(company, selection):
    """The invoices of a selection, in list order: {"ids": [...]} or {"query": "...", "exclude": [...]}."""
    if "ids" in selection:
        return Invoice.objects.of(company).filter(pk__in=selection["ids"]).order_by("-issued_on", "-id")
    found = InvoiceFilter(QueryDict(selection["query"])).apply(Invoice.objects.of(company))
    return found.exclude(pk__in=selection.get("exclude", [])).order_by("-issued_on", "-id")


@transaction.atomic
def plan(company, selection, *, by):
    """Open a sheet over the selection. Raises TooMany, or Invoice.DoesNotExist when an id is not this company's."""
    count = selected(company, selection).count()
    if "ids" in selection and count != len(set(selection["ids"])):
        raise Invoice.DoesNotExist
    if count > settings.SENDING["batch_max"]:
        raise TooMany(count)
    batch = Batch.objects.create(
        company=company, by=by, selection=selection, selected_count=count, template=company.distribution.last_template
    )
    if count > PLAN_AT_ONCE:
        async_task("distribution.jobs.plan", str(batch.pk))
    else:
        make_plan(batch)
    return batch


@transaction.atomic
def make_plan(batch):
    """Write the lines of an unconfirmed batch, all of them or none. Safe to run twice."""
    if not Batch.objects.filter(pk=batch.pk, planned_at=None, confirmed_at=None).update(planned_at=Now()):
        return
    rows, position, goes = [], 0, False
    for position, (invoice, route) in enumerate(routes(selected(batch.company, batch.selection), batch.company), 1):
        reason = obstacle(invoice) or route.reason
        goes = goes or not reason
        way = ("", "") if reason else (route.method, route.address)
        rows.append([
            batch.pk, invoice.pk, position, *way, route.because, reason, invoice.sent_at is not None,
            invoice.in_flight, invoice.email, invoice.is_credited,
        ])  # fmt: skip
        if len(rows) == PLAN_AT_ONCE:
            insert_rows(PlanLine, COLUMNS, rows)
            rows.clear()
    if rows:
        insert_rows(PlanLine, COLUMNS, rows)
    if not goes:  # there is nothing to confirm, so this is the press on Send that history tells of
        history.record(batch.lines.cannot(), "invoice.not_sent", by=batch.by, reason=F("reason"))
    # The selection was counted a moment ago; what the sheet shows is what was planned.
    Batch.objects.filter(pk=batch.pk).update(selected_count=position)
    batch.refresh_from_db()


def obstacle(invoice):
    """Why this invoice cannot be sent whatever its way: a Reason, or ""."""
    if invoice.number is None:
        return Reason.DRAFT
    if invoice.is_credited:
        return Reason.CREDITED
    if invoice.is_books_only:
        return Reason.BOOKS_ONLY
    if invoice.in_flight == Invoice.InFlight.DOUBT:
        return Reason.ALREADY_IN_DOUBT
    if invoice.in_flight:
        return Reason.ALREADY_WAITING
    return ""

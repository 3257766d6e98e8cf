"""While the undo window is open: freeze the route, then the files. Nothing leaves here."""

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Now
from django_q.tasks import async_task

from config.clock import in_seconds
from distribution.models import Batch, Delivery, Enclosure, PlanLine
from distribution.reasons import Reason
from distribution.rendering import enclosures
from distribution.resolver import routes
from distribution.states import State
from invoicing.models import Invoice
from recipients.methods import Method
from recipients.models import ArchivedFile, Upload


def route(batch):
    """Freeze method, address and trace of each delivery; what differs from the confirmed sheet fails. Safe twice."""
    while route_some(batch):
        pass
    waiting = Delivery.objects.filter(batch=batch).unprepared().count()
    for _chunk in range(0, waiting, settings.SENDING["prepare_size"]):
        async_task("distribution.jobs.prepare", str(batch.pk))


@transaction.atomic
def route_some(batch):
    """One transaction of at most `route_size` deliveries; returns how many it took."""
    unrouted = Delivery.objects.filter(batch=batch).unrouted().order_by("position")
    taken = unrouted.select_for_update(skip_locked=True, of=("self",)).values_list("pk", "invoice")
    taken = dict(taken[: settings.SENDING["route_size"]])
    lines = {line.invoice_id: line for line in batch.lines.filter(invoice__in=taken.values())}
    ways = ways_of(batch.company, taken.values())
    same = [pk for pk, invoice in taken.items() if _way(ways[invoice]) == _way(lines[invoice])]
    line = PlanLine.objects.filter(batch=batch, invoice=OuterRef("invoice"))
    Delivery.objects.filter(pk__in=same, state=State.WAITING).update(
        method=Subquery(line.values("method")[:1]),
        address=Subquery(line.values("address")[:1]),
        because=Subquery(line.values("because")[:1]),
    )
    for pk in taken.keys() - set(same):
        _fail_changed(Delivery.objects.filter(pk=pk), lines[taken[pk]], ways[taken[pk]])
    return len(taken)


def ways_of(company, invoice_ids):
    return {invoice.pk: way for invoice, way in routes(Invoice.objects.filter(pk__in=list(invoice_ids)), company)}


def _way(route_or_line):
    return route_or_line.method, route_or_line.address


def _fail_changed(delivery, line, way):
    note = f"{line.method} {line.address} -> {way.method or way.reason} {way.address}".strip()
    delivery.move(
        State.FAILED, note=note, reason=Reason.CHANGED, because=way.because, finished_at=Now(), reply_text=note
    )


def prepare(deliveries):
    """Make and freeze the files of up to `prepare_size` of these deliveries; returns how many it took.

    No transaction is open while rendering. Each row has its own commits, so a document that kills the worker is found.
    """
    taken = take(deliveries.unprepared())
    for pk in taken:
        prepare_one(pk)
    return len(taken)


@transaction.atomic
def take(unprepared):
    """A short lease, so that nobody renders a row twice."""
    rows = unprepared.order_by("leaves_at", "position").select_for_update(skip_locked=True, of=("self",))
    pks = list(rows.values_list("pk", flat=True)[: settings.SENDING["prepare_size"]])
    Delivery.objects.filter(pk__in=pks).update(prepare_until=in_seconds(settings.SENDING["lease_prepare"]))
    return pks


def prepare_one(pk):
    """Render one delivery's files and freeze them. A document that cannot be made fails its own row only."""
    row = Delivery.objects.filter(pk=pk)
    if not row.filter(state=State.WAITING, ready_at=None).update(crashes=F("crashes") + 1):
        return
    delivery = row.select_related(
        "company__distribution", "company__logo", "batch__template", "invoice__customer", "invoice__organisation",
        "invoice__reference", "invoice__company", "invoice__credits",
    ).get()  # fmt: skip
    try:
        drafts = enclosures(delivery)
        files = [ArchivedFile.objects.keep(delivery.company, d.content, media_type=d.media_type) for d in drafts]
    except Exception as error:  # whatever is wrong with one document must not stop the others
        take_back_mark(pk)
        if is_our_own(error):
            raise
        row.move(State.FAILED, reason=Reason.UNPRINTABLE, reply_text=str(error)[:500], finished_at=Now())
        return
    freeze(delivery, zip(drafts, files, strict=True))


def is_our_own(error):
    """The database, the disk or the memory failed. The document is as good as before, so it is tried again later."""
    is_the_systems = isinstance(error, OSError) and error.errno is not None  # a picture that is none has no errno
    return is_the_systems or isinstance(error, (OperationalError, InterfaceError, MemoryError))


def take_back_mark(pk):
    """The work on this row ended without killing its worker, whatever else came of it."""
    Delivery.objects.filter(pk=pk, crashes__gt=0).update(crashes=F("crashes") - 1)


@transaction.atomic
def freeze(delivery, files):
    row = Delivery.objects.filter(pk=delivery.pk)
    if not row.filter(state=State.WAITING, ready_at=None).update(
        ready_at=Now(), prepare_until=None, crashes=F("crashes") - 1
    ):
        take_back_mark(delivery.pk)  # undone, or another one's lease ran out over it and it was quicker
        return
    Enclosure.objects.bulk_create(
        Enclosure(delivery=delivery, file=file, name=draft.name, role=draft.role) for draft, file in files
    )
    own_printer = Delivery.objects.filter(batch=delivery.batch_id, method=Method.OWN_PRINTER)
    if delivery.method == Method.OWN_PRINTER and not own_printer.filter(state=State.WAITING, ready_at=None).exists():
        async_task("distribution.jobs.build_parcels", str(delivery.batch_id))


def ring(waiting):
    """Wake the queue for work that lost its bell; the rows themselves are the ledger."""
    for name, pk in waiting:
        async_task(f"distribution.jobs.{name}", str(pk))


def unfinished():
    """(job, primary key) pairs whose work lies waiting: what the sweep rings for."""
    waiting = Delivery.objects.order_by()
    for batch in waiting.unrouted().values_list("batch", flat=True).distinct():
        yield "route", batch
    for batch in waiting.unprepared().values_list("batch", flat=True).distinct():
        yield "prepare", batch
    to_print = waiting.filter(method=Method.OWN_PRINTER, state=State.WAITING, ready_at__isnull=False)
    for batch in to_print.filter(parcel__file=None).values_list("batch", flat=True).distinct():
        yield "build_parcels", batch
    for batch in Batch.objects.filter(planned_at=None, opened_at__lt=in_seconds(-60)).values_list("pk", flat=True):
        yield "plan", batch
    # Long enough that the first reader is not still at work.
    for upload in Upload.objects.filter(finished_at=None, at__lt=in_seconds(-600)).values_list("pk", flat=True):
        yield "take_invoices", upload

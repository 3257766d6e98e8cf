"""While the undo window is open: freeze the route, then the files. Nothing leaves here."""

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Now
from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

from config.clock import in_seconds
from config.logs import about
from config.template_tags import on_one_line
from distribution import measures
from distribution.channels import CHANNELS, IN_PARCELS
from distribution.models import Batch, Delivery, Enclosure, PlanLine
from distribution.models.measure import Measured
from distribution.reasons import Reason
from distribution.rendering import enclosures
from distribution.resolver import routes
from distribution.states import State
from invoicing.models import Invoice
from recipients.models import ArchivedFile, Upload

log = logging.getLogger(__name__)
LATELY = 60  # seconds


def route(batch):
    """Freeze method, address and trace of each delivery; what differs from the confirmed sheet fails. Safe twice."""
    while route_some(batch):
        pass
    if Delivery.objects.filter(batch=batch).unprepared().exists():
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
    was, now = (on_one_line(each.address, line.batch.company.country) for each in (line, way))
    note = f"{line.method} {was} -> {way.method or way.reason} {now}".strip()
    delivery.move(
        State.FAILED, note=note, reason=Reason.CHANGED, because=way.because, finished_at=Now(), reply_text=note
    )


def prepare_in_turn(batch):
    """A chunk of the batch with this key, and first a bell for the next one, behind what others have rung for.

    One bell a batch lies in the queue, so that a small batch need not wait for all of a large one.
    """
    deliveries = Delivery.objects.filter(batch=batch)
    if deliveries.unprepared().count() > settings.SENDING["prepare_size"]:
        async_task("distribution.jobs.prepare", str(batch))
    prepare(deliveries)


def prepare(deliveries):
    """Make and freeze the files of up to `prepare_size` of these deliveries; returns how many it took.

    No transaction is open while rendering. Each row has its own commits, so a document that kills the worker is found.
    """
    taken = take(deliveries.unprepared())
    for pk in taken:
        with about(delivery=pk):
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
    began = time.monotonic()
    try:
        drafts = enclosures(delivery)
        findings = CHANNELS[delivery.method].inspect(delivery, drafts[0].content)
        files = [ArchivedFile.objects.keep(delivery.company, d.content, media_type=d.media_type) for d in drafts]
    except Exception as error:  # whatever is wrong with one document must not stop the others
        take_back_mark(pk)
        if is_our_own(error):
            raise
        row.move(State.FAILED, reason=Reason.UNPRINTABLE, reply_text=str(error)[:500], finished_at=Now())
        log.exception("a document cannot be made")
        return
    measures.note(Measured.RENDER, time.monotonic() - began, method=delivery.method)
    if findings:
        keep_out(delivery, drafts, files, findings)
    else:
        freeze(delivery, drafts, files)


def is_our_own(error):
    """The database, the disk or the memory failed. The document is as good as before, so it is tried again later."""
    is_the_systems = isinstance(error, OSError) and error.errno is not None  # a picture that is none has no errno
    return is_the_systems or isinstance(error, (OperationalError, InterfaceError, MemoryError))


def take_back_mark(pk):
    """The work on this row ended without killing its worker, whatever else came of it."""
    Delivery.objects.filter(pk=pk, crashes__gt=0).update(crashes=F("crashes") - 1)


@transaction.atomic
def keep_out(delivery, drafts, files, findings):
    """It may not go this way as it is. Its files are kept all the same: what is wrong is seen on them."""
    take_back_mark(delivery.pk)
    said = " · ".join(dict.fromkeys(finding.text for finding in findings if finding.text))[:500]
    row = Delivery.objects.filter(pk=delivery.pk, ready_at=None)
    reason = findings[0].reason
    if row.move(
        State.FAILED, note=said, reason=reason, reply_text=said, ready_at=Now(), prepare_until=None, finished_at=Now()
    ):
        enclose(delivery, drafts, files)
        ring_for_parcels(delivery)


@transaction.atomic
def freeze(delivery, drafts, files):
    row = Delivery.objects.filter(pk=delivery.pk)
    if not row.filter(state=State.WAITING, ready_at=None).update(
        ready_at=Now(), prepare_until=None, crashes=F("crashes") - 1
    ):
        take_back_mark(delivery.pk)  # undone, or another one's lease ran out over it and it was quicker
        return
    enclose(delivery, drafts, files)
    ring_for_parcels(delivery)


def enclose(delivery, drafts, files):
    Enclosure.objects.bulk_create(
        Enclosure(delivery=delivery, file=file, name=draft.name, role=draft.role)
        for draft, file in zip(drafts, files, strict=True)
    )


def ring_for_parcels(delivery):
    """The last of a batch to be ready, or to be kept out, lets its parcels be built."""
    others = Delivery.objects.filter(batch=delivery.batch_id, method=delivery.method)
    if delivery.method in IN_PARCELS and not others.filter(state=State.WAITING, ready_at=None).exists():
        async_task("distribution.jobs.build_parcels", str(delivery.batch_id))


def ring(waiting):
    """Wake the queue for work that lost its bell; the rows themselves are the ledger."""
    heard = rung()
    for name, pk in waiting:
        if (f"distribution.jobs.{name}", (str(pk),)) not in heard:
            async_task(f"distribution.jobs.{name}", str(pk))


def rung():
    """(job, arguments) of the bells that lie in the queue, or were taken out of it less than LATELY seconds ago.

    One that was taken is locked until `retry` is over, also when its worker died.
    """
    now = timezone.now()  # the queue's clock is that of its processes
    lately = now + timedelta(seconds=settings.Q_CLUSTER["retry"] - LATELY)
    return {(each.func(), each.args()) for each in OrmQ.objects.filter(Q(lock__lte=now) | Q(lock__gt=lately))}


def unfinished():
    """(job, primary key) pairs whose work lies waiting: what the sweep rings for."""
    waiting = Delivery.objects.order_by()
    for batch in waiting.unrouted().values_list("batch", flat=True).distinct():
        yield "route", batch
    for batch in waiting.unprepared().values_list("batch", flat=True).distinct():
        yield "prepare", batch
    to_print = waiting.filter(method__in=IN_PARCELS, state=State.WAITING, ready_at__isnull=False)
    for batch in to_print.in_nobodys_hands().filter(parcel__file=None).values_list("batch", flat=True).distinct():
        yield "build_parcels", batch
    for batch in Batch.objects.filter(planned_at=None, opened_at__lt=in_seconds(-60)).values_list("pk", flat=True):
        yield "plan", batch
    # Long enough that the first reader is not still at work.
    for upload in Upload.objects.filter(finished_at=None, at__lt=in_seconds(-600)).values_list("pk", flat=True):
        yield "take_invoices", upload

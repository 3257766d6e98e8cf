"""What travels in one file: parts of a batch, built when their documents are ready, and again without what was undone.

An own printer's part is a merged PDF, sent by its first download; a print provider's is carried by posting.py.
"""

import logging
import tempfile
import time
import uuid

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max
from django.db.models.functions import Now
from django_q.tasks import async_task

from config.clock import in_seconds
from distribution import channels
from distribution.models import Delivery, Enclosure, Parcel
from distribution.reasons import Reason
from distribution.states import OPEN, State
from recipients import history
from recipients.models import ArchivedFile

from .preparing import is_our_own

log = logging.getLogger(__name__)
BUILD_FOR = 60  # seconds after which a job rings for the rest: it may take 300


def build_parcels(batch):
    """Make the parts that are missing or whose contents changed. Safe to run twice, and at the same time."""
    enough = time.monotonic() + BUILD_FOR
    for method in channels.IN_PARCELS:
        waiting = Delivery.objects.filter(batch=batch, method=method, state=State.WAITING)
        # The last of them to be ready rings again.
        if not waiting.filter(ready_at=None).exists():
            share_out(batch, method, waiting.filter(parcel=None))
    for parcel in batch.parcels.filter(file=None, taken_at=None):
        if time.monotonic() > enough:
            async_task("distribution.jobs.build_parcels", str(batch.pk))
            return
        while build(parcel):
            pass


@transaction.atomic
def share_out(batch, method, loose):
    """Parts of at most `print_part` documents and `print_part_bytes`, in the order of the list."""
    sizes = loose.filter(enclosures__role=Enclosure.Role.PDF).order_by("position")
    part = batch.parcels.filter(method=method).aggregate(last=Max("part"))["last"] or 0
    for pks in parts(sizes.values_list("pk", "enclosures__file__size")):
        part += 1
        parcel, _made = Parcel.objects.get_or_create(
            company=batch.company, batch=batch, method=method, part=part,
        )  # fmt: skip
        Delivery.objects.filter(pk__in=pks, parcel=None, state=State.WAITING).update(parcel=parcel)


def parts(rows):
    """Lists of keys out of (key, bytes) rows."""
    most, most_bytes = settings.SENDING["print_part"], settings.SENDING["print_part_bytes"]
    part, total = [], 0
    for pk, size in rows:
        if part and (len(part) == most or total + size > most_bytes):
            yield part
            part, total = [], 0
        part.append(pk)
        total += size
    if part:
        yield part


def build(parcel):
    """Make the part's file; true when it is to be built at once again, without a document that failed its own delivery
    or in another form. What is undone meanwhile makes it be built again, at the latest when it is taken.
    """
    if not (rows := take_to_build(parcel)):
        return False
    at = []  # the row at work
    channel = channels.CHANNELS[parcel.method]
    try:
        with tempfile.TemporaryFile() as content:
            channel.pack(parcel, one_by_one(rows, at), content)
            file = ArchivedFile.objects.keep_file(parcel.company, content, media_type=channel.media_type)
    except Exception as error:
        let_go(rows)
        if is_our_own(error) or not at:
            raise
        log.exception("%s cannot be packed", at[0].pk)
        row = Delivery.objects.filter(pk=at[0].pk)
        row.move(State.FAILED, reason=Reason.UNPRINTABLE, reply_text=str(error)[:500], finished_at=Now())
        return True
    name = channel.parcel_name(parcel, file.sha256)
    with transaction.atomic():
        deliveries = parcel.deliveries.filter(state=State.WAITING)
        if deliveries.count() == len(rows):
            parcel.deliveries.exclude(state__in=OPEN).update(parcel=None)  # the file does not hold them
            Parcel.objects.filter(pk=parcel.pk, file=None, taken_at=None, token=parcel.token).update(
                file=file, documents=len(rows), name=name
            )
        let_go(rows)
    built_of = parcel.token
    parcel.refresh_from_db(fields=["token"])
    return parcel.token != built_of  # the provider wants other files by now


@transaction.atomic
def take_to_build(parcel):
    """The rows of a part that nobody builds now, in their order, held by a short lease and marked: what kills its
    builder is found (see one_by_one)."""
    free = Parcel.objects.filter(pk=parcel.pk, file=None, taken_at=None).select_for_update(skip_locked=True)
    deliveries = parcel.deliveries.filter(state=State.WAITING)
    if not free.first() or deliveries.count() != deliveries.in_nobodys_hands().count():
        return []
    rows = deliveries.select_related("invoice", "company").prefetch_related("enclosures__file")
    rows = list(rows.order_by("position"))
    lease = in_seconds(settings.SENDING["lease_prepare"])
    marks = {} if any(row.crashes for row in rows) else {"crashes": 1}
    deliveries.in_order().update(prepare_until=lease, **marks)
    return rows


def one_by_one(rows, at):
    """The rows; `at` holds the one at work. Where a builder died over them each is marked while it is at work, so that
    the one that kills three is found, and fails alone."""
    suspicious = any(row.crashes for row in rows)
    for row in rows:
        at[:] = [row]
        if suspicious:
            Delivery.objects.filter(pk=row.pk).update(crashes=F("crashes") + 1)
        yield row
        if suspicious:
            Delivery.objects.filter(pk=row.pk, crashes__gt=0).update(crashes=F("crashes") - 1)
    at.clear()


def let_go(rows):
    """The work on these rows ended without killing its worker."""
    waiting = Delivery.objects.filter(pk__in=[row.pk for row in rows], state=State.WAITING)
    waiting.update(crashes=0, prepare_until=None)


def spoil(parcels):
    """Something of them is gone: they lose their file, and are built again without it."""
    Delivery.objects.filter(parcel__in=parcels, state=State.UNDONE).update(parcel=None)
    for parcel in parcels.filter(taken_at=None):
        Parcel.objects.filter(pk=parcel.pk, taken_at=None).update(file=None)
        async_task("distribution.jobs.build_parcels", str(parcel.batch_id))


def build_again(connection):
    """Its provider wants other files from now on: so those that are built and wait. What is in hands goes as it is."""
    untaken = Parcel.objects.of(connection.company).filter(method=connection.method, taken_at=None)
    untaken.filter(file=None).update(token=uuid.uuid4())  # who builds one just now finds out at the end
    built = untaken.filter(file__isnull=False)
    for pk, batch, token in built.values_list("pk", "batch", "token"):
        held = Delivery.objects.filter(parcel=pk).exclude(state__in=(State.WAITING, State.UNDONE))
        # A claim writes its token, so that who claims it in this moment wins.
        if not held.exists() and built.filter(pk=pk, token=token).update(file=None):
            async_task("distribution.jobs.build_parcels", str(batch))


def open_up(batch):
    """After an undo: parts that hold something undone lose their file, and are built again without it."""
    spoilt = batch.parcels.filter(taken_at=None, deliveries__state=State.UNDONE)
    spoil(Parcel.objects.filter(pk__in=list(spoilt.values_list("pk", flat=True))))
    batch.parcels.filter(taken_at=None, deliveries=None).delete()


class NotReady(Exception):
    """Something in the part was undone since it was built: it is being built again."""


def take(parcel, *, by):
    """The first download sends the whole part or nothing; later ones are noted. Returns the PDF's bytes.

    Raises NotReady.
    """
    try:
        with transaction.atomic():
            taken = Parcel.objects.select_for_update(of=("self",)).select_related("file").get(pk=parcel.pk)
            if taken.file is None:
                raise NotReady
            if taken.taken_at is None:
                everything = taken.deliveries.count()
                sent = taken.deliveries.all().move(State.SENT, by=by, note=taken.name, finished_at=Now())
                if sent != everything:
                    raise NotReady
                Parcel.objects.filter(pk=parcel.pk).update(taken_at=Now())
            else:
                history.record(taken.deliveries.all(), "delivery.printed_again", by=by)
            return taken.file.read()
    except NotReady:
        Parcel.objects.filter(pk=parcel.pk, taken_at=None).update(file=None)
        async_task("distribution.jobs.tidy", str(parcel.batch_id))
        raise

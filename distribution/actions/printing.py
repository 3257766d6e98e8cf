"""Own printer: merged PDFs in list order, ready at once, gone when somebody downloads them."""

import io

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django_q.tasks import async_task
from pypdf import PdfWriter

from distribution.models import Delivery, Enclosure, Parcel
from distribution.states import State
from recipients import history
from recipients.methods import Method
from recipients.models import ArchivedFile


def build_parcels(batch):
    """Make the parts that are missing or whose contents changed. Safe to run twice, and at the same time."""
    waiting = Delivery.objects.filter(batch=batch, method=Method.OWN_PRINTER, state=State.WAITING)
    if waiting.filter(ready_at=None).exists():
        return  # the last of them to be ready rings again
    size, opened = settings.SENDING["print_part"], timezone.localtime(batch.opened_at)
    loose = list(waiting.filter(parcel=None).order_by("position").values_list("pk", flat=True))
    with transaction.atomic():
        first = batch.parcels.count()
        for start in range(0, len(loose), size):
            part = first + start // size + 1
            parcel, _made = Parcel.objects.get_or_create(
                company=batch.company, batch=batch, method=Method.OWN_PRINTER, part=part,
                defaults={"name": f"{batch.company.slug}-{opened:%Y%m%d-%H%M%S}-{part}.pdf"},
            )  # fmt: skip
            Delivery.objects.filter(pk__in=loose[start : start + size], parcel=None).update(parcel=parcel)
    for parcel in batch.parcels.filter(file=None, taken_at=None):
        build(parcel)


def build(parcel):
    """Merge the part's PDFs. What is undone meanwhile makes it be built again, at the latest at the download."""
    deliveries = parcel.deliveries.filter(state=State.WAITING).order_by("position")
    pdfs = Enclosure.objects.filter(delivery__in=deliveries, role=Enclosure.Role.PDF).select_related("file")
    merged = PdfWriter()
    for enclosure in pdfs.order_by("delivery__position"):
        merged.append(io.BytesIO(enclosure.file.read()), import_outline=False)
    content = io.BytesIO()
    merged.write(content)
    count = len(pdfs)
    with transaction.atomic():
        if not count or deliveries.count() != count:
            return
        file = ArchivedFile.objects.keep(parcel.company, content.getvalue(), media_type="application/pdf")
        Parcel.objects.filter(pk=parcel.pk, taken_at=None).update(file=file)


def open_up(batch):
    """After an undo: parts that hold something undone lose their file, and are built again without it."""
    spoilt = batch.parcels.filter(taken_at=None, deliveries__state=State.UNDONE).distinct()
    for parcel in spoilt:
        parcel.deliveries.filter(state=State.UNDONE).update(parcel=None)
        Parcel.objects.filter(pk=parcel.pk, taken_at=None).update(file=None)
    batch.parcels.filter(taken_at=None, deliveries=None).delete()
    if batch.parcels.filter(file=None, taken_at=None).exists():
        async_task("distribution.jobs.build_parcels", str(batch.pk))


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

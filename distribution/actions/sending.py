"""From Send to the outbox, and back: confirm, undo, send again, decide a doubt."""

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Now
from django_q.tasks import async_task

from config.bulk import NewUUID, insert_select
from config.clock import in_seconds
from distribution.models import Batch, Delivery, Settings
from distribution.models.delivery import show_on_invoices
from distribution.reasons import Reason
from distribution.states import State
from invoicing.models import Invoice
from recipients import history

from .planning import make_plan


class Changed(Exception):
    """Invoices changed while the sheet was open; `count` of them. Nothing was sent."""

    def __init__(self, count):
        super().__init__(count)
        self.count = count


class NothingToSend(Exception):
    """The sheet holds no invoice that can go."""


@transaction.atomic
def send(batch, *, template, again, by):
    """Put what the sheet showed in the outbox. It leaves when the undo window has closed.

    A compare-and-set on the batch: two browsers or a double click make one. Raises Changed or NothingToSend.
    """
    window = in_seconds(60 * batch.company.distribution.undo_minutes)
    confirmed = Batch.objects.filter(pk=batch.pk, confirmed_at=None, planned_at__isnull=False).update(
        confirmed_at=Now(), leaves_at=window, template=template, sends_again=again, by=by
    )
    if not confirmed:
        return
    changed = batch.lines.changed().count()
    if changed:
        raise Changed(changed)
    started = start(batch, again=again, by=by)
    if not started:
        raise NothingToSend
    # Those who credited one meanwhile held its row until a moment ago, and did not see what started here.
    credited = Q(invoice__is_credited=True) | Q(invoice__is_books_only=True)
    if changed := Delivery.objects.filter(credited, batch=batch).count():
        raise Changed(changed)
    Settings.objects.filter(company=batch.company_id).update(last_template=template)
    async_task("distribution.jobs.route", str(batch.pk))


def start(batch, *, again, by):
    """One WAITING Delivery for each line that goes, history for each that cannot; returns the number that started."""
    going = batch.lines.going(again=again)
    insert_select(
        Delivery,
        going,
        {
            "id": NewUUID(),
            "stamp": NewUUID(),
            "company": batch.company_id,
            "invoice": F("invoice_id"),
            "batch": batch.pk,
            "position": F("position"),
            "state": State.WAITING,
            "because": [],
            "leaves_at": F("batch__leaves_at"),
            "method": "", "address": "", "attempts": 0, "crashes": 0, "is_late": False,
            "reason": "", "reply_code": "", "reply_text": "",
        },
        ignore_conflicts=True,
    )  # fmt: skip
    # Somebody else's press took these between the sheet and now: they are left out, and said so.
    taken = going.exclude(invoice__in=Delivery.objects.filter(batch=batch).values("invoice"))
    taken.update(method="", address="", reason=Reason.ALREADY_WAITING)
    deliveries = Delivery.objects.filter(batch=batch)
    history.record(deliveries, "delivery.queued", by=by, leaves_at=F("leaves_at"))
    history.record(batch.lines.cannot(), "invoice.not_sent", by=by, reason=F("reason"))
    show_on_invoices(Invoice.objects.filter(pk__in=deliveries.values("invoice")))
    started = deliveries.count()
    cannot = batch.lines.cannot().count()
    Batch.objects.filter(pk=batch.pk).update(cannot_count=cannot, left_out_count=F("selected_count") - cannot - started)
    return started


@transaction.atomic
def undo(deliveries, *, by, note=""):
    """Take back what has not left; returns (stopped, already left). The database alone decides which is which."""
    batches = list(deliveries.order_by().values_list("batch", flat=True).distinct())
    deliveries.stoppable().filter(parcel__isnull=False).in_order()  # a sender may want all of a parcel
    stopped = deliveries.move(State.UNDONE, by=by, note=note, finished_at=Now())
    for batch in batches:
        async_task("distribution.jobs.tidy", str(batch))
    return stopped, deliveries.left().count()


DOUBT = {"arrived": None, "not_arrived": Reason.NOT_ARRIVED, "cancel": Reason.CANCELLED, "again": Reason.REPLACED}


@transaction.atomic
def decide(doubts, verdict, *, why, by):
    """A person decides what became of deliveries in doubt; returns (decided, the new batch of "again" or None).

    `verdict` is a key of DOUBT, `why` the reason that history keeps.
    """
    chosen = list(doubts.filter(state=State.IN_DOUBT).values_list("pk", flat=True))
    rows = Delivery.objects.filter(pk__in=chosen)  # by pk: their state is about to change
    if verdict == "arrived":
        return rows.filter(state=State.IN_DOUBT).move(
            State.SENT, by=by, note=why, finished_at=Now(), closed_by=by
        ), None
    decided = rows.move(
        State.FAILED, by=by, note=why, reason=DOUBT[verdict], finished_at=Now(), closed_by=by, handled_at=Now()
    )
    # Only what this call closed: a late answer may have settled others meanwhile.
    closed = rows.filter(state=State.FAILED, reason=Reason.REPLACED, closed_by=by)
    return decided, send_again(closed, by=by) if verdict == "again" and decided else None


@transaction.atomic
def send_again(deliveries, *, by):
    """New rows for the invoices of these deliveries, in a batch of their own that can be undone; returns the batch."""
    first = deliveries.select_related("company__distribution", "batch").first()
    before = dict(deliveries.values_list("pk", "invoice"))  # by key: some stop needing attention by this
    ids = [str(pk) for pk in before.values()]
    batch = Batch.objects.create(company=first.company, by=by, selection={"ids": ids}, selected_count=len(set(ids)))
    make_plan(batch)
    send(batch, template=first.batch and first.batch.template, again=True, by=by)
    tried = Delivery.objects.filter(pk__in=before, invoice=OuterRef("invoice")).order_by("-created_at", "-id")
    Delivery.objects.filter(batch=batch).update(again_of=Subquery(tried.values("pk")[:1]))
    return batch


def mark_returned(deliveries, *, why, by):
    """A person says that these came back: a letter, or a bounce that nobody else has seen; returns how many had left.

    `why` is what history keeps. The invoices show again what they showed before, with an attention mark.
    """
    return deliveries.move(State.RETURNED, by=by, note=why, reason=Reason.RETURNED, finished_at=Now())


@transaction.atomic
def mark_handled(deliveries, *, by):
    """A person has seen to these: a failure's mark goes, a late answer is waited for no more, the history stays."""
    late = Delivery.objects.filter(pk__in=list(deliveries.answer_overdue().values_list("pk", flat=True)))
    history.record(late, "delivery.answer_given_up", by=by)
    given_up = late.update(receipt_due_at=None)
    seen = deliveries.needing_attention().exclude(state__in=(State.IN_DOUBT, State.WAITING))
    ids = list(seen.values_list("pk", flat=True))
    rows = Delivery.objects.filter(pk__in=ids)
    rows.update(handled_at=Now())
    history.record(rows, "delivery.handled", by=by)
    show_on_invoices(Invoice.objects.filter(pk__in=rows.values("invoice")))
    return len(ids) + given_up

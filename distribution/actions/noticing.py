"""Who has to hear of what. News is found in the rows, not where it happens: a worker that dies tells nobody, but what
it left behind is seen at the next look. The database keeps each piece of news from being told twice.
"""

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone

from config.bulk import insert_select
from config.clock import in_seconds
from distribution.models import Answer, Batch, Connection, Delivery, Installation, Notification, Parcel
from distribution.states import State
from distribution.tally import GROUP_OF, GROUPS
from recipients.methods import Method
from recipients.models import Role

Kind = Notification.Kind
DAY = 24 * 3600
LOOKED_AT = 7 * DAY  # after the confirmation of a batch: refusals give up after two days
PRINT_PATIENCE = 2 * DAY
SILENCE = 15 * 60  # of the sender, while something is due
PAUSES = 3  # in a row before a relay that does not answer is news


def look():
    """Find what is new and tell it. Safe to run at any time, twice, and by two processes at once."""
    look_at_batches()
    look_at_print_files()
    look_at_relay()
    look_at_answers()
    look_at_sender()


def tell(company_id, kind, key, *, user=None, role=Role.CLERK, about=None, **data):
    """Say it once; what is already said gets its new numbers, and no new bell."""
    told, is_new = Notification.objects.get_or_create(
        company_id=company_id, kind=kind, key=str(key),
        defaults={"user": user, "role": role, "about": about, "data": data},
    )  # fmt: skip
    if not is_new and told.data != data:
        Notification.objects.filter(pk=told.pk).update(data=data)


def look_at_batches():
    """Failures and doubts as soon as there are any, once a batch; the outcome when nothing is on its way."""
    done = Notification.objects.filter(company=OuterRef("company"), kind=Kind.BATCH_DONE, about=OuterRef("pk"))
    young = Batch.objects.filter(~Exists(done), confirmed_at__gt=in_seconds(-LOOKED_AT)).select_related("by")
    groups = {batch: dict.fromkeys(GROUPS, 0) | {"to_print": 0} for batch in young}
    by_pk = {batch.pk: numbers for batch, numbers in groups.items()}
    rows = Delivery.objects.filter(batch__in=by_pk).principal().order_by().values("batch", "state", "method")
    for row in rows.annotate(n=Count("pk"), ready=Count("ready_at")):
        numbers = by_pk[row["batch"]]
        numbers[GROUP_OF[row["state"]]] += row["n"]
        if row["state"] == State.WAITING and row["method"] == Method.OWN_PRINTER:  # that waits for a person
            numbers["to_print"] += row["ready"]
            numbers["waiting"] -= row["ready"]
    for batch, numbers in groups.items():
        tell_of_batch(batch, numbers)


@transaction.atomic
def tell_of_batch(batch, numbers):
    failed = numbers["failed"] + numbers["returned"]
    about = {"about": batch.pk, "selected": batch.selected_count}
    if failed:
        tell(batch.company_id, Kind.FAILURES, batch.pk, n=failed, by=str(batch.by), **about)
    if numbers["in_doubt"]:
        tell(batch.company_id, Kind.DOUBTS, batch.pk, n=numbers["in_doubt"], **about)
    is_undone = numbers["undone"] == sum(numbers.values())  # and who undid it knows
    if not numbers["waiting"] and not numbers["sending"] and not is_undone:
        more = {"cannot": batch.cannot_count, "left_out": batch.left_out_count}
        tell(batch.company_id, Kind.BATCH_DONE, batch.pk, user=batch.by, **about, **numbers, **more)


def look_at_print_files():
    told = Notification.objects.filter(company=OuterRef("company"), kind=Kind.PRINT_WAITS, about=OuterRef("pk"))
    forgotten = Parcel.objects.filter(
        ~Exists(told), method=Method.OWN_PRINTER, taken_at=None, file__isnull=False,
        batch__confirmed_at__lt=in_seconds(-PRINT_PATIENCE),
    )  # fmt: skip
    for parcel in forgotten:
        part = {"name": parcel.name, "batch": str(parcel.batch_id)}
        tell(parcel.company_id, Kind.PRINT_WAITS, parcel.pk, about=parcel.pk, **part)


def look_at_relay():
    """The breaker has opened several times in a row: told once a day, to those whose e-mail waits."""
    relay = Connection.objects.filter(company=None, method=Method.EMAIL, failures__gte=PAUSES).first()
    if relay and relay.paused_until:
        for company, waiting in held_up():
            day = timezone.localdate().isoformat()
            tell(company, Kind.RELAY_PAUSED, day, reason=relay.pause_reason, waiting=waiting)


def look_at_answers():
    """Letters of which nobody has said that they are posted, once a batch; and what was said of no letter of ours."""
    late = Delivery.objects.answer_overdue().exclude(batch=None).order_by().values_list("company", "batch")
    for company, batch, n in late.annotate(n=Count("pk")):
        tell(company, Kind.ANSWERS_OVERDUE, batch, about=batch, n=n)
    told = Notification.objects.filter(company=OuterRef("company"), kind=Kind.ANSWER_PUZZLES, about=OuterRef("pk"))
    # While a file lies where it was found it may still be growing.
    puzzling = Answer.objects.puzzling().filter(
        ~Exists(told), filed_at__isnull=False, read_at__gt=in_seconds(-LOOKED_AT)
    )
    for answer in puzzling:
        where = {"connection": str(answer.connection_id or ""), "name": answer.name, "n": answer.unmatched_count}
        tell(answer.company_id, Kind.ANSWER_PUZZLES, answer.pk, about=answer.pk, role=Role.MANAGER, **where)


def look_at_sender():
    """Something is due and nobody takes it. Seen by the queue, since the sender cannot say so itself."""
    silent = Q(sender_seen_at=None) | Q(sender_seen_at__lt=in_seconds(-SILENCE))
    installation = Installation.objects.filter(silent, pk=1).first()
    if installation is None:
        return
    since = installation.sender_seen_at.isoformat() if installation.sender_seen_at else ""
    for company, _waiting in held_up(since=SILENCE):
        tell(company, Kind.SENDER_SILENT, since or "never", since=since)


def held_up(*, since=0):
    """(company id, deliveries) whose time came so many seconds ago, and that nobody has taken."""
    rows = Delivery.objects.leaving().filter(leaves_at__lt=in_seconds(-since))
    return rows.order_by().values_list("company").annotate(n=Count("pk"))


@transaction.atomic
def mark_read(notifications, *, by):
    """This person has read these; the others have not."""
    reading = Notification.read_by.through
    insert_select(reading, notifications, {"notification": F("pk"), "user": by.pk}, ignore_conflicts=True)

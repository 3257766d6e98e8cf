"""The numbers of the overview: what there is to do, and how the last days went.

Each look is one query whatever the number of rows. Days begin at midnight by the clock on the wall (TIME_ZONE).
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal

from django.db.models import Case, Count, F, IntegerField, Min, Sum, Value, When
from django.utils import timezone

from config.clock import SecondsBetween
from distribution.models import Batch, Delivery, Parcel
from distribution.states import State
from distribution.tally import GROUP_OF, GROUPS
from invoicing.models import Invoice
from invoicing.models.invoice import signed_payable
from recipients.methods import Method

DAYS = 14
ENDED = (State.SENT, State.FAILED, State.RETURNED)  # the bars; what was undone never was on its way


# --- What there is to do ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pile:
    """A number of documents and what they are worth."""

    count: int
    sums: dict  # {"SEK": Decimal}, most first

    @classmethod
    def of(cls, invoices, amount):
        """One query. `amount` is an expression over an invoice."""
        rows = list(invoices.order_by().values("currency").annotate(n=Count("*"), total=Sum(amount)).order_by("-total"))
        return cls(sum(row["n"] for row in rows), {row["currency"]: row["total"] or Decimal(0) for row in rows})


def to_send(company):
    """Credit notes are subtracted."""
    return Pile.of(Invoice.objects.of(company).to_send(), signed_payable())


def overdue(company):
    return Pile.of(Invoice.objects.of(company).overdue(timezone.localdate()), F("balance"))


def waiting(company):
    """(deliveries that can still be stopped, when the first of them leaves or None)."""
    rows = Delivery.objects.of(company).stoppable().order_by()
    found = rows.aggregate(n=Count("pk"), first=Min("leaves_at"))
    return found["n"], found["first"]


def trouble(company):
    """{state: deliveries that somebody should look at}."""
    rows = Delivery.objects.of(company).needing_attention().order_by().values("state").annotate(n=Count("*"))
    return {row["state"]: row["n"] for row in rows}


def answers_overdue(company):
    """Letters of which the print provider should have said by now that they are posted."""
    return Delivery.objects.of(company).answer_overdue().count()


def not_downloaded(company):
    """Files for the own printer that nobody has fetched yet, oldest first."""
    waiting_parts = Parcel.objects.of(company).filter(method=Method.OWN_PRINTER, taken_at=None, file__isnull=False)
    return waiting_parts.select_related("batch").order_by("batch__confirmed_at", "part")


# --- How the last days went -------------------------------------------------------------------------------------------


@dataclass
class Day:
    date: object
    sent: int = 0
    failed: int = 0
    median: int | None = None  # seconds from the end of the undo window to the hand-over

    @property
    def total(self):
        return self.sent + self.failed


@dataclass(frozen=True)
class Fortnight:
    """The last DAYS days. `methods`: {method: sent}, most first."""

    days: list
    methods: dict
    median: int | None

    @property
    def sent(self):
        return sum(day.sent for day in self.days)

    @property
    def failed(self):
        return sum(day.failed for day in self.days)

    @classmethod
    def of(cls, company, today=None):
        """Two queries, both over one index."""
        today = today or timezone.localdate()
        days = [Day(today - timedelta(days=back)) for back in reversed(range(DAYS))]
        ended = Delivery.objects.of(company).principal().order_by().exclude(method=Method.OUTSIDE)
        ended = ended.filter(finished_at__gte=midnight(days[0].date), state__in=ENDED).annotate(day=_day(days))
        methods = {}
        for row in ended.values("day", "state", "method").annotate(n=Count("*")):
            day = days[row["day"]]
            if row["state"] == State.SENT:
                day.sent += row["n"]
                methods[row["method"]] = methods.get(row["method"], 0) + row["n"]
            else:
                day.failed += row["n"]
        taken = ended.filter(state=State.SENT).exclude(method=Method.OWN_PRINTER)  # that one waits for a person
        times = taken.annotate(seconds=SecondsBetween("batch__leaves_at", "finished_at")).values("day", took=_coarse())
        by_day = [[] for _day_ in days]
        for row in times.annotate(n=Count("*")):
            by_day[row["day"]].append((max(row["took"] or 0, 0), row["n"]))
        for day, histogram in zip(days, by_day, strict=True):
            day.median = median(histogram)
        ordered = dict(sorted(methods.items(), key=lambda item: -item[1]))
        return cls(days, ordered, median([pair for histogram in by_day for pair in histogram]))


def midnight(date):
    return timezone.make_aware(datetime.combine(date, time.min))


def _day(days):
    """Which of these days a delivery ended on. Compared in SQL: a time zone would be one call of Python a row."""
    bounds = [When(finished_at__lt=midnight(day.date), then=Value(place)) for place, day in enumerate(days[1:])]
    return Case(*bounds, default=Value(len(days) - 1), output_field=IntegerField())


def _coarse():
    """Seconds, then tens of them, then minutes: a histogram of some hundred rows, whatever was sent."""
    seconds = F("seconds")
    return Case(
        When(seconds__lt=120, then=seconds), When(seconds__lt=7200, then=seconds / 10 * 10), default=seconds / 60 * 60
    )


def median(histogram):
    """The lower median of (value, count) pairs; None of none."""
    left = (sum(n for _value, n in histogram) + 1) // 2
    for value, n in sorted(histogram):
        left -= n
        if left <= 0:
            return value
    return None


# --- What became of it ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Today:
    """Everything that was chosen today, and where it is now. The parts add up to `selected`, or something is wrong."""

    batches: int
    selected: int
    parts: dict  # {group of distribution.tally, "cannot" or "left_out": count}

    @property
    def adds_up(self):
        return self.selected == sum(self.parts.values())

    @classmethod
    def of(cls, company):
        """Two queries."""
        start = midnight(timezone.localdate())
        chosen = Batch.objects.of(company).filter(confirmed_at__gte=start).aggregate(
            n=Count("pk"), selected=Sum("selected_count"), cannot=Sum("cannot_count"), left_out=Sum("left_out_count")
        )  # fmt: skip
        parts = dict.fromkeys(GROUPS, 0)
        rows = Delivery.objects.of(company).principal().filter(batch__company=company, batch__confirmed_at__gte=start)
        for row in rows.order_by().values("state").annotate(n=Count("*")):
            parts[GROUP_OF[row["state"]]] += row["n"]
        parts |= {"cannot": chosen["cannot"] or 0, "left_out": chosen["left_out"] or 0}
        return cls(chosen["n"], chosen["selected"] or 0, parts)


def failed_today(company):
    """[(reason, count)], most first: what was refused or came back since midnight."""
    rows = Delivery.objects.of(company).principal().filter(
        finished_at__gte=midnight(timezone.localdate()), state__in=(State.FAILED, State.RETURNED)
    )  # fmt: skip
    counted = rows.order_by().values("reason").annotate(n=Count("*")).order_by("-n", "reason")
    return [(row["reason"], row["n"]) for row in counted]


def troubles(company, most):
    """The newest deliveries that somebody should look at."""
    rows = Delivery.objects.of(company).needing_attention().defer("because")
    return list(rows.select_related("invoice__customer", "invoice__organisation").order_by("-created_at", "-id")[:most])


def latest_batches(company, most):
    """[(Batch, {group: count})], newest first, in two queries."""
    batches = list(
        Batch.objects.of(company).confirmed().select_related("by", "template").order_by("-confirmed_at")[:most]
    )
    groups = {batch.pk: dict.fromkeys(GROUPS, 0) for batch in batches}
    rows = Delivery.objects.filter(batch__in=groups).principal().order_by().values("batch", "state")
    for row in rows.annotate(n=Count("*")):
        groups[row["batch"]][GROUP_OF[row["state"]]] += row["n"]
    return [(batch, groups[batch.pk]) for batch in batches]

"""The numbers of a batch: of its sheet, and of what became of it. Both add up to what was selected."""

from dataclasses import dataclass

from django.db.models import Count, Sum
from django.db.models.functions import Now

from config.clock import in_seconds
from distribution.models import Delivery
from distribution.reasons import OF_A_RUNG
from distribution.states import State
from invoicing.models.invoice import signed_payable

TONES = ("1", "2", "3", "4")  # of a bar, most first; see progress.css


@dataclass(frozen=True)
class Tally:
    """What a sheet says. `ways`: rows of {"method", "sent_before", "because", "count"}, one a way and trace."""

    ways: list
    cannot: list  # {"reason", "count"}, most first
    sums: dict  # {"SEK": Decimal}, over all that was selected

    @classmethod
    def of(cls, batch):
        """Three queries, whatever the size."""
        lines = batch.lines.order_by()
        goes, cannot = lines.filter(reason=""), lines.cannot()
        sums = lines.values("invoice__currency").annotate(total=Sum(signed_payable("invoice__")))
        return cls(
            ways=list(goes.values("method", "sent_before", "because").annotate(count=Count("pk"))),
            cannot=list(cannot.values("reason").annotate(count=Count("pk")).order_by("-count", "reason")),
            sums={row["invoice__currency"]: row["total"] for row in sums},
        )

    def going(self, again):
        """How many leave; `again`: with those that were sent before."""
        return sum(way["count"] for way in self.ways if again or not way["sent_before"])

    @property
    def before(self):
        """How many could go, but were sent before."""
        return sum(way["count"] for way in self.ways if way["sent_before"])

    @property
    def lacks_a_way(self):
        """Whether some cannot go because no rung leads to them."""
        return any(row["reason"] in OF_A_RUNG for row in self.cannot)

    @property
    def cannot_count(self):
        return sum(row["count"] for row in self.cannot)

    def rows(self, again):
        """Per method, most first: {"method", "count", "tone", "by_default", "by_reserve"}.

        The last two count those whose better way was not possible.
        """
        rows = {}
        for way in self.ways:
            if way["sent_before"] and not again:
                continue
            row = rows.setdefault(
                way["method"], {"method": way["method"], "count": 0, "by_default": 0, "by_reserve": 0}
            )
            row["count"] += way["count"]
            used = next(place for place, step in enumerate(way["because"]) if step["verdict"] == "used")
            rung = way["because"][used]["rung"]
            if rung == "reserve" or (rung == "default" and used):
                row[f"by_{rung}"] += way["count"]
        ordered = sorted(rows.values(), key=lambda row: -row["count"])
        return [row | {"tone": TONES[min(place, 3)]} for place, row in enumerate(ordered)]


# What a batch page counts: name -> states. The first ones are always shown, the others when there are any.
GROUPS = {
    "sent": (State.SENT,),
    "sending": (State.HANDING_OVER,),
    "waiting": (State.WAITING, State.PARKED, State.CLAIMED),
    "failed": (State.FAILED,),
    "in_doubt": (State.IN_DOUBT,),
    "returned": (State.RETURNED,),
    "undone": (State.UNDONE,),
}
GROUP_OF = {state: name for name, states in GROUPS.items() for state in states}


@dataclass(frozen=True)
class Progress:
    """What became of a confirmed batch: selected = the groups + cannot + left out."""

    methods: dict  # {method ("": no way chosen yet): {group: count}}

    @classmethod
    def of(cls, batch):
        """One query."""
        rows = Delivery.objects.filter(batch=batch).principal().order_by().values("method", "state")
        methods = {}
        for row in rows.annotate(count=Count("pk")):
            groups = methods.setdefault(row["method"], dict.fromkeys(GROUPS, 0))
            groups[GROUP_OF[row["state"]]] += row["count"]
        return cls(methods)

    @property
    def groups(self):
        return {name: sum(groups[name] for groups in self.methods.values()) for name in GROUPS}

    @property
    def total(self):
        return sum(self.groups.values())

    @property
    def open(self):
        return self.groups["waiting"] + self.groups["sending"]


def pace(batch):
    """Deliveries of the batch that ended in the last minute."""
    ended = Delivery.objects.filter(batch=batch, finished_at__gt=in_seconds(-60), finished_at__lte=Now())
    return ended.exclude(state=State.UNDONE).count()

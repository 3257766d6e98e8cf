"""What changed settings would do: to what is to be sent, by the one resolver, and to what waits. Nothing is written."""

import heapq
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count, islice

from django.db.models import Count

from distribution.models import Delivery
from distribution.resolver import routes_by, rules
from invoicing.models import Invoice
from recipients.methods import Method

LOOKED_AT = 20_000  # of the newest; the answer says so where there are more
EXAMPLES = 3  # of each change, the largest
SHOWN = ("kind", "currency", "payable", "issued_on")


@dataclass
class Change:
    """The invoices that change from one way to another. `now` and `then` are Methods, "" for none; `reason`: why none.

    The same method twice is another address.
    """

    now: str
    then: str
    reason: str
    count: int = 0
    sums: dict = field(default_factory=dict)  # {"SEK": Decimal}, credit notes less
    largest: list = field(default_factory=list)  # a heap of (amount, number of order, invoice, Route now, Route then)

    def add(self, invoice, now, then, order):
        self.count += 1
        amount = -invoice.payable if invoice.kind == Invoice.Kind.CREDIT else invoice.payable
        self.sums[invoice.currency] = self.sums.get(invoice.currency, 0) + amount
        put = heapq.heappush if len(self.largest) < EXAMPLES else heapq.heappushpop
        put(self.largest, (amount, -order, invoice, now, then))

    @property
    def examples(self):
        """(invoice, Route now, Route then), the largest first."""
        return [each[2:] for each in sorted(self.largest, key=lambda each: each[:2], reverse=True)]


@dataclass(frozen=True)
class WhatIf:
    """`before` and `after` the change of a company's settings."""

    changes: list  # Change, most first
    ways: dict  # {method ("": cannot be sent): [how many now, how many then]}
    fails: dict  # {method: how many wait by it, and fail because it is switched off}
    is_cut: bool  # there are more than LOOKED_AT
    key: str

    @classmethod
    def of(cls, before, after):
        """Three queries whatever the number. Both are Settings with their company; `after` is not stored."""
        unsent = Invoice.objects.of(after.company).to_send().order_by("-issued_on", "-id")
        answers = routes_by([before, after], unsent, after.company, more=SHOWN)
        changes, ways, order = {}, {}, count()
        for invoice, (now, then) in islice(answers, LOOKED_AT):
            ways.setdefault(now.method, [0, 0])[0] += 1
            ways.setdefault(then.method, [0, 0])[1] += 1
            if (now.method, now.address) != (then.method, then.address):
                way = (now.method, then.method, then.reason)
                changes.setdefault(way, Change(*way)).add(invoice, now, then, next(order))
        return cls(
            changes=sorted(changes.values(), key=lambda change: -change.count),
            ways=ways,
            fails=failing(before, after),
            is_cut=next(answers, None) is not None,
            key=key(before, after),
        )

    @property
    def looked_at(self):
        return sum(now for now, _then in self.ways.values())

    @property
    def moved(self):
        return sum(change.count for change in self.changes)

    @property
    def stopped(self):
        """How many could be sent, and could not any more."""
        return sum(change.count for change in self.changes if change.now and not change.then)

    @property
    def affects(self):
        return bool(self.changes or self.fails)


def failing(before, after):
    """{method: deliveries that wait by one that is switched off}. Paper is fetched by a person, and never fails."""
    off = set(before.active_methods) - set(after.active_methods) - {Method.OWN_PRINTER}
    waiting = Delivery.objects.of(after.company).stoppable().filter(method__in=off).order_by()
    return {row["method"]: row["n"] for row in waiting.values("method").annotate(n=Count("pk"))}


def key(before, after):
    """Names the question: who confirms an answer confirms this change of these settings, and no other."""
    return sha256(repr((rules(before), rules(after))).encode()).hexdigest()[:20]

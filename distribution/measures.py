"""How long things take, counted in this process and added to the database's counts now and then.

A write for each document would make all senders queue up for the same row. What a killed process had not written yet
is not counted: these are figures for graphs, never for a decision.
"""

import threading
from bisect import bisect_left
from collections import defaultdict

from django.db import DatabaseError
from django.db.models import F

from distribution.models import Measure

_lock = threading.Lock()
_noted = defaultdict(lambda: [0, 0.0])  # (what, method, outcome, bucket) -> [count, seconds]


def note(what, seconds, *, method, outcome=""):
    """`what`, a Measured, took so many seconds. Touches no database."""
    with _lock:
        entry = _noted[what.value, method, outcome, bisect_left(what.bounds, seconds)]
        entry[0] += 1
        entry[1] += seconds


def write():
    """Add what was noted since the last time. Outside a transaction, so that each row is locked for a moment only."""
    with _lock:
        taken = dict(_noted)
        _noted.clear()
    while taken:
        (what, method, outcome, bucket), (count, seconds) = taken.popitem()
        key = {"what": what, "method": method, "outcome": outcome, "bucket": bucket}
        try:
            Measure.objects.get_or_create(**key)
            Measure.objects.filter(**key).update(count=F("count") + count, seconds=F("seconds") + seconds)
        except DatabaseError:
            with _lock:  # not lost: added at the next time
                for each, (number, total) in (taken | {tuple(key.values()): (count, seconds)}).items():
                    _noted[each][0] += number
                    _noted[each][1] += total
            raise

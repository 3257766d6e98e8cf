"""Every periodic job in one table. `./dev manage sync_schedules` makes the queue's schedules equal to it."""

from datetime import time
from typing import NamedTuple


class Job(NamedTuple):
    """`function` is called each day at `at`, in TIME_ZONE, or every so many `minutes`."""

    name: str
    function: str
    at: time | None = None
    minutes: int | None = None


JOBS = [
    Job("Check that invoices show what their deliveries say", "distribution.jobs.check", time(3, 40)),
    # The sender looks too, and more often; this one sees that the sender is silent.
    Job("Look for what somebody has to hear of", "distribution.jobs.look", minutes=5),
]

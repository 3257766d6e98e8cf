"""Every periodic job in one table. `./dev manage sync_schedules` makes the queue's schedules equal to it."""

from datetime import time
from typing import NamedTuple


class Job(NamedTuple):
    """`function` is called each day at `at`, in TIME_ZONE."""

    name: str
    function: str
    at: time


JOBS = [
    Job("Check that invoices show what their deliveries say", "distribution.jobs.check", time(3, 40)),
]

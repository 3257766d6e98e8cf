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
    Job("Delete what broken uploads left on other servers", "distribution.jobs.sweep_connections", time(4, 10)),
    # The sender looks too, and more often; this one sees that the sender is silent.
    Job("Look for what somebody has to hear of", "distribution.jobs.look", minutes=5),
    Job("Read what print providers answer", "distribution.jobs.look_for_answers", minutes=5),
]

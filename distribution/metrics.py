"""The page that Prometheus reads. Every number comes from the database, so that each process tells the same.

About the installation as a whole: no company, no person.
"""

from collections import defaultdict
from itertools import accumulate

from distribution.actions import watching
from distribution.models import Measure
from distribution.models.measure import Measured

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
TIMED = {
    Measured.HAND_OVER: "Time of one hand-over, by method and outcome",
    Measured.RENDER: "Time to make the documents of one delivery, by method",
}


def page():
    """The whole page in Prometheus's text format."""
    return "".join(line + "\n" for line in (*gauges(), *(line for what in TIMED for line in histogram(what))))


def gauges():
    now, disk = watching.vitals(), watching.archive_disk()
    modes = {mode: int(now.mode == mode) for mode in ("live", "test", "copy")}
    yield from gauge("mode", "Whether real deliveries leave: live, test or copy", modes, label="mode")
    yield from gauge("sender_silent_seconds", "Since the sender was seen", never(now.sender_silent))
    yield from gauge("queue_silent_seconds", "Since a worker of the queue was seen", never(now.queue_silent))
    yield from gauge("due_oldest_seconds", "How long the oldest delivery has been due", now.oldest_due or 0)
    yield from gauge("jobs_waiting", "Jobs that no worker has taken yet", now.jobs)
    yield from gauge("jobs_oldest_seconds", "How long the oldest of them has waited", now.oldest_job or 0)
    yield from gauge("relay_paused", "1 while the mail relay is paused", int(now.relay_paused))
    yield from gauge("connections_paused", "Paused connections of companies", now.connections_paused)
    yield from gauge("backup_age_seconds", "Since a backup said that it was done", never(now.since_backup))
    yield from gauge("archive_free_bytes", "Free for the archive, seen from this web process", disk.free if disk else 0)
    yield from gauge("deliveries", "Open deliveries by state", watching.open_deliveries(), label="state")
    ended = watching.ended_within_a_day()
    yield from gauge("deliveries_ended_in_a_day", "Those that ended within 24 hours by state", ended, label="state")


def gauge(name, about, value, label=None):
    """`value` is a number, or with a label {its text: number}."""
    yield from head(name, about, "gauge")
    for text, each in value.items() if label else [("", value)]:
        yield sample(name, each, **({label: text} if label else {}))


def histogram(what):
    """Buckets, sum and count of what was timed; buckets count all that took no longer, as Prometheus wants them."""
    name = f"{what}_seconds"
    yield from head(name, TIMED[what], "histogram")
    series = defaultdict(lambda: [0] * (len(what.bounds) + 1))
    seconds = defaultdict(float)
    for row in Measure.objects.filter(what=what).order_by("method", "outcome", "bucket"):
        series[row.method, row.outcome][row.bucket] = row.count
        seconds[row.method, row.outcome] += row.seconds
    for (method, outcome), counts in series.items():
        labels = {"method": method} | ({"outcome": outcome} if outcome else {})
        for bound, count in zip((*what.bounds, "+Inf"), accumulate(counts), strict=True):
            yield sample(f"{name}_bucket", count, **labels, le=bound)
        yield sample(f"{name}_sum", round(seconds[method, outcome], 3), **labels)
        yield sample(f"{name}_count", sum(counts), **labels)


def head(name, about, kind):
    yield f"# HELP utskick_{name} {about}"
    yield f"# TYPE utskick_{name} {kind}"


def sample(name, value, **labels):
    shown = ",".join(f'{label}="{text}"' for label, text in labels.items())
    return f"utskick_{name}{{{shown}}} {value}" if shown else f"utskick_{name} {value}"


def never(seconds):
    return "+Inf" if seconds is None else seconds

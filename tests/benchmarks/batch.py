"""`./dev bench batch --invoices N --json`: one large batch through the whole house, and the memory of each process.

The real processes: web, queue, sender, a mail server and OpenSSH on this machine. Memory is each process's peak, in MB.
`--channel central-print` sends letters, `both` every other one as a letter; `--undo N` takes so many back when all is
prepared. What arrived is compared with the rows as after a chaos run.
"""

import argparse
import contextlib
import json
import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import django


def main():
    arguments = argparse.ArgumentParser(prog="dev bench batch")
    arguments.add_argument("--invoices", type=int, default=10_000)
    arguments.add_argument("--channel", choices=["email", "central-print", "both"], default="email")
    arguments.add_argument("--undo", type=int, default=0)
    arguments.add_argument("--json", action="store_true")
    asked = arguments.parse_args()
    from django.test.runner import DiscoverRunner

    runner = DiscoverRunner(verbosity=0)
    databases = runner.setup_databases()
    try:
        result = run(asked.invoices, asked.channel, asked.undo)
    finally:
        runner.teardown_databases(databases)
    print(json.dumps(result) if asked.json else "\n".join(f"{name:12}{value}" for name, value in result.items()))


def run(size, channel, undone):
    from django.conf import settings
    from django.db import connection
    from django.db.models import Count

    from distribution.actions import planning, sending
    from distribution.models import Delivery
    from tests.benchmarks.ledger import address_of, family_of, memory_of
    from tests.demo.processes import Processes, free_port, programs
    from tests.reliability.both import arrived, promises, two_ways

    peaks = {}
    with tempfile.TemporaryDirectory() as folder, two_ways(Path(folder), size, channel) as ways:
        company, clerk = ways.company, ways.clerk
        settings.MEDIA_ROOT = f"{folder}/archive"
        environment = os.environ | {
            "DATABASE_URL": address_of(connection), "ARCHIVE_DIR": f"{folder}/archive",
            "ALLOW_PRIVATE_CONNECTIONS": "true",
        }  # fmt: skip
        house = programs(
            Path(folder), web_port=free_port(), sink_port=free_port(), environment=environment, output=lambda *_: None
        )
        with Processes(house) as processes:
            processes.start()
            began = time.perf_counter()
            batch = planning.plan(company, {"query": "tab=all&q=CH"}, by=clerk)
            while batch.planned_at is None:
                time.sleep(1)
                batch.refresh_from_db()
            sending.send(batch, template=company.templates.get(), again=False, by=clerk)
            # Tests move leaves_at, never the clock.
            if undone:
                move(batch, timedelta(days=1))
            while undone and (unready(batch) or batch.parcels.filter(file=None).exists()):
                time.sleep(1)
            taken_back = list(batch.deliveries.order_by("?").values_list("pk", flat=True)[:undone])
            stopped, _left = sending.undo(Delivery.objects.filter(pk__in=taken_back), by=clerk)
            move(batch, -timedelta(days=2))  # what is prepared leaves at once
            open_ones = batch.deliveries.open()
            while open_ones.exists():
                time.sleep(2)
                for name in ("web", "qcluster", "deliver"):
                    with contextlib.suppress(OSError):  # one that ended just now
                        peak = max(memory_of(pid) for pid in family_of(processes[name].pid))
                        peaks[name] = max(peaks.get(name, 0), peak)
            seconds = time.perf_counter() - began
        broken = promises(batch, taken_back, arrived(Path(folder), ways.root))
        parcels = batch.parcels.count()
    states = dict(batch.deliveries.order_by().values_list("state").annotate(Count("pk")))
    return {
        "database": connection.vendor,
        "channel": channel,
        "invoices": size,
        "parcels": parcels,
        "undone": stopped,
        **broken,
        "states": states,
        "seconds": round(seconds),
        "per_s": round(size / seconds, 1),
        "peak_mb": peaks,
    }


def move(batch, how_far):
    from django.db.models import F

    batch.deliveries.update(leaves_at=F("leaves_at") + how_far)


def unready(batch):
    return batch.deliveries.open().filter(ready_at=None).exists()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    main()

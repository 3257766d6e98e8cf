"""`./dev bench batch --invoices N --json`: one large batch through the whole house, and the memory of each process.

The real processes: web, queue, sender and a mail server on this machine. Memory is each process's peak, in MB.
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
    arguments.add_argument("--json", action="store_true")
    asked = arguments.parse_args()
    from django.test.runner import DiscoverRunner

    runner = DiscoverRunner(verbosity=0)
    databases = runner.setup_databases()
    try:
        result = run(asked.invoices)
    finally:
        runner.teardown_databases(databases)
    print(json.dumps(result) if asked.json else "\n".join(f"{name:12}{value}" for name, value in result.items()))


def run(size):
    from django.db import connection
    from django.db.models import Count, F

    from distribution.actions import planning, sending
    from distribution.models import Delivery
    from tests.benchmarks.ledger import address_of, company_with, family_of, memory_of
    from tests.demo.processes import Processes, free_port, programs

    company, clerk = company_with(("N",), size)
    peaks = {}
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"DATABASE_URL": address_of(connection), "ARCHIVE_DIR": f"{folder}/archive"}
        house = programs(
            Path(folder), web_port=free_port(), sink_port=free_port(), environment=environment, output=lambda *_: None
        )
        with Processes(house) as processes:
            processes.start()
            began = time.perf_counter()
            batch = planning.plan(company, {"query": "tab=all&q=N"}, by=clerk)
            while batch.planned_at is None:
                time.sleep(1)
                batch.refresh_from_db()
            sending.send(batch, template=company.templates.get(), again=False, by=clerk)
            # Tests move leaves_at, never the clock: what is prepared leaves at once.
            Delivery.objects.filter(batch=batch).update(leaves_at=F("leaves_at") - timedelta(hours=1))
            open_ones = batch.deliveries.open()
            while open_ones.exists():
                time.sleep(2)
                for name in ("web", "qcluster", "deliver"):
                    with contextlib.suppress(OSError):  # one that ended just now
                        peak = max(memory_of(pid) for pid in family_of(processes[name].pid))
                        peaks[name] = max(peaks.get(name, 0), peak)
            seconds = time.perf_counter() - began
    states = dict(batch.deliveries.order_by().values_list("state").annotate(Count("pk")))
    return {
        "database": connection.vendor,
        "invoices": size,
        "states": states,
        "seconds": round(seconds),
        "per_s": round(size / seconds, 1),
        "peak_mb": peaks,
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    main()

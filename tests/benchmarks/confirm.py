"""`./dev bench confirm --invoices N --json`: how long Send and Undo answer while the workers render another batch.

Real requests through the views, a real qcluster rendering beside them. Seconds, and the largest worker's memory in MB.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parents[2]


def main():
    arguments = argparse.ArgumentParser(prog="dev bench confirm")
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
    print(json.dumps(result) if asked.json else "\n".join(f"{name:16}{value}" for name, value in result.items()))


def run(size):
    from django.db import connection
    from django.test import Client

    from distribution.actions import planning
    from distribution.models import Batch, Delivery
    from tests.benchmarks.ledger import address_of, company_with, family_of, memory_of

    company, clerk = company_with(("FIRST", "SECOND"), size)
    client = Client(SERVER_NAME="localhost")
    client.force_login(clerk)

    def confirm(series):
        batch = planning.plan(company, {"query": f"tab=all&q={series}"}, by=clerk)
        if batch.planned_at is None:
            planning.make_plan(batch)
        form = {"template": company.templates.get().pk, "number": size}
        began = time.perf_counter()
        answer = client.post(f"/c/{company.slug}/batches/{batch.pk}/send/", form)
        seconds = time.perf_counter() - began
        assert answer.status_code in (302, 303), (answer.status_code, answer.content[-2000:])
        return Batch.objects.get(pk=batch.pk), seconds

    confirm("FIRST")
    environment = os.environ | {"DATABASE_URL": address_of(connection)}
    queue = subprocess.Popen([sys.executable, "manage.py", "qcluster"], cwd=ROOT, env=environment)
    try:
        while not Delivery.objects.filter(ready_at__isnull=False).exists():
            time.sleep(0.5)
        second, confirm_s = confirm("SECOND")
        began = time.perf_counter()
        answer = client.post(f"/c/{company.slug}/batches/{second.pk}/undo/")
        undo_s = time.perf_counter() - began
        assert answer.status_code in (302, 303), answer.status_code
        undone = second.deliveries.filter(state="undone").count()
        rendered = Delivery.objects.filter(ready_at__isnull=False).count()
        peak = max(memory_of(pid) for pid in family_of(queue.pid))
    finally:
        queue.terminate()
        queue.wait()
    return {
        "database": connection.vendor,
        "invoices": size,
        "confirm_s": round(confirm_s, 2),
        "undo_s": round(undo_s, 2),
        "undone": undone,
        "rendered": rendered,
        "peak_mb": peak,
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    main()

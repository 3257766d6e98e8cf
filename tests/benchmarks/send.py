"""`./dev bench send --invoices N --json`: from confirm to handed over, ours against a decent naive pipeline.

Both sides do the same work in the same process against the same sink, in turn, part by part, on invoices of 5 to 25
lines: a PDF, a mail with it, a row that says so. Naive: its own template (naive.html), everything by default, a
connection a mail, a `save()` a row. The ratio counts; seconds are this machine's.
"""

import argparse
import json
import os
import random
import resource
import tempfile
import time
from pathlib import Path

import django

PART = 20  # invoices of one side before it is the other's turn
SEED = 20261121


def main():
    arguments = argparse.ArgumentParser(prog="dev bench send")
    arguments.add_argument("--invoices", type=int, default=200)
    arguments.add_argument("--json", action="store_true")
    asked = arguments.parse_args()
    from django.test.runner import DiscoverRunner

    runner = DiscoverRunner(verbosity=0)
    databases = runner.setup_databases()
    try:
        result = run(asked.invoices)
    finally:
        runner.teardown_databases(databases)
    if asked.json:
        print(json.dumps(result))
    else:
        print("\n".join(f"{name:14}{value}" for name, value in result.items()))


def run(size):
    """The figures as a dict; `size` invoices a side."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext, override_settings

    from tests.benchmarks.sides import Naive, Ours, company, invoices
    from tests.demo.processes import Processes, free_port, programs

    seller = company()
    ours, naive = Ours(seller), Naive(seller)
    parts = [
        (invoices(seller, min(PART, size - start), f"O{start}", random.Random(SEED + start)),
         invoices(seller, min(PART, size - start), f"N{start}", random.Random(SEED + start)))
        for start in range(0, size, PART)
    ]  # fmt: skip
    port = free_port()
    seconds, queries = {"ours": 0.0, "naive": 0.0}, 0
    with tempfile.TemporaryDirectory() as folder:
        sink = programs(Path(folder), web_port=0, sink_port=port, environment=dict(os.environ), output=lambda *_: None)
        with Processes([program for program in sink if program.name == "sink"]) as processes:
            processes.start()
            with override_settings(MAIL_SINK=f"127.0.0.1:{port}", EMAIL_HOST="127.0.0.1", EMAIL_PORT=port):
                for number, (mine, theirs) in enumerate(parts):
                    turns = [("ours", ours, mine), ("naive", naive, theirs)]
                    for name, side, work in turns if number % 2 else reversed(turns):
                        with CaptureQueriesContext(connection) as captured:
                            began = time.perf_counter()
                            side.send(work)
                            seconds[name] += time.perf_counter() - began
                        queries += len(captured) if name == "ours" else 0
    return {
        "invoices": size,
        "ours_per_s": round(size / seconds["ours"], 2),
        "naive_per_s": round(size / seconds["naive"], 2),
        "ratio": round(seconds["naive"] / seconds["ours"], 2),
        "queries": queries,
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    main()

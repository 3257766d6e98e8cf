"""./dev chaos: kill processes while invoices leave, count what arrived, and say so as one JSON object.

Exit code 1 when a promise was broken. docs/reliability.md says what the fields mean.
"""

import argparse
import importlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import django

from tests.demo.processes import ROOT

from .world import World, named_server

PROMISES = (
    *("lost", "doubled", "undone_sent", "failed_sent", "unexpected", "vanished", "wrong", "undo_lie"),
    *("unexplained", "unrecorded", "stale_invoices", "not_confirmed"),
)


def options():
    parser = argparse.ArgumentParser(prog="./dev chaos", description=__doc__.splitlines()[0])
    parser.add_argument("--deliveries", type=int, default=60)
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument(
        "--faults", type=float, default=0.25, help="share of recipients, or of parcels, whose server misbehaves"
    )
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="a new one each time without it")
    parser.add_argument(
        "--database",
        choices=["sqlite", "postgres"],
        default="postgres" if named_server() else "sqlite",
        help="a new database, on the server of TEST_DATABASE_URL where it is set",
    )
    parser.add_argument("--channel", choices=["email", "central-print"], default="email")
    parser.add_argument(
        "--plant", choices=["requeue", "blind", "partial"], help="a fault in the sender, to see the check red"
    )
    parser.add_argument(
        "--down",
        choices=["qcluster", "deliver"],
        help="take it down on the way: the queue for good, the sender for a while",
    )
    parser.add_argument("--json", action="store_true", help="the report on one line")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="copy logs and mail here, for a post-mortem")
    return parser.parse_args()


def main():
    asked = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that no process is left behind
    about = {"date": datetime.now(UTC).date().isoformat(), "commit": commit(), "seed": asked.seed}
    about |= {"channel": asked.channel, "plant": asked.plant}
    print(f"seed {asked.seed}", file=sys.stderr, flush=True)
    with World.new(asked.database) as world:
        os.environ.update(world.environment, LOG_LEVEL="WARNING")
        django.setup()
        # Models can be imported from here on.
        run = importlib.import_module("tests.reliability.run").Run(
            world,
            channel=asked.channel,
            deliveries=asked.deliveries,
            kills=asked.kills,
            faults=asked.faults,
            seed=asked.seed,
            plant=asked.plant,
            down=asked.down,
        )
        try:
            report = about | run.go()
        finally:
            if asked.keep:
                shutil.copytree(world.folder, asked.keep, dirs_exist_ok=True)
    print(json.dumps(report, indent=None if asked.json else 1), flush=True)
    return 0 if is_kept(report) else 1


def is_kept(report):
    """Whether a run found nothing that was promised not to be."""
    return not any(report[promise] for promise in PROMISES) and report["in_doubt"] <= report["in_doubt_at_most"]


def commit():
    """The commit that ran, with a + when files differ from it; "" outside a repository."""
    words = ["git", "describe", "--always", "--dirty=+", "--abbrev=8", "--exclude=*"]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())

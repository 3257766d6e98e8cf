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

from . import scenarios
from .world import World, named_server

PROMISES = (
    *("lost", "doubled", "undone_sent", "failed_sent", "unexpected", "vanished", "wrong", "undo_lie", "early"),
    *("unexplained", "unrecorded", "stale_invoices", "not_confirmed", "unkept"),
)
PLANTS = ("requeue", "no-token", "blind", "pairs", "clock", "partial")


def options():
    parser = argparse.ArgumentParser(
        prog="./dev chaos", description=__doc__.splitlines()[0], epilog=f"scenarios:\n{scenarios.table()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--scenario", choices=scenarios.SCENARIOS, metavar="NAME", help="see below")
    parser.add_argument("--deliveries", type=int)
    parser.add_argument("--kills", type=int)
    parser.add_argument("--restarts", type=int, help="of PostgreSQL: the run starts a server of its own")
    parser.add_argument("--faults", type=float, help="share of recipients, or of parcels, whose server misbehaves")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="a new one each time without it")
    parser.add_argument("--seeds", type=int, help="so many runs, of this seed and the next ones; the report is a list")
    parser.add_argument(
        "--database",
        choices=["sqlite", "postgres"],
        default="postgres" if named_server() else "sqlite",
        help="a new database, on the server of TEST_DATABASE_URL where it is set",
    )
    parser.add_argument("--channel", choices=["email", "central-print"])
    parser.add_argument("--plant", choices=PLANTS, help="a fault in the sender, to see the check red")
    parser.add_argument("--slips", action="store_true", help="a full page for each 20th invoice only: for big runs")
    parser.add_argument("--json", action="store_true", help="the report on one line")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="copy logs and mail here, for a post-mortem")
    asked = parser.parse_args()
    asked.scenario = asked.scenario or ("sleepers" if asked.plant == "no-token" else "mixed")
    known = scenarios.GENERAL | scenarios.SCENARIOS[asked.scenario].defaults
    for name, value in known.items():
        if getattr(asked, name) is None:
            setattr(asked, name, value)
    if asked.restarts and asked.database != "postgres":
        parser.error("--restarts needs --database postgres")
    return asked


def main():
    asked = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that no process is left behind
    if asked.seeds:
        return several(asked)
    about = {"date": datetime.now(UTC).date().isoformat(), "commit": commit(), "seed": asked.seed}
    about |= {"scenario": asked.scenario, "channel": asked.channel, "plant": asked.plant}
    print(f"seed {asked.seed}", file=sys.stderr, flush=True)
    with World.new(asked.database, restarts=asked.restarts > 0) as world:
        if asked.slips:
            world.environment["CHAOS_SLIPS"] = "1"
        os.environ.update(world.environment, LOG_LEVEL="WARNING")
        if asked.scenario == "bells":
            os.environ["CHAOS_DEAF"] = "1"  # this process is the office
        django.setup()
        # Models can be imported from here on.
        scene = importlib.import_module("tests.reliability.scenes").SCENES[asked.scenario]
        try:
            report = about | scene(world, asked).go()
        finally:
            if asked.keep:
                shutil.copytree(world.folder, asked.keep, dirs_exist_ok=True)
    print(json.dumps(report, indent=None if asked.json else 1), flush=True)
    return 0 if is_kept(report) else 1


def several(asked):
    """The same run for each seed, in processes of their own; 0 when all kept what they must, or all broke it."""
    words = iter(sys.argv[1:])
    # A pair of an option and its value is left out by taking the value as well.
    words = [word for word in words if word not in ("--seed", "--seeds") or not next(words)]
    reports = []
    for seed in range(asked.seed, asked.seed + asked.seeds):
        command = [sys.executable, "-m", "tests.reliability.chaos", *words, "--json", "--seed", str(seed)]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
        reports.append(json.loads(done.stdout))
    red = sum(not is_kept(report) for report in reports)
    print(f"red: {red} of {len(reports)}", file=sys.stderr)
    print(json.dumps(reports, indent=None if asked.json else 1), flush=True)
    return 0 if red == (len(reports) if asked.plant else 0) else 1


def is_kept(report):
    """Whether a run found nothing that was promised not to be."""
    return not any(report.get(promise) for promise in PROMISES) and report["in_doubt"] <= report["in_doubt_at_most"]


def commit():
    """The commit that ran, with a + when files differ from it; "" outside a repository."""
    words = ["git", "describe", "--always", "--dirty=+", "--abbrev=8", "--exclude=*"]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())

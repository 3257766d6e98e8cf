"""The short chaos run, and the same run with a fault planted, which must be red."""

import json
import os
import subprocess
import sys

import pytest

from tests.demo.processes import ROOT

pytestmark = pytest.mark.processes

# The suite that runs without PostgreSQL tests what it has.
DATABASES = ["sqlite", "postgres"] if "TEST_DATABASE_URL" in os.environ else ["sqlite"]
PROMISES = ["lost", "doubled", "undone_sent", "failed_sent", "unexpected", "vanished", "wrong", "undo_lie"]


def chaos(*arguments):
    """Exit code, report, and what was said beside it."""
    command = [sys.executable, "-m", "tests.reliability.chaos", "--json", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout), done.stderr


@pytest.mark.parametrize("database", DATABASES)
def test_nothing_is_lost_doubled_or_wrong_while_processes_are_killed(database):
    code, report, said = chaos("--deliveries", 60, "--kills", 6, "--database", database)
    assert {name: report[name] for name in PROMISES} == dict.fromkeys(PROMISES, 0), said
    assert report["in_doubt"] <= report["in_doubt_at_most"], said
    assert code == 0, said
    # It was a run: all was sent, six were killed, and the other side misbehaved.
    assert (report["deliveries"], report["kills"]) == (60, 6)
    assert report["states"]["sent"] > 30
    assert report["resets"] + report["states"]["failed"] > 0


@pytest.mark.parametrize("database", DATABASES)
def test_letters_are_in_one_parcel_once_while_processes_are_killed(database):
    words = ("--channel", "central-print", "--deliveries", 40, "--kills", 4, "--database", database)
    code, report, said = chaos(*words)
    assert {name: report[name] for name in PROMISES} == dict.fromkeys(PROMISES, 0), said
    assert report["in_doubt"] <= report["in_doubt_at_most"], said
    assert code == 0, said
    assert (report["deliveries"], report["kills"]) == (40, 4)
    assert report["arrived"] > 0
    assert report["states"]["sent"] + report["in_doubt"] > 20


@pytest.mark.parametrize("plant, kills, broken", [("requeue", 2, "doubled"), ("partial", 0, "undone_sent")])
def test_a_fault_in_the_sender_of_letters_makes_the_run_red(plant, kills, broken):
    words = ("--channel", "central-print", "--deliveries", 12, "--kills", kills, "--plant", plant)
    code, report, said = chaos(*words, "--database", "sqlite")
    assert report[broken] > 0, said
    assert code == 1


def test_stuck_rows_that_are_tried_again_arrive_twice_and_the_run_is_red():
    code, report, said = chaos("--deliveries", 8, "--kills", 2, "--plant", "requeue", "--database", "sqlite")
    assert report["doubled"] > 0, said
    assert code == 1

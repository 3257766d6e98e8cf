"""Each parser meets its named monsters and 500 bad files; the long runs are `./dev fuzz`."""

import json
import time

import pytest

from tests.demo.processes import ROOT

from . import run
from .parsers import PARSERS

RESULTS = sorted((ROOT / "docs" / "results").glob("*-fuzz-*.json"))


@pytest.mark.parametrize("parser", PARSERS)
def test_nothing_from_outside_breaks(parser, db):
    report = run.fuzz(parser, inputs=500, seed=1)
    assert report["findings"] == []
    assert report["deaths"] == 0
    assert report["inputs"] >= 500
    assert report["refused"] > 0 or parser == "name"  # a name is mended, never refused


def raises(data):
    raise KeyError("a fault")


def is_dumb(data):
    return ["KeyError"]


def dies(data):
    run.os.kill(run.os.getpid(), 9)


def is_slow(data):
    until = time.process_time() + 0.3
    while time.process_time() < until:
        pass
    return []


def is_greedy(data):
    assert len(bytearray(400 * 1024**2)) > 0
    return []


@pytest.mark.parametrize(
    "fault, wrong",
    [(raises, "KeyError at"), (is_dumb, "no sentence"), (dies, "died of"), (is_slow, "0.3 s"), (is_greedy, "400 MB")],
)
def test_a_planted_fault_is_found(fault, wrong, monkeypatch):
    monkeypatch.setattr(run, "MOST_SECONDS", 0.2 if fault == is_slow else run.MOST_SECONDS)
    monkeypatch.setitem(run.PARSERS, "address", run.PARSERS["address"]._replace(read=fault, monsters=lambda good: {}))
    report = run.fuzz("address", inputs=2, seed=1)
    assert [finding["input"] for finding in report["findings"]] == [0, 1]
    assert all(wrong in finding["wrong"] for finding in report["findings"]), report["findings"]


def test_an_input_of_a_seed_is_the_same_for_ever():
    one, two = (run.Inputs("answer", 7) for _n in range(2))
    assert [one[n] for n in range(400, 450)] == [two[n] for n in range(400, 450)]


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_a_published_run_found_nothing(path):
    found = json.loads(path.read_text())
    assert (found["findings"], found["deaths"]) == ([], 0)
    assert found["inputs"] >= 500

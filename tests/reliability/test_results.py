"""What docs/reliability.md publishes is what the runs said."""

import json

from tests.demo.processes import ROOT

from .chaos import is_kept

RESULTS = sorted((ROOT / "docs" / "results").glob("*-chaos-*.json"))
RED = sorted((ROOT / "docs" / "results").glob("*-red-*.json"))  # a list of runs each, with one fault planted
PAGE = (ROOT / "docs" / "reliability.md").read_text()


def test_each_published_run_stands_on_the_page_with_its_numbers():
    assert RESULTS
    for path in RESULTS:
        run = json.loads(path.read_text())
        row = next(line for line in PAGE.splitlines() if f"results/{path.name}" in line)
        cells = [cell.strip() for cell in row.split("|")][2:-1]
        states = run["states"]
        assert cells == [
            run["database"], f"{run['deliveries']:,}", str(run["kills"]), str(states["sent"]), str(states["failed"]),
            str(states["undone"]), f"{run['in_doubt']} of {run['in_doubt_at_most']}",
            "all kept" if is_kept(run) else cells[-1],
        ], path.name  # fmt: skip


def test_only_planted_runs_broke_a_promise():
    broken = {path.name for path in RESULTS if not is_kept(json.loads(path.read_text()))}
    planted = {path.name for path in RESULTS if json.loads(path.read_text())["plant"]}
    assert broken == planted


def test_each_planted_fault_was_found_in_each_run():
    for path in RED:
        runs = json.loads(path.read_text())
        red = [run for run in runs if not is_kept(run)]
        assert len(red) == len(runs) == 5, path.name
        row = next(line for line in PAGE.splitlines() if f"results/{path.name}" in line)
        cells = [cell.strip() for cell in row.split("|")][2:-1]
        assert cells[:3] == [runs[0]["channel"], str(runs[0]["deliveries"]), "5 of 5"], path.name
        assert {run["plant"] for run in runs} == {row.split("]")[0].removeprefix("| [")}, path.name

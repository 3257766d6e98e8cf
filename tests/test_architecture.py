"""The ways around the rules that import-linter cannot see."""

import ast
from pathlib import Path

import pytest

from distribution.states import FINAL, MOVES, OPEN, STOPPABLE, State, sources

ROOT = Path(__file__).resolve().parents[1]
APPS = ("config", "recipients", "invoicing", "reminders", "distribution")
SOURCES = [p for app in APPS for p in sorted((ROOT / app).rglob("*.py")) if "migrations" not in p.parts]
STATES = {state.value for state in State} - {"waiting", "sent", "parked"}  # words that invoices have too


def trees():
    for path in SOURCES:
        yield path.relative_to(ROOT), ast.parse(path.read_text())


def test_nobody_reaches_a_model_by_name():
    found = [
        (path, node.lineno)
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "get_model"
    ]
    assert found == []


def test_what_drives_a_browser_is_where_dev_looks_for_it():
    marked = [path.relative_to(ROOT) for path in (ROOT / "tests").rglob("*.py") if "mark.browser" in path.read_text()]
    outside = {path for path in marked if path.parent != Path("tests/journeys")} - {Path("tests/test_architecture.py")}
    assert (len(marked) > 5, outside) == (True, set())


# Heavy libraries, which the web process must be able to start without.
LAZY = {"weasyprint", "fontTools", "invoicing.press"}


def test_imports_stand_at_the_top():
    found = [
        (path, node.lineno)
        for path, tree in trees()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom) and not names(node) <= LAZY
    ]
    assert found == []


def names(node):
    modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
    return {module if module.startswith("invoicing") else module.partition(".")[0] for module in modules}


def test_only_distribution_knows_the_states_of_a_delivery():
    found = [
        (path, node.lineno, node.value)
        for path, tree in trees()
        if path.parts[0] in ("recipients", "invoicing", "reminders")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value in STATES
    ]
    assert found == []


def test_only_move_writes_a_state():
    """`state=` in an update() of deliveries, or an assignment to `.state`, anywhere but in move()."""
    found = []
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and any(getattr(t, "attr", "") == "state" for t in node.targets):
                found.append((str(path), node.lineno))
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "update":
                found += [(str(path), node.lineno) for keyword in node.keywords if keyword.arg == "state"]
    assert [path for path, _line in found] == ["distribution/models/delivery.py"]


def test_the_table_of_states_is_whole():
    assert {m.source for m in MOVES} | {m.target for m in MOVES} == set(State)
    assert not [m for m in MOVES if m.source in FINAL]
    assert {m.source for m in MOVES if m.target == State.UNDONE} == set(STOPPABLE)
    assert set(OPEN) == set(State) - set(FINAL) - {State.SENT}


@pytest.mark.parametrize("state", [State.HANDING_OVER, State.IN_DOUBT, State.SENT, *FINAL])
def test_undone_means_undone(state):
    """Past the gate nothing can be undone, by nobody."""
    assert state not in sources(State.UNDONE, by=None)
    assert state not in sources(State.UNDONE, by=object())

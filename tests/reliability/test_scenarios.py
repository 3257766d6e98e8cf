"""The table of scenarios, which is read without Django, and the classes that play them."""

from tests.demo.processes import ROOT

from .chaos import PLANTS
from .planted import __doc__ as planted
from .scenarios import GENERAL, SCENARIOS
from .scenes import SCENES

PAGE = (ROOT / "docs" / "reliability.md").read_text()


def test_each_scenario_is_played_and_explained():
    assert SCENES.keys() == SCENARIOS.keys()
    for name, scenario in SCENARIOS.items():
        assert f"| `{name}` |" in PAGE
        assert scenario.defaults.keys() <= GENERAL.keys()


def test_each_planted_fault_is_explained():
    assert f" {'|'.join(PLANTS)}\n" in planted
    for name in PLANTS:
        assert f"| `{name}` |" in PAGE

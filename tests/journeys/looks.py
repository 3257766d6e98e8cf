"""How a page is looked at: sizes, schemes, and what is wrong with it."""

import os

from axe_playwright_python.sync_playwright import Axe

AXE = Axe()
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 360, "height": 780}
# Each screen in both sizes and both schemes; crosswise by turns, and every combination with LOOK_AT_ALL=1.
CROSSWISE = (
    {"wide-light": (WIDE, "light"), "narrow-dark": (NARROW, "dark")},
    {"wide-dark": (WIDE, "dark"), "narrow-light": (NARROW, "light")},
)
VARIANTS = CROSSWISE[0] | CROSSWISE[1]


def variants(turn):
    """{name: (viewport, scheme)} of the screen whose turn it is."""
    return VARIANTS if os.environ.get("LOOK_AT_ALL") else CROSSWISE[turn % 2]


def settle(page):
    """Wait until no colour is on its way from one scheme to the other."""
    page.evaluate("Promise.allSettled(document.getAnimations().map((one) => one.finished))")


def overflow(page):
    """CSS pixels by which the page scrolls sideways."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def violations(page):
    """What axe finds, one line a place. Telling of all that is well as well took three times as long."""
    if not page.evaluate("'axe' in window"):  # half a megabyte to read anew for each size of a page
        page.evaluate(AXE.axe_script)
    found = page.evaluate("axe.run({resultTypes: ['violations']}).then((results) => results.violations)")
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]

"""What a page costs on a thin line."""

import gzip
import os
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from tests.factories import InvoiceFactory, MemberFactory

pytestmark = pytest.mark.browser
MOST = 120_000  # bytes as they travel, compressed and without the font: screens.md 6.13
MOST_SCRIPT = 10_000  # bytes of our own, as they are written


def test_a_full_list_is_light(sit_down):
    member = MemberFactory()
    for _row in range(50):
        InvoiceFactory(company=member.company)
    desk = sit_down(member)
    bodies = {}
    desk.page.on("response", lambda answer: bodies.setdefault(answer.url, answer))
    desk.open_list("all")
    desk.page.wait_for_load_state("networkidle")
    weights = {url: len(gzip.compress(answer.body())) for url, answer in bodies.items() if ".woff2" not in url}
    assert any(url.endswith("htmx.min.js") or "htmx" in url for url in weights)
    assert sum(weights.values()) <= MOST, weights


def test_our_own_script_is_small():
    scripts = Path(finders.find("js")).glob("*.js")
    assert sum(os.path.getsize(script) for script in scripts) <= MOST_SCRIPT

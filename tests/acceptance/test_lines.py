"""Each acceptance line has one test, and the test says which: its docstring is the line's text."""

import importlib
import inspect
import pkgutil
import re
from collections import Counter

from tests import acceptance

from .lines import LINES

# Tests of this folder that prove other lists than LINES.
OTHER_LISTS = {
    "test_lines",
    "test_directory",
    "test_invoice_form",
    "test_looks_and_words",
    "test_official_examples",
    "test_people",
    "test_wrong_letters",
    "test_wrong_things",
}


def line_tests():
    for module in pkgutil.iter_modules(acceptance.__path__):
        if module.name.startswith("test_") and module.name not in OTHER_LISTS:
            found = inspect.getmembers(importlib.import_module(f"tests.acceptance.{module.name}"), inspect.isfunction)
            yield from (function for name, function in found if name.startswith("test_"))


def id_of(test):
    """test_brp_50b_anything -> BRP-50b; "" for a test that names no line."""
    named = re.match(r"test_([a-z]+)_(\d+[a-z]?)_", test.__name__)
    return f"{named[1].upper()}-{named[2]}" if named else ""


def test_every_line_has_one_test_and_every_test_a_line():
    assert Counter(map(id_of, line_tests())) == Counter(LINES.keys())


def test_each_test_says_the_line_that_it_proves():
    said = {id_of(test): " ".join(test.__doc__.split()) for test in line_tests()}
    assert said == LINES

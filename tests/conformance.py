"""The official e-invoices, which stay outside the repository: CONFORMANCE_DIR, else beside the checkout."""

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("CONFORMANCE_DIR", Path(__file__).resolve().parents[2] / "shared" / "conformance"))


def examples(format_name):
    """The example files of one format, sorted; skips the test, saying why, where they are missing."""
    folder = FOLDER / format_name / "examples"
    if not folder.is_dir():
        pytest.skip(f"no official examples in {folder}: set CONFORMANCE_DIR")
    return sorted(folder.iterdir())

"""What no reader can rule out at a glance: dangerous words, promises in the papers."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.audit import verdict

ROOT = Path(__file__).resolve().parents[1]
APPS = ("config", "recipients", "invoicing", "reminders", "distribution")

DANGEROUS = {
    "csrf_exempt": r"csrf_exempt",
    "login_not_required": r"@login_not_required",
    "mark_safe": r"\bmark_safe\b|\bSafeString\(|\bSafeText\(|\bSafeData\(",
    "safe": r"\|\s*safe\b|\|\s*safeseq\b",
    "autoescape off": r"autoescape off",
    "raw SQL": r"\.extra\(|\bRawSQL\b|\.raw\(|\.cursor\(\)",
    "pickle": r"\bpickle\b|\bmarshal\b|\bshelve\b|\byaml\.load\b",
    "eval": r"(?<![.\w])(?:eval|exec)\(",
    "subprocess": r"\bsubprocess\.(?:run|Popen|call|check_\w+)\(|\bos\.(?:system|popen)\(|shell=True",
    "bandit silenced": r"# nosec",
}
# (word, file): why it is no danger there. What is not found any more fails too.
ALLOWED = {
    ("login_not_required", "recipients/views/session.py"): "login itself",
    ("login_not_required", "recipients/views/passwords.py"): "who forgot the password cannot log in",
    ("login_not_required", "distribution/views/health.py"): "a monitor has no login; it says that the house stands",
    ("login_not_required", "config/gallery.py"): "samples of components, absent in production",
    ("mark_safe", "recipients/second_factor.py"): "a QR code as a picture: paths, no text",
    ("bandit silenced", "recipients/second_factor.py"): "see mark_safe",
    ("mark_safe", "invoicing/forms/lines.py"): "the constant ' selected', a thousand times a page",
    ("safe", "templates/django/forms/field.html"): "help texts are ours: no form builds one from data",
    ("autoescape off", "templates/emails/invoice.subject.txt"): "plain text: a subject",
    ("autoescape off", "templates/emails/invoice.txt"): "plain text: the body of a mail",
    ("autoescape off", "templates/emails/login_link.txt"): "plain text: the body of a mail",
    (
        "raw SQL",
        "config/bulk.py",
    ): "INSERT ... SELECT of what Django compiled; names are the model's, values parameters",
    ("raw SQL", "config/triggers.py"): "triggers, out of constants of rules.py, at migration alone",
    ("subprocess", "config/cage.py"): "untrusted files are read in a process with limits; the command line is ours",
    ("bandit silenced", "config/bulk.py"): "see raw SQL",
    ("bandit silenced", "distribution/transports/ftp.py"): "plain FTP is for those who confirmed the warning",
}


def sources():
    for app in APPS:
        yield from (path for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)
    yield from (path for path in (ROOT / "templates").rglob("*") if path.is_file())


def test_dangerous_words_stand_where_their_reason_stands():
    found = {
        (word, str(path.relative_to(ROOT)))
        for path in sources()
        for word, pattern in DANGEROUS.items()
        if re.search(pattern, path.read_text())
    }
    assert found == set(ALLOWED)


def test_no_help_text_is_built_from_data():
    """Templates show them unescaped, see ALLOWED: each is a literal, or a literal that is translated."""
    found = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())) if path.suffix == ".py" else ():
            value = None
            if (isinstance(node, ast.keyword) and node.arg == "help_text") or (
                isinstance(node, ast.Assign) and any(getattr(t, "attr", "") == "help_text" for t in node.targets)
            ):
                value = node.value
            if isinstance(value, ast.JoinedStr | ast.BinOp) or (
                isinstance(value, ast.Call) and getattr(value.func, "attr", "") == "format"
            ):
                found.append(str(path.relative_to(ROOT)))
    assert found == ["invoicing/forms/draft.py"]  # a number of days


# --- Known faults of packages -----------------------------------------------------------------------------------------


def answer(*packages):
    return json.dumps({"dependencies": list(packages), "fixes": []})


SOUND = {"name": "django", "version": "5.2.19", "vulns": []}


@pytest.mark.parametrize(
    "printed, status, words",
    [
        (answer(SOUND), 0, "1 packages, no known fault."),
        (answer(SOUND, {"name": "x", "version": "1", "vulns": [{"id": "PYSEC-1"}]}), 1, "x 1: PYSEC-1"),
        (answer(SOUND, {"name": "y", "skip_reason": "not found"}), 2, "1 of 2 packages got no answer"),
        (answer(), 2, "needs the network"),
        ("", 2, "needs the network"),
    ],
)
def test_nobody_asked_is_not_nothing_known(printed, status, words):
    found, sentences = verdict(printed, "ConnectionError: no route")
    assert found == status
    assert words in sentences[0]


# --- Cookies ----------------------------------------------------------------------------------------------------------


def test_cookies_of_production():
    """Where they travel over TLS; the suite's own are for http."""
    asked = [f"{cookie}_COOKIE_{what}" for cookie in ("SESSION", "CSRF") for what in ("NAME", "SECURE")]
    code = f"import json; from config import settings as s; print(json.dumps([getattr(s, n) for n in {asked}]))"
    secure = os.environ | {"SECURE_COOKIES": "true"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, env=secure
    )
    assert json.loads(done.stdout) == ["__Host-sessionid", True, "__Host-csrftoken", True]
    assert (settings.SESSION_COOKIE_HTTPONLY, settings.SESSION_COOKIE_SAMESITE) == (True, "Lax")


# --- Promises in the papers -------------------------------------------------------------------------------------------


def test_each_test_that_the_security_paper_names_exists():
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "docs" / "security.md").read_text())
    assert len(named) > 30
    missing = [
        (path, name)
        for path, name in named
        if not (ROOT / path).is_file() or (name and f"def {name}(" not in (ROOT / path).read_text())
    ]
    assert missing == []

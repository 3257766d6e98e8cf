"""What no reader can rule out at a glance: dangerous words, secrets that show, promises in the papers."""

import ast
import io
import json
import logging
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse

from distribution import channels, jobs
from distribution.actions import handing_over
from distribution.channels.base import Unreachable
from distribution.models import Connection, Delivery, Installation
from recipients.methods import Method
from recipients.models import Role
from tests.audit import verdict
from tests.distribution.smtp_server import Server
from tests.factories import MemberFactory

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
                found.append((str(path.relative_to(ROOT)), value.lineno))
    assert found == []


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


# --- Secrets ----------------------------------------------------------------------------------------------------------

KEY = "canary-private-key"
SECRETS = ["canary-sftp-pw", "canary-relay-pw", "canary-person-pw", "canary-wrong-pw", "canary-new-pw"]


@pytest.fixture
def house(outbox, settings):
    """A live one: what is handed over goes to a real server."""
    settings.DELIVERY_LIVE, settings.INSTANCE_ID = True, str(Installation.objects.this().instance_id)
    settings.ALLOW_PRIVATE_CONNECTIONS = True
    settings.SENDING = {**settings.SENDING, "command_timeout": 5, "dot_timeout": 5, "test_timeout": 2}
    return outbox


def relay_to(server):
    relay = Connection.objects.get(company=None, method=Method.EMAIL)
    relay.host, relay.port, relay.security, relay.username = "127.0.0.1", server.port, "none", "us"
    relay.set_password("canary-relay-pw")
    relay.save()


def connection_form(**changes):
    return {
        "name": "Tryckeriet", "method": "central_print", "host": "127.0.0.1", "port": "1", "username": "us",
        "password": "canary-sftp-pw", "private_key": "", "profile": "neutral", "folder": "in",
        "temporary_folder": "", "authority": "",
    } | changes  # fmt: skip


def test_no_secret_shows_anywhere(house, client, caplog):
    """Log in with a wrong and the right password, keep and test a connection, fail to send; then look everywhere."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("paramiko").setLevel(logging.DEBUG)
    user = MemberFactory(company=house.company, role=Role.MANAGER).user
    user.set_password("canary-person-pw")
    user.save()
    pages = []

    def go(verb, name, data=None, *args):
        response = verb(reverse(name, args=args) if not name.startswith("/") else name, data)
        pages.append(response.content.decode() + str(response.headers))
        return response

    for password in ("canary-wrong-pw", "canary-person-pw"):
        go(client.post, "recipients:login", {"username": user.email, "password": password})
    assert "_auth_user_id" in client.session
    new = reverse("distribution:connection_new", args=[house.company.slug]) + "?kind=sftp"
    go(client.post, new, connection_form(port="no number", private_key=KEY))
    assert go(client.post, new, connection_form()).status_code == 302
    row = Connection.objects.get(company=house.company)
    assert row.password() == "canary-sftp-pw"
    address = [house.company.slug, row.pk]
    go(client.post, "distribution:connection_test", {}, *address)
    jobs.test_connection(str(row.pk))
    row.refresh_from_db()
    assert row.tested_at
    for name in ("connection", "connection_edit", "connection_remove"):
        go(client.get, f"distribution:{name}", None, *address)
    go(
        client.post,
        "recipients:profile_password",
        {"old_password": "canary-person-pw", "new_password1": "canary-new-pw"},
    )

    batch = house.sent_and_ready(house.invoice(email="eva@kund.example"))
    house.close_window(batch)
    (delivery,) = handing_over.claim()
    with Server({"auth": "535 5.7.8 canary"}, features=("AUTH PLAIN LOGIN",)) as server:
        relay_to(server)
        channel = channels.open(Method.EMAIL)
        try:
            handing_over.hand_over(delivery, channel)
        except Unreachable:
            logging.getLogger("test").exception("unreachable")
        assert any(command.startswith("AUTH") for command in server.commands)
    assert not Delivery.objects.filter(pk=delivery.pk, state="sent").exists()
    go(client.get, "distribution:delivery", None, house.company.slug, delivery.pk)
    go(client.get, "distribution:overview", None, house.company.slug)

    dump = io.StringIO()
    call_command("dumpdata", stdout=dump)
    assert "Tryckeriet" in dump.getvalue()
    shown = {"log": caplog.text, "pages": "".join(pages), "database": dump.getvalue(), "repr": repr(vars(row))}
    keys = [settings.SECRET_KEY, *settings.SECRETS_KEYS]
    for place, text in shown.items():
        assert len(text) > 100, place
        assert [secret for secret in [*SECRETS, KEY, *keys] if secret in text] == [], place


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

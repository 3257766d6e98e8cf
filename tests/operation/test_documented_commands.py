"""Each command of docs/operating.md is typed once, as it stands there; backup and restore are really done."""

import os
import re
import subprocess
import time
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import get_commands
from django.db import connection
from django.utils import timezone

from config.sealing import NoKey, keyring, sealed
from distribution.models import Connection, Delivery, Installation
from distribution.states import State
from recipients import second_factor
from tests.conftest import Outbox
from tests.demo.processes import ROOT, free_port, programs, wait_for_port
from tests.demo.sink import read_log
from tests.factories import CompanyFactory, MemberFactory, UserFactory
from tests.factors import code, give_app, recovery_codes
from tests.journeys.house import database_url, new_database

pytestmark = pytest.mark.processes

DOCUMENT = (ROOT / "docs" / "operating.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
OLD_KEY = "b2xkLWtleS1mb3ItdGVzdHMtb2xkLWtleS1mb3ItdGU="
# What needs a machine of its own, by how it begins.
NOT_HERE = ("apt-get install", "journalctl")


def block(begin):
    """The one block that begins so."""
    (found,) = [each for each in BLOCKS if each.startswith(begin)]
    return found


FUNCTIONS = block("run() {")
BACKUP, SQLITE_BACKUP = block("umask 077"), block("python3 -c 'import sqlite3")
RESTORE, SQLITE_RESTORE = block("systemctl stop utskick.target"), block("rm -f /var/lib/utskick/utskick.sqlite3 ")
AFTER_INSTALL, UPGRADE = block("as root collectstatic"), block("systemctl stop utskick-qcluster")
WHO_AM_I, ROTATE = block("as utskick shell"), block("as utskick rotate_secrets")


def test_every_block_is_typed_by_a_test_or_needs_a_machine_of_its_own():
    typed = {FUNCTIONS, BACKUP, SQLITE_BACKUP, RESTORE, SQLITE_RESTORE, AFTER_INSTALL, UPGRADE, WHO_AM_I, ROTATE}
    assert [each for each in BLOCKS if each not in typed and not each.startswith(NOT_HERE)] == []


def test_every_command_that_is_named_exists():
    named = set(re.findall(r"\bas (?:utskick|root) (\w+)", DOCUMENT)) | set(re.findall(r"manage\.py (\w+)", DOCUMENT))
    assert sorted(named - set(get_commands())) == []


class Machine:
    """The operator's shell: the places of the document stand for folders of the test."""

    def __init__(self, folder):
        self.folder = folder
        self.sink_port = free_port()
        self.archive = folder / "archive"
        (folder / "backups").mkdir()
        self.archive.mkdir(exist_ok=True)
        self.variables = {
            "SECRET_KEY": "only-for-tests",
            "SECRETS_KEYS": ",".join(settings.SECRETS_KEYS),
            "DATABASE_URL": database_url(),
            "ARCHIVE_DIR": self.archive,
            "STATIC_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
            "DELIVERY_LIVE": "true",
            "INSTANCE_ID": Installation.objects.this().instance_id,
        }
        name = str(connection.settings_dict["NAME"])
        self.places = {
            "/etc/utskick/env": folder / "env", "cd /opt/utskick": f"cd {ROOT}",
            "/var/backups/utskick": folder / "backups", "/var/lib/utskick/archive": self.archive,
            "/var/lib/utskick/utskick.sqlite3": name,
            'runuser -u "$1" -- ': "", "runuser -u postgres -- ": "", "install -o utskick ": "install ",
            "dropdb --if-exists utskick": f"dropdb --force --if-exists {name}",
            "createdb --owner utskick utskick": f"createdb {name}",
        }  # fmt: skip
        if connection.vendor == "postgresql":
            server = urlsplit(self.variables["DATABASE_URL"])
            self.server = {"PGHOST": server.hostname, "PGPORT": str(server.port or 5432), "PGUSER": server.username}
            self.server |= {"PGPASSWORD": server.password} if server.password else {}
        else:
            self.server = {}

    def type(self, commands):
        """Run these lines of the document in one shell that stops at the first failure; returns what was printed."""
        (self.folder / "env").write_text("".join(f"{name}='{value}'\n" for name, value in self.variables.items()))
        script = f'set -e\nsystemctl() {{ echo "systemctl $*" >>{self.folder}/units; }}\n{FUNCTIONS}\n{commands}'
        for place, ours in self.places.items():
            script = script.replace(place, str(ours))
        outer = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        connection.close()  # a database that is thrown away must be nobody's
        done = subprocess.run(
            ["bash", "-c", script], env=outer | self.server, capture_output=True, text=True, check=False, cwd="/"
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def on(self, vendor, commands, postgresql, sqlite):
        """The commands for this database: those for SQLite stand in the place of the lines for PostgreSQL."""
        if vendor == "postgresql":
            return commands
        return commands.replace(postgresql, sqlite)


@pytest.fixture
def machine(django_test_environment, django_db_blocker, tmp_path, settings):
    with django_db_blocker.unblock(), new_database(tmp_path):
        settings.MEDIA_ROOT = str(tmp_path / "archive")
        yield Machine(tmp_path)


@pytest.fixture
def relay(machine):
    """A mail server beside the machine, in the place of the installation's relay; returns what it took so far."""
    sink, *_others = programs(
        machine.folder, web_port=0, sink_port=machine.sink_port, environment=dict(os.environ), output=print
    )
    sink.start()
    try:
        wait_for_port(machine.sink_port)
        yield lambda: len(read_log(machine.folder / "sink.jsonl"))
    finally:
        sink.stop()


def lines_with_the_database(commands):
    """The lines of RESTORE that are about the database."""
    begin, end = commands.index("runuser -u postgres -- dropdb"), commands.index("rsync")
    return commands[begin:end]


def test_a_restored_backup_refuses_to_send_until_it_is_let(machine, relay):
    Connection.objects.filter(company=None).update(host="127.0.0.1", port=machine.sink_port, security="none")
    company = CompanyFactory()
    outbox = Outbox(company, MemberFactory(company=company).user)
    batch = outbox.sent_and_ready(outbox.invoice(), outbox.invoice())
    outbox.close_window(batch)
    vendor = connection.vendor

    dump = re.search(r"^run utskick sh -c 'pg_dump.*\n", BACKUP, re.MULTILINE)[0]
    machine.type(machine.on(vendor, BACKUP, dump, SQLITE_BACKUP))
    (backup,) = [path for path in (machine.folder / "backups").iterdir() if path.name != "archive"]
    assert (backup / "database").stat().st_size > 10_000
    assert timezone.now() - Installation.objects.this().backed_up_at < timedelta(minutes=2)

    machine.type("as utskick deliver")  # they leave, and the machine burns down
    assert relay() == 2
    for path in sorted(machine.archive.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()

    restore = RESTORE.replace("2026-11-22-030000", backup.name)
    printed = machine.type(machine.on(vendor, restore, lines_with_the_database(restore), SQLITE_RESTORE))
    fresh = Installation.objects.this()
    assert str(fresh.instance_id) in printed.splitlines()
    waiting = Delivery.objects.filter(batch=batch, state=State.WAITING)
    assert waiting.count() == 2  # the backup does not know that they left
    assert all(enclosure.file.read() for row in waiting for enclosure in row.enclosures.all())

    machine.type("as utskick deliver")
    assert (relay(), waiting.all().count()) == (2, 2)  # with the environment of the real one, and switched on
    # After a look at the relay's log: one of them has left.
    assert Delivery.objects.filter(pk=waiting[0].pk).move(State.UNDONE, by=outbox.clerk) == 1
    machine.variables["INSTANCE_ID"] = machine.type(WHO_AM_I).rstrip("\n")
    assert machine.variables["INSTANCE_ID"] == str(fresh.instance_id)
    machine.type("as utskick deliver")
    assert (relay(), waiting.all().count()) == (3, 0)
    units = (machine.folder / "units").read_text().splitlines()
    assert units == ["systemctl stop utskick.target", "systemctl start utskick.target"]


def test_after_an_installation_and_an_upgrade(machine):
    static = machine.folder / "static"
    machine.places["as root collectstatic --noinput"] = f"as root collectstatic --noinput --dry-run -v 0 # {static}"
    machine.type(AFTER_INSTALL)
    machine.type(UPGRADE)
    assert (machine.folder / "units").read_text().splitlines() == [
        "systemctl enable --now utskick.target",
        "systemctl stop utskick-qcluster utskick-deliver",
        "systemctl restart utskick-web utskick-qcluster utskick-deliver",
    ]


def test_the_key_of_secrets_is_changed(machine, settings):
    new = settings.SECRETS_KEYS[0]
    settings.SECRETS_KEYS = [OLD_KEY]
    relay = Connection.objects.get(company=None)
    relay.set_password("hemligt")
    relay.set_private_key("-----BEGIN")
    relay.save()
    user = give_app(UserFactory())
    codes = recovery_codes(user)
    machine.variables["SECRETS_KEYS"] = f"{new},{OLD_KEY}"
    assert machine.type(ROTATE) == "4 secrets are encrypted with the newest key.\n"
    settings.SECRETS_KEYS = [new]  # the old one is taken out
    assert second_factor.takes(user, codes[0])
    assert second_factor.takes(user, code(steps=1))
    relay.refresh_from_db()
    assert (relay.password(), relay.private_key()) == ("hemligt", "-----BEGIN")
    settings.SECRETS_KEYS = [OLD_KEY]
    with pytest.raises(NoKey):
        relay.password()


def test_a_secret_that_no_key_opens_is_named_and_the_others_are_done(machine):
    Connection.objects.filter(company=None).update(name="Relay", secret="gAAAAA-of-another-house")
    key = keyring()
    row = Connection.objects.create(company=CompanyFactory(), method="central_print", host="print.example")
    Connection.objects.filter(pk=row.pk).update(secret=sealed(str(row.pk), "hemligt"))
    time.sleep(1)  # a token holds the second in which it was made
    with pytest.raises(AssertionError, match="No key opens those of Relay"):
        machine.type(ROTATE)
    row.refresh_from_db()
    assert row.password() == "hemligt"
    assert key.decrypt(row.secret.encode()) == f"{row.pk}:hemligt".encode()

"""The real processes over a database of their own, with a sink and clocks that tests can turn."""

import contextlib
import os
import subprocess
import sys
import time
import uuid
from datetime import timedelta
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.test.utils import setup_databases, teardown_databases

from distribution.models import Batch, Delivery, Installation
from tests.demo.processes import ROOT, Processes, free_port, programs, provider, wait_for_port
from tests.demo.sink import read_log, write_plan

PATIENCE = 60  # seconds; the machine may be slow
START = 180  # the same, until all processes have come up
WINDOW = timedelta(hours=2)


class House:
    """`url` of the site; `processes` by name (provider, sink, web, qcluster, deliver); the sink's mail in `folder`."""

    def __init__(self, folder, **environment):
        self.folder = folder
        self.log = (folder / "processes.log").open("a", encoding="utf-8", buffering=1)
        self.web_port, self.sink_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.web_port}"
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.journeys.settings",
            "DATABASE_URL": database_url(),
            "ARCHIVE_DIR": str(settings.MEDIA_ROOT),
            "JOURNEY_STATIC_ROOT": str(folder / "static"),
            "DEV_PAGES": "true",
            "DELIVERY_LIVE": "false",
            "CONNECTION_FOLDERS": str(folder / "folders"),
            "PYTHONUNBUFFERED": "1",
            **environment,
        }
        self.environment.pop("TEST_DATABASE_URL", None)
        house = programs(
            folder,
            web_port=self.web_port,
            sink_port=self.sink_port,
            environment=self.environment,
            output=self.write,
        )
        self.processes = Processes(
            [provider(folder, environment=self.environment, output=self.write), *house],
            say=lambda sentence: self.write("watch", sentence),
        )

    def __enter__(self):
        collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
        subprocess.run(collect, cwd=ROOT, env=self.environment, check=True)
        self.processes.__enter__()
        self.processes.start()
        for port in (self.sink_port, self.web_port):
            wait_for_port(port, within=START)
        self.wait_for_workers()
        return self

    def __exit__(self, *exception):
        self.processes.__exit__(*exception)
        self.log.close()

    def start(self, *names):
        """Start what a test has stopped; returns when it works."""
        Installation.objects.update(sender_seen_at=None, queue_asked_at=None, queue_seen_at=None)
        for name in names:
            self.processes[name].start()
        self.wait_for_workers()

    def wait_for_workers(self):
        seen = Installation.objects.filter(sender_seen_at__isnull=False, queue_seen_at__isnull=False)
        eventually(seen.exists, within=START)

    def write(self, name, line):
        if not self.log.closed:  # a reader's last line may come late
            self.log.write(f"{name:8} | {line}\n")

    def broken_pages(self):
        """What the web process said about answers of 500."""
        lines = (self.folder / "processes.log").read_text().splitlines()
        return [line for line in lines if "Internal Server Error" in line]

    def plan(self, *rules):
        """How the sink misbehaves from now on."""
        write_plan(self.folder / "sink-plan.json", rules)

    def mails(self, *addresses):
        """The sink's log, oldest first: all that came to one of these addresses."""
        return [mail for mail in read_log(self.folder / "sink.jsonl") if set(mail["rcpt"]) & set(addresses)]

    def content(self, mail):
        return (self.folder / mail["path"]).read_bytes()

    def close_window(self, batch):
        """Tests move leaves_at, never the clock."""
        Delivery.objects.filter(batch=batch).update(leaves_at=F("leaves_at") - WINDOW)
        Batch.objects.filter(pk=batch.pk).update(leaves_at=F("leaves_at") - WINDOW)


@contextlib.contextmanager
def new_database(folder):
    """A migrated one, apart from the suite's: that one is emptied between tests."""
    test = connection.settings_dict["TEST"]
    former = test["NAME"]
    is_file = connection.vendor == "sqlite"
    test["NAME"] = str(folder / "house.sqlite3") if is_file else f"house_{uuid.uuid4().hex[:12]}"
    made = setup_databases(verbosity=0, interactive=False, aliases={"default"})
    try:
        yield
    finally:
        teardown_databases(made, verbosity=0)
        test["NAME"] = former


def database_url():
    """Of the database that this process uses, for others."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{quote(name)}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def eventually(condition, *, within=PATIENCE):
    """Returns what `condition` returns once that is true."""
    deadline = time.monotonic() + within
    while not (outcome := condition()):
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.1)
    return outcome

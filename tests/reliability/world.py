"""A house of its own for one run: a folder, a database and the real processes. Without Django, which starts later."""

import contextlib
import os
import re
import tempfile
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from tests.demo.processes import Process, Processes, free_port, programs, wait_for_port
from tests.demo.sink import read_log, write_plan

POSTGRES = "postgres://postgres@127.0.0.1:5432/postgres"
# How the children of the queue introduce themselves.
ROLES = {"ready for work at": "worker", "pushing tasks at": "pusher", "monitoring at": "monitor"}
THREADS = {"sqlite": 1, "postgres": 4}  # of the sender


def named_server():
    """The PostgreSQL that the environment names, or ""."""
    urls = [os.environ.get(name, "") for name in ("TEST_DATABASE_URL", "DATABASE_URL")]
    return next((url for url in urls if url.startswith("postgres")), "")


@contextlib.contextmanager
def new_database(kind, folder):
    """The URL of an empty database, which is gone afterwards."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/chaos.sqlite3"
        return
    server = urlsplit(named_server() or POSTGRES)
    name = f"chaos_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server._replace(path="/postgres").geturl(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield server._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


class World:
    """Folder, environment and processes of one run.

    Open it before Django starts: `environment` is for this process as well as for the others.
    """

    def __init__(self, folder, kind, database_url):
        self.folder = folder
        self.kind = kind
        self.threads = THREADS[kind]
        self.sink_port = free_port()
        self.roles = {}  # process number -> role in the queue
        self.log = (folder / "processes.log").open("a", buffering=1)
        # What a developer's own .env or shell says must not change what a run finds.
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.reliability.settings",
            "DATABASE_URL": database_url,
            "ARCHIVE_DIR": str(folder / "archive"),
            "SECRET_KEY": "only-for-tests",
            "SECRETS_KEYS": "b25seS1mb3ItdGVzdHMtb25seS1mb3ItdGVzdHMtb24=",
            "DEBUG": "false",
            "DELIVERY_LIVE": "false",
            "INSTANCE_ID": "",
            "CONNECTION_FOLDERS": str(folder / "folders"),
            "ALLOW_PRIVATE_CONNECTIONS": "true",
            "MAIL_SINK": f"127.0.0.1:{self.sink_port}",
            "SENDER_THREADS": str(self.threads),
            "Q_WORKERS": "1" if kind == "sqlite" else "2",
            "LOG_LEVEL": "INFO",
            "LOG_FORMAT": "plain",
            "PYTHONUNBUFFERED": "1",
        }

    @classmethod
    @contextlib.contextmanager
    def new(cls, kind):
        """A world that vanishes afterwards, database and all."""
        with tempfile.TemporaryDirectory(prefix="chaos-") as folder, new_database(kind, folder) as url:
            world = cls(Path(folder), kind, url)
            with world.log:
                yield world

    def processes(self, *, sender=("manage.py", "deliver", "--loop")):
        """Sink, queue and sender, started when the sink answers. `sender` is what Python runs as the sender."""
        four = programs(
            self.folder, web_port=0, sink_port=self.sink_port, environment=self.environment, output=self.write
        )
        three = [process for process in four if process.name != "web"]
        python = three[0].command[0]
        three = [
            Process("deliver", [python, *sender], environment=self.environment, output=self.write)
            if process.name == "deliver"
            else process
            for process in three
        ]
        return Processes(three, say=lambda sentence: self.write("watch", sentence))

    @contextlib.contextmanager
    def running(self, **options):
        with self.processes(**options) as processes:
            processes["sink"].start()
            wait_for_port(self.sink_port, within=120)
            processes.start()
            yield processes

    def write(self, name, line):
        introduced = re.search(f"({'|'.join(ROLES)}) ([0-9]+)$", line)
        if introduced:
            self.roles[int(introduced[2])] = ROLES[introduced[1]]
        with contextlib.suppress(ValueError):  # a reader's last line after the log was closed
            self.log.write(f"{time.time():.2f} {name:8} | {line}\n")

    def plan(self, rules):
        write_plan(self.folder / "sink-plan.json", rules)

    def accepted(self):
        """What the sink wrote down at the moment of acceptance."""
        return read_log(self.folder / "sink.jsonl")

    def accepted_count(self):
        """The same, counted without reading it."""
        log = self.folder / "sink.jsonl"
        return log.read_bytes().count(b"\n") if log.exists() else 0

    def errors(self):
        """Last lines of the tracebacks that the processes printed, each once."""
        lines = (self.folder / "processes.log").read_text().splitlines()
        found, inside = set(), False
        for line in lines:
            words = line.partition("| ")[2]
            if words.startswith("Traceback"):
                inside = True
            elif inside and words and not words.startswith((" ", "\t")):
                inside = False
                found.add(line[:300])
        return sorted(found)

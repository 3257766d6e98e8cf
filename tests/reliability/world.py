"""A house of its own for one run: a folder, a database and the real processes. Without Django, which starts later."""

import contextlib
import json
import os
import re
import tempfile
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from tests.demo.processes import Process, Processes, free_port, programs, wait_for_port
from tests.demo.sink import write_plan

from .cluster import Cluster

POSTGRES = "postgres://postgres@127.0.0.1:5432/postgres"
# How the children of the queue introduce themselves.
ROLES = {"ready for work at": "worker", "pushing tasks at": "pusher", "monitoring at": "monitor"}
THREADS = {"sqlite": 1, "postgres": 4}  # of a sender
SENDER = ("manage.py", "deliver", "--loop")


def named_server():
    """The PostgreSQL that the environment names, or ""."""
    urls = [os.environ.get(name, "") for name in ("TEST_DATABASE_URL", "DATABASE_URL")]
    return next((url for url in urls if url.startswith("postgres")), "")


@contextlib.contextmanager
def new_database(kind, folder, server):
    """The URL of an empty database, which is gone afterwards. `server`: the URL of a PostgreSQL."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/chaos.sqlite3"
        return
    server = urlsplit(server)
    name = f"chaos_{uuid.uuid4().hex[:12]}"
    maintenance = server._replace(path="/postgres").geturl()
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield server._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(maintenance, autocommit=True) as connection:  # another one: the server may have restarted
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


class World:
    """Folder, environment and processes of one run.

    Open it before Django starts: `environment` is for this process as well as for the others.
    """

    def __init__(self, folder, kind, database_url, *, cluster=None):
        self.folder = folder
        self.kind = kind
        self.cluster = cluster  # when the database may be restarted
        self.threads = THREADS[kind]
        self.log_of_the_sink = Growing(folder / "sink.jsonl")
        self.sink_port, self.web_port = free_port(), free_port()
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
            "SECURE_COOKIES": "false",
            "STATIC_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
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
    def new(cls, kind, *, restarts=False):
        """A world that vanishes afterwards, database and all. `restarts`: on a PostgreSQL of its own."""
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chaos-")))
            cluster = stack.enter_context(Cluster()) if restarts else None
            server = cluster.url if cluster else named_server() or POSTGRES
            url = stack.enter_context(new_database(kind, folder, server))
            world = cls(folder, kind, url, cluster=cluster)
            stack.enter_context(world.log)
            yield world

    def process(self, name, environment=(), command=None):
        """A Process of the house of one of the names of `programs`, or a second one of it: "deliver-2"."""
        kind = name.partition("-")[0]
        four = programs(
            self.folder, web_port=self.web_port, sink_port=self.sink_port, environment=self.environment,
            output=self.write,
        )  # fmt: skip
        found = next(each for each in four if each.name == kind)
        words = found.command if command is None else [found.command[0], *command]
        return Process(name, words, environment=found.environment | dict(environment), output=self.write)

    @contextlib.contextmanager
    def running(self, *processes, later=()):
        """Sink, queue, sender and these `processes`, started when the sink answers; `later`: not started yet."""
        first = [self.process("sink"), *processes, *later]
        with Processes(first, say=lambda sentence: self.write("watch", sentence)) as started:
            started["sink"].start()
            wait_for_port(self.sink_port, within=120)
            for process in processes:
                process.start()
            yield started

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
        return self.log_of_the_sink.lines()

    def accepted_count(self):
        return len(self.accepted())

    def errors(self):
        """Last lines of the tracebacks that the processes printed, each kind once."""
        lines = (self.folder / "processes.log").read_text().splitlines()
        found, inside = set(), False
        for line in lines:
            words = line.partition("| ")[2]
            if words.startswith("Traceback"):
                inside = True
            elif inside and words and not words.startswith((" ", "\t")):
                inside = False
                found.add(re.sub(r"[0-9]+", "N", words)[:120])
        return sorted(found)


class Growing:
    """The JSON lines of a file that others write at its end; what was read once is not read again."""

    def __init__(self, path):
        self.path, self.read, self.found = path, 0, []

    def lines(self):
        """All so far, oldest first. A line without its end was never acknowledged, so it is left out."""
        if self.path.exists():
            with self.path.open("rb") as file:
                file.seek(self.read)
                whole = file.read().rpartition(b"\n")[0]
            if whole:
                self.found += map(json.loads, whole.splitlines())
                self.read += len(whole) + 1
        return self.found

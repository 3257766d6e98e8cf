"""A PostgreSQL of a run's own, so that it can be restarted without a word of warning."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.demo.processes import free_port

SETTINGS = ("listen_addresses=127.0.0.1", "unix_socket_directories=''", "max_connections=60")


class Cluster:
    """initdb, started at entry, gone at exit. `url` names its database `postgres`."""

    def __init__(self):
        self.programs = newest_programs()
        self.port = free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="chaos-postgresql-"))
        if os.geteuid() == 0:  # which initdb and the server refuse
            shutil.chown(self.folder, "postgres")
        try:
            words = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
            self.run("initdb", "-D", self.folder / "data", *words)
            self.control("start")
        except BaseException:
            shutil.rmtree(self.folder)
            raise
        return self

    def __exit__(self, *_exception):
        self.control("stop", "-m", "immediate")
        shutil.rmtree(self.folder)

    def restart(self):
        """As after a crash: every connection is cut, what was committed is recovered from the log."""
        self.control("restart", "-m", "immediate")

    def control(self, verb, *words):
        options = " ".join([f"-p {self.port}", *(f"-c {setting}" for setting in SETTINGS)])
        data, log = self.folder / "data", self.folder / "log"
        self.run("pg_ctl", verb, *words, "-D", data, "-l", log, "-w", "-t", "120", "-o", options)

    def run(self, program, *words):
        """Its output goes nowhere: a server that is started keeps it open."""
        as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*as_postgres, self.programs / program, *words]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(list(map(str, command)), cwd=self.folder, check=True, **quiet)


def newest_programs():
    """The folder of initdb and pg_ctl. Debian keeps them out of the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    path = found[-1] if found else shutil.which("initdb")
    if not path:
        raise FileNotFoundError("A run that restarts PostgreSQL needs the programs of its server: initdb and pg_ctl.")
    return Path(path).parent

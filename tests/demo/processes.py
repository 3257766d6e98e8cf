"""Programs that belong together: started, watched, started again when they die, and stopped with all their children.

The demo runs on it, and so do the browser and chaos tests:

    with Processes(programs(folder, web_port=..., sink_port=..., environment=..., output=...)) as processes:
        processes.start()
        processes["deliver"].kill()     # dies and is started again
        processes["deliver"].stop()     # stays down until .start()
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LOOK_EVERY = 0.1  # seconds between two looks at the processes
BACK_OFF = [0.2, 0.5, 1, 2, 5]  # seconds before the n-th restart in a row
SETTLED_AFTER = 10  # seconds; who lived this long starts again with the first back-off
GRACE = 10  # seconds between SIGTERM and SIGKILL


def free_port():
    """A port of 127.0.0.1 that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_taken(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port that only lingers is free
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def wait_for_port(port, *, within=30):
    """Return when somebody accepts connections; TimeoutError after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"nobody answers on port {port} after {within} s")
        time.sleep(0.05)


class Process:
    """A program in a process group of its own. `output(name, line)` gets each line that it prints."""

    def __init__(self, name, command, *, environment, output):
        self.name = name
        self.command = [str(part) for part in command]
        self.environment = environment
        self.output = output
        self.popen = None
        self.reader = None  # the thread that passes the output on
        self.last_line = ""
        self.is_wanted = False
        self.restarts = 0
        self.quick_deaths = 0
        self.lock = threading.RLock()  # the watching thread restarts while a test may stop

    @property
    def pid(self):
        return self.popen.pid

    def start(self):
        with self.lock:
            self.is_wanted = True
            self.started_at = time.monotonic()
            self.restart_at = None
            self.popen = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
            )
            self.last_line = ""
            self.reader = threading.Thread(target=self._pass_on, args=[self.popen.stdout], daemon=True)
            self.reader.start()

    def _pass_on(self, stream):
        with stream:
            for line in stream:
                self.last_line = line.strip() or self.last_line
                self.output(self.name, line.rstrip("\n"))

    def has_ended(self):
        """The leader is dead but not buried: while it is a zombie, its group's number cannot go to a stranger."""
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def bury(self):
        """Kill what is left of the group, so that orphans never work beside a successor. Returns the exit code."""
        os.killpg(self.pid, signal.SIGKILL)
        self.reader.join(timeout=1)
        return self.popen.wait()

    def kill(self, signum=signal.SIGKILL):
        """Send a signal to the leader alone, as the kernel's OOM killer or a colleague would."""
        with self.lock:
            if self.popen.returncode is None:
                os.kill(self.pid, signum)

    def stop(self, *, grace=GRACE):
        """SIGTERM to the leader, which ends its work; after `grace` seconds SIGKILL to the group."""
        with self.lock:
            self.is_wanted = False
            if self.popen is None or self.popen.returncode is not None:
                return
            self.kill(signal.SIGTERM)
            deadline = time.monotonic() + grace
            while not self.has_ended() and time.monotonic() < deadline:
                time.sleep(0.02)
            self.bury()

    def look_after(self, say):
        """One look: bury a process that died, and start it again when its back-off is over."""
        with self.lock:
            if not self.is_wanted:
                return
            if self.restart_at is None and self.has_ended():
                code = self.bury()
                if time.monotonic() - self.started_at > SETTLED_AFTER:
                    self.quick_deaths = 0
                pause = BACK_OFF[min(self.quick_deaths, len(BACK_OFF) - 1)]
                self.quick_deaths += 1
                self.restart_at = time.monotonic() + pause
                say(
                    f"{self.name} ended ({how(code)}; its last words: {self.last_line}) and starts again in {pause:g} s"
                )
            if self.restart_at is not None and time.monotonic() >= self.restart_at:
                self.restarts += 1
                self.start()


def how(code):
    """How a process ended, in words."""
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


class Processes:
    """Processes in the order of their start. They stop in reverse, so that the sink outlives the sender."""

    def __init__(self, processes, *, say=lambda sentence: None):
        self.all = {process.name: process for process in processes}
        self.say = say
        self.is_over = threading.Event()
        self.watch = threading.Thread(target=self._watch, daemon=True)

    def __getitem__(self, name):
        return self.all[name]

    def __enter__(self):
        self.watch.start()
        return self

    def __exit__(self, *exception):
        self.is_over.set()
        self.watch.join()
        for process in reversed(self.all.values()):
            process.stop()

    def start(self):
        for process in self.all.values():
            if not process.is_wanted:
                process.start()

    def _watch(self):
        while not self.is_over.wait(LOOK_EVERY):
            for process in self.all.values():
                process.look_after(self.say)


def provider(folder, *, environment, output):
    """The print provider's stand-in, beside the others: it looks into `folder`/folders and keeps provider.jsonl."""
    command = ["-m", "tests.demo.provider", "--root", folder / "folders", "--log", folder / "provider.jsonl"]
    return Process("provider", [sys.executable, *command], environment=environment, output=output)


def programs(folder, *, web_port, sink_port, environment, output):
    """The four processes of the house, the sink first.

    The sink keeps its log, its mail and its plan in `folder` (sink.jsonl, mail/, sink-plan.json). To `environment`,
    complete otherwise, the place of the sink is added.
    """
    sink_log = folder / "sink.jsonl"
    environment = environment | {"MAIL_SINK": f"127.0.0.1:{sink_port}", "MAIL_SINK_LOG": str(sink_log)}
    commands = {
        "sink": ["-m", "tests.demo.sink", "--port", sink_port, "--log", sink_log, "--plan", folder / "sink-plan.json"],
        "web": [
            *["-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{web_port}", "--log-level", "warning"],
            *["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket"],
        ],
        "qcluster": ["manage.py", "qcluster"],
        "deliver": ["manage.py", "deliver", "--loop"],
    }
    return [
        Process(name, [sys.executable, *command], environment=environment, output=output)
        for name, command in commands.items()
    ]

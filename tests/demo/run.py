"""`./dev demo`: prepares a database in var/, loads the demo data and keeps the processes running until Ctrl-C."""

import argparse
import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
import webbrowser
from urllib.parse import quote

from tests.demo.processes import ROOT, Processes, free_port, is_taken, programs, provider, wait_for_port
from tests.demo.sink import DEMO_PLAN, write_plan

VAR = ROOT / "var"
LOG = VAR / "demo.log"
PLAN = VAR / "sink-plan.json"  # written once; edit it to see how the house takes other answers
LOG_KEPT = 5 * 1024 * 1024  # bytes; a longer log of earlier days is begun anew
LOGINS = ["manager", "clerk", "viewer", "admin"]
STOP_SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def environment():
    """What the demo must have whatever .env says: its own database, and no way out but to the sink and the provider."""
    return os.environ | {
        "DATABASE_URL": f"sqlite:///{quote(str(VAR / 'utskick.sqlite3'))}",
        "DEBUG": "false",
        "DEV_PAGES": "true",
        "SECURE_COOKIES": "false",
        "DELIVERY_LIVE": "false",
        "CONNECTION_FOLDERS": str(VAR / "folders"),
        "LOG_FORMAT": "plain",
        "PYTHONUNBUFFERED": "1",
    }


class Log:
    """One log of all processes, each line with the name of who wrote it; also on the screen when asked."""

    def __init__(self, path, *, echo):
        mode = "w" if path.exists() and path.stat().st_size > LOG_KEPT else "a"
        self.file = path.open(mode, encoding="utf-8", buffering=1)
        self.echo = echo
        self.lock = threading.Lock()

    def __call__(self, name, line):
        with self.lock:
            self.file.write(f"{name:8} | {line}\n")
            if self.echo:
                print(f"{name:8} | {line}", flush=True)

    def say(self, sentence):
        """A line that a person should see."""
        self.file.write(f"demo     | {sentence}\n")
        print(sentence, flush=True)


def step(sentence, *command, env):
    """Run a preparation; its output is shown only when it fails."""
    print(f"{sentence} ...", end=" ", flush=True)
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        print("failed.\n")
        sys.exit(f"{done.stdout}{done.stderr}\nmanage.py {' '.join(command)} failed (exit code {done.returncode}).")
    print(f"{time.monotonic() - began:.0f} s")


def wait_for_page(url, *, within):
    """Return when the page is there; TimeoutError after `within` seconds."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=10):  # its errors are OSErrors
            return
        time.sleep(0.2)
    raise TimeoutError(f"{url} does not answer")


def has_display():
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def welcome(url):
    logins = "  ".join(f"{name}@demo.test" for name in LOGINS)
    return f"""
  Utskick is running:  {url}

  Log in as            {logins}
  with the password    demo

  Nothing leaves this machine. What the local mail server got: {url}dev/mailbox/
  What the local print provider got: {VAR / "folders"}
  The log of all processes: {LOG}
  Ctrl-C stops everything.
"""


def run(port, *, browser, verbose):
    """Prepare, start, and keep running until a signal raises KeyboardInterrupt."""
    url = f"http://127.0.0.1:{port}/"
    env = environment()
    log = Log(LOG, echo=verbose)
    if not PLAN.exists():
        write_plan(PLAN, DEMO_PLAN)
    step("Preparing the database", "migrate", "--verbosity", "0", env=env)
    step("Planning the periodic jobs", "sync_schedules", env=env)
    step("Collecting static files", "collectstatic", "--noinput", "--verbosity", "0", env=env)
    sink_port = free_port()
    printers = provider(VAR, environment=env, output=log)
    house = programs(VAR, web_port=port, sink_port=sink_port, environment=env, output=log)
    with Processes([printers, *house], say=log.say) as processes:
        try:
            printers.start()
            processes["sink"].start()
            wait_for_port(sink_port)
            step("Loading the demo data", "demo_data", env=processes["sink"].environment)
            processes.start()
            wait_for_page(f"{url}healthz", within=60)
            print(welcome(url), flush=True)
            if browser and has_display():
                webbrowser.open(url)
            while True:
                signal.pause()
        except TimeoutError as error:
            sys.exit(f"{error}. The last words of all processes are in {LOG}.")
        finally:
            # From here on a second Ctrl-C must not leave half of it running.
            for signum in STOP_SIGNALS:
                signal.signal(signum, signal.SIG_IGN)
            print("\nStopping ...", flush=True)


def interrupt(signum, frame):
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser(prog="./dev demo", description="Run the whole house on this machine.")
    parser.add_argument("--port", type=int, default=8000, help="of the site (default 8000)")
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
    parser.add_argument("--verbose", action="store_true", help="print the log lines of all processes")
    options = parser.parse_args()
    for signum in STOP_SIGNALS:
        signal.signal(signum, interrupt)
    VAR.mkdir(exist_ok=True)
    if is_taken(options.port):
        sys.exit(f"Port {options.port} is taken. Choose another: ./dev demo --port {options.port + 1}")
    with (VAR / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("A demo of this folder is running already.")
        with contextlib.suppress(KeyboardInterrupt):
            run(options.port, browser=not options.no_browser, verbose=options.verbose)
        print("Everything is stopped.")


if __name__ == "__main__":
    main()

"""Untrusted files are parsed in a process of its own: with little memory and time, without secrets, alone.

`python -m config.cage <module>` runs `<module>.caged(data)`: bytes in, a dict and bytes out. What it cannot stand kills
it, and the page that asked says so.
"""

import importlib
import json
import resource
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MEMORY = 1024 * 1024**2  # bytes of address space; libraries take a fourth of it
SECONDS = 10  # of the processor
WALL = 30  # seconds until it is killed, whatever it does
LIMITS = {
    resource.RLIMIT_AS: MEMORY,
    resource.RLIMIT_CPU: SECONDS,
    resource.RLIMIT_FSIZE: 0,  # it writes no file
    resource.RLIMIT_NOFILE: 64,
    resource.RLIMIT_NPROC: 0,  # it starts no process
    resource.RLIMIT_CORE: 0,
}


class Broke(Exception):
    """What was put into the cage broke it: out of memory, out of time, or crashed."""


def run(module, data):
    """(dict, bytes) of `module`.caged(data), worked out in the cage. Raises Broke."""
    command = [sys.executable, "-B", "-m", "config.cage", module]
    try:
        done = subprocess.run(  # noqa: S603 - our own words only; the untrusted bytes go in by the pipe
            command, input=data, capture_output=True, timeout=WALL, cwd=ROOT, env={"LANG": "C.UTF-8"}, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Broke(f"{module}: no answer within {WALL} s") from error
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise Broke(f"{module}: ended with {done.returncode} {last[:200]}".strip())
    facts, _line, content = done.stdout.partition(b"\n")
    return json.loads(facts), content


def main(module):
    for limit, most in LIMITS.items():
        resource.setrlimit(limit, (most, most))
    facts, content = importlib.import_module(module).caged(sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n" + content)


if __name__ == "__main__":
    main(sys.argv[1])

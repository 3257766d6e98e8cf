"""The process runner of the demo and of the chaos tests: who dies comes back, and nobody is left over."""

import os
import signal
import socket
import sys
import time

import pytest

from tests.demo.processes import Process, Processes, free_port, is_taken, wait_for_port

pytestmark = pytest.mark.processes

# A parent with a child of its own, as gunicorn and qcluster have them; both say their numbers.
FAMILY = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("family", os.getpid(), child.pid, flush=True)
time.sleep(600)
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
"""
POLITE = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("bye", flush=True), sys.exit()))
print("up", flush=True)
time.sleep(600)
"""
SHORT_LIVED = "print('born', flush=True); raise SystemExit(3)"


class Lines(list):
    def __call__(self, name, line):
        self.append((name, line))

    def families(self):
        """(parent, child) numbers of each start."""
        return [tuple(map(int, line.split()[1:])) for _, line in self if line.startswith("family")]


@pytest.fixture
def lines():
    return Lines()


@pytest.fixture
def program(lines):
    def make(name, source):
        return Process(name, [sys.executable, "-c", source], environment=dict(os.environ), output=lines)

    return make


def is_alive(pid):
    """A zombie that waits for its new parent to bury it is dead."""
    try:
        with open(f"/proc/{pid}/stat") as status:
            return status.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(condition, *, within=10):
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def test_a_killed_process_is_started_again_and_its_orphans_are_gone(program, lines):
    said = []
    with Processes([program("queue", FAMILY)], say=said.append) as processes:
        processes.start()
        eventually(lambda: len(lines.families()) == 1)
        processes["queue"].kill()
        eventually(lambda: len(lines.families()) == 2)
        parent, child = lines.families()[0]
        eventually(lambda: not is_alive(parent) and not is_alive(child))
        assert all(is_alive(pid) for pid in lines.families()[1])
        assert processes["queue"].restarts == 1
    words = "family {} {}".format(*lines.families()[0])
    assert said == [f"queue ended (killed by SIGKILL; its last words: {words}) and starts again in 0.2 s"]


def test_nothing_is_left_when_it_is_over(program, lines):
    with Processes([program("queue", FAMILY), program("web", FAMILY)]) as processes:
        processes.start()
        eventually(lambda: len(lines.families()) == 2)
    eventually(lambda: not any(is_alive(pid) for family in lines.families() for pid in family))


def test_who_does_not_hear_sigterm_is_killed(program, lines):
    deaf = program("sender", STUBBORN)
    with Processes([deaf]) as processes:
        processes.start()
        eventually(lambda: lines == [("sender", "deaf")])
        deaf.stop(grace=0.3)
        assert deaf.popen.returncode == -signal.SIGKILL


def test_a_stopped_process_stays_down_until_it_is_started(program, lines):
    with Processes([program("sender", FAMILY)]) as processes:
        processes.start()
        eventually(lambda: len(lines.families()) == 1)
        processes["sender"].stop()
        time.sleep(1)
        assert len(lines.families()) == 1
        processes["sender"].start()
        eventually(lambda: len(lines.families()) == 2)


def test_a_process_that_dies_at_once_is_started_ever_more_slowly(program, lines):
    said = []
    with Processes([program("web", SHORT_LIVED)], say=said.append) as processes:
        processes.start()
        eventually(lambda: len(said) == 3)
    pauses = [sentence.rpartition(" in ")[2] for sentence in said]
    assert pauses == ["0.2 s", "0.5 s", "1 s"]
    assert said[0].startswith("web ended (exit code 3; its last words: born)")


def test_they_stop_in_the_reverse_order(program, lines):
    with Processes([program("sink", POLITE), program("deliver", POLITE)]) as processes:
        processes.start()
        eventually(lambda: len(lines) == 2)
    eventually(lambda: len(lines) == 4)
    assert lines[2:] == [("deliver", "bye"), ("sink", "bye")]


def test_ports():
    port = free_port()
    assert not is_taken(port)
    with socket.create_server(("127.0.0.1", port)):
        assert is_taken(port)
        wait_for_port(port)
    assert not is_taken(port)
    with pytest.raises(TimeoutError, match=f"nobody answers on port {port}"):
        wait_for_port(port, within=0.2)

"""What goes wrong on purpose, chosen by a seed: processes are killed or held, recipients' servers misbehave."""

import contextlib
import os
import re
import signal
import threading
import time
from collections import Counter
from pathlib import Path

from tests.demo.sink import Rule

# kind of recipient -> how its server treats it. The kind stands in the address.
FAULTS = {
    "swallowed": {"stage": "dot", "action": "reset_after", "times": 1},
    "slow": {"stage": "dot", "action": "slow", "seconds": 1.0},
    "lost": {"stage": "dot", "action": "reset_before", "times": 1},
    "busy": {"stage": "rcpt", "answer": "451 4.2.0 The mailbox is busy, try again later", "times": 2},
    "nobody": {"stage": "rcpt", "answer": "550 5.1.1 There is no such mailbox here"},
    "later": {"stage": "dot", "answer": "452 4.3.1 The disk is full", "times": 2},
    "spam": {"stage": "dot", "answer": "554 5.6.0 We do not like this"},
    "hung": {"stage": "dot", "action": "hang", "times": 1},
    "crowd": {"stage": "rcpt", "answer": "421 4.7.0 Too much from you at once", "times": 1},
    "cut-rcpt": {"stage": "rcpt", "action": "reset_before", "times": 1},
    "cut-data": {"stage": "data", "action": "reset_before", "times": 1},
}
# After these nobody can know: the delivery is rightly in doubt.
CUTS = ("lost", "swallowed")
HANGS = ("hung",)


def recipients(rng, count, share):
    """So many addresses; a `share` of them (0 to 1) on a server that misbehaves, all kinds alike."""
    kinds = list(FAULTS)
    faulty = round(count * share)
    chosen = [kinds[number % len(kinds)] for number in range(faulty)] + ["well"] * (count - faulty)
    rng.shuffle(chosen)
    return [f"{kind}.{number}@{rng.choice('abc')}.example" for number, kind in enumerate(chosen)]


def kind_of(address):
    return address.partition(".")[0]


def rules(addresses):
    """The sink's plan: a rule for each faulty recipient, so that each has a count of its own."""
    return [
        Rule(f"^{re.escape(address)}$", **FAULTS[kind_of(address)])
        for address in addresses
        if kind_of(address) in FAULTS
    ]


class Nemesis:
    """Kills, stops and holds processes, restarts the database, and remembers how often."""

    def __init__(self, rng, world, processes):
        self.rng = rng
        self.world = world
        self.processes = processes
        self.killed = Counter()  # role -> times
        self.held = self.terminated = self.restarted = self.second = 0
        self.restarting = None  # the thread that restarts the database

    def some(self, group):
        """One of the processes of a group that are to run: "deliver", or that of the second house."""
        names = [name for name in (group, f"{group}-2") if name in self.processes.all]
        return self.processes[self.rng.choice([name for name in names if self.processes[name].is_wanted])]

    def kill(self, group):
        """SIGKILL one process of a group, any: also a child of the queue, or its guard."""
        process = self.some(group)
        process.quick_deaths = 0  # we are no crash loop: come back soon
        while True:
            with contextlib.suppress(ProcessLookupError, FileNotFoundError):
                pid = self.rng.choice(living(process))
                role = self.role(pid, process)
                os.kill(pid, signal.SIGKILL)
                self.killed[role] += 1
                self.world.write("nemesis", f"killed {role} {pid}")
                return

    def role(self, pid, process):
        """deliver; or main, sentinel, worker, pusher or monitor of the queue."""
        if process.name.startswith("deliver"):
            return "deliver"
        if pid == process.pid:
            return "main"
        parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        return "sentinel" if parent == process.pid else self.world.roles.get(pid, "child")

    def terminate(self, *groups):
        """SIGTERM, as a deployment sends it: each ends what it has in hand, and is started again."""
        for group in groups:
            process = self.some(group)
            process.quick_deaths = 0
            process.kill(signal.SIGTERM)
            self.terminated += 1
            self.world.write("nemesis", f"told {process.name} to stop")

    def restart_database(self):
        """At once, as after a crash. Returns while it is away; one restart at a time."""
        self.let_database_be()
        self.restarted += 1
        self.world.write("nemesis", "restarts the database")
        self.restarting = threading.Thread(target=self.world.cluster.restart)
        self.restarting.start()

    def let_database_be(self):
        if self.restarting:
            self.restarting.join()

    def toggle_second_house(self):
        """A second queue and a second sender come, or go as politely as SIGTERM asks."""
        self.second += 1
        for name in ("deliver-2", "qcluster-2"):
            process = self.processes[name]
            if process.is_wanted:
                process.stop(grace=30)
            else:
                process.start()
        self.world.write("nemesis", "the second house came or went")

    def hold(self, seconds, process=None):
        """Stop a sender for so long, as a full machine or one that is moved would. Returns at once."""
        process = process or self.some("deliver")
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGSTOP)
            self.held += 1
            self.world.write("nemesis", f"holds {process.name} for {seconds:.1f} s")
            threading.Timer(seconds, self.let_go, [process, process.pid]).start()

    def let_go(self, process, pid):
        with contextlib.suppress(ProcessLookupError):
            if pid == process.pid:  # else it was killed meanwhile
                os.kill(pid, signal.SIGCONT)


def living(process):
    """The numbers of a process and its descendants, zombies left out; waits until there is one."""
    while True:
        found = sorted(pid for pid, group, state in table() if group == process.pid and state != "Z")
        if found:
            return found
        time.sleep(0.05)


def table():
    """(pid, process group, state) of every process that we may see."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                state, _parent, group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
                yield int(entry.name), int(group), state

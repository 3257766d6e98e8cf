"""One run: send, undo, kill, heal, drain, judge."""

import sys
import time
from random import Random

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from distribution.actions import watching
from distribution.models import Delivery, Parcel
from distribution.states import OPEN, State

from . import checker, evidence, nemesis
from .clerk import Clerk, progress
from .receivers import RECEIVERS

UNDER_WAY = 60  # the clerk sends more when fewer than this many are under way
BATCH = (5, 40)  # invoices at one press on Send
PATIENCE = 20  # seconds without progress after which the next act comes anyway
STALLED = 180  # seconds without any change after which a drain is given up
QUIET = 3  # seconds in which nothing may happen any more


class Run:
    """The clerk's acts and the nemesis's, in an order and at points of the work that the seed decides."""

    def __init__(self, world, *, channel, deliveries, kills, faults, seed, plant, down):
        self.world = world
        self.rng = Random(seed)
        self.deliveries, self.kills, self.faults = deliveries, kills, faults
        self.plant, self.down = plant, down
        self.silence = None  # what the health page said while the sender was down
        call_command("migrate", verbosity=0)
        self.receivers = RECEIVERS[channel](world, self.rng, plant=plant)

    def go(self):
        """Play it to the end; returns the report."""
        began = time.monotonic()
        planted = {"sender": ("-m", "tests.reliability.planted", self.plant)} if self.plant else {}
        with self.receivers.running(), self.world.running(**planted) as processes:
            self.clerk = Clerk(self.rng, self.receivers, self.receivers.recipients(self.deliveries, self.faults))
            self.processes = processes
            self.nemesis = nemesis.Nemesis(self.rng, self.world, processes)
            self.act()
            self.receivers.heal()
            self.drain()
            processes["deliver"].stop(grace=60)
            processes["qcluster"].stop()
        report = self.judge()
        report["seconds"] = round(time.monotonic() - began)
        return report

    # --- What happens ------------------------------------------------------------------------------------------------

    def score(self):
        """(point of the work from 0 to 1, act) in order."""
        kills = [self.kill] * self.kills
        holds = [] if self.plant else [self.hold] * -(-self.kills // 10)
        undos = [self.clerk.undo_one] * (self.deliveries // (2 if self.plant == "blind" else 8))
        undos += [self.undo_on_the_way] * (4 if self.plant == "partial" else 0)
        selections = [lambda: self.clerk.undo_some(5)] * (self.deliveries // 100)
        acts = kills + holds + undos + selections + self.receivers.faults(self.deliveries, self.faults)
        points = sorted(self.rng.uniform(0.01, 0.97) for _ in acts)
        self.rng.shuffle(acts)
        score = list(zip(points, acts, strict=True))
        if self.down:
            score.append((0.2, self.take_down))
        return sorted(score, key=lambda entry: entry[0])

    def act(self):
        score = self.score()
        moved_at, last = time.monotonic(), 0
        while score or self.clerk.to_send:
            done, under_way = progress(self.deliveries)
            if done != last:
                moved_at, last = time.monotonic(), done
            if self.clerk.to_send and under_way < UNDER_WAY:
                self.clerk.send(self.rng.randint(*BATCH))
            elif score and (done >= score[0][0] or time.monotonic() - moved_at > PATIENCE):
                time.sleep(self.rng.uniform(0, 0.1))
                score.pop(0)[1]()
                moved_at = time.monotonic()
            else:
                time.sleep(0.05)

    def kill(self):
        """Any process at any moment; half of the senders just when the other side has taken something."""
        group = "deliver" if self.plant else self.rng.choice(["deliver", "qcluster"])
        if group == "deliver" and (self.plant or self.rng.random() < 0.5):
            self.wait_for_acceptance()
        self.nemesis.kill(group)

    def wait_for_acceptance(self):
        """Return when the other side has just taken something, or has and says nothing yet, or nothing will come."""
        before, patience = self.receivers.accepted_count(), time.monotonic() + PATIENCE
        while self.receivers.accepted_count() == before and time.monotonic() < patience:
            under_way = Delivery.objects.filter(state__in=OPEN).exclude(state=State.IN_DOUBT)
            if self.receivers.is_answering() or not under_way.exists():
                return
            time.sleep(0.005)

    def undo_on_the_way(self):
        """Take one letter back while the file that holds it is uploaded."""
        patience = time.monotonic() + PATIENCE
        while time.monotonic() < patience:
            if Delivery.objects.filter(state=State.CLAIMED).exists():
                self.clerk.undo_one()
                return
            time.sleep(0.01)

    def hold(self):
        """Now and then for longer than a lease, with an undo meanwhile: the sender must notice when it wakes."""
        self.nemesis.hold(self.rng.uniform(1, 8))
        self.clerk.undo_one()

    def take_down(self):
        """The queue for good; the sender until the house has noticed, and then some."""
        process = self.processes[self.down]
        process.stop(grace=0)
        self.world.write("nemesis", f"took down the {self.down}")
        if self.down == "deliver":
            before = self.receivers.accepted_count()
            time.sleep(2 * settings.SENDING["sender_silent"])
            self.silence = {
                "sender_works": watching.health().sender_works,
                "left": self.receivers.accepted_count() - before,
            }
            process.start()

    def drain(self):
        """Wait until nothing is under way for a while, in case somebody sends a doubt again.

        The other side has been asked about each parcel in doubt since it healed.
        """
        healed_at = timezone.now()
        doubts = Parcel.objects.filter(deliveries__state=State.IN_DOUBT)
        seen, seen_at, quiet_since = None, time.monotonic(), None
        while True:
            states = sorted(Delivery.objects.values_list("pk", "state", "ready_at", "attempts", "crashes"))
            open_ones = [state for _pk, state, *_rest in states if state in OPEN and state != State.IN_DOUBT]
            if open_ones or doubts.filter(Q(asked_at=None) | Q(asked_at__lt=healed_at)).exists():
                quiet_since = None
            elif quiet_since is None:
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since > QUIET:
                break
            if states != seen:
                seen, seen_at = states, time.monotonic()
            if time.monotonic() - seen_at > STALLED:
                print(f"The drain was given up: {len(open_ones)} are still under way.", file=sys.stderr)
                break
            time.sleep(0.3)

    # --- What is judged ----------------------------------------------------------------------------------------------

    def judge(self):
        rows, mails = evidence.rows(), self.receivers.evidence()
        found = checker.check(map(str, self.clerk.confirmed), map(str, self.clerk.undone), rows, mails)
        found["undo_lie"] += self.clerk.lies
        killed = self.nemesis.killed
        kinds = [nemesis.kind_of(row.address) for row in rows if row.state != State.UNDONE]
        resets, hangs = self.receivers.cuts(kinds)
        # One kill stops all threads of the sender, and each may be past the gate.
        at_once = (killed["deliver"] + self.nemesis.held) * self.world.threads * self.receivers.at_a_time
        doubts = checker.unexplained(rows, lambda address: nemesis.kind_of(address) in self.receivers.explained)
        states = {state: sum(row.state == state for row in rows) for state in ("sent", "failed", "undone", "in_doubt")}
        also = {
            "unexplained": doubts if len(doubts) > at_once else [],
            "unrecorded": checker.unrecorded(rows),
            "stale_invoices": evidence.stale_invoices(),
            "not_confirmed": [invoice.number for invoice in self.clerk.to_send],
        }
        for name, ids in (found | also).items():
            if ids:
                print(f"{name}: {' '.join(ids)}", file=sys.stderr)
        return {
            "database": connection.vendor,
            "deliveries": len(self.clerk.confirmed),
            "kills": killed.total(),
            "in_doubt": states["in_doubt"],
            **{name: len(ids) for name, ids in found.items()},
            **{name: len(ids) for name, ids in also.items()},
            "in_doubt_at_most": at_once + resets + hangs,
            "arrived": self.receivers.accepted_count(),
            "resets": resets,
            "hangs": hangs,
            "holds": self.nemesis.held,
            "down": self.down,
            "silence": self.silence,
            "killed": dict(sorted(killed.items())),
            "states": states,
            "undo": {"asked": self.clerk.undos, "stopped": len(self.clerk.undone), "too_late": self.clerk.too_late},
            "errors": self.world.errors(),
        }

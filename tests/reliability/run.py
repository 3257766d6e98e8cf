"""One run: send, undo, kill, heal, drain, judge."""

import sys
import time
from random import Random

from django.core.management import call_command
from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from distribution.models import Delivery, Parcel
from distribution.states import OPEN, State

from . import checker, evidence, nemesis
from .clerk import Clerk, progress, steady
from .receivers import RECEIVERS
from .slips import is_full_page
from .world import SENDER

UNDER_WAY = 60  # the clerk sends more when fewer than this many are under way
BATCH = (5, 40)  # invoices at one press on Send
PATIENCE = 20  # seconds without progress after which the next act comes anyway
STALLED = 180  # seconds without any change after which a drain is given up
QUIET = 3  # seconds in which nothing may happen any more


class Run:
    """The clerk's acts and the nemesis's, in an order and at points of the work that the seed decides.

    A scenario is one of these, with other acts (`score`), another house, or more to judge (`unkept`).
    """

    under_way, batch = UNDER_WAY, BATCH

    def __init__(self, world, asked):
        """`asked`: the options of the command line."""
        self.world, self.asked = world, asked
        self.rng = Random(asked.seed)
        self.deliveries, self.plant = asked.deliveries, asked.plant
        call_command("migrate", verbosity=0)
        self.receivers = RECEIVERS[asked.channel](world, self.rng, plant=asked.plant)

    def go(self):
        """Play it to the end; returns the report."""
        began = time.monotonic()
        with self.receivers.running(), self.world.running(*self.house(), later=self.later()) as processes:
            self.processes = processes
            self.nemesis = nemesis.Nemesis(self.rng, self.world, processes)
            self.clerk = Clerk(self.rng, self.receivers, self.receivers.recipients(self.deliveries, self.asked.faults))
            self.act()
            self.receivers.heal()
            self.nemesis.let_database_be()
            connection.close()  # it may be one of before a restart
            self.drain()
            for name in ("deliver", "deliver-2", "qcluster", "qcluster-2"):
                if name in processes.all:
                    processes[name].stop(grace=60)
        report = self.judge()
        report["seconds"] = round(time.monotonic() - began)
        return report

    # --- What happens ------------------------------------------------------------------------------------------------

    def house(self):
        """The processes beside the mail server."""
        return [self.world.process("qcluster"), self.sender("deliver")]

    def later(self):
        """Those of a second house, which comes and goes."""
        return [self.world.process("qcluster-2"), self.sender("deliver-2")]

    def sender(self, name):
        planted = ("-m", "tests.reliability.planted", self.plant)
        return self.world.process(name, command=planted if self.plant else SENDER)

    def score(self):
        """(point of the work from 0 to 1, act) in order."""
        kills, rare = self.asked.kills, -(-self.asked.kills // 10)
        acts = [self.kill] * kills
        if not self.plant:
            acts += [self.hold, self.terminate] * rare + [self.nemesis.toggle_second_house] * (kills // 10)
            acts += [self.nemesis.restart_database] * self.asked.restarts
        acts += [self.clerk.undo_one] * (self.deliveries // (2 if self.plant == "blind" else 8))
        acts += [self.undo_on_the_way] * (4 if self.plant == "partial" else 0)
        acts += [lambda: self.clerk.undo_some(5)] * (self.deliveries // 100)
        acts += self.receivers.faults(self.deliveries, self.asked.faults)
        points = sorted(self.rng.uniform(0.01, 0.97) for _ in acts)
        self.rng.shuffle(acts)
        return list(zip(points, acts, strict=True))

    def act(self):
        score = self.score()
        moved_at, last = time.monotonic(), 0
        while score or self.clerk.to_send:
            done, under_way = progress(self.deliveries)
            if done != last:
                moved_at, last = time.monotonic(), done
            if self.clerk.to_send and under_way < self.under_way:
                self.clerk.send(self.rng.randint(*self.batch))
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

    def terminate(self):
        """One of the house, or all."""
        self.nemesis.terminate(*self.rng.choice([["deliver"], ["qcluster"], ["deliver", "qcluster"]]))

    def wait_for_acceptance(self):
        """Return when the other side has just taken something, or has and says nothing yet, or nothing will come."""
        before, patience = self.receivers.accepted_count(), time.monotonic() + PATIENCE
        under_way = Delivery.objects.filter(state__in=OPEN).exclude(state=State.IN_DOUBT)
        while self.receivers.accepted_count() == before and time.monotonic() < patience:
            if steady(self.receivers.is_answering) or not steady(under_way.exists):
                return
            time.sleep(0.005)

    def undo_on_the_way(self):
        """Take one letter back while the file that holds it is uploaded."""
        if self.wait_for(lambda: Delivery.objects.filter(state=State.CLAIMED).exists()):
            self.clerk.undo_one()

    def wait_for(self, question, *, patience=PATIENCE):
        """Whether `question` was answered with yes, at the latest after `patience` seconds."""
        patience += time.monotonic()
        while not steady(question):
            if time.monotonic() > patience:
                return False
            time.sleep(0.02)
        return True

    def hold(self):
        """Now and then for longer than a lease, with an undo meanwhile: the sender must notice when it wakes."""
        self.nemesis.hold(self.rng.uniform(1, 8))
        self.clerk.undo_one()

    def drain(self):
        """Wait until nothing is under way for a while, in case somebody sends a doubt again.

        The other side has been asked about each parcel in doubt since it healed.
        """
        healed_at = timezone.now()
        doubts = Parcel.objects.filter(deliveries__state=State.IN_DOUBT)
        unasked = doubts.filter(Q(asked_at=None) | Q(asked_at__lt=healed_at))
        open_ones = Delivery.objects.filter(state__in=OPEN).order_by("pk")
        counts = Delivery.objects.order_by("state").values_list("state").annotate(Count("pk"))
        seen, seen_at, quiet_since = None, time.monotonic(), None
        while True:
            rows = list(open_ones.values_list("pk", "state", "ready_at", "attempts", "crashes"))
            states = rows, list(counts)
            if unasked.exists() or any(state != State.IN_DOUBT for _pk, state, *_rest in rows):
                quiet_since = None
            elif quiet_since is None:
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since > QUIET:
                break
            if states != seen:
                seen, seen_at = states, time.monotonic()
            if time.monotonic() - seen_at > STALLED:
                print(f"The drain was given up: {len(rows)} are still under way or in doubt.", file=sys.stderr)
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
        # Who is killed, held or without its database has all its threads stopped, and each may be past the gate.
        stops = killed["deliver"] + self.nemesis.held + self.nemesis.restarted * self.senders()
        at_once = stops * self.world.threads * self.receivers.at_a_time
        doubts = checker.unexplained(rows, lambda address: nemesis.kind_of(address) in self.receivers.explained)
        states = {state: sum(row.state == state for row in rows) for state in ("sent", "failed", "undone", "in_doubt")}
        also = {
            "unexplained": doubts if len(doubts) > at_once else [],
            "unrecorded": checker.unrecorded(rows),
            "stale_invoices": evidence.stale_invoices(),
            "not_confirmed": [invoice.number for invoice in self.clerk.to_send],
            "unkept": self.unkept(rows, mails),
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
            "terminated": self.nemesis.terminated,
            "restarts": self.nemesis.restarted,
            "second_house": self.nemesis.second,
            "rendered": self.rendered(rows),
            **self.facts(),
            "killed": dict(sorted(killed.items())),
            "states": states,
            "undo": {"asked": self.clerk.undos, "stopped": len(self.clerk.undone), "too_late": self.clerk.too_late},
            "errors": self.world.errors(),
        }

    def senders(self):
        """How many there were at one time."""
        return 2 if self.nemesis.second else 1

    def rendered(self, rows):
        """How many have a full page; the others are slips (slips.py)."""
        made = [row.number for row in rows if row.pdf]
        return sum(map(is_full_page, made)) if self.asked.slips else len(made)

    def unkept(self, rows, mails):
        """What this scenario promises beside, as sentences that are not true."""
        return []

    def facts(self):
        """What this scenario reports beside."""
        return {}

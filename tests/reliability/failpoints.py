"""Undo at every point of a delivery's way: before each statement, at the gate and at the dot.

The queue's and the sender's own code runs in one thread; at a chosen point another thread, with a connection of its
own, takes the delivery back. Where a transaction is open it may have to wait for its end, as a person would; between
a last statement and its commit nothing else could happen, so that there is no point there.
"""

import contextlib
import sys
import threading
import time
from collections import Counter

from django.db import connection

from distribution import jobs
from distribution.actions import handing_over, sending
from distribution.management.commands.deliver import Sender, SlowDomains
from distribution.models import Delivery
from distribution.states import OPEN, State
from distribution.transports.files import FileSession
from distribution.transports.smtp import Session

from . import nemesis
from .clerk import Clerk
from .run import Run

AS_LONG = 0.05  # seconds that we wait for an undo which may have to wait for us
ROUNDS = 5  # of the sender: what was undone may make a parcel be built again


class Failpoints:
    """Names the points that are passed inside, in order, and calls `act` at number `at`."""

    def __init__(self, at=None, act=None):
        self.at, self.act = at, act
        self.names = []

    def __enter__(self):
        self.stack = contextlib.ExitStack()
        self.stack.enter_context(connection.execute_wrapper(self.statement))
        self.around(handing_over.Gate, "__call__", "the gate")
        self.around(handing_over, "record", "the record")
        self.around(Session, "_write", "the body")
        self.around(FileSession, "put", "the upload")
        return self

    def __exit__(self, *exception):
        self.stack.close()

    def point(self, name):
        if len(self.names) == self.at:
            self.act()
        self.names.append(name)

    def statement(self, execute, sql, params, many, context):
        self.point(f"before {words_of(sql)} of {caller()}")
        return execute(sql, params, many, context)

    def around(self, owner, name, said):
        """Points before and after a function."""
        function = getattr(owner, name)

        def pointed(*arguments, **options):
            self.point(f"before {said}")
            answer = function(*arguments, **options)
            self.point(f"after {said}")
            return answer

        setattr(owner, name, pointed)
        self.stack.callback(setattr, owner, name, function)


def words_of(sql):
    """UPDATE distribution_delivery, of a statement."""
    words = sql.replace('"', "").split()
    if words[0] not in ("SELECT", "DELETE", "INSERT", "UPDATE"):
        return words[0]
    after = {"SELECT": "FROM", "DELETE": "FROM", "INSERT": "INTO", "UPDATE": "UPDATE"}[words[0]]
    return f"{words[0]} {words[words.index(after) + 1]}"


def caller():
    """The innermost of our actions that asked: handing_over.claim."""
    frame = sys._getframe(2)
    while frame:
        module = frame.f_globals["__name__"]
        if module.startswith(("distribution.actions.", "distribution.jobs", "distribution.management")):
            return f"{module.rpartition('.')[2]}.{frame.f_code.co_name}"
        frame = frame.f_back
    return "the test"


class Undo(threading.Thread):
    """Somebody takes one delivery back; `answer` is what they are told."""

    answer = error = None

    def __init__(self, delivery, by):
        super().__init__()
        self.delivery, self.by = delivery, by

    def run(self):
        try:
            self.answer = sending.undo(Delivery.objects.filter(pk=self.delivery), by=self.by, note="failpoint")
        except Exception as error:
            self.error = error
        finally:
            connection.close()

    def press(self):
        """Until it is answered, or a little while where it may have to wait for us."""
        self.start()
        self.join(AS_LONG if connection.in_atomic_block else 60)


def walk(batch, *, by, at=None):
    """Bring a batch to its end; at point number `at` its first delivery is undone.

    Returns (names of the points, what undo answered: (stopped, left), or None).
    """
    undo = Undo(batch.deliveries.order_by("position").first().pk, by)
    sender = Sender(threading.Event(), SlowDomains())
    with Failpoints(at, undo.press) as points:
        jobs.route(batch.pk)
        jobs.prepare(batch.pk)
        for _round in range(ROUNDS):
            jobs.build_parcels(batch.pk)
            sender.work_until_idle()
            if not batch.deliveries.filter(state__in=OPEN).exists():
                break
    if undo.ident:
        undo.join(60)
    if undo.error:
        raise RuntimeError(f"undo at point {at}, {points.names[at]}") from undo.error
    return points.names, undo.answer


def is_true(answer, delivery):
    """Whether what undo said is what became of it: stopped and undone, or too late and sent."""
    state = Delivery.objects.get(pk=delivery).state
    return (answer, state) in (((1, 0), State.UNDONE), ((0, 1), State.SENT))


class Undos(Run):
    """So many undos at each point of the way of a batch of two: one is taken back, the other one must go."""

    def go(self):
        began = time.monotonic()
        with self.receivers.running(), self.world.running() as processes:
            self.nemesis = nemesis.Nemesis(self.rng, self.world, processes)
            self.times, self.points = self.deliveries, {}
            self.clerk = Clerk(self.rng, self.receivers, [])
            where = self.receivers.company_of(self.clerk.companies, self.receivers.plain)
            self.receivers.company_of = lambda companies, address: where
            names, _answer = self.walk()
            for at, name in enumerate(names):
                self.points[f"{at + 1:03} {name}"] = Counter(self.undo_at(at) for _time in range(self.times))
        report = self.judge()
        report["seconds"] = round(time.monotonic() - began)
        return report

    def walk(self, at=None):
        number = len(self.clerk.confirmed)
        addresses = [f"{self.receivers.plain}.{number + each}@a.example" for each in range(2)]
        self.clerk.to_send = [self.clerk.invoice(number + each, address) for each, address in enumerate(addresses)]
        company = self.clerk.to_send[0].company
        batch = self.clerk.press_send(company, [str(invoice.pk) for invoice in self.clerk.to_send])
        self.clerk.to_send = []
        self.last = batch
        return walk(batch, by=self.clerk.user, at=at)

    def undo_at(self, at):
        """ "stopped" or "too late"."""
        _names, answer = self.walk(at)
        first = self.last.deliveries.order_by("position").first().pk
        self.clerk.undos += 1
        if answer is None or not is_true(answer, first):
            self.clerk.lies.append(f"{answer} at point {at + 1}")
        if answer and answer[0]:
            self.clerk.undone.add(first)
        else:
            self.clerk.too_late += 1
        return "stopped" if answer and answer[0] else "too late"

    def facts(self):
        counts = {name: dict(sorted(found.items())) for name, found in self.points.items()}
        return {"points": len(counts), "undos_at_each": self.times, "at": counts}

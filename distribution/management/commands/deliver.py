"""The sender: a plain process that does not need the queue."""

import logging
import signal
import threading
import time

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection

from distribution import channels, measures
from distribution.actions import braking, handing_over, noticing, planning, posting, preparing, printing, watching
from distribution.channels.base import Unreachable
from distribution.models import Batch, Connection, Delivery
from distribution.relay import Closed
from recipients.methods import Method

log = logging.getLogger(__name__)
BEAT = 5  # seconds between signs of life
DOMAIN_PAUSE = 60


class Command(BaseCommand):
    help = "Hand over what is due. With --loop until stopped, else until nothing is due."

    def add_arguments(self, parser):
        parser.add_argument("--loop", action="store_true")

    def handle(self, *, loop, **options):
        stop = threading.Event()
        slow = SlowDomains()
        if not loop:
            keep_house()
            Sender(stop, slow).work_until_idle()
            measures.write()
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_args: stop.set())
        # Letters apart, so that no mail waits while a parcel of megabytes is on its way.
        senders = [Sender(stop, slow) for _number in range(settings.SENDING["threads"])]
        for_mail, for_parcels = threading.Lock(), threading.Lock()
        threads = [threading.Thread(target=sender.work, args=[sender.turn, for_mail]) for sender in senders]
        threads += [threading.Thread(target=sender.work, args=[sender.carry, for_parcels]) for sender in senders]
        for thread in threads:
            thread.start()
        self.watch(stop, threads)
        for thread in threads:
            thread.join()
        measures.write()

    def watch(self, stop, threads):
        """The main thread: signs of life and the sweep. A dead sender thread ends the process: its unit restarts it."""
        swept = 0.0
        while not stop.is_set():
            try:
                watching.sender_seen()
                measures.write()
                if time.monotonic() - swept >= settings.SENDING["sweep_every"]:
                    busy = keep_house()
                    swept = 0.0 if busy else time.monotonic()
            except DatabaseError:
                log.exception("the database does not answer")
                connection.close()
            except Exception:
                # Whatever it is: without this thread the others would go on with no sweep and no sign of life.
                log.exception("the housekeeping failed")
            has_died = not all(thread.is_alive() for thread in threads)
            if has_died and not stop.is_set():
                log.error("a sender thread died")
                stop.set()
            stop.wait(min(BEAT, settings.SENDING["sweep_every"]))


def keep_house():
    """What a dead worker left behind, and work whose bell was lost. Without a queue this process does it itself.

    Returns whether it did: then there may be more, and the next round need not wait for its time.
    """
    handing_over.sweep()
    braking.brake(Connection.objects.all())
    noticing.look()
    watching.ask_queue()
    work = list(preparing.unfinished())
    if not watching.queue_is_silent():
        preparing.ring(work)
        return False
    for name, batch in work:
        do(name, Batch.objects.get(pk=batch))
    return bool(work)


def do(name, batch):
    """The queue's work by its job's name, at most a chunk of what renders."""
    if name == "plan":
        planning.make_plan(batch)
    elif name == "route":
        while preparing.route_some(batch):
            pass
    elif name == "prepare":
        preparing.prepare(Delivery.objects.filter(batch=batch))
    elif name == "build_parcels":
        printing.build_parcels(batch)


class SlowDomains:
    """Recipient domains that asked for patience; shared by the sender threads of this process."""

    def __init__(self):
        self.until = {}

    def slow_down(self, domain):
        self.until[domain.lower()] = time.monotonic() + min(DOMAIN_PAUSE, settings.SENDING["back_off"][0])

    def now(self):
        return [domain for domain, until in list(self.until.items()) if until > time.monotonic()]


class Sender:
    """One thread of mail: claims a few, hands them over one by one over one connection, and again.

    And one of parcels, which share nothing with it but the wish to stop.
    """

    def __init__(self, stop, slow):
        self.stop, self.slow = stop, slow
        self.channel = None
        self.served = None  # key of the company that had its turn

    def work(self, turn, lookout):
        """Until stopped, in a thread of its own; `turn` is self.turn or self.carry.

        One idle thread at a time is on the `lookout`, a lock: together they ask the database as often as one would.
        """
        while not self.stop.is_set():
            try:
                busy = turn()
            except DatabaseError:
                log.exception("the database does not answer")
                connection.close()
                busy = False
            except Exception:  # Python would print its text, which may quote anything, and end the thread as well
                log.exception("a sender thread broke")
                break
            if not busy:
                with lookout:
                    self.stop.wait(settings.SENDING["idle"])
        if turn == self.turn:
            self.hang_up()
        connection.close()  # the thread's own

    def work_until_idle(self):
        while self.turn() | self.carry():
            pass
        self.hang_up()

    def turn(self):
        """One claim and what follows; returns whether there was anything to do."""
        if handing_over.is_paused():
            return False
        try:
            self.channel = self.channel or channels.open(Method.EMAIL)
        except Closed:
            return False  # test mode without a sink, or a copy of the database: nothing leaves
        claimed = handing_over.claim(slow_domains=self.slow.now(), after=self.served)
        if not claimed:
            self.hang_up()  # the next mail opens anew, with the settings of then
        else:
            self.served = claimed[0].company_id
        is_well = False
        for position, delivery in enumerate(claimed):
            if self.stop.is_set():
                handing_over.release(claimed[position:])
                return False
            outcome = handing_over.hand_over(delivery, self.channel)
            if outcome.answered and not is_well:
                handing_over.resume()
                is_well = True
            trouble = outcome.trouble
            if trouble is None:
                continue
            if trouble.slows == Unreachable.DOMAIN:
                self.slow.slow_down(delivery.address.rpartition("@")[2])
            elif trouble.slows == Unreachable.CONNECTION:
                handing_over.release(claimed[position + 1 :])
                self.hang_up()
                return False
        return bool(claimed)

    def carry(self):
        """One parcel of each method to its provider, and a question about one in doubt; whether there was any."""
        busy = posting.settle()
        for method in channels.TOGETHER:
            try:
                channel = channels.open(method)
            except Closed:
                continue  # as for mail: nothing leaves
            if parcel := posting.claim_parcel(method):
                busy = True
                if handing_over.hand_over(parcel, channel).answered:
                    handing_over.resume(parcel)
        return busy

    def hang_up(self):
        if self.channel:
            self.channel.close()
            self.channel = None

"""How each scenario is played: what differs from a mixed run."""

import http.client
import json
import os
import re
import signal
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from statistics import median
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.db.models import Count
from django.test import Client

from distribution.actions import planning, watching
from distribution.models import Connection, Delivery, Installation
from distribution.states import OPEN, State
from recipients.methods import Method
from recipients.models import Event
from tests.demo.processes import ROOT, wait_for_port
from tests.demo.sink import Rule

from .clerk import progress
from .failpoints import Undos
from .run import Run
from .world import new_database


class TwoHouses(Run):
    """Two queues and two senders at the same rows."""

    def house(self):
        return [*super().house(), *super().later()]

    def later(self):
        return []

    def score(self):
        return []

    def unkept(self, rows, mails):
        # One that went back (a lease was over on a busy machine) may be claimed again.
        again = Counter(row.steps.count(State.CLAIMED) - row.steps.count(State.WAITING) for row in rows)
        found = [f"{count} rows were claimed {times} times" for times, count in again.items() if times > 1]
        return found + [f"somebody read: {error}" for error in self.world.errors() if "locked" in error]


class QueueDead(Run):
    """Killed for good when a fifth of the work is done."""

    def score(self):
        return [(0.2, self.take_down), *((point, self.clerk.undo_one) for point in (0.3, 0.5, 0.7))]

    def take_down(self):
        self.processes["qcluster"].stop(grace=0)
        self.world.write("nemesis", "took down the queue")
        self.down_at = time.monotonic()

    def drain(self):
        super().drain()
        # Red within three minutes, by a sender that goes on
        self.is_red = self.wait_for(lambda: not watching.health().queue_works, patience=200)
        self.red_after = time.monotonic() - self.down_at
        self.sender_works = watching.health().sender_works

    def unkept(self, rows, mails):
        wanted = {"the health page is red": self.is_red, "the sender works": self.sender_works}
        return [f"not so: {sentence}" for sentence, is_so in wanted.items() if not is_so]

    def facts(self):
        return {"health_red_after": round(self.red_after)}


class SenderDown(Run):
    """Until the house has noticed, and then some."""

    def score(self):
        return [(0.2, self.take_down), *((point, self.clerk.undo_one) for point in (0.3, 0.5, 0.7))]

    def take_down(self):
        self.processes["deliver"].stop(grace=0)
        self.world.write("nemesis", "took down the sender")
        before = self.receivers.accepted_count()
        time.sleep(2 * settings.SENDING["sender_silent"])
        self.was_noticed = not watching.health().sender_works
        self.left = self.receivers.accepted_count() - before
        self.processes["deliver"].start()

    def unkept(self, rows, mails):
        found = [] if self.was_noticed else ["nobody noticed that the sender was down"]
        return found + ([f"{self.left} left without a sender"] if self.left else [])


class Bells(Run):
    """Every wake-up is lost, of the office and of the queue's own jobs; the sender's sweep is heard."""

    under_way, batch = 15, (1, 5)  # a batch is one chunk of the queue

    def house(self):
        return [self.world.process("qcluster", {"CHAOS_DEAF": "1"}), self.sender("deliver")]

    def score(self):
        return []

    def unkept(self, rows, mails):
        # One sweep rings for the route, the next one for the pages; then the work itself.
        sweeps = 2 * settings.SENDING["sweep_every"]
        waited = self.longest()
        return [] if waited <= sweeps + 10 else [f"one waited for {waited:.0f} s, and two sweeps are {sweeps:g} s"]

    def longest(self):
        """Seconds from Send to the end of the slowest."""
        ended = Delivery.objects.exclude(finished_at=None).values_list("created_at", "finished_at")
        return max((finished - created).total_seconds() for created, finished in ended)

    def facts(self):
        return {"slowest": round(self.longest(), 1)}


class Outage(Run):
    """The mail server is away from before the first mail, for as long as SIX_HOURS are in compressed pauses."""

    SIX_HOURS = 60  # seconds: a 360th, as the back-off table
    under_way = 10**6

    def score(self):
        return []

    def act(self):
        self.processes["sink"].stop()
        away_at = time.monotonic()
        super().act()
        assert self.wait_for(
            lambda: not Delivery.objects.filter(state=State.WAITING, ready_at=None).exists(), patience=900
        )
        time.sleep(max(0, self.SIX_HOURS - (time.monotonic() - away_at)))
        self.waiting = dict(Delivery.objects.order_by().values_list("state").annotate(Count("pk")))
        self.processes["sink"].start()
        self.back_at = time.monotonic()

    def drain(self):
        super().drain()
        self.took = time.monotonic() - self.back_at
        self.connections = json.loads((self.world.folder / "sink.jsonl.connections").read_text())["most"]

    def lead(self):
        """How far one company was ever ahead of another one while both had mail waiting: mails."""
        companies = dict(Delivery.objects.values_list("pk", "company"))
        order = [companies[pk] for pk in map(by_key(companies), self.world.accepted()) if pk]
        left, gone, largest = Counter(order), Counter(), 0
        for company in order:
            gone[company] += 1
            if all(gone[each] < left[each] for each in left):
                largest = max(largest, max(gone.values()) - min(gone[each] for each in left))
        return largest

    def unkept(self, rows, mails):
        most = settings.SENDING["claim_size"] * (self.world.threads + 1)
        found = [f"one company was {self.lead()} mails ahead"] if self.lead() > most else []
        if self.connections > self.world.threads:
            found.append(f"{self.connections} connections at one time")
        return found + [
            f"{count} were {state} in the outage" for state, count in self.waiting.items() if state not in OPEN
        ]

    def facts(self):
        return {"away": self.SIX_HOURS, "largest_lead": self.lead(), "most_connections": self.connections}


def by_key(known):
    """A function: the delivery, out of `known`, that a line of the mail server's log is about, or None."""
    names = {str(pk): pk for pk in known}
    return lambda line: names.get(line["message_id"].strip("<>").partition("@")[0])


class Crowd(Run):
    """All of one company at one press; of the other one invoice while these are prepared, one while they leave."""

    SOON = 60  # seconds in which the one must leave

    def go(self):
        self.receivers.company_of = lambda companies, address: companies[
            int(address.partition("@")[0].split(".")[1]) < 2
        ]
        return super().go()

    def act(self):
        large, small = self.clerk.companies
        of = {
            company: [str(each.pk) for each in self.clerk.to_send if each.company == company]
            for company in (large, small)
        }
        self.clerk.to_send, self.waits = [], []
        self.clerk.press_send(large, of[large])
        assert self.wait_for(lambda: Delivery.objects.filter(ready_at__isnull=False).exists(), patience=120)
        for ids in of[small][:1], of[small][1:]:
            self.clerk.press_send(small, ids)
            self.waits.append(self.wait_for_one(small))
            self.wait_for(self.all_leave, patience=3600)

    def all_leave(self):
        """A good part has left, and the rest is on its way."""
        return progress(self.deliveries)[0] > 0.6

    def wait_for_one(self, company):
        """(seconds until it had left, how many of the others had not by then)."""
        one = Delivery.objects.filter(company=company).order_by("-created_at")[0]
        began = time.monotonic()
        assert self.wait_for(lambda: Delivery.objects.get(pk=one.pk).state == State.SENT, patience=3600)
        others = Delivery.objects.filter(state__in=OPEN).exclude(company=company)
        return round(time.monotonic() - began, 1), others.count()

    def score(self):
        return []

    def unkept(self, rows, mails):
        late = [f"one waited for {waited} s" for waited, _others in self.waits if waited > self.SOON]
        return late + ["all others had left before the one" for _waited, others in self.waits if not others]

    def facts(self):
        return {"the_one_waited": [waited for waited, _ in self.waits], "others_waiting": [n for _, n in self.waits]}


class Copy(Run):
    """A live house; in mid-batch its backup is restored beside it, with an environment that does not name it."""

    def house(self):
        relay = Connection.objects.get(company=None, method=Method.EMAIL)
        relay.host, relay.port, relay.security = "127.0.0.1", self.world.sink_port, Connection.Security.NONE
        relay.save()
        here = str(Installation.objects.this().instance_id)
        self.world.environment |= {"DELIVERY_LIVE": "true", "INSTANCE_ID": here}
        settings.DELIVERY_LIVE, settings.INSTANCE_ID = True, here
        return super().house()

    def later(self):
        return []

    def score(self):
        return [(0.5, self.restore)]

    def restore(self):
        """Both go on side by side until the first one is done."""
        folder = self.world.folder / "copy"
        folder.mkdir()
        with new_database(self.world.kind, folder, self.world.environment["DATABASE_URL"]) as url:
            copy_database(self.world.environment["DATABASE_URL"], url)
            environment = {"DATABASE_URL": url, "INSTANCE_ID": ""}
            second = [self.world.process(name, environment) for name in ("qcluster-2", "deliver-2")]
            for process in second:
                process.start()
            time.sleep(5 * settings.SENDING["sender_silent"])
            self.told = self.ask_the_copy(second[1].environment)
            for process in second:
                process.stop(grace=60)

    def ask_the_copy(self, environment):
        """What its own code says: its mode, whether its sender lives, how many are due."""
        words = (
            "import django, json; django.setup()\n"
            "from distribution.actions.watching import health; from distribution.models import Delivery\n"
            "now = health(); due = Delivery.objects.due().count()\n"
            "print(json.dumps({'mode': now.mode, 'sender_works': now.sender_works, 'due': due}))"
        )
        python = self.processes["deliver"].command[0]
        done = subprocess.run(
            [python, "-c", words], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        return json.loads(done.stdout)

    def unkept(self, rows, mails):
        wanted = {"mode": "copy", "sender_works": True}
        found = [
            f"the copy says {name}: {self.told[name]}" for name, value in wanted.items() if self.told[name] != value
        ]
        return found if self.told["due"] else [*found, "the copy had nothing to send"]

    def facts(self):
        return {"copy": self.told}


def copy_database(url, target):
    """All of one database in another, empty one."""
    if url.startswith("sqlite"):
        with sqlite3.connect(urlsplit(url).path) as source, sqlite3.connect(urlsplit(target).path) as made:
            source.backup(made)
        return
    with subprocess.Popen(["pg_dump", url], stdout=subprocess.PIPE) as dump:
        subprocess.run(
            ["psql", "-q", "-v", "ON_ERROR_STOP=1", target], stdin=dump.stdout, stdout=subprocess.DEVNULL, check=True
        )
    assert dump.returncode == 0


class Deploy(Run):
    """SIGTERM to all while something is past the gate; the mail server answers slowly, so that there is always some."""

    TIMES = 20
    SOON = 60  # seconds until the batch goes on

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.pauses = []

    def score(self):
        self.world.plan([Rule(r"^well\.\d*[02468]@", "dot", "slow", seconds=0.5)])
        return [((number + 1) / (self.TIMES + 2), self.deploy) for number in range(self.TIMES)]

    def deploy(self):
        self.wait_for_acceptance()
        began, old = time.monotonic(), self.processes["deliver"].pid
        self.nemesis.terminate("deliver", "qcluster")
        # What was in hand is finished first: the pause is that until the next process has sent one.
        self.wait_for(lambda: self.processes["deliver"].pid != old, patience=120)
        before = self.receivers.accepted_count()
        self.wait_for(lambda: self.receivers.accepted_count() > before, patience=120)
        self.pauses.append(round(time.monotonic() - began, 1))

    def unkept(self, rows, mails):
        return [f"the batch stood still for {pause} s" for pause in self.pauses if pause > self.SOON]

    def facts(self):
        return {"pauses": {"median": median(self.pauses), "longest": max(self.pauses)}}


class DoubleClick(Run):
    """Send, pressed over HTTP: twice at once in one browser and at the same time in another, and again afterwards."""

    under_way, batch = 10**6, (1, 12)

    def house(self):
        return [self.world.process("web"), *super().house()]

    def later(self):
        return []

    def score(self):
        return []

    def act(self):
        wait_for_port(self.world.web_port, within=120)
        self.answers, self.batches = Counter(), 0
        browsers = [Browser(self.world.web_port, self.clerk.user) for _n in range(2)]
        while self.clerk.to_send:
            company, ids = self.next_list()
            batch = planning.plan(company, {"ids": ids}, by=self.clerk.user)
            self.batches += 1
            path = f"/c/{company.slug}/batches/{batch.pk}"
            forms = [(browser, browser.token(f"{path}/sheet/")) for browser in (browsers[0], *browsers)]
            self.press_at_once(f"{path}/send/", forms)
            self.answers[browsers[0].post(f"{path}/send/", forms[0][1])] += 1  # Back, and again
            self.clerk.confirmed += Delivery.objects.filter(batch=batch).values_list("pk", flat=True)

    def next_list(self):
        """Some invoices of one company."""
        company = self.clerk.to_send[0].company
        chosen = [each for each in self.clerk.to_send if each.company == company][: self.rng.randint(*self.batch)]
        self.clerk.to_send = [each for each in self.clerk.to_send if each not in chosen]
        return company, [str(each.pk) for each in chosen]

    def press_at_once(self, path, forms):
        ready = threading.Barrier(len(forms))

        def press(browser, token):
            ready.wait()
            self.answers[browser.post(path, token)] += 1

        threads = [threading.Thread(target=press, args=form) for form in forms]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def unkept(self, rows, mails):
        twice = Delivery.objects.order_by().values("invoice").annotate(times=Count("pk")).filter(times__gt=1).count()
        found = [f"{count} answers were {code}" for code, count in self.answers.items() if code >= 400]
        return found + ([f"{twice} invoices have two deliveries"] if twice else [])

    def facts(self):
        return {"batches": self.batches, "answers": {str(code): count for code, count in sorted(self.answers.items())}}


class Browser:
    """One session of a person, over real HTTP."""

    def __init__(self, port, user):
        self.port = port
        client = Client()
        client.force_login(user)
        self.cookies = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}

    def ask(self, method, path, body=None):
        """(status, headers, text)."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        line.request(method, path, body, headers)
        answer = line.getresponse()
        text = answer.read().decode()
        line.close()
        return answer.status, answer.headers, text

    def token(self, path):
        """What the form of a page holds against forgery."""
        status, headers, text = self.ask("GET", path)
        assert status == 200, (status, text[:500])
        for cookie in headers.get_all("Set-Cookie") or []:
            name, value = cookie.partition(";")[0].split("=", 1)
            self.cookies[name] = value
        return re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)[1]

    def post(self, path, token):
        """The status of the answer."""
        return self.ask("POST", path, urlencode({"csrfmiddlewaretoken": token}))[0]


class Sleepers(Run):
    """One sender is held with rows in its hands until another one has them; then both go on."""

    ROUNDS = 3
    under_way = 10**6

    def act(self):
        self.world.plan([Rule(".", "dot", "slow", seconds=0.7)])
        super().act()

    def score(self):
        return [(0.5 + 0.1 * number, self.oversleep) for number in range(self.ROUNDS)]

    def oversleep(self):
        claimed = Delivery.objects.filter(state=State.CLAIMED)
        sleeper, other = self.processes["deliver"], self.processes["deliver-2"]
        other.stop(grace=60)
        if not sleeper.is_wanted:
            sleeper.start()
        if not self.wait_for(lambda: claimed.count() >= 5):
            return
        os.kill(sleeper.pid, signal.SIGSTOP)
        self.nemesis.held += 1
        theirs = set(claimed.values_list("token", flat=True))
        other.start()
        self.wait_for(lambda: claimed.exclude(token__in=theirs).count() >= 4)
        os.kill(sleeper.pid, signal.SIGCONT)
        self.world.write("nemesis", "the sleeper wakes")
        time.sleep(5)

    def facts(self):
        again = Event.objects.filter(what="delivery.claimed").values("about").annotate(times=Count("pk"))
        return {"claimed_twice": again.filter(times__gt=1).count()}


SCENES = {
    "mixed": Run,
    "two-houses": TwoHouses,
    "queue-dead": QueueDead,
    "sender-down": SenderDown,
    "bells": Bells,
    "undo": Undos,
    "outage": Outage,
    "crowd": Crowd,
    "copy": Copy,
    "deploy": Deploy,
    "double-click": DoubleClick,
    "sleepers": Sleepers,
}

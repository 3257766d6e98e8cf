"""The other side of a run: who takes what leaves, how it misbehaves, and what it has in the end."""

import contextlib
import os
import threading
import time
from pathlib import Path

from django.conf import settings

from distribution.models import Connection, Delivery
from distribution.states import OPEN, State
from recipients.methods import Method
from tests.demo.sink import Rule
from tests.factories import CompanyFactory, ConnectionFactory
from tests.servers import planted, real

from . import evidence, nemesis

SLOW_ANSWER = Rule(".", "dot", "slow", seconds=1)  # the gap that a planted fault needs


class Mailboxes:
    """One mail server, which treats each recipient as the address says."""

    plain = "well"  # the kind that never misbehaves
    explained = nemesis.CUTS + nemesis.HANGS  # kinds of recipients whose doubts no kill explains

    def __init__(self, world, rng, *, plant):
        self.world, self.rng, self.plant = world, rng, plant

    def recipients(self, count, share):
        """So many addresses; the kind of each stands before its first dot."""
        chosen = nemesis.recipients(self.rng, count, 0 if self.plant else share)
        self.world.plan([SLOW_ANSWER] if self.plant else nemesis.rules(chosen))
        return chosen

    def companies(self):
        minutes = 1 if self.plant == "clock" else 0  # a window in which a wrong clock lets something leave
        return [CompanyFactory(distribution__undo_minutes=minutes) for _ in range(2)]

    def company_of(self, companies, address):
        return self.rng.choice(companies)

    def card(self, address):
        return {"email": address}

    @contextlib.contextmanager
    def running(self):
        yield

    def faults(self, deliveries, share):
        """Acts of the nemesis beside those that stand in the addresses."""
        return []

    def heal(self):
        if not self.plant:
            self.world.plan([])

    def accepted_count(self):
        return self.world.accepted_count()

    def is_answering(self):
        """Whether it has taken something and has not said so yet."""
        last = [evidence.delivery_of(line) for line in self.world.accepted()[-1:]]
        return Delivery.objects.filter(pk__in=last, state=State.HANDING_OVER).exists()

    def evidence(self):
        return evidence.mails(self.world)

    def cuts(self, kinds):
        """(doubts by a line that was cut, doubts by silence): so many there may be without a kill."""
        return sum(kind in nemesis.CUTS for kind in kinds), sum(kind in nemesis.HANGS for kind in kinds)

    at_a_time = 1  # deliveries that one thread of the sender has past the gate


class Printers:
    """Print providers, one a company: OpenSSH and a folder that behave, an SFTP and an FTP server that do not always.

    A collector sees each file at the moment when its final name appears, keeps it, and now and then fetches it away.
    """

    plain = "folder"
    explained = ("asyncssh", "pyftpdlib")
    BEFORE_THE_GATE = (planted.CUT, planted.SLOW, planted.FULL, planted.SHORT)
    PAST_IT = (planted.SAYS_NO, planted.DONE_AND_GONE, planted.GONE)

    def __init__(self, world, rng, *, plant):
        self.world, self.rng, self.plant = world, rng, plant
        self.at_a_time = settings.SENDING["print_part"]
        folder = world.folder / "printers"
        self.servers = {"asyncssh": planted.Sftp(folder / "asyncssh", planted.LATE if plant else "")}
        if not plant:
            self.servers |= {
                "openssh": real.OpenSsh(folder / "openssh"),
                "pyftpdlib": planted.Ftp(folder / "pyftpdlib"),
            }
        self.roots = {kind: server.root for kind, server in self.servers.items()}
        self.kept = folder / "kept"
        self.kept.mkdir()
        self.seen = {}  # inode -> path of what was kept
        self.hits_before = {}  # planted server -> its hits when it began to misbehave
        self.is_over = threading.Event()

    def recipients(self, count, share):
        kinds = sorted([*self.servers, *(() if self.plant else ("folder",))])
        return [f"{kinds[number % len(kinds)]}.{number}" for number in range(count)]

    def companies(self):
        """One for each provider, with its connection."""
        made = []
        for kind, server in self.servers.items():
            company = self.company(kind)
            fields = {"host": "127.0.0.1", "port": server.port, "username": server.username, "secret": "", "folder": ""}
            if kind == "pyftpdlib":
                fields |= {"kind": Connection.Kind.FTP, "is_confirmed_insecure": True}
            else:
                fields |= {"host_key": server.host_key()}
            row = ConnectionFactory(company=company, **fields)
            if kind == "openssh":
                row.folder = "files"
                row.set_private_key(server.private_key)
            else:
                row.set_password(server.password)
            row.save()
            made.append(company)
        if not self.plant:
            company = self.company("folder")
            ConnectionFactory(company=company, kind=Connection.Kind.FOLDER, folder="print", host="", secret="")
            root = Path(settings.CONNECTION_FOLDERS) / company.slug / "print"
            root.mkdir(parents=True)  # the collector looks at once
            self.roots["folder"] = root
            made.append(company)
        return made

    def company(self, kind):
        methods = [Method.CENTRAL_PRINT]
        return CompanyFactory(
            slug=kind, distribution__undo_minutes=0, distribution__active_methods=methods,
            distribution__default_method=Method.CENTRAL_PRINT,
        )  # fmt: skip

    def card(self, address):
        """The address of a letter begins with the name."""
        return {"name": address}

    def company_of(self, companies, address):
        return next(company for company in companies if company.slug == nemesis.kind_of(address))

    @contextlib.contextmanager
    def running(self):
        """The servers; and the collector, who is done when all is over."""
        with contextlib.ExitStack() as stack:
            for server in self.servers.values():
                stack.enter_context(server)
            collector = threading.Thread(target=self.collect)
            collector.start()
            try:
                yield
            finally:
                is_alive = collector.is_alive()
                self.is_over.set()
                collector.join()
                assert is_alive, "the collector died: nobody counted what arrived"

    def collect(self):
        while not self.is_over.is_set():
            self.look()
            self.relent()
            time.sleep(0.01)
        self.look()

    def look(self):
        for root in list(self.roots.values()):
            for entry in os.scandir(root):
                if entry.name.startswith(".") or not entry.is_file():
                    continue
                with contextlib.suppress(FileNotFoundError):
                    if entry.inode() not in self.seen:
                        kept = self.kept / f"{len(self.seen):05}-{root.parent.name}-{entry.name}"
                        os.link(entry.path, kept)
                        self.seen[entry.inode()] = kept
                    if self.plant or self.rng_of_the_collector() < 0.02:
                        os.unlink(entry.path)

    def rng_of_the_collector(self):
        """Not the run's own: two threads at one generator would make a seed mean nothing."""
        return int.from_bytes(os.urandom(2), "big") / 65536

    def faults(self, deliveries, share):
        """A fault for about each third parcel of the providers that have some."""
        kinds = [] if self.plant else [kind for kind in self.explained if kind in self.servers]
        return [self.misbehave] * (round(deliveries * share) // 12 if kinds else 0)

    def misbehave(self):
        """Until it has hit somebody, or the next one comes."""
        server = self.servers[self.rng.choice(self.explained)]
        self.hits_before[server] = server.hits
        server.plan = self.rng.choice(self.BEFORE_THE_GATE + self.PAST_IT)
        self.world.write("nemesis", f"{type(server).__name__}: {server.plan}")

    def relent(self):
        for server, before in list(self.hits_before.items()):
            if server.hits > before:
                server.plan = ""

    def heal(self):
        for kind in self.explained:
            if kind in self.servers and not self.plant:
                self.servers[kind].plan = ""

    def accepted_count(self):
        return len(self.seen)

    def is_answering(self):
        under_way = Delivery.objects.filter(state__in=OPEN).exclude(state=State.IN_DOUBT)
        return under_way.filter(state=State.HANDING_OVER).exists()

    def evidence(self):
        return [letter for path in sorted(self.kept.iterdir()) for letter in evidence.letters(path)]

    def cuts(self, kinds):
        """A line that was cut at the rename leaves a parcel in doubt."""
        return sum(getattr(server, "cuts", 0) for server in self.servers.values()) * self.at_a_time, 0


RECEIVERS = {"email": Mailboxes, "central-print": Printers}

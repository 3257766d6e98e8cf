"""The states of deliveries as a machine that Hypothesis drives: any act after any other, and after each all promises.

    ./dev machine --steps 100000 --seed 1

An act is what a clerk, a job, a sender, the other side or the time does; a sender may die at any of its steps or sleep
while others act. The acts are the product's own, and so are both channels; only the wire of a mail is a list, and a
provider's folder may break at the upload or the rename. No clock is moved: the columns are.

What is known beside the database is small: what Send answered for, what undo said, what the other sides took.
"""

import argparse
import contextlib
import hashlib
import json
import logging
import os
import secrets
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from unittest import mock

import django
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()

from django.db import connection, transaction
from django.db.models import F
from django.test.runner import DiscoverRunner
from django.test.utils import override_settings
from django.utils import timezone
from django_q.models import OrmQ

from config import cage
from distribution import channels, transports
from distribution.actions import (
    answering,
    connecting,
    crediting,
    handing_over,
    importing,
    planning,
    posting,
    preparing,
    printing,
    sending,
    setting_up,
)
from distribution.channels import answers
from distribution.channels.central_print import CentralPrint
from distribution.channels.email import Email
from distribution.management.commands.deliver import do
from distribution.models import Batch, Connection, Delivery, Enclosure, Parcel
from distribution.models.delivery import DeliveryQuerySet, Receipt
from distribution.models.settings import Settings
from distribution.rendering import Draft
from distribution.states import MOVES, OPEN, State
from distribution.transports.base import Said
from distribution.transports.smtp import Lost, Rejected
from distribution.troubles import Trouble
from invoicing.actions import paying
from invoicing.actions.crediting import Left, NotCreditable
from invoicing.models import Invoice, Series
from recipients.methods import Method
from recipients.models import Company, Customer, Event
from tests.factories import (
    CompanyFactory,
    ConnectionFactory,
    CustomerFactory,
    InvoiceFactory,
    MemberFactory,
    OrganisationFactory,
    PreferenceFactory,
)

from . import checker, evidence
from .chaos import commit

STEPS = 50  # of one example
CHUNK = 1000  # steps of one seed
PAST = datetime(2020, 1, 1, tzinfo=UTC)
SAMPLE = cage.ROOT / "tests" / "samples" / "ubl" / "se_invoice.xml"
METHODS = [Method.EMAIL, Method.CENTRAL_PRINT]
IN_HANDS = (State.CLAIMED, State.HANDING_OVER)
NOT_A_STATE = ("queued", "handled", "answer_given_up", *(f"receipt_{each}" for each in Receipt))
# What a sender meets: before the gate, then behind it. "Taken": the other side has it, whatever is said.
BEFORE = ("refused", "later", "line gone", "broken", "dies")
AFTER = ("refused after", "later after", "cut", "cut, taken", "dies after", "dies, taken")
TAKES = "takes"


class Death(BaseException):
    """SIGKILL, as far as the code can tell: nothing is recorded and nothing tidied away."""


class House:
    """A company with four invoices to people who get mail and letters, and the wires to the other sides."""

    def __init__(self, folder):
        self.folder = folder
        self.company = CompanyFactory(legal_id="5560360793", distribution__active_methods=METHODS)
        Series.objects.filter(company=self.company).update(prefix="CH", next_number=500_000)
        self.clerk = MemberFactory(company=self.company).user
        workspace = self.company.workspace
        OrganisationFactory(workspace=workspace, number="10042")  # whom the sample invoices
        for _n in range(2):
            CustomerFactory(workspace=workspace)
            PreferenceFactory(customer=CustomerFactory(workspace=workspace), method=Method.CENTRAL_PRINT)
        for number, customer in enumerate(Customer.objects.filter(workspace=workspace).order_by("number"), 1):
            InvoiceFactory(company=self.company, customer=customer, number=f"CH{number:06d}")
        self.provider = folder / self.company.slug / "print"
        self.provider.mkdir(parents=True)
        ConnectionFactory(company=self.company, kind=Connection.Kind.FOLDER, folder="print")

    def empty(self):
        for path in self.provider.rglob("*"):
            if path.is_file():
                path.unlink()


class Wire:
    """What happens on the way of one load, and what the other sides took in all."""

    def __init__(self, house):
        self.house = house
        self.took = []  # checker.Mail and Letter, in order
        self.how, self.meanwhile = TAKES, {}

    def deliver(self, sender, recipient, data, gate):
        """In the place of transports.smtp.Session: bytes of a mail to the relay."""
        self.happen("before")
        if self.how == "refused":
            raise Rejected("rcpt", 550, "5.1.1 nobody")
        if self.how == "later":
            raise Rejected("rcpt", 451, "4.2.0 later")
        if self.how == "line gone":
            raise Lost("greeting", "no answer")
        self.break_off("before")
        gate()
        self.happen("after")
        if self.how == "refused after":
            raise Rejected("dot", 554, "5.7.1 no")
        if self.how == "later after":
            raise Rejected("dot", 452, "4.3.1 full")
        self.break_off("untaken")
        digest = hashlib.sha256(data).hexdigest()
        message = f"<{data.partition(b'Message-ID: <')[2].partition(b'>')[0].decode()}>"
        self.took.append(evidence.mail({"message_id": message, "rcpt": [recipient], "sha256": digest}, data))
        self.break_off("taken")
        return 250, "2.0.0 queued"

    def upload(self, session, path, data):
        """In the place of the folder's `_write`."""
        self.happen("before")
        if self.how in ("refused", "later"):
            raise Said(Trouble.NO_ROOM, "552", "full")
        if self.how == "line gone":
            raise ConnectionResetError
        self.break_off("before", session)
        WRITE(session, path, data)

    def rename(self, session, path, target):
        """In the place of the folder's `_rename`; what has its final name counts as printed."""
        self.happen("after")
        if self.how in ("refused after", "later after"):
            raise Said(Trouble.NO_PERMISSION, "553", "no")
        self.break_off("untaken", session)
        RENAME(session, path, target)
        self.took += evidence.letters(self.house.provider / Path(target).name)
        self.break_off("taken", session)

    def happen(self, when):
        """What others do just now, once."""
        act = self.meanwhile.pop(when, None)
        if act:
            how, self.how = self.how, TAKES
            act()
            self.how = how

    def break_off(self, when, session=None):
        kinds = {"before": ("broken", "dies"), "untaken": ("cut", "dies after"), "taken": ("cut, taken", "dies, taken")}
        if self.how not in kinds[when]:
            return
        if self.how == "broken":
            raise ZeroDivisionError
        if self.how.startswith("cut"):
            raise ConnectionResetError
        if session:
            session.forget = lambda path: False  # a dead process deletes nothing
        raise Death

    def close(self):
        """As a Session does."""


WRITE, RENAME = transports.Folder._write, transports.Folder._rename


def document(delivery):
    """The cheapest PDF that PDFium reads, with the invoice's number on it, and a mail around it."""
    text = f"BT /F1 12 Tf 72 720 Td ({delivery.invoice.number}) Tj ET"
    font = "<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
    objects = (
        "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj",
        "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj",
        f"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources{font}/Contents 4 0 R>>endobj",
        f"4 0 obj<</Length {len(text)}>>stream\n{text}\nendstream endobj",
        "trailer<</Root 1 0 R>>",
    )
    drafts = [Draft(Enclosure.Role.PDF, "i.pdf", "application/pdf", "\n".join(("%PDF-1.4", *objects)).encode())]
    if delivery.method == Method.EMAIL:
        words = {"language": "sv", "subject": "Faktura", "text": "Hej", "html": ""}
        drafts.append(Draft(Enclosure.Role.MAIL, "mail.json", "application/json", json.dumps(words).encode()))
    return drafts


@contextlib.contextmanager
def dying(at):
    """The sender dies in its `at`-th change of state, before that is committed; 0: never."""
    move, left = DeliveryQuerySet.move, [at]

    def counted(rows, to, **words):
        done = move(rows, to, **words)
        left[0] -= 1
        if not left[0]:
            raise Death
        return done

    with mock.patch.object(DeliveryQuerySet, "move", counted) if at else contextlib.nullcontext():
        yield


numbers = st.integers(0, 59)
several = st.lists(numbers, min_size=1, max_size=4)
MEANWHILE = (
    "nothing", "nothing", "everything undone", "lease over", "lease over, asked", "lease over, another one", "fetched",
    "credited", "closed and sent again", "switched off",
)  # fmt: skip


class Machine(RuleBasedStateMachine):
    """One example is one transaction, which is rolled back: the house stays as it was built."""

    house: House
    steps = 0  # of all examples
    moves = Counter()  # changes of state in all examples, as "from -> to"

    def __init__(self):
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.house.empty()
        self.wire = Wire(self.house)
        self.sheets, self.loads, self.imported, self.credited = [], [], 0, 0
        self.seen = None  # the rows of the last look
        self.confirmed = {}  # id of a delivery that Send answered for: the address that its sheet showed
        self.undone = set()  # ids of those that undo said it stopped
        self.cut = set()  # ids of those that were past the gate when a sender died, slept or lost its line
        patches = (
            mock.patch.object(preparing, "enclosures", document),
            mock.patch.object(CentralPrint, "inspect", return_value=[]),
            mock.patch.object(transports.Folder, "_write", self.folder_write()),
            mock.patch.object(transports.Folder, "_rename", self.folder_rename()),
        )
        self.patches = contextlib.ExitStack()
        for patch in patches:
            self.patches.enter_context(patch)

    def folder_write(self):
        return lambda session, path, data: self.wire.upload(session, path, data)

    def folder_rename(self):
        return lambda session, path, target: self.wire.rename(session, path, target)

    def teardown(self):
        try:
            if sys.exc_info()[0] is None:
                self.drain()
            for row in self.rows():
                walk = (State.WAITING, *(state for state, _by in row.steps))
                type(self).moves.update(f"{source} -> {target}" for source, target in pairwise(walk))
        finally:
            self.patches.close()
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)

    @initialize(picks=several)
    def begins_with_a_batch(self, picks):
        self.is_on_its_way(picks)

    @rule(picks=several)
    def is_on_its_way(self, picks):
        """As on most days: sheet, Send, jobs, and the window closes."""
        self.opens_a_sheet(picks)
        self.approves(len(self.sheets) - 1, True)
        self.jobs_run()
        self.jobs_run()
        self.time_passes()
        self.claims()

    # --- The clerk ----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.imported < 3)
    @rule()
    def imports(self):
        self.imported += 1
        number = f"CH{100_000 + self.imported}".encode()
        content = SAMPLE.read_bytes().replace(b"<cbc:ID>2026-118<", b"<cbc:ID>" + number + b"<")
        companies = Company.objects.filter(pk=self.house.company.pk)
        report = importing.take_file(content, companies, already_sent=False, by=self.house.clerk)
        assert report.outcome == "taken", report

    @rule(picks=several)
    def opens_a_sheet(self, picks):
        invoices = {str(self.invoice(pick).pk) for pick in picks}
        company = Company.objects.select_related("distribution").get(pk=self.house.company.pk)
        self.sheets.append(planning.plan(company, {"ids": sorted(invoices)}, by=self.house.clerk))

    @precondition(lambda self: self.sheets)
    @rule(pick=numbers, again=st.booleans())
    def approves(self, pick, again):
        """Presses Send: perhaps for the second time, perhaps long after the sheet was opened."""
        batch = Batch.objects.select_related("company__distribution").get(pk=self.sheets[pick % len(self.sheets)].pk)
        before = Delivery.objects.filter(batch=batch).count()
        with contextlib.suppress(sending.Changed, sending.NothingToSend), transaction.atomic():
            sending.send(batch, template=self.house.company.templates.first(), again=again, by=self.house.clerk)
        self.answered_for(batch)
        assert before in (0, Delivery.objects.filter(batch=batch).count()), "a second press sent more"

    def answered_for(self, batch):
        shown = dict(batch.lines.values_list("invoice", "address"))
        for pk, invoice in Delivery.objects.filter(batch=batch).values_list("pk", "invoice"):
            self.confirmed[str(pk)] = shown[invoice]

    @rule(picks=several)
    def undoes(self, picks):
        self.undo(Delivery.objects.filter(pk__in=[row.pk for row in self.deliveries(picks)]))

    def undo(self, rows):
        chosen = list(rows.values_list("pk", flat=True))
        before = self.in_state(State.UNDONE)
        stopped, left = sending.undo(Delivery.objects.filter(pk__in=chosen), by=self.house.clerk)
        now = self.in_state(State.UNDONE)
        assert stopped == len(now - before), "undo counted wrong"
        assert left == Delivery.objects.filter(pk__in=chosen).left().count()
        self.undone |= {str(pk) for pk in now - before}

    @precondition(lambda self: self.credited < 3)
    @rule(pick=numbers)
    def credits(self, pick):
        self.credited += 1
        invoice = self.invoice(pick)
        before = self.in_state(State.UNDONE)
        with contextlib.suppress(NotCreditable), transaction.atomic():
            seen = Left.of(invoice).payable
            done = crediting.credit(invoice, None, seen_left=seen, reason="fel", stops=True, by=self.house.clerk)
            assert not done.waits, "a full credit let something wait"
        self.undone |= {str(pk) for pk in self.in_state(State.UNDONE) - before}

    @rule(pick=numbers, amount=st.sampled_from([1, 349, 1000]))
    def pays(self, pick, amount):
        invoice = self.invoice(pick)
        paying.register_payment(invoice, amount, paid_on=invoice.issued_on, by=self.house.clerk)

    @rule(pick=numbers)
    def edits_a_recipient(self, pick):
        customers = Customer.objects.filter(workspace=self.house.company.workspace_id).order_by("number")
        customer = customers[pick % len(customers)]
        customer.email, customer.street = f"new{pick}@example.com", f"Nygatan {pick}"
        customer.save()

    @rule(method=st.sampled_from(METHODS))
    def switches_a_method(self, method):
        self.switch(lambda active: set(active) ^ {method})

    def switch(self, change):
        found = Settings.objects.select_related("company").get(company=self.house.company)
        before = Settings.objects.select_related("company").get(company=self.house.company)
        found.active_methods = sorted(change(found.active_methods))
        setting_up.change_settings(found, ["active_methods"], before=before, by=self.house.clerk)

    @rule(picks=several, verdict=st.sampled_from(sorted(sending.DOUBT)))
    def decides_a_doubt(self, picks, verdict):
        doubts = Delivery.objects.filter(state=State.IN_DOUBT).order_by("created_at", "pk")
        chosen = {doubts[pick % len(doubts)].pk for pick in picks} if doubts else set()
        self.decide(Delivery.objects.filter(pk__in=chosen), verdict)

    def decide(self, doubts, verdict):
        with contextlib.suppress(sending.Changed, sending.NothingToSend), transaction.atomic():
            _decided, batch = sending.decide(doubts, verdict, why="asked", by=self.house.clerk)
            if batch:
                self.answered_for(batch)

    @rule(picks=several)
    def sends_again(self, picks):
        ended = [row.pk for row in self.deliveries(picks) if row.state not in OPEN]
        if ended:
            with contextlib.suppress(sending.Changed, sending.NothingToSend), transaction.atomic():
                self.answered_for(sending.send_again(Delivery.objects.filter(pk__in=ended), by=self.house.clerk))

    @rule(picks=several)
    def says_it_came_back(self, picks):
        rows = Delivery.objects.filter(pk__in=[row.pk for row in self.deliveries(picks)])
        sending.mark_returned(rows, why="came back", by=self.house.clerk)

    @rule()
    def sees_to_failures(self):
        sending.mark_handled(Delivery.objects.of(self.house.company), by=self.house.clerk)

    @rule()
    def resumes_connections(self):
        Connection.objects.filter(company=None).update(paused_until=None, failures=0)
        connecting.resume_connection(Connection.objects.get(company=self.house.company), by=self.house.clerk)

    # --- Jobs and the time --------------------------------------------------------------------------------------------

    @rule()
    def jobs_run(self):
        """What the ledger says is to be done; the bells are lost."""
        OrmQ.objects.all().delete()
        for name, batch in list(preparing.unfinished()):
            do(name, Batch.objects.get(pk=batch))

    @rule(pick=numbers)
    def a_batch_is_tidied(self, pick):
        batches = list(Batch.objects.confirmed().order_by("opened_at"))
        if batches:
            printing.open_up(batches[pick % len(batches)])

    @rule()
    def time_passes(self):
        """The windows close, and what was told to wait has waited."""
        Delivery.objects.filter(state=State.WAITING).update(leaves_at=PAST)
        Connection.objects.filter(paused_until__lt=timezone.now() + timedelta(days=1)).update(paused_until=None)

    @rule()
    def two_days_pass(self):
        refused = Delivery.objects.filter(refused_since__isnull=False)
        refused.update(refused_since=F("refused_since") - timedelta(days=2))
        self.time_passes()

    @rule()
    def leases_run_out(self):
        held = Delivery.objects.filter(state=State.HANDING_OVER)
        self.cut |= {str(pk) for pk in held.values_list("pk", flat=True)}
        Delivery.objects.filter(state__in=IN_HANDS).update(lease_until=PAST)
        handing_over.sweep()

    @rule()
    def sweeps(self):
        handing_over.sweep()

    # --- Senders ------------------------------------------------------------------------------------------------------

    @rule()
    def claims(self):
        """What is due, in two hands: mail waits for its relay, a parcel for its provider."""
        if not handing_over.is_paused():
            self.loads += handing_over.claim()
        if parcel := posting.claim_parcel(Method.CENTRAL_PRINT):
            self.loads.append(parcel)

    @rule()
    def the_worst_night(self):
        """All that is in hands dies, the leases run out, and what may be tried again is."""
        self.loads = []
        self.another_one_takes_over()

    @precondition(lambda self: self.loads)
    @rule(
        pick=numbers,
        how=st.sampled_from([TAKES, TAKES, TAKES, TAKES, *BEFORE, *AFTER]),
        when=st.sampled_from(["before", "after"]),
        meanwhile=st.sampled_from(MEANWHILE),
        dies_at=st.sampled_from([0, 0, 0, 1, 2]),
    )
    def hands_over(self, pick, how, when, meanwhile, dies_at):
        load = self.loads.pop(pick % len(self.loads))
        acts = {
            "nothing": None,
            "everything undone": lambda: self.undo(Delivery.objects.of(self.house.company)),
            "lease over": self.leases_run_out,
            "lease over, asked": lambda: (self.leases_run_out(), self.asks_the_provider()),
            "lease over, another one": self.another_one_takes_over,
            "fetched": lambda: (self.another_one_takes_over(), self.provider_fetches()),
            "credited": lambda: self.credits(pick),
            "closed and sent again": lambda: (self.leases_run_out(), self.close_doubts()),
            "switched off": lambda: self.switch(lambda active: set()),
        }
        self.carry(load, how, {when: acts[meanwhile]}, dies_at)

    def carry(self, load, how=TAKES, meanwhile=None, dies_at=0):
        self.wire.how, self.wire.meanwhile = how, meanwhile or {}
        mine = {str(pk) for pk in handing_over.rows_of(load).values_list("pk", flat=True)}
        channel = Email(self.wire) if isinstance(load, Delivery) else channels.open(Method.CENTRAL_PRINT)
        try:
            with dying(dies_at):
                handing_over.hand_over(load, channel)
        except Death:
            self.cut |= mine
        if how.startswith("cut"):
            self.cut |= mine
        self.wire.how, self.wire.meanwhile = TAKES, {}

    def another_one_takes_over(self):
        self.leases_run_out()
        self.asks_the_provider()
        self.time_passes()
        loads = [*handing_over.claim()]
        parcel = posting.claim_parcel(Method.CENTRAL_PRINT)
        for load in [*loads, *([parcel] if parcel else [])]:
            self.carry(load)

    def close_doubts(self):
        self.decide(Delivery.objects.filter(state=State.IN_DOUBT), "again")

    @precondition(lambda self: self.loads)
    @rule(pick=numbers)
    def a_sender_dies(self, pick):
        self.loads.pop(pick % len(self.loads))

    @precondition(lambda self: self.loads)
    @rule()
    def a_sender_stops(self):
        handing_over.release([self.loads.pop()])

    # --- The print provider -------------------------------------------------------------------------------------------

    @rule()
    def asks_the_provider(self):
        Parcel.objects.update(asked_at=None)
        while posting.settle():
            pass

    @rule()
    def provider_fetches(self):
        for path in self.house.provider.glob("[!.]*"):
            if path.is_file():
                path.unlink()

    @rule(picks=several, statuses=st.lists(st.sampled_from(answers.STATUSES), min_size=1, max_size=4))
    def provider_answers(self, picks, statuses):
        """About letters that it got, and about what it cannot know: that counts for nothing."""
        got = sorted(letter.id for letter in self.wire.took if isinstance(letter, checker.Letter))
        if not got:
            return
        about = [got[pick % len(got)] for pick in picks] + ["01a1e2c4-5b6d-7e8f-9a0b-1c2d3e4f5a6b"]
        items = [
            {"id": each, "status": statuses[at % len(statuses)], "at": "2026-11-21T14:02:00+01:00"}
            for at, each in enumerate(about)
        ]
        lines = answers.read(json.dumps({"items": items}).encode())
        try:
            with transaction.atomic():
                unmatched = answering.apply(self.house.company, lines)
        except answering.Later:
            assert self.in_state(State.HANDING_OVER)
        else:
            assert len(unmatched) >= 1

    # --- What must be true after each ---------------------------------------------------------------------------------

    @invariant()
    def all_promises_hold(self):
        type(self).steps += 1
        rows = self.rows()
        if rows == self.seen:
            return
        self.seen = rows
        assert {row.id for row in rows} == set(self.confirmed), "Send answered for others than there are"
        for name, ids in self.broken(rows).items():
            assert not ids, (name, ids, [row for row in rows if row.id in ids])
        stale = evidence.stale_invoices()
        assert not stale, ("stale invoices", stale)

    def broken(self, rows):
        """{promise: ids that break it}, as long as senders are at work."""
        found = checker.check(self.confirmed, self.undone, rows, self.wire.took)
        del found["vanished"]  # of those that have come to an end: see drain()
        # A person may close a doubt wrongly; what is being handed over may be there already.
        excused = {row.id for row in rows if row.closed_by_a_person or row.state == State.HANDING_OVER}
        for name in ("lost", "unexpected"):
            found[name] = sorted(set(found[name]) - excused)
        return found | {
            "another address": [row.id for row in rows if row.address not in ("", self.confirmed[row.id])],
            "forbidden": [row.id for row in rows if not is_permitted(row)],
            "hands": [row.id for row in rows if not is_held_rightly(row)],
            "no cause": [row.id for row in rows if row.state == State.IN_DOUBT and row.id not in self.cut],
        }

    def rows(self):
        """Every delivery with its history, as a checker.Row that knows more."""
        pdfs = dict(Enclosure.objects.filter(role=Enclosure.Role.PDF).values_list("delivery", "file__sha256"))
        steps = {}
        events = Event.objects.filter(what__startswith="delivery.").order_by("id")
        for about, what, by in events.values_list("about", "what", "by"):
            state = what.removeprefix("delivery.")
            if state not in NOT_A_STATE:
                steps.setdefault(about, []).append((state, by is not None))
        columns = ("pk", "state", "address", "invoice__number", "closed_by", "token", "lease_until")
        return [
            Walk(
                id=str(pk), state=state, address=address, number=number, pdf=pdfs.get(pk, ""),
                steps=tuple(steps.get(pk, ())), closed_by_a_person=closed_by is not None,
                has_token=token is not None, has_lease=lease is not None,
            )
            for pk, state, address, number, closed_by, token, lease in Delivery.objects.values_list(*columns)
        ]  # fmt: skip

    def drain(self):
        """All is well again and everything comes to an end: nothing has vanished."""
        self.switch(lambda _active: METHODS)
        for _round in range(8):
            if not Delivery.objects.filter(state__in=OPEN).exclude(state=State.IN_DOUBT).exists():
                break
            self.resumes_connections()
            self.leases_run_out()
            self.asks_the_provider()
            self.jobs_run()
            self.time_passes()
            loads = [*handing_over.claim()]
            while parcel := posting.claim_parcel(Method.CENTRAL_PRINT):
                self.carry(parcel)
            for load in loads:
                self.carry(load)
        rows = self.rows()
        vanished = checker.check(self.confirmed, self.undone, rows, self.wire.took)["vanished"]
        assert not vanished, ("vanished", [row for row in rows if row.id in vanished])
        for name, ids in self.broken(rows).items():
            assert not ids, ("after the drain", name, ids)
        for batch in Batch.objects.confirmed():
            going = Delivery.objects.filter(batch=batch).count()
            assert batch.selected_count == going + batch.cannot_count + batch.left_out_count

    # --- Small parts --------------------------------------------------------------------------------------------------

    def invoice(self, pick):
        found = Invoice.objects.of(self.house.company).order_by("number")
        return found[pick % found.count()]

    def deliveries(self, picks):
        found = list(Delivery.objects.order_by("created_at", "position", "pk"))
        return [found[pick % len(found)] for pick in picks] if found else []

    def in_state(self, state):
        return set(Delivery.objects.filter(state=state).values_list("pk", flat=True))


@dataclass(frozen=True)
class Walk(checker.Row):
    """`steps` are (state, whether a person made it)."""

    has_token: bool = False
    has_lease: bool = False


PERMITTED = {(m.source, m.target, False) for m in MOVES if m.machine} | {
    (m.source, m.target, True) for m in MOVES if m.person
}


def is_permitted(row):
    """Its history leads by permitted moves, each by who may make it, to the state that it is in."""
    walk = ((State.WAITING, True), *row.steps)
    return walk[-1][0] == row.state and all(
        (source, target, by_a_person) in PERMITTED for (source, _by), (target, by_a_person) in pairwise(walk)
    )


def is_held_rightly(row):
    """A token from its first claim on, never before; a lease while it is in hands."""
    was_claimed = any(state == State.CLAIMED for state, _by in row.steps)
    return row.has_token == was_claimed and (row.state not in IN_HANDS or row.has_lease)


@contextlib.contextmanager
def memory():
    """A folder without a disk under it where there is one: archive and provider write each file for good (fsync)."""
    place = Path("/dev/shm")
    with (
        tempfile.TemporaryDirectory(dir=place if place.is_dir() else None) as folder,
        override_settings(CONNECTION_FOLDERS=folder, MEDIA_ROOT=f"{folder}/archive"),
    ):
        yield Path(folder)


def drive(*, steps, seed_):
    """Make so many steps in examples of STEPS, in a transaction; returns (steps, Counter of the changes of state).

    Raises what the first broken promise raised.
    """
    with memory() as folder, transaction.atomic():
        machine = seed(seed_)(type("TheMachine", (Machine,), {"steps": 0, "moves": Counter(), "house": House(folder)}))
        try:
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=-(-steps // STEPS),
                    stateful_step_count=STEPS,
                    deadline=None,
                    database=None,
                    phases=(Phase.generate,),
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            transaction.set_rollback(True)
    return machine.steps, machine.moves


def main():
    parser = argparse.ArgumentParser(prog="./dev machine", description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="a new one each time without it")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    logging.disable(logging.CRITICAL)  # each planned trouble is logged
    began, runner = time.monotonic(), DiscoverRunner(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    steps, moves, broken, chunk = 0, Counter(), "", asked.seed
    try:
        while steps < asked.steps and not broken:
            try:
                # A chunk has a seed of its own, so that what it finds is met again in a minute.
                made, of_chunk = drive(steps=min(CHUNK, asked.steps - steps), seed_=chunk)
                steps, moves = steps + made, moves + of_chunk
                print(f"{steps} steps", file=sys.stderr, flush=True)
                chunk += 1
            except KeyboardInterrupt:  # enough: the report says how far it came
                break
            except Exception as error:
                broken = f"seed {chunk}: {error}"
                traceback.print_exc()
    finally:
        runner.teardown_databases(databases)
    about = {"date": datetime.now(UTC).date().isoformat(), "commit": commit(), "seed": asked.seed}
    found = {"database": connection.vendor, "steps": steps, "steps_of_one_seed": CHUNK, "broken": broken}
    found["moves"] = dict(sorted(moves.items()))
    print(json.dumps(about | found | {"seconds": round(time.monotonic() - began)}, indent=1))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

"""The office during a run: sends, undoes, and writes down what it was told."""

import time

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Count

from distribution.actions import planning, sending
from distribution.models import Delivery
from distribution.models.delivery import IN_THE_SENDERS_HANDS
from distribution.states import FINAL, State
from recipients.models import Event
from tests.factories import CustomerFactory, InvoiceFactory, MemberFactory

PATIENCE = 60  # seconds in which the database must come back


def steady(act):
    """What `act` returns, asked again while the database is away. It is safe to do twice, or one transaction."""
    patience = time.monotonic() + PATIENCE
    while True:
        try:
            return act()
        except (OperationalError, InterfaceError):
            connection.close()
            if time.monotonic() > patience:
                raise
            time.sleep(0.1)


class Clerk:
    """One person in some companies. Every invoice has a customer of its own, so an address names one delivery."""

    def __init__(self, rng, receivers, addresses):
        self.rng = rng
        self.receivers = receivers
        self.confirmed = []  # ids of deliveries, as Send left them
        self.undone = set()  # ids of which undo said: stopped
        self.undos = self.too_late = 0
        self.lies = []  # selections of which undo counted more or fewer than it stopped
        with transaction.atomic():
            self.companies = receivers.companies()
            self.user = MemberFactory(company=self.companies[0]).user
            for company in self.companies[1:]:
                MemberFactory(company=company, user=self.user)
            self.to_send = [self.invoice(number, address) for number, address in enumerate(addresses)]

    def invoice(self, number, address):
        company = self.receivers.company_of(self.companies, address)
        customer = CustomerFactory(workspace=company.workspace, **self.receivers.card(address))
        return InvoiceFactory(company=company, customer=customer, number=f"CH{number:06d}")

    def send(self, count):
        """Tick the next `count` invoices and press Send: a batch for each company."""
        chosen, self.to_send = self.to_send[:count], self.to_send[count:]
        for company in self.companies:
            ids = [str(invoice.pk) for invoice in chosen if invoice.company_id == company.pk]
            if ids:
                self.press_send(company, ids)

    def press_send(self, company, ids):
        """Returns the batch. Without an answer she presses again: it is one batch all the same."""
        batch = steady(lambda: planning.plan(company, {"ids": ids}, by=self.user))
        steady(lambda: sending.send(batch, template=company.templates.first(), again=False, by=self.user))
        self.confirmed += steady(lambda: list(Delivery.objects.filter(batch=batch).values_list("pk", flat=True)))
        return batch

    def undo_one(self):
        """Half of the time one that is just leaving; else any that is under way."""
        under_way = Delivery.objects.exclude(state__in=(*FINAL, State.SENT, State.IN_DOUBT))
        leaving = under_way.filter(state__in=IN_THE_SENDERS_HANDS)
        for choice in self.rng.sample([leaving, under_way], 2):
            ids = steady(lambda choice=choice: sorted(choice.values_list("pk", flat=True)))
            if ids:
                self._undo([self.rng.choice(ids)])
                return

    def undo_some(self, count):
        """A selection, of whatever state."""
        if self.confirmed:
            self._undo(self.rng.sample(self.confirmed, min(count, len(self.confirmed))))

    def _undo(self, ids):
        self.undos += 1
        while True:
            note = f"undo {self.undos}"
            try:
                stopped, left = sending.undo(Delivery.objects.filter(pk__in=ids), by=self.user, note=note)
                break
            except (OperationalError, InterfaceError):  # no answer is no lie: she asks again
                connection.close()
                self.undos += 1
                time.sleep(0.1)
        self.too_late += left
        # Which rows the answer spoke of: for one it is plain, for a selection history says it.
        spoken_of = Event.objects.filter(what="delivery.undone", data__note=note)
        told = set(steady(lambda: list(spoken_of.values_list("about", flat=True))))
        if len(ids) == 1 and stopped:
            told = set(ids)
        if len(told) != stopped or (left and len(ids) == 1 and stopped):
            self.lies.append(f"{note}: said {stopped} stopped and {left} left of {len(ids)}, history has {len(told)}")
        self.undone |= told


def progress(count):
    """How far the work on `count` invoices is, from 0 to 1 (being ready is half of it), and how many are under way."""
    ready = finished = total = 0
    states = Delivery.objects.order_by().values_list("state").annotate(all=Count("pk"), ready=Count("ready_at"))
    for state, rows, are_ready in steady(lambda: list(states)):
        if state in (*FINAL, State.SENT, State.IN_DOUBT):
            finished += rows
        else:
            ready += are_ready
        total += rows
    return (ready / 2 + finished) / count, total - finished

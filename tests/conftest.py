"""What every test may ask for."""

from datetime import timedelta

import pytest
from django.db.models import F

from distribution import jobs, rendering
from distribution.actions import handing_over, planning, sending
from distribution.models import Delivery
from invoicing import pdf
from tests.factories import CompanyFactory, InvoiceFactory, MemberFactory
from tests.fakes import RememberingChannel


class Outbox:
    """A company, its clerk and what the clerk does; the queue's jobs are run by hand, where a test says so."""

    def __init__(self, company, clerk):
        self.company, self.clerk = company, clerk

    def invoice(self, **fields):
        return InvoiceFactory(company=self.company, **fields)

    def plan(self, *invoices):
        return planning.plan(self.company, {"ids": [str(invoice.pk) for invoice in invoices]}, by=self.clerk)

    def send(self, *invoices, again=False):
        """Tick, press Send and confirm; nothing has been routed yet."""
        batch = self.plan(*invoices)
        sending.send(batch, template=self.company.templates.first(), again=again, by=self.clerk)
        batch.refresh_from_db()
        return batch

    def sent_and_ready(self, *invoices):
        """As `send`, and the jobs have routed and prepared; the window is still open."""
        batch = self.send(*invoices)
        jobs.route(batch.pk)
        while Delivery.objects.filter(batch=batch).unprepared().exists():
            jobs.prepare(batch.pk)
        return batch

    def deliver(self, channel=None):
        """Hand over what is due, through a channel that remembers; returns it."""
        channel = channel or RememberingChannel()
        while claimed := handing_over.claim():
            for delivery in claimed:
                handing_over.hand_over(delivery, channel)
        return channel

    def sent(self, *invoices):
        """As `send`, and everything is over: the window closed and the channel took what was due."""
        batch = self.sent_and_ready(*invoices)
        self.close_window(batch)
        self.deliver()
        return batch

    def close_window(self, batch):
        """Tests move leaves_at, never the clock."""
        Delivery.objects.filter(batch=batch).update(leaves_at=F("leaves_at") - timedelta(hours=2))

    def delivery(self, invoice):
        return Delivery.objects.filter(invoice=invoice).latest("created_at")


class Paper:
    """One page for all invoices, their number behind its end: printing took a third of the suite.

    Letters have one for each address, since the envelope check looks at it.
    """

    file_name = staticmethod(pdf.file_name)
    printed = {}  # for the whole session

    def render(self, invoice, *, letter_to, **how):
        key = (*letter_to, invoice.company.country)
        if key not in self.printed:
            self.printed[key] = pdf.render(invoice, letter_to=letter_to, **how)
        return self.printed[key] + f"% {invoice.number}\n".encode()


@pytest.fixture
def paper(monkeypatch):
    """What invoices are printed on; where the page matters, a module has a `paper` of its own that changes nothing."""
    monkeypatch.setattr(rendering, "pdf", Paper())


@pytest.fixture
def outbox(db, paper):
    company = CompanyFactory()
    return Outbox(company, MemberFactory(company=company).user)

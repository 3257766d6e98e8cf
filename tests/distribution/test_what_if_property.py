"""What-if, tester and reachability answer what the sheet and the deliveries then do: over random houses.

`PROPERTY_EXAMPLES=500` tries as many new ones; without it the same few are tried each time.
"""

import os
from collections import Counter

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from distribution import jobs, tester
from distribution.actions import planning, sending
from distribution.actions.setting_up import change_settings
from distribution.forms.settings import RULES
from distribution.models import Delivery, Settings
from distribution.reachability import unreached
from distribution.what_if import WhatIf
from invoicing.models import Invoice
from recipients.methods import Method
from recipients.models import Company
from tests.factories import (
    CompanyFactory,
    CustomerFactory,
    InvoiceFactory,
    InvoiceReferenceFactory,
    MemberFactory,
    OrganisationFactory,
    PreferenceFactory,
)

pytestmark = pytest.mark.django_db
EXAMPLES = os.environ.get("PROPERTY_EXAMPLES")
SOME = settings(
    max_examples=int(EXAMPLES or 15),
    derandomize=not EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)

ways_out = st.sampled_from([Method.EMAIL, Method.OWN_PRINTER])
texts = st.sampled_from(["", "", "a@borg.example", "b@lund.example", "nobody at home", "c@@x.example"])
rules = st.fixed_dictionaries(
    {
        "active_methods": st.lists(ways_out, unique=True),
        "default_method": ways_out,
        "reserve_method": st.one_of(st.just(""), ways_out),
        "sends_to_document_address": st.booleans(),
        "links_to_organisation": st.booleans(),
    }
)
# What a card states: everywhere, at our company, at the sister. E-invoice has no channel here.
stated = st.sampled_from(["", "", Method.EMAIL, Method.OWN_PRINTER, Method.EINVOICE])
card = st.fixed_dictionaries(
    {"email": texts, "invoice_email": texts, "everywhere": stated, "here": stated, "there": stated}
)
person = st.tuples(card, st.integers(-1, 1))  # of which organisation; -1: of none
invoice = st.fixed_dictionaries(
    {
        "customer": st.integers(-1, 2),
        "organisation": st.integers(-1, 1),
        "referred": st.booleans(),
        "email": texts,
        "document_email": texts,
        "kind": st.sampled_from(["to_send", "to_send", "to_send", "draft", "credited", "sent"]),
    }
)
worlds = st.fixed_dictionaries(
    {
        "organisations": st.lists(st.tuples(card, card), min_size=2, max_size=2),  # itself and its reference
        "people": st.lists(person, min_size=3, max_size=3),
        "invoices": st.lists(invoice, min_size=1, max_size=6),
        "now": rules,
        "then": rules,
    }
)
STATES = {
    "to_send": {},
    "draft": {"number": None},
    "credited": {"is_credited": True},
    "sent": {"sent_at": "2026-11-20T12:00Z"},
}


class House:
    """A company with the rules `now`, a sister, their cards, and its invoices."""

    def __init__(self, world):
        self.company = CompanyFactory(links_to_organisation=world["now"]["links_to_organisation"])
        self.sister = CompanyFactory(workspace=self.company.workspace)
        stored = {name: value for name, value in world["now"].items() if name != "links_to_organisation"}
        Settings.objects.filter(company=self.company).update(**stored)
        self.clerk = MemberFactory(company=self.company).user
        self.organisations, self.references, self.people = [], [], []
        for itself, reference in world["organisations"]:
            body = self.card(OrganisationFactory, "organisation", itself, workspace=self.company.workspace)
            self.organisations.append(body)
            self.references.append(self.card(InvoiceReferenceFactory, "reference", reference, organisation=body))
        for facts, place in world["people"]:
            of = {"workspace": self.company.workspace, "organisation": self.pick(self.organisations, place)}
            self.people.append(self.card(CustomerFactory, "customer", facts, **of))
        for facts in world["invoices"]:
            self.invoice(**facts)

    def card(self, factory, kind, facts, **of):
        made = factory(email=facts["email"], invoice_email=facts["invoice_email"], **of)
        for name, company in (("everywhere", None), ("here", self.company), ("there", self.sister)):
            if facts[name]:
                PreferenceFactory(**{kind: made}, company=company, method=facts[name])
        return made

    def invoice(self, customer, organisation, referred, kind, **addresses):
        customer, body = self.pick(self.people, customer), self.pick(self.organisations, organisation)
        customer = customer or (None if body else self.people[0])
        reference = self.references[organisation] if body and referred else None
        to = {"customer": customer, "organisation": body, "reference": reference, "buyer_name": "Eva"}
        return InvoiceFactory(company=self.company, **to, **addresses, **STATES[kind])

    @staticmethod
    def pick(rows, place):
        return rows[place] if place >= 0 else None

    def rules(self, **changes):
        """The stored settings, with changes that are not stored."""
        found = Settings.objects.select_related("company").get(company=self.company)
        found.company.links_to_organisation = changes.pop("links_to_organisation", found.company.links_to_organisation)
        for name, value in changes.items():
            setattr(found, name, value)
        return found

    def sheet(self, query="tab=to_send"):
        company = Company.objects.select_related("distribution").get(pk=self.company.pk)
        return planning.plan(company, {"query": query}, by=self.clerk)


def lines_of(batch):
    return {line.invoice_id: line for line in batch.lines.all()}


def over_random_houses(test):
    """Each example in a transaction of its own, taken back at its end."""

    @SOME
    @given(world=worlds)
    def run(world):
        with transaction.atomic():
            test(House(world), world["then"])
            transaction.set_rollback(True)

    run.__name__ = test.__name__
    run.__doc__ = test.__doc__
    return run


@over_random_houses
def test_what_was_answered_is_what_happens(house, then):
    """What-if before, tester before, plan after and deliveries after: invoice by invoice the same."""
    before, after = house.rules(), house.rules(**then)
    found = WhatIf.of(before, after)
    unsent = list(Invoice.objects.of(house.company).to_send())
    tried = {each.pk: tester.answers(tester.Found("invoice", each), [before, after]) for each in unsent}
    was = lines_of(house.sheet())

    change_settings(house.rules(**then), RULES, before=before, by=house.clerk)
    batch = house.sheet()
    lines = lines_of(batch)
    assert lines.keys() == was.keys() == tried.keys()

    for pk, (now, tested) in tried.items():
        for line, route in ((was[pk], now), (lines[pk], tested)):
            assert (line.method, line.address, line.reason, line.because) == (
                route.method, route.address, route.reason, route.because,
            )  # fmt: skip

    counted = {method: (now, later) for method, (now, later) in found.ways.items()}
    now_by, then_by = (Counter(line.method for line in each.values()) for each in (was, lines))
    assert counted == {method: (now_by[method], then_by[method]) for method in now_by | then_by}
    moved = [pk for pk in was if (was[pk].method, was[pk].address) != (lines[pk].method, lines[pk].address)]
    assert found.moved == len(moved)
    assert found.stopped == len([pk for pk in moved if was[pk].method and not lines[pk].method])
    changes = Counter((was[pk].method, lines[pk].method, lines[pk].reason) for pk in moved)
    assert {(each.now, each.then, each.reason): each.count for each in found.changes} == changes
    payable = {each.pk: each.payable for each in unsent}
    assert sum(sum(each.sums.values()) for each in found.changes) == sum(payable[pk] for pk in moved)

    going = {pk: line for pk, line in lines.items() if not line.reason}
    if going:
        batch.refresh_from_db()
        sending.send(batch, template=house.company.templates.get(), again=False, by=house.clerk)
        jobs.route(batch.pk)
    sent = {row.invoice_id: (row.method, row.address, row.state) for row in Delivery.objects.filter(batch=batch)}
    assert sent == {pk: (line.method, line.address, "waiting") for pk, line in going.items()}


@over_random_houses
def test_whom_nothing_reaches_is_whose_invoice_cannot_go(house, then):
    """The report and the tester of a card, against the sheet over one plain invoice to each card."""
    Invoice.objects.of(house.company).delete()
    plain = {
        InvoiceFactory(company=house.company, customer=each, buyer_name="Eva").pk: each for each in house.people
    } | {
        InvoiceFactory(company=house.company, customer=None, organisation=each, buyer_name="Borg").pk: each
        for each in house.organisations
    }
    lines = lines_of(house.sheet())
    company = Company.objects.select_related("distribution").get(pk=house.company.pk)
    report = {row.card.pk: row for row in unreached(company)}
    assert {pk: row.reason for pk, row in report.items()} == {
        plain[pk].pk: line.reason for pk, line in lines.items() if line.reason
    }
    assert all(row.to_send == 1 and row.open == {"SEK": 349} for row in report.values())
    for pk, line in lines.items():
        kind = "customer" if plain[pk] in house.people else "organisation"
        (found,) = tester.find(company, plain[pk].number)
        assert (found.kind, found.row) == (kind, plain[pk])
        (route,) = tester.answers(found, [house.rules()])
        assert (route.method, route.address, route.reason) == (line.method, line.address, line.reason)

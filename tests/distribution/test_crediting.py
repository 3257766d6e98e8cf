"""Crediting: what is given back adds up, what has not left is stopped, and the page says which of the two happened."""

from dataclasses import replace
from decimal import Decimal

import pytest

from distribution.actions import crediting, handing_over, sending
from distribution.models import Delivery
from distribution.reasons import Reason
from distribution.states import State
from invoicing.actions.crediting import Changed, Left, NotCreditable, Part, TooMuch
from invoicing.documents import figures
from invoicing.formats import checks, core
from invoicing.models import Invoice, Line, Series
from tests.factories import DeliveryFactory, InvoiceFactory

pytestmark = pytest.mark.django_db


def credit(outbox, invoice, parts=None, *, stops=False):
    left = Left.of(Invoice.objects.get(pk=invoice.pk)).payable
    return crediting.credit(invoice, parts, seen_left=left, reason="Fel pris", stops=stops, by=outbox.clerk)


def ledger(outbox):
    """An invoice of three lines and two rates, with a discount on the whole of the one rate: 1,170.00 to pay."""
    invoice = outbox.invoice(
        line_total=Decimal("1049.97"), allowance_total=Decimal("100.00"), net=Decimal("949.97"),
        vat=Decimal("220.40"), gross=Decimal("1170.37"), payable=Decimal("1170.00"), rounding=Decimal("-0.37"),
        vat_rows=[
            {"category": "S", "rate": "25", "net": "859.98", "vat": "215.00", "exemption": ""},
            {"category": "S", "rate": "6", "net": "89.99", "vat": "5.40", "exemption": ""},
        ],
        allowances=[{"kind": "allowance", "reason": "Rabatt", "amount": "100.00", "category": "S", "rate": "25"}],
    )  # fmt: skip
    invoice.lines.all().delete()
    Line.objects.bulk_create(
        Line(invoice=invoice, position=position, name=name, quantity=quantity, unit=unit, price=price, net=net,
             vat_category="S", vat_rate=rate)
        for position, (name, quantity, unit, price, net, rate) in enumerate([
            ("Timmar", 8, "HUR", Decimal("100"), Decimal("800.00"), 25),
            ("Tröjor", 3, "H87", Decimal("53.326667"), Decimal("159.98"), 25),
            ("Böcker", 2, "H87", Decimal("44.995"), Decimal("89.99"), 6),
        ], 1)
    )  # fmt: skip
    invoice.refresh_from_db()
    return invoice


def adds_up(invoice):
    """No finding of the checks at our own door."""
    document = figures(invoice, invoice.lines.all())
    allowances = tuple(
        core.AllowanceCharge(is_charge=each["kind"] == "charge", amount=Decimal(each["amount"]))
        for each in invoice.allowances
    )
    totals = replace(
        document.totals, allowances=invoice.allowance_total, charges=invoice.charge_total, prepaid=invoice.prepaid,
        rounding=invoice.rounding,
    )  # fmt: skip
    return checks.findings(replace(document, allowance_charges=allowances, totals=totals)) == []


def test_a_full_credit_is_the_invoice_turned_round(outbox):
    invoice = ledger(outbox)
    assert adds_up(invoice)
    note = credit(outbox, invoice).note
    invoice.refresh_from_db()
    assert (note.kind, note.type_code, note.credits_id) == ("credit", "381", invoice.pk)
    assert (note.payable, note.vat_rows, note.allowances) == (invoice.payable, invoice.vat_rows, invoice.allowances)
    assert (note.note, note.buyer_name, note.payment_reference) == ("Fel pris", invoice.buyer_name, "")
    assert [line.net for line in note.lines.all()] == [line.net for line in invoice.lines.all()]
    assert adds_up(note)
    assert (invoice.shown(), invoice.balance) == ("credited", 0)


def test_parts_by_quantity_and_by_amount_carry_their_discount_and_their_vat(outbox):
    invoice = ledger(outbox)
    hours, shirts, _books = Left.of(invoice).parts
    note = credit(outbox, invoice, [Part(hours.line, 2, Decimal("200.00")), Part(shirts.line, 0, Decimal("50"))]).note
    assert adds_up(note)
    # 100.00 off 959.98 at 25 %: 26.04 of it falls on these 250.00.
    assert note.allowances == [invoice.allowances[0] | {"amount": "26.04"}]
    assert (note.net, note.vat, note.payable) == (Decimal("223.96"), Decimal("55.99"), Decimal("279.95"))
    told = [(line.quantity, line.unit, line.price, line.net) for line in note.lines.all()]
    assert told == [(2, "HUR", 100, 200), (1, "", 50, 50)]
    invoice.refresh_from_db()
    assert (invoice.is_credited, invoice.balance) == (False, Decimal("890.05"))
    left = {part.line.name: (part.quantity, part.net) for part in Left.of(invoice).parts}
    assert left == {"Timmar": (6, 600), "Tröjor": (3, Decimal("109.98")), "Böcker": (2, Decimal("89.99"))}


def test_invoice_and_credit_notes_cancel_out_to_the_cent(outbox):
    """In whatever parts: the last one takes what is left of every total."""
    invoice = ledger(outbox)
    for quantity, net in ((1, "53.33"), (1, "53.33")):
        credit(outbox, invoice, [Part(Left.of(invoice).parts[1].line, quantity, Decimal(net))])
    notes = [*invoice.credit_notes.all(), credit(outbox, invoice).note]
    invoice.refresh_from_db()
    assert (invoice.shown(), invoice.balance) == ("credited", 0)
    for total in ("line_total", "allowance_total", "net", "vat", "gross", "rounding", "payable"):
        assert sum(getattr(note, total) for note in notes) == getattr(invoice, total), total
    assert all(adds_up(note) for note in notes)
    assert notes[-1].lines.get(name="Tröjor").net == Decimal("53.32")


def test_what_came_in_by_file_leaves_one_line_a_rate(outbox):
    invoice = ledger(outbox)
    InvoiceFactory(
        company=outbox.company, kind="credit", credits=invoice, payable=Decimal("125"), gross=Decimal("125"),
        net=Decimal("100"), vat=Decimal("25"), line_total=Decimal("100"),
        vat_rows=[{"category": "S", "rate": "25.00", "net": "100", "vat": "25", "exemption": ""}],
    )  # fmt: skip
    note = credit(outbox, invoice).note
    assert [(line.name, line.net, line.vat_rate) for line in note.lines.all()] == [
        (f"Resten av faktura {invoice.number}", Decimal("759.98"), 25),
        (f"Resten av faktura {invoice.number}", Decimal("89.99"), 6),
    ]  # fmt: skip
    assert adds_up(note)
    assert note.payable == Decimal("1045.00")


def test_never_more_than_what_is_left(outbox):
    invoice = outbox.invoice()
    line = invoice.lines.get()
    with pytest.raises(TooMuch) as refused:
        credit(outbox, invoice, [Part(line, 0, line.net + 1)])
    assert refused.value.left == Decimal("349.00")
    with pytest.raises(Changed):  # a double click, or a colleague
        crediting.credit(invoice, None, seen_left=Decimal("300"), reason="x", stops=False, by=outbox.clerk)
    assert Invoice.objects.count() == 1
    note = credit(outbox, invoice).note
    for each in (invoice, note, outbox.invoice(number=None)):
        with pytest.raises(NotCreditable):
            credit(outbox, each)


def test_a_full_credit_in_time_stops_the_delivery_and_the_note_stays_here(outbox):
    invoice = outbox.invoice()
    batch = outbox.sent_and_ready(invoice)
    outcome = credit(outbox, invoice)
    assert (outcome.stopped, outcome.gone) == (1, None)
    assert outcome.note.shown() == "books_only"
    outbox.close_window(batch)
    assert outbox.deliver().took == []
    assert not Invoice.objects.to_send().exists()


def test_a_claimed_delivery_is_stopped_at_the_gate_and_past_it_the_note_is_to_be_sent(outbox):
    """With both databases; what two transactions at once do stands in test_races."""
    stopped, gone = outbox.invoice(), outbox.invoice()
    outbox.close_window(outbox.sent_and_ready(stopped, gone))
    claimed = {delivery.invoice_id: delivery for delivery in handing_over.claim()}
    handing_over.Gate(claimed[gone.pk])()
    assert credit(outbox, stopped).note.is_books_only
    outcome = credit(outbox, gone)
    assert (outcome.stopped, outcome.gone, outcome.note.shown()) == (0, claimed[gone.pk], "to_send")
    with pytest.raises(handing_over.Stopped):
        handing_over.Gate(claimed[stopped.pk])()


def test_what_never_left_needs_no_credit_note_sent(outbox):
    outcome = credit(outbox, outbox.invoice())
    assert (outcome.stopped, outcome.gone, outcome.note.is_books_only) == (0, None, True)
    with pytest.raises(sending.NothingToSend):
        outbox.send(outcome.note)
    assert outbox.plan(outcome.note).lines.get().reason == Reason.BOOKS_ONLY


@pytest.mark.parametrize("state, reason, left", [
    (State.SENT, "", True),
    (State.RETURNED, Reason.RETURNED, True),
    (State.IN_DOUBT, Reason.NO_ANSWER, True),
    (State.HANDING_OVER, "", True),
    (State.FAILED, Reason.NO_MAILBOX, False),
    (State.UNDONE, "", False),
])  # fmt: skip
def test_what_left_or_may_have_is_told_and_the_note_is_to_be_sent(outbox, state, reason, left):
    invoice = outbox.invoice()
    DeliveryFactory(invoice=invoice, state=state, reason=reason, token=TOKEN, ready_at="2026-11-20T14:00Z")
    outcome = credit(outbox, invoice)
    assert bool(outcome.gone) == left
    assert outcome.note.is_books_only != left
    assert list(Invoice.objects.to_send()) == ([outcome.note] if left else [])


TOKEN = "0f5c2a5e-3c3b-4f5e-9a53-5a1f1f0d3a11"


def test_a_doubt_closed_without_knowing_may_have_arrived(outbox):
    closed = {"state": State.FAILED, "closed_by": outbox.clerk}
    unknown, known = outbox.invoice(), outbox.invoice()
    DeliveryFactory(invoice=unknown, reason=Reason.CANCELLED, **closed)
    DeliveryFactory(invoice=known, reason=Reason.NOT_ARRIVED, **closed)
    assert not credit(outbox, unknown).note.is_books_only
    assert credit(outbox, known).note.is_books_only


@pytest.mark.parametrize("stops", [True, False])
def test_a_part_stops_the_delivery_only_where_the_clerk_says_so(outbox, stops):
    invoice = outbox.invoice()
    outbox.send(invoice)
    outcome = credit(outbox, invoice, [Part(invoice.lines.get(), 0, Decimal("100"))], stops=stops)
    assert (outcome.stopped, outcome.waits) == ((1, False) if stops else (0, True))
    assert not outcome.note.is_books_only
    invoice.refresh_from_db()
    assert invoice.shown() == ("to_send" if stops else "waiting")


def test_parts_that_add_up_to_the_whole_stop_it_and_all_its_credit_notes(outbox):
    """The customer never got the invoice, so he gets none of its credit notes: one of them was on its way."""
    invoice = outbox.invoice()
    first = credit(outbox, invoice, [Part(invoice.lines.get(), 0, Decimal("100"))]).note
    batch = outbox.sent_and_ready(invoice, first)
    outcome = credit(outbox, invoice)
    assert outcome.stopped == 1
    outbox.close_window(batch)
    assert outbox.deliver().took == []
    first.refresh_from_db()
    assert (first.shown(), outcome.note.shown()) == ("books_only", "books_only")


def test_a_refused_credit_stops_nothing_and_takes_no_number(outbox):
    invoice = outbox.invoice()
    outbox.send(invoice)
    with pytest.raises(TooMuch):
        credit(outbox, invoice, [Part(invoice.lines.get(), 0, Decimal("9999"))], stops=True)
    assert Delivery.objects.get().state == State.WAITING
    assert Series.objects.get().next_number == 1001
    assert Invoice.objects.count() == 1

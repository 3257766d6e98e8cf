"""Giving back: a credit note for the whole of an issued invoice, for what is left of it, or for a part of its lines."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from invoicing.language import language_of
from invoicing.models import Invoice, Line
from invoicing.money import round_half_up
from recipients import history

from .numbering import take_number
from .paying import settle

CENT = Decimal("0.01")
TOTALS = (
    "line_total", "allowance_total", "charge_total", "net", "vat", "gross", "prepaid", "rounding", "payable",
)  # fmt: skip
# What a credit note says as its invoice did: who gets it, and what it was about.
COPIED = (
    "company", "customer", "organisation", "reference", "email", "document_email", "buyer_name", "buyer_contact",
    "buyer_street", "buyer_street_2", "buyer_postcode", "buyer_city", "buyer_country", "buyer_number",
    "buyer_legal_id", "buyer_vat_id", "delivered_on", "period_start", "period_end", "buyer_reference",
    "order_reference", "contract_reference", "seller_contact", "language", "currency",
)  # fmt: skip
COPIED_OF_A_LINE = ("name", "description", "unit", "vat_category", "vat_rate", "period_start", "period_end")


class NotCreditable(Exception):
    """There is nothing to give back: a draft, a credit note, or all of it has been credited."""


class Changed(Exception):
    """More was credited meanwhile; `left` is what can be given back now."""

    def __init__(self, left):
        super().__init__(left)
        self.left = left


class TooMuch(Exception):
    """It would give back more than there is; `left` is the most, with VAT."""

    def __init__(self, left):
        super().__init__(left)
        self.left = left


class Part(NamedTuple):
    """So much of one line is given back: `net` without VAT, and the quantity that it stands for, 0 for an amount."""

    line: Line
    quantity: Decimal
    net: Decimal


@dataclass(frozen=True)
class Left:
    """What of an invoice has not been given back yet."""

    invoice: Invoice
    notes: list  # its credit notes
    parts: list  # of Part, what is left of each line
    totals: dict  # {name of TOTALS: amount}

    @classmethod
    def of(cls, invoice):
        """Three queries."""
        notes = list(invoice.credit_notes.prefetch_related("lines"))
        given = defaultdict(list)
        for line in (line for note in notes for line in note.lines.all()):
            given[line.credits_id].append(line)
        parts = [_left_of(line, given[line.pk]) for line in invoice.lines.all()]
        totals = {name: getattr(invoice, name) - sum(getattr(n, name) for n in notes) for name in TOTALS}
        return cls(invoice, notes, parts, totals)

    @property
    def payable(self):
        return self.totals["payable"]

    @property
    def is_creditable(self):
        invoice = self.invoice
        is_debit = invoice.kind == Invoice.Kind.DEBIT and invoice.number is not None
        return is_debit and not invoice.is_credited and self.payable > 0

    @property
    def is_known_by_line(self):
        """Whether each credit note says which lines it gives back. Those that came in by file do not."""
        return all(line.credits_id for note in self.notes for line in note.lines.all())

    def is_all(self, parts):
        return {part.line.pk: part.net for part in parts} == {p.line.pk: p.net for p in self.parts if p.net}


def share(line, quantity):
    """The net amount of so many of a line's units."""
    return round_half_up(line.net * quantity / line.quantity) if line.quantity else Decimal(0)


def _left_of(line, given):
    # A part given back by amount stands as one unit of another price: it leaves the quantity alone.
    units = sum(each.quantity for each in given if abs(each.net - share(line, each.quantity)) <= CENT)
    return Part(line, line.quantity - units, line.net - sum(each.net for each in given))


def net_of(part, quantity):
    """What `quantity` of the units left is worth; the last of them take what the cents left over."""
    worth = share(part.line, quantity)
    return part.net if quantity == part.quantity and abs(worth - part.net) <= CENT * 5 else worth


@transaction.atomic
def credit(invoice, parts, *, seen_left, reason, by):
    """Issue the credit note that gives back `parts`, or all that is left where they are None; returns it, saved.

    `seen_left` is the amount that the clerk saw as left, so that two of them, or a double click, give back once. Holds
    the invoice's row. Raises NotCreditable, Changed or TooMuch; then nothing was written and no number was taken.
    """
    invoice = Invoice.objects.select_for_update(no_key=True, of=("self",)).select_related("company").get(pk=invoice.pk)
    left = Left.of(invoice)
    if not left.is_creditable:
        raise NotCreditable
    if left.payable != seen_left:
        raise Changed(left.payable)
    note, lines = draft(left, parts)
    if not 0 < note.payable <= left.payable:
        raise TooMuch(left.payable)
    note.number, _reference = take_number(invoice.company)
    note.note, note.issued_on = reason, timezone.localdate()
    note.save()
    for position, line in enumerate(lines, 1):
        line.invoice, line.position = note, position
    Line.objects.bulk_create(lines)
    settle(invoice)
    history.record(note, "invoice.credit_issued", by=by, credits=invoice.number, said=reason)
    record_credited(note, said=reason, by=by)
    return note


def record_credited(note, *, by, said=""):
    """The line of history of the invoice that a credit note gives back, in full or in part."""
    credited = Invoice.objects.get(pk=note.credits_id)
    history.record(
        credited, "invoice.credited" if credited.is_credited else "invoice.credited_in_part", by=by,
        credit_note=note.number, amount=str(note.payable), currency=note.currency, said=said,
    )  # fmt: skip


def draft(left, parts):
    """(unsaved credit note without a number, its unsaved lines)."""
    invoice = left.invoice
    note = Invoice(
        kind=Invoice.Kind.CREDIT, type_code="381", source="credit", credits=invoice,
        **{name: getattr(invoice, name) for name in COPIED},
    )  # fmt: skip
    if parts is None or left.is_all(parts):
        lines, note.vat_rows, note.allowances, totals = _rest(left)
    else:
        lines, note.vat_rows, note.allowances, totals = _some(left, parts)
    for name, amount in totals.items():
        setattr(note, name, amount)
    note.balance = note.payable
    return note, lines


def _rest(left):
    """All that is left, by subtraction, so that invoice and credit notes cancel out to the cent."""
    invoice = left.invoice
    if not left.notes:
        return [_line(part) for part in left.parts], invoice.vat_rows, invoice.allowances, left.totals
    vat_rows = [row for row in _vat_left(left) if Decimal(row["net"]) or Decimal(row["vat"])]
    if left.is_known_by_line:
        allowances = [each for each in _allowances_left(left) if Decimal(each["amount"])]
        return [_line(part) for part in left.parts if part.net], vat_rows, allowances, left.totals
    # Nobody knows which lines are left: one line for each rate of VAT.
    net = left.totals["net"]
    totals = left.totals | {"line_total": net, "allowance_total": Decimal(0), "charge_total": Decimal(0)}
    rows = vat_rows or [{"category": "", "rate": "", "net": str(net)}]
    with override(language_of(invoice)):
        return [_balance_line(invoice, row) for row in rows], vat_rows, [], totals


def _some(left, parts):
    """A part of the lines, with its part of the allowances and charges of the whole document, and its VAT."""
    taken, whole = defaultdict(Decimal), defaultdict(Decimal)
    for part in parts:
        taken[_rate_of_line(part.line)] += part.net
    for line in (part.line for part in left.parts):
        whole[_rate_of_line(line)] += line.net
    allowances, sums = [], {"allowance": Decimal(0), "charge": Decimal(0)}
    net = defaultdict(Decimal, taken)
    for each in left.invoice.allowances:
        rate = _rate(each)
        if not whole[rate]:
            continue
        amount = round_half_up(Decimal(each["amount"]) * taken[rate] / whole[rate])
        if amount:
            allowances.append(each | {"amount": str(amount)})
            sums[each["kind"]] += amount
            net[rate] += amount if each["kind"] == "charge" else -amount
    vat_rows = []
    for row, rest in zip(left.invoice.vat_rows, _vat_left(left), strict=True):
        amount = net.pop(_rate(row), 0)
        if not amount:
            continue
        vat = round_half_up(amount * (Decimal(row["rate"]) if row["rate"] else 0) / 100)
        if amount == Decimal(rest["net"]):
            vat = Decimal(rest["vat"])
        vat_rows.append(row | {"net": str(amount), "vat": str(vat)})
    line_total = sum(part.net for part in parts)
    without_vat = line_total - sums["allowance"] + sums["charge"]
    vat = sum((Decimal(row["vat"]) for row in vat_rows), Decimal(0))
    totals = {
        "line_total": line_total, "allowance_total": sums["allowance"], "charge_total": sums["charge"],
        "net": without_vat, "vat": vat, "gross": without_vat + vat, "payable": without_vat + vat,
    }  # fmt: skip
    return [_line(part) for part in parts], vat_rows, allowances, totals


def _line(part):
    """A part of a line as a line of its own: copied when it is the whole, else at the price that gives the amount."""
    line, quantity = part.line, part.quantity
    price = round_half_up(part.net / quantity, 6) if quantity else Decimal(0)
    copied = Line(credits=line, net=part.net, **{name: getattr(line, name) for name in COPIED_OF_A_LINE})
    if (quantity, part.net) == (line.quantity, line.net):
        copied.quantity, copied.price, copied.base_quantity = line.quantity, line.price, line.base_quantity
        copied.allowances = line.allowances
    elif round_half_up(quantity * line.price / line.base_quantity) == part.net:
        copied.quantity, copied.price, copied.base_quantity = quantity, line.price, line.base_quantity
    elif round_half_up(quantity * price) == part.net:
        copied.quantity, copied.price = quantity, price
    else:
        copied.quantity, copied.unit, copied.price = Decimal(1), "", part.net
    return copied


def _balance_line(invoice, row):
    net = Decimal(row["net"])
    return Line(
        name=_("Rest of invoice %s") % invoice.number, quantity=1, price=net, net=net,
        vat_category=row["category"], vat_rate=Decimal(row["rate"]) if row["rate"] else None,
    )  # fmt: skip


def _rate(row):
    """The rate of VAT that a row of BG-20, BG-21 or BG-23 is about."""
    return row.get("category", ""), Decimal(row["rate"]) if row.get("rate") else None


def _rate_of_line(line):
    return line.vat_category, line.vat_rate


def _vat_left(left):
    """The VAT rows of the invoice less those of its credit notes."""
    given = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for row in (row for note in left.notes for row in note.vat_rows):
        given[_rate(row)][0] += Decimal(row["net"])
        given[_rate(row)][1] += Decimal(row["vat"])
    rows = []
    for row in left.invoice.vat_rows:
        net, vat = given[_rate(row)]
        rows.append(row | {"net": str(Decimal(row["net"]) - net), "vat": str(Decimal(row["vat"]) - vat)})
    return rows


def _allowances_left(left):
    def key(each):
        return each["kind"], each.get("reason", ""), _rate(each)

    given = defaultdict(Decimal)
    for each in (each for note in left.notes for each in note.allowances):
        given[key(each)] += Decimal(each["amount"])
    for each in left.invoice.allowances:
        # Two of one name share what was given of them: the first takes it first.
        amount = Decimal(each["amount"])
        used = min(amount, given[key(each)])
        given[key(each)] -= used
        yield each | {"amount": str(amount - used)}

"""What a clerk writes before an invoice is issued. Nothing here gives a number; see issuing."""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from invoicing.language import language_of
from invoicing.models import Draft, Invoice, InvoiceFile, Line
from invoicing.totals import sums
from invoicing.vat import EXEMPT
from recipients import history
from recipients.models import ArchivedFile


class Stale(Exception):
    """Somebody else saved the draft meanwhile: `draft` is what is stored now."""

    def __init__(self, draft):
        super().__init__(draft)
        self.draft = draft


class Issued(Exception):
    """It is a draft no longer: only how it goes out may change. `invoice`."""

    def __init__(self, invoice):
        super().__init__(invoice)
        self.invoice = invoice


@transaction.atomic
def save_draft(invoice, lines, *, issue_on, version, by):
    """Store a draft with its unsaved `lines`, new or changed; a draft may lack anything but a recipient.

    `version` is the one that the clerk began from, 0 for a new one. Raises Stale or Issued.
    """
    is_new = invoice._state.adding
    before = None
    if not is_new:
        before = locked(invoice)
        if before.draft.version != version:
            raise Stale(before.draft)
    invoice.source, invoice.number = "form", None
    fill(invoice, lines, issue_on=issue_on)
    changed = [] if is_new else differences(before, invoice, lines)
    invoice.save()
    invoice.lines.all().delete()
    for position, line in enumerate(lines, 1):
        line.pk, line.invoice, line.position = None, invoice, position
    Line.objects.bulk_create(lines)
    Draft.objects.update_or_create(
        invoice=invoice, defaults={"issue_on": issue_on, "version": version + 1, "saved_by": by}
    )
    if is_new:
        history.record(invoice, "invoice.drafted", by=by)
    elif changed:
        history.record(invoice, "invoice.edited", by=by, fields=", ".join(changed))
    return invoice


def locked(invoice):
    """The stored draft, held until the transaction ends, with its `draft` row. Raises Issued."""
    row = Invoice.objects.select_for_update(no_key=True, of=("self",)).get(pk=invoice.pk)
    if row.number is not None:
        raise Issued(row)
    row.draft = draft_of(row)
    return row


def draft_of(invoice):
    """Its Draft; for a draft that came in another way, one that nobody has saved yet."""
    draft = Draft.objects.filter(pk=invoice.pk).select_related("saved_by").first()
    return draft or Draft(invoice=invoice, version=0, issue_on=None, saved_at=invoice.created_at)


def fill(invoice, lines, *, issue_on):
    """Write into a draft what follows from its lines, its recipient's card and the day."""
    invoice.issued_on = issue_on or timezone.localdate()
    buyer_of_card(invoice)
    found = sums((line.vat_category, line.vat_rate or Decimal(0), line.net) for line in lines)
    invoice.line_total = invoice.net = found.lines
    invoice.vat, invoice.gross = found.vat, found.gross
    invoice.payable = invoice.balance = found.gross
    with override(language_of(invoice)):
        exempt = _("Exempt from VAT")
    invoice.vat_rows = [
        {
            "category": row.category,
            "rate": f"{row.rate.normalize():f}",
            "net": str(row.net),
            "vat": str(row.vat),
            "exemption": exempt if row.category == EXEMPT else "",
        }
        for row in found.rows
    ]


def buyer_of_card(invoice):
    """BG-7 and BG-8 as the card says now; the document shows these whatever the card says later."""
    card = invoice.customer or invoice.organisation
    if card is None:
        return
    invoice.buyer_name, invoice.buyer_number = card.name, card.number or ""
    invoice.buyer_street, invoice.buyer_street_2 = card.street, card.street_2
    invoice.buyer_postcode, invoice.buyer_city, invoice.buyer_country = card.postcode, card.city, card.country
    invoice.buyer_legal_id = invoice.organisation.legal_id if invoice.organisation else ""
    invoice.buyer_vat_id = invoice.organisation.vat_id if invoice.organisation else ""
    invoice.buyer_contact = invoice.reference.name if invoice.reference else ""


WATCHED = (
    "customer_id", "organisation_id", "reference_id", "due_on", "delivered_on", "period_start", "period_end",
    "buyer_reference", "order_reference", "contract_reference", "seller_contact", "terms", "note", "language",
    "currency",
)  # fmt: skip
OF_A_LINE = (
    "name", "description", "quantity", "unit", "price", "base_quantity", "net", "vat_category", "vat_rate",
)  # fmt: skip


def differences(before, invoice, lines):
    """The names of what a save changes, for history."""
    changed = [name for name in WATCHED if getattr(before, name) != getattr(invoice, name)]
    stored = list(before.lines.values_list(*OF_A_LINE))
    if stored != [tuple(getattr(line, name) for name in OF_A_LINE) for line in lines]:
        changed.append("lines")
    return [name.removesuffix("_id") for name in changed]


@transaction.atomic
def attach(invoice, files, *, by):
    """Put files, (name, content, media type) triples that were looked at, beside a draft. Raises Issued."""
    locked(invoice)
    taken = set(invoice.files.values_list("name", flat=True))
    for name, content, media_type in files:
        free = unused(name, taken)
        taken.add(free)
        kept = ArchivedFile.objects.keep(invoice.company, content, media_type=media_type)
        InvoiceFile.objects.create(invoice=invoice, file=kept, name=free)
    if files:
        history.record(invoice, "invoice.edited", by=by, fields="files")


def unused(name, taken):
    """plan.pdf, or plan-2.pdf where there is one already."""
    stem, dot, ending = name.rpartition(".")
    free, n = name, 1
    while free in taken:
        n += 1
        free = f"{stem}-{n}{dot}{ending}"
    return free


@transaction.atomic
def detach(invoice, code, *, by):
    """Take a file, named by its primary key as text, away from a draft. Raises Issued."""
    locked(invoice)
    gone = [file.pk for file in invoice.files.all() if str(file.pk) == code]
    if gone:
        invoice.files.filter(pk__in=gone).delete()
        history.record(invoice, "invoice.edited", by=by, fields="files")


@transaction.atomic
def delete_draft(invoice, *, by):
    """Take a draft away for good: it had no number, so no number is lost. Raises Issued."""
    row = locked(invoice)
    history.record(row, "invoice.deleted", by=by)
    row.delete()


@transaction.atomic
def duplicate(invoice, *, by):
    """A new draft with an invoice's recipient, texts and lines: no number, no dates, no payments.

    What a draft's form has no place for becomes a line: charges on a line, allowances and charges of the document.
    """
    copy = Invoice(company=invoice.company)
    for name in (
        "customer", "organisation", "reference", "email", "buyer_reference", "order_reference", "contract_reference",
        "seller_contact", "terms", "note", "language", "currency",
    ):  # fmt: skip
        setattr(copy, name, getattr(invoice, name))
    lines = [again for line in invoice.lines.all() for again in copies(line)]
    for each in invoice.allowances:
        is_charge = each["kind"] == "charge"
        rate = Decimal(each["rate"]) if each.get("rate") else None
        extra = of_an_allowance(each, each.get("category", ""), rate)
        extra.quantity = 1 if is_charge else -1
        extra.net = extra.price if is_charge else -extra.price
        lines.append(extra)
    save_draft(copy, lines, issue_on=None, version=0, by=by)
    history.record(copy, "invoice.duplicated", by=by, copy_of=invoice.number or "")
    return copy


def copies(line):
    """A line once more, its discounts in one sum; each charge as a line of its own."""
    charges = [each for each in line.allowances if each["kind"] == "charge"]
    discounts = [each for each in line.allowances if each["kind"] == "allowance"]
    again = Line(
        name=line.name, description=line.description, quantity=line.quantity, unit=line.unit, price=line.price,
        base_quantity=line.base_quantity, vat_category=line.vat_category, vat_rate=line.vat_rate,
        net=line.net - sum(Decimal(each["amount"]) for each in charges), allowances=discounts,
    )  # fmt: skip
    if len(discounts) > 1:
        off = sum(Decimal(each["amount"]) for each in discounts)
        again.allowances = [{"kind": "allowance", "reason": "", "amount": str(off)}]
    yield again
    for each in charges:
        yield of_an_allowance(each, line.vat_category, line.vat_rate)


def of_an_allowance(each, category, rate):
    amount = Decimal(each["amount"])
    name = each.get("reason") or (_("Charge") if each["kind"] == "charge" else _("Discount"))
    return Line(name=name, quantity=1, price=amount, net=amount, vat_category=category, vat_rate=rate)

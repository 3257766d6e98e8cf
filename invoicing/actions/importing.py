"""Taking invoices in."""

from decimal import Decimal

from django.db import transaction

from config.identifiers import legal_ids
from invoicing.documents import from_core
from invoicing.formats.findings import Code, Unreadable
from invoicing.models import Invoice, Line
from recipients import history
from recipients.actions.cards import find_buyer
from recipients.models import Customer, InvoiceReference, Organisation

from .crediting import record_credited
from .paying import settle

# More than this does not fit the columns (16 digits, 2 of them decimals), and no invoice in the world needs it.
LARGEST = Decimal(10) ** 14


class NumberTaken(Exception):
    """The company has an invoice with this number: `invoice`; `same`: made of the same bytes."""

    def __init__(self, invoice, *, same):
        super().__init__(invoice.number)
        self.invoice, self.same = invoice, same


@transaction.atomic
def import_invoice(core, original, company, *, by):
    """Make an Invoice of a CoreInvoice whose totals add up; returns (invoice, findings).

    Raises NumberTaken or Unreadable.
    """
    known = Invoice.objects.of(company).filter(number=core.number).first()
    if known:
        raise NumberTaken(known, same=known.original_id == original.pk)
    refuse_what_does_not_fit(core)
    invoice, lines, findings = from_core(core)
    invoice.company, invoice.original = company, original
    invoice.customer, invoice.organisation = buyer_of(core, invoice, company)
    invoice.reference = reference_of(invoice)
    invoice.credits = credited_by(core, company)
    invoice.save()
    for line in lines:
        line.invoice = invoice
    Line.objects.bulk_create(lines)
    history.record(invoice, "invoice.imported", by=by)
    if invoice.credits:
        settle(invoice.credits)
        record_credited(invoice, by=by)
    return invoice, findings


def refuse_what_does_not_fit(core):
    amounts = [core.totals.payable, core.totals.with_vat, core.totals.without_vat, *(line.net for line in core.lines)]
    for amount in filter(None, amounts):
        if abs(amount) >= LARGEST:
            raise Unreadable(Code.BAD_NUMBER, element="cbc:PayableAmount", term="BT-115", line=None, value=str(amount))


def buyer_of(core, invoice, company):
    """(customer, organisation): the card that the document names, else a new one of what the document says."""
    party = core.buyer
    customer, organisation = find_buyer(company.workspace_id, number=invoice.buyer_number, ids=legal_ids(party))
    if customer or organisation:
        return customer, organisation
    card = {
        "workspace_id": company.workspace_id,
        "number": invoice.buyer_number or None,
        "name": invoice.buyer_name[:120],
        "street": invoice.buyer_street[:120],
        "street_2": invoice.buyer_street_2[:120],
        "postcode": invoice.buyer_postcode,
        "city": invoice.buyer_city[:80],
        "country": invoice.buyer_country or company.country,
    }
    # BT-47 or BT-48 makes it a body; anybody else is a person.
    if party.legal_id or party.vat_id:
        ids = {"legal_id": invoice.buyer_legal_id[:30], "vat_id": invoice.buyer_vat_id[:30]}
        return None, Organisation.objects.create(**card, **ids)
    return Customer.objects.create(**card), None


def reference_of(invoice):
    """The organisation's own invoice reference, where BT-10 names one."""
    organisation = invoice.organisation or (invoice.customer and invoice.customer.organisation)
    if not organisation or not invoice.buyer_reference:
        return None
    return InvoiceReference.objects.filter(organisation=organisation, code=invoice.buyer_reference).first()


def credited_by(core, company):
    """The invoice that a credit note takes back: the first of BG-3 that is here."""
    if not core.is_credit:
        return None
    numbers = [preceding.number for preceding in core.preceding]
    return Invoice.objects.of(company).filter(kind=Invoice.Kind.DEBIT, number__in=numbers).first()

"""What happens to invoices before and after they travel: taken in, credited, paid."""

from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from config.identifiers import legal_ids
from recipients import history
from recipients.actions import find_buyer
from recipients.models import Customer, InvoiceReference, Organisation

from .documents import from_core
from .formats.findings import Code, Unreadable
from .models import Invoice, Line, Payment

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
        settle(invoice.credits, by=by)
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


@transaction.atomic
def register_payment(invoice, amount, *, paid_on, by, note=""):
    """Money came in; the balance follows."""
    payment = Payment.objects.create(invoice=invoice, amount=amount, paid_on=paid_on, note=note)
    history.record(invoice, "invoice.paid", by=by, amount=str(amount), currency=invoice.currency)
    settle(invoice, by=by)
    return payment


def settle(invoice, *, by):
    """Write balance and credited anew from payments and credit notes. Holds the row, so two at once add up."""
    invoice = Invoice.objects.select_for_update().get(pk=invoice.pk)
    paid = invoice.payments.aggregate(total=Sum("amount"))["total"] or 0
    given_back = invoice.credit_notes.aggregate(total=Sum("payable"))["total"] or 0
    was_credited = invoice.is_credited
    invoice.balance = invoice.payable - paid - given_back
    invoice.is_credited = bool(given_back) and given_back >= invoice.payable
    invoice.save(update_fields=["balance", "is_credited"])
    if invoice.is_credited and not was_credited:
        history.record(invoice, "invoice.credited", by=by)


@transaction.atomic
def set_email(invoice, email, *, by):
    """The address typed for this one invoice; "" fetches it again from the cards. Only typed text is stored."""
    Invoice.objects.filter(pk=invoice.pk).update(email=email)
    history.record(invoice, "invoice.email" if email else "invoice.email_cleared", by=by, email=email)
    invoice.email = email

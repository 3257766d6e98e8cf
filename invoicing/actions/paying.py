"""Money that came in, and what it leaves to pay."""

from django.db import transaction
from django.db.models import Sum

from invoicing.models import Invoice, Payment
from recipients import history


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

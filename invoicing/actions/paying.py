"""Money that came in, and what it leaves to pay."""

from django.db import transaction
from django.db.models import Sum

from invoicing.models import Invoice, Payment
from recipients import history


class Changed(Exception):
    """Something was paid or credited meanwhile; `balance` is what is left to pay now."""

    def __init__(self, balance):
        super().__init__(balance)
        self.balance = balance


class TakenBack(Exception):
    """The payment was taken back before, or takes one back itself."""


@transaction.atomic
def register_payment(invoice, amount, *, paid_on, by, note="", seen_balance=None):
    """Money came in; the balance follows.

    `seen_balance` is what the clerk saw as left to pay: a second press raises Changed instead of paying twice.
    """
    invoice = hold(invoice)
    if seen_balance not in (None, invoice.balance):
        raise Changed(invoice.balance)
    payment = Payment.objects.create(invoice=invoice, amount=amount, paid_on=paid_on, note=note)
    history.record(invoice, "invoice.paid", by=by, amount=str(amount), currency=invoice.currency, said=note)
    settle(invoice)
    return payment


@transaction.atomic
def take_back(payment, *, by):
    """A payment that was wrong is reversed by another row of the same day; nothing is deleted."""
    invoice = hold(payment.invoice)
    if payment.takes_back_id or Payment.objects.filter(takes_back=payment).exists():
        raise TakenBack
    Payment.objects.create(invoice=invoice, amount=-payment.amount, paid_on=payment.paid_on, takes_back=payment)
    history.record(invoice, "invoice.payment_taken_back", by=by, amount=str(payment.amount), currency=invoice.currency)
    settle(invoice)


def hold(invoice):
    """The invoice's row, locked: two at once add up. A payment's foreign key does not wait for it."""
    return Invoice.objects.select_for_update(no_key=True).get(pk=invoice.pk)


def settle(invoice):
    """Write balance and credited anew from payments and credit notes."""
    invoice = hold(invoice)
    paid = invoice.payments.aggregate(total=Sum("amount"))["total"] or 0
    given_back = invoice.credit_notes.aggregate(total=Sum("payable"))["total"] or 0
    invoice.balance = invoice.payable - paid - given_back
    invoice.is_credited = bool(given_back) and given_back >= invoice.payable
    invoice.save(update_fields=["balance", "is_credited"])

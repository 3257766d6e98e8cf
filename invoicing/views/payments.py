"""What came in for an invoice, by hand: register it, take it back."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config.template_tags import money
from invoicing.actions import paying
from invoicing.forms.payments import PaymentForm
from invoicing.models import Payment
from recipients.models import Role
from recipients.scope import role

from .invoice import invoice_of, page


@role(Role.VIEWER, post=Role.CLERK)
def payments(request, pk):
    """The payments and credit notes of an invoice, and the form for a new payment."""
    invoice = payable(request, pk)
    form = PaymentForm(request.POST or None, invoice=invoice)
    if not form.is_valid():
        return account(request, invoice, form, status=422 if form.is_bound else None)
    given = form.cleaned_data
    try:
        paying.register_payment(
            invoice, given["amount"], paid_on=given["paid_on"], note=given["note"], by=request.user,
            seen_balance=given["seen_balance"],
        )  # fmt: skip
    except paying.Changed as changed:
        text = _("Nothing was registered: something was paid or credited while you were looking. %s is left to pay.")
        messages.warning(request, text % money(changed.balance, invoice.currency))
        return redirect("invoicing:invoice_payments", request.company.slug, pk)
    invoice.refresh_from_db()
    say_registered(request, invoice, given["amount"])
    return redirect("invoicing:invoice_payments", request.company.slug, pk)


def say_registered(request, invoice, amount):
    done = _("Registered %s.") % money(amount, invoice.currency)
    if invoice.balance < 0:
        over = _("That is %s more than was left to pay: pay it back, or take the payment back if it was mistyped.")
        messages.warning(request, f"{done} {over % money(min(amount, -invoice.balance), invoice.currency)}")
    elif invoice.balance == 0:
        messages.success(request, " ".join([done, _("The invoice is paid.")]))
    else:
        left = _("%s is left to pay.") % money(invoice.balance, invoice.currency)
        messages.success(request, f"{done} {left}")


@role(Role.CLERK)
@require_POST
def take_back(request, pk, payment):
    """Reverse a payment that was wrong, by a row of its own."""
    invoice = payable(request, pk)
    payment = get_object_or_404(invoice.payments, pk=payment)
    try:
        paying.take_back(payment, by=request.user)
    except paying.TakenBack:
        messages.warning(request, _("This payment has been taken back already."))
    else:
        invoice.refresh_from_db()
        said = money(payment.amount, invoice.currency), money(invoice.balance, invoice.currency)
        messages.success(request, _("Took back %s. %s is left to pay.") % said)
    return redirect("invoicing:invoice_payments", request.company.slug, pk)


def payable(request, pk):
    """The invoice, where money can come in for it."""
    invoice = invoice_of(request, pk)
    if not invoice.takes_payments:
        raise Http404
    return invoice


def account(request, invoice, form, *, status):
    rows = Payment.objects.filter(invoice=invoice).select_related("takes_back", "taken_back")
    notes = list(invoice.credit_notes.order_by("-issued_on", "-id"))
    context = {
        "payments": rows.order_by("-paid_on", "-id"),
        "credit_notes": notes,
        "paid": invoice.payable - invoice.balance - sum(note.payable for note in notes),
        "credited": sum(note.payable for note in notes),
        "surplus": max(-invoice.balance, 0),
        "form": form,
    }
    return page(request, invoice, "payments", status=status, **context)

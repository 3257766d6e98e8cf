"""Crediting an invoice: how much, why, and what becomes of what is on its way."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from config.listing import show
from config.template_tags import money
from distribution import words
from distribution.actions import crediting
from distribution.forms.crediting import CreditForm
from distribution.models import Delivery
from invoicing.actions.crediting import Changed, Left, NotCreditable, TooMuch, draft
from invoicing.actions.numbering import NumberTaken
from invoicing.models import Invoice
from recipients.models import Role
from recipients.scope import role


@role(Role.CLERK)
def credit(request, pk):
    """The page of a credit before it is made; `calculate` shows what it comes to and writes nothing."""
    cards = ("customer", "organisation", "company")
    invoice = get_object_or_404(Invoice.objects.of(request.company).select_related(*cards), pk=pk)
    left = Left.of(invoice)
    if not left.is_creditable:
        return refused(request, invoice)
    deliveries = Delivery.objects.of(request.company).filter(invoice=invoice).principal()
    may_stop = deliveries.stoppable().exists()
    form = CreditForm(request.POST or None, left=left, may_stop=may_stop)
    if "calculate" in request.POST:
        return page(request, form, deliveries)
    if not form.is_valid():
        return page(request, form, deliveries, status=422 if form.is_bound else None)
    given = form.cleaned_data
    try:
        done = crediting.credit(
            invoice, form.parts, seen_left=given["seen_left"], reason=given["reason"], stops=form.stops(),
            by=request.user,
        )  # fmt: skip
    except NotCreditable:
        return refused(request, invoice)
    except Changed as changed:
        text = _("Something was credited while you were looking. %s is left now; look again.")
        messages.warning(request, text % money(changed.left, invoice.currency))
        return redirect("distribution:credit", request.company.slug, pk)
    except TooMuch as error:
        form.add_error(None, _("At most %s is left to credit.") % money(error.left, invoice.currency))
        return page(request, form, deliveries, status=422)
    except NumberTaken as taken:
        text = _("The next number, %s, is another document's. A manager sets the next one in the settings.")
        form.add_error(None, text % taken.text)
        return page(request, form, deliveries, status=422)
    messages.success(request, words.credited(done))
    return redirect("invoicing:invoice_delivery", request.company.slug, pk)


def page(request, form, deliveries, *, status=None):
    invoice = form.left.invoice
    context = {
        "form": form,
        "invoice": invoice,
        "left": form.left,
        "consequence": words.credit_does(invoice, deliveries),
        "sums": sums(form),
    }
    return show(request, "distribution/credit.html", context, status=status)


def sums(form):
    """The credit note as it would be made, unsaved; None while what was typed cannot be read."""
    if form.is_bound and not form.is_valid() and (form.errors.keys() - {"reason"} or form.parts == []):
        return None
    note, _lines = draft(form.left, form.parts if form.is_bound else None)
    return note


def refused(request, invoice):
    """There is nothing to credit."""
    if invoice.kind == Invoice.Kind.CREDIT:
        text = _("This is a credit note itself.")
    elif invoice.number is None:
        text = _("This is a draft: change it or delete it.")
    else:
        text = _("Nothing is left to credit on this invoice.")
    said = {"title": _("%s cannot be credited") % invoice, "text": text}
    said["cancel_url"] = reverse("invoicing:invoice", args=[request.company.slug, invoice.pk])
    return show(request, "distribution/refused.html", said, status=422)

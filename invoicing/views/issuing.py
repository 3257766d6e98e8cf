"""What turns a draft into an invoice, into another draft, or into nothing; and the files that go along."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from invoicing.actions import drafting, issuing, numbering
from invoicing.models import Invoice, InvoiceFile
from recipients.models import Role
from recipients.models.archived_file import Damaged
from recipients.scope import role

from .invoice import handed_out, invoice_of


@role(Role.VIEWER, post=Role.CLERK)
def issue(request, pk):
    invoice = invoice_of(request, pk)
    if request.method != "POST":
        return redirect("invoicing:invoice", request.company.slug, pk)
    return issued(request, invoice)


def issued(request, invoice):
    """Issue a saved draft and show the invoice, or the form with what is missing."""
    try:
        invoice = issuing.issue(invoice, by=request.user)
    except issuing.NotReady as error:
        first = error.holes[0].text
        messages.error(request, _("Not issued; it is kept as a draft. %s") % first)
        return redirect("invoicing:invoice_edit", request.company.slug, invoice.pk)
    except numbering.NumberTaken as error:
        messages.error(request, taken(error))
        return redirect("invoicing:invoice_edit", request.company.slug, invoice.pk)
    except drafting.Issued as error:
        messages.warning(request, _("It was issued already, as %s.") % error.invoice)
    else:
        messages.success(request, _("%s is issued.") % invoice)
    return redirect("invoicing:invoice", request.company.slug, invoice.pk)


def taken(error):
    """Which number is taken, by whom, and what to do about it."""
    who = {"text": error.text, "number": error.invoice.number, "name": error.invoice.buyer_name, "free": error.free}
    if error.invoice.number == error.text:
        words = _("Number %(text)s is taken by an invoice to %(name)s. Nothing was issued.")
    else:
        words = _("Number %(text)s would get the payment reference of invoice %(number)s. Nothing was issued.")
    return " ".join([words % who, _("A manager sets the next number to %(free)s under Numbers and terms.") % who])


@role(Role.VIEWER, post=Role.CLERK)
def duplicate(request, pk):
    invoice = invoice_of(request, pk)
    if request.method != "POST":
        return redirect("invoicing:invoice", request.company.slug, pk)
    if invoice.kind == Invoice.Kind.CREDIT:
        messages.warning(request, _("A credit note is made by crediting its invoice, not by copying it."))
        return redirect("invoicing:invoice", request.company.slug, pk)
    copy = drafting.duplicate(invoice, by=request.user)
    messages.success(request, _("A draft with the lines of %s.") % invoice)
    return redirect("invoicing:invoice_edit", request.company.slug, copy.pk)


@role(Role.CLERK)
def delete(request, pk):
    """Say what goes with a draft, then take it away."""
    invoice = invoice_of(request, pk)
    if invoice.number is not None:
        messages.warning(request, _("%s is issued: it can be credited, not deleted.") % invoice)
        return redirect("invoicing:invoice", request.company.slug, pk)
    if request.method != "POST":
        counts = {"line_count": invoice.lines.count(), "file_count": invoice.files.count()}
        return render(request, "invoicing/delete.html", {"invoice": invoice, **counts})
    try:
        drafting.delete_draft(invoice, by=request.user)
    except drafting.Issued as error:
        messages.warning(request, _("%s was issued meanwhile: it can be credited, not deleted.") % error.invoice)
        return redirect("invoicing:invoice", request.company.slug, pk)
    messages.success(request, _("The draft to %s is deleted.") % invoice.recipient_name())
    return redirect(f"{request.company.get_absolute_url()}?tab=drafts")


@role(Role.VIEWER)
def attached(request, pk, id):  # noqa: A002 - the name in the address
    """A file that goes along with an invoice, byte for byte."""
    files = InvoiceFile.objects.filter(invoice__company=request.company, invoice=pk).select_related("file")
    file = get_object_or_404(files, pk=id)
    try:
        content = file.file.read()
    except (Damaged, OSError):
        messages.error(request, _("%s cannot be read back from the archive as it was kept. Tell the operator.") % file)
        return redirect("invoicing:invoice", request.company.slug, pk)
    return handed_out(content, file.file.media_type, file.name, as_attachment=True)

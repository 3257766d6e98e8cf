"""One invoice: its document, how it goes out, and all that happened to it."""

import logging

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import override

from invoicing import pdf as documents
from invoicing.actions import changing
from invoicing.forms.delivery import InvoiceEmailForm
from invoicing.language import language_of
from invoicing.models import Invoice
from recipients.models import Role
from recipients.models.archived_file import Damaged
from recipients.scope import role

log = logging.getLogger(__name__)


def invoice_of(request, pk):
    cards = ("customer__organisation", "organisation", "reference", "original", "credits", "company__logo")
    return get_object_or_404(Invoice.objects.of(request.company).select_related(*cards), pk=pk)


def page(request, invoice, part, *, status=None, **context):
    """One of the pages of an invoice."""
    parts = [("document", "invoice", _("Document")), ("delivery", "invoice_delivery", _("Delivery")),
             ("history", "invoice_history", _("History"))]  # fmt: skip
    if invoice.takes_payments:
        parts.insert(2, ("payments", "invoice_payments", _("Payments")))
    tabs = [
        {
            "label": label,
            "url": reverse(f"invoicing:{name}", args=[request.company.slug, invoice.pk]),
            "count": None,
            "current": key == part,
        }
        for key, name, label in parts
    ]
    context |= {"invoice": invoice, "tabs": tabs}
    return render(request, f"invoicing/{part}.html", context, status=status)


@role(Role.VIEWER)
def document(request, pk):
    return page(request, invoice_of(request, pk), "document")


@role(Role.VIEWER)
def delivery(request, pk):
    invoice = invoice_of(request, pk)
    return page(request, invoice, "delivery", form=InvoiceEmailForm(initial={"email": invoice.email}))


@role(Role.VIEWER)
def history(request, pk):
    return page(request, invoice_of(request, pk), "history")


@role(Role.VIEWER, post=Role.CLERK)
def email(request, pk):
    """The address for this one invoice; emptied, it is fetched from the cards again."""
    invoice = invoice_of(request, pk)
    if request.method == "POST":
        form = InvoiceEmailForm(request.POST)
        if not form.is_valid():
            return page(request, invoice, "delivery", form=form, status=422)
        if form.cleaned_data["email"] != invoice.email:
            changing.set_email(invoice, form.cleaned_data["email"], by=request.user)
        messages.success(request, _("Saved."))
    return redirect("invoicing:invoice_delivery", request.company.slug, pk)


def template_of(request):
    """The template that the address asks for, else the one that was used last, else the company's first."""
    templates = request.company.templates
    if asked := request.GET.get("template"):
        try:
            return get_object_or_404(templates, pk=asked)
        except ValidationError as error:
            raise Http404 from error
    offered = templates.offered()
    return offered.filter(pk=request.company.distribution.last_template_id).first() or offered.first()


@role(Role.VIEWER)
def pdf(request, pk):
    """The PDF as it would leave now, made here because one person asked to see this one."""
    invoice = invoice_of(request, pk)
    language = language_of(invoice)
    try:
        content = documents.render(invoice, template=template_of(request), language=language)
    except Http404:
        raise
    except Exception:  # whatever is wrong with one document must be said, not shown as a broken house
        log.exception("invoice %s cannot be printed", invoice.pk)
        messages.error(request, _("The PDF of %s could not be made. Tell the operator.") % invoice)
        return redirect("invoicing:invoice", request.company.slug, pk)
    with override(language):
        name = documents.file_name(invoice)
    return handed_out(content, "application/pdf", name, as_attachment=False)


@role(Role.VIEWER)
def preview(request, pk):
    """The same page as HTML, for a frame of ours."""
    invoice = invoice_of(request, pk)
    return framed(documents.html(invoice, template=template_of(request), language=language_of(invoice)), "text/html")


@role(Role.VIEWER)
def preview_file(request, pk, name):
    """What the preview shows beside its text: the company's colours, its logo, the payment code."""
    try:
        content, media_type = documents.files(invoice_of(request, pk))[name]
    except KeyError as error:
        raise Http404 from error
    return framed(content, media_type)


def framed(content, media_type):
    response = HttpResponse(
        content, content_type=f"{media_type}; charset=utf-8" if "text" in media_type else media_type
    )
    response.frame_ancestors = "'self'"
    return response


@role(Role.VIEWER)
def original(request, pk):
    """The XML as it came, byte for byte."""
    invoice = invoice_of(request, pk)
    if invoice.original is None:
        raise Http404
    try:
        content = invoice.original.read()
    except (Damaged, OSError):
        log.exception("the original of invoice %s cannot be read", invoice.pk)
        messages.error(request, _("The file of %s cannot be read back from the archive as it was kept.") % invoice)
        return redirect("invoicing:invoice", request.company.slug, pk)
    return handed_out(content, invoice.original.media_type, f"{invoice}.xml", as_attachment=True)


def handed_out(content, media_type, name, *, as_attachment):
    disposition = content_disposition_header(as_attachment, name)
    return HttpResponse(content, content_type=media_type, headers={"Content-Disposition": disposition})

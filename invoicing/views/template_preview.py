"""A real invoice in a template, for the frame beside the form: as it is stored, or as it is typed."""

import logging

from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from invoicing import pdf
from invoicing.forms.templates import TemplateForm
from invoicing.language import known_language, language_of
from invoicing.models import DocumentTemplate, Invoice
from invoicing.views.invoice import framed, handed_out
from recipients.models import Role
from recipients.scope import role

log = logging.getLogger(__name__)


def sample(company, number=""):
    """The invoice of a preview: the one with this number, else the newest one that asks for money; or None."""
    rows = Invoice.objects.of(company).exclude(number=None).select_related("company__logo", "credits")
    if number:
        return rows.filter(number=number).first()
    newest = rows.order_by("-issued_on", "-id")
    return newest.filter(kind=Invoice.Kind.DEBIT).first() or newest.first()


@role(Role.VIEWER, post=Role.MANAGER)
def template_preview(request):
    """A document for the frame beside: GET `?template=` as it is stored, POST as it is typed. Nothing is saved."""
    company = request.company
    if request.method == "POST":
        form = TemplateForm(request.POST, instance=DocumentTemplate(company=company))
        form.is_valid()
        errors = {name: error for name, error in form.errors.items() if name != "name"}
        if errors:
            said = [(form[name].label, error) for name, error in errors.items()]
            return shown(render(request, "invoicing/preview_refused.html", {"said": said}, status=422))
        form.instance.texts = form.texts()
        row, number = form.instance, form.cleaned_data["number"].strip()
        asked = form.cleaned_data["shown"]
    else:
        row, number, asked = stored(request), request.GET.get("number", ""), request.GET.get("language", "")
    invoice = sample(company, number)
    if invoice is None:
        if not number:
            raise Http404
        said = [(_("Invoice in the preview"), [_("There is no invoice %s here.") % number])]
        return shown(render(request, "invoicing/preview_refused.html", {"said": said}, status=422))
    return document(request, invoice, row, known_language(asked) or language_of(invoice))


def stored(request):
    """The template that is asked for; without a name the one that a new template begins as."""
    if "template" not in request.GET:
        return DocumentTemplate(company=request.company)
    try:
        return get_object_or_404(DocumentTemplate.objects.of(request.company), pk=request.GET["template"])
    except ValidationError as error:
        raise Http404 from error


def document(request, invoice, row, language):
    """The page for a frame, or the PDF where that is asked for."""
    if request.POST.get("as") == "pdf":
        try:
            content = pdf.render(invoice, template=row, language=language)
        except Exception:  # whatever is wrong with one document must be said, not shown as a broken house
            log.exception("invoice %s cannot be printed", invoice.pk)
            said = [(str(invoice), [_("The PDF could not be made. Tell the operator.")])]
            return shown(render(request, "invoicing/preview_refused.html", {"said": said}, status=422))
        with override(language):
            name = pdf.file_name(invoice)
        return handed_out(content, "application/pdf", name, as_attachment=False)
    folder = reverse("invoicing:invoice_preview", args=[request.company.slug, invoice.pk])
    return framed(pdf.html(invoice, template=row, language=language, folder=folder), "text/html")


def shown(response):
    response.frame_ancestors = "'self'"
    return response

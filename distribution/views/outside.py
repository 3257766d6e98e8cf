"""Sent outside the system: said of one invoice or of many, and taken back."""

from django.contrib import messages
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config.listing import selection, show
from distribution import words
from distribution.actions import outside, planning
from distribution.forms.outside import OutsideForm
from distribution.models import Delivery
from distribution.views.sheet import leave_for, refused
from invoicing.models import Invoice
from recipients.models import Role
from recipients.scope import role


@role(Role.CLERK)
@require_POST
def mark(request):
    """Asks once for day, way and note; then the ticked invoices show Sent, and those that cannot are counted."""
    chosen = selection(request.POST)
    if chosen.get("ids") == []:
        return refused(request, _("Nothing is ticked"), _("Tick the invoices that were sent by other means."))
    picked = planning.selected(request.company, chosen).order_by()
    if "ids" in chosen and picked.count() != len(chosen["ids"]):
        raise Http404
    form = OutsideForm(request.POST if "way" in request.POST else None)
    if not form.is_valid():
        marks = picked.to_send().count()
        context = {
            "form": form, "marks": marks, "left_out": outside.left_out(picked).items(), "posted": request.POST,
            "cancel_url": came_from(request, chosen),
        }  # fmt: skip
        return show(request, "distribution/outside.html", context, status=422 if form.is_bound else 200)
    # by key: once they are sent they no longer match the filter by which they were found
    rows = Invoice.objects.of(request.company).filter(pk__in=picked.values("pk"))
    marked, left_out = outside.mark_sent_outside(rows, by=request.user, **form.cleaned_data)
    level = messages.WARNING if left_out else messages.SUCCESS
    messages.add_message(request, level, words.marked_outside(marked, left_out))
    return leave_for(request, came_from(request, chosen))


def came_from(request, chosen):
    """The list as it was, or the page of the one invoice."""
    slug = request.company.slug
    if "query" not in request.POST and len(chosen.get("ids", ())) == 1:
        return reverse("invoicing:invoice_delivery", args=[slug, chosen["ids"][0]])
    return f"{request.company.get_absolute_url()}?{QueryDict(request.POST.get('query', '')).urlencode()}"


@role(Role.CLERK)
@require_POST
def take_back(request, pk):
    """It was not sent outside after all."""
    row = get_object_or_404(Delivery.objects.of(request.company).select_related("invoice"), pk=pk)
    if outside.take_back_outside(Delivery.objects.filter(pk=row.pk), by=request.user):
        messages.success(request, _("%s shows again what it showed before.") % row.invoice)
    else:
        messages.warning(request, _("Only what was marked as sent outside the system is taken back here."))
    return redirect("distribution:delivery", request.company.slug, pk)

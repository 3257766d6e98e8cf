"""Numbers and terms: which number an invoice gets next, and when it is due."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from invoicing.actions.numbering import change_series, highest
from invoicing.forms.series import SeriesForm
from invoicing.models import Series
from recipients.models import Event, Role
from recipients.scope import role


@role(Role.VIEWER, post=Role.MANAGER)
def numbers(request):
    """Everybody in the company may look; a manager saves."""
    company = request.company
    may_change = request.role >= Role.MANAGER
    series = Series.objects.of(company).select_related("company").get()
    form = SeriesForm(request.POST or None, instance=series, is_read_only=not may_change)
    if form.is_valid():
        change_series(series, form.changed_data, by=request.user)
        messages.success(request, _("Numbers and terms saved.") if form.has_changed() else _("Nothing was changed."))
        return redirect("invoicing:numbers", company.slug)
    stored = Series.objects.of(company).select_related("company").get()
    changes = Event.objects.of(company).filter(about=company.pk, what="numbers.changed").select_related("by")
    try:
        reference = stored.reference_of(str(stored))
    except ValueError:
        reference = ""
    context = {
        "form": form,
        "series": stored,
        "reference": reference,
        "highest": highest(stored, stored.prefix),
        "may_change": may_change,
        "managers": [] if may_change else company.members.filter(role=Role.MANAGER).select_related("user"),
        "changed": changes.order_by("id").last(),
    }
    return render(request, "invoicing/numbers.html", context, status=422 if form.is_bound else 200)

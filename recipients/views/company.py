"""Company details: what documents and e-mails say of the sender."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from recipients.actions.company import change_company
from recipients.forms.company import CompanyForm
from recipients.models import Event, Role
from recipients.scope import role


@role(Role.VIEWER, post=Role.MANAGER)
def company(request):
    """Everybody in the company may look; a manager saves."""
    may_change = request.role >= Role.MANAGER
    form = CompanyForm(request.POST or None, instance=request.company, is_read_only=not may_change)
    if form.is_valid():
        changes = form.changes()
        change_company(form.instance, changes, by=request.user)
        messages.success(request, _("Company details saved.") if changes else _("Nothing was changed."))
        return redirect("recipients:company", request.company.slug)
    if form.is_bound:
        request.company.refresh_from_db()  # the page around the form shows what is stored
    changed = Event.objects.of(request.company).filter(about=request.company.pk, what="company.changed")
    context = {
        "form": form,
        "may_change": may_change,
        "managers": [] if may_change else request.company.members.filter(role=Role.MANAGER).select_related("user"),
        "changed": changed.select_related("by").order_by("id").last(),
    }
    return render(request, "recipients/company.html", context, status=422 if form.is_bound else 200)

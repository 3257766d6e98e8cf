"""Document templates: how each looks with a real invoice, its layout and its words in each language."""

from django.contrib import messages
from django.db.models import Count, Max, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from invoicing.actions import designing
from invoicing.forms.templates import TemplateForm
from invoicing.models import DocumentTemplate
from invoicing.views.template_preview import sample
from recipients.models import Event, Role
from recipients.scope import role


@role(Role.VIEWER)
def templates(request):
    """The company's templates, each as a small sheet of paper."""
    confirmed = Q(batches__confirmed_at__isnull=False)
    rows = (
        DocumentTemplate.objects.of(request.company)
        .annotate(sends=Count("batches", filter=confirmed), last_at=Max("batches__confirmed_at"))
        .order_by("name")
    )
    context = {
        "offered": [row for row in rows if not row.put_away_at],
        "put_away": [row for row in rows if row.put_away_at],
        "last_used": request.company.distribution.last_template_id,
        "sample": sample(request.company),
        "part": "templates",
    }
    return render(request, "invoicing/templates.html", context)


@role(Role.MANAGER)
def template_new(request):
    """A new one; it is there when it is saved."""
    return edit(request, DocumentTemplate(company=request.company))


@role(Role.VIEWER, post=Role.MANAGER)
def template(request, pk):
    """One template: everybody may look, a manager saves."""
    return edit(request, template_of(request, pk))


def template_of(request, pk):
    return get_object_or_404(DocumentTemplate.objects.of(request.company), pk=pk)


def edit(request, row):
    may_change = request.role >= Role.MANAGER
    is_new = row._state.adding
    form = TemplateForm(request.POST or None, instance=row, is_read_only=not may_change)
    if form.is_valid():
        changed = form.changed_columns()
        if is_new:
            designing.make_template(row, by=request.user)
        else:
            designing.change_template(row, changed, by=request.user)
        messages.success(request, _("Template saved.") if changed else _("Nothing was changed."))
        if lacking := form.unprintable():
            messages.warning(request, _("No font has these characters, so they are printed as boxes: %s") % lacking)
        return redirect("invoicing:template", request.company.slug, row.pk)
    if form.is_bound and not is_new:
        row.refresh_from_db()
    context = {
        "form": form,
        "template": row,
        "is_new": is_new,
        "may_change": may_change,
        "sample": sample(request.company),
        "changed": Event.objects.of(request.company).filter(about=row.pk).select_related("by").order_by("id").last(),
    }
    return render(request, "invoicing/template.html", context, status=422 if form.is_bound else 200)


@role(Role.MANAGER)
@require_POST
def template_copy(request, pk):
    copy = designing.copy_template(template_of(request, pk), by=request.user)
    messages.success(request, _("Copied. Give it a name of its own."))
    return redirect("invoicing:template", request.company.slug, copy.pk)


@role(Role.MANAGER)
@require_POST
def template_remove(request, pk):
    """Delete what nothing was sent with; put away the others."""
    row = template_of(request, pk)
    try:
        deleted = designing.remove_template(row, by=request.user)
    except designing.StillNeeded as problem:
        messages.error(request, str(problem))
        return redirect("invoicing:template", request.company.slug, pk)
    messages.success(request, (_("%s was deleted.") if deleted else _("%s was put away.")) % row.name)
    return redirect("invoicing:templates", request.company.slug)


@role(Role.MANAGER)
@require_POST
def template_take_back(request, pk):
    row = template_of(request, pk)
    designing.take_back_template(row, by=request.user)
    messages.success(request, _("%s can be chosen again.") % row.name)
    return redirect("invoicing:templates", request.company.slug)

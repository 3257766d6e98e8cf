"""Saved views: keep the filter of a list under a name, change it, delete it."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from recipients import saved_views
from recipients.actions.saved_views import delete_view, keep_view
from recipients.forms.saved_views import SavedViewForm
from recipients.models import Role, SavedView
from recipients.scope import role


@role(Role.VIEWER)
def views(request):
    """All that one may choose, by list."""
    found = SavedView.objects.of(request.company).open_to(request.user).select_related("by", "company")
    by_list = {name: {"label": each.label, "views": []} for name, each in saved_views.LISTS.items()}
    for view in found:
        if view.list in by_list:
            view.url = saved_views.address(view)
            view.may_change = may_change(request, view)
            by_list[view.list]["views"].append(view)
    groups = [group for group in by_list.values() if group["views"]]
    return render(request, "recipients/views.html", {"groups": groups})


@role(Role.VIEWER)
def view_new(request):
    """A list's filter under a name: `list` and `query`, which goes through the list's own form."""
    asked = request.POST or request.GET
    name = asked.get("list", "")
    if name not in saved_views.LISTS:
        raise Http404
    query = saved_views.cleaned(name, asked.get("query", ""))
    view = SavedView(company=request.company, by=request.user, list=name, query=query)
    form = SavedViewForm(request.POST or None, instance=view, role=request.role, auto_id="view_%s")
    if form.is_valid():
        return saved(request, form)
    back = f"{reverse(saved_views.LISTS[name].url_name, args=[request.company.slug])}?{query}"
    context = {"form": form, "view": view, "cancel_url": back, "filters": saved_views.told(name, query)}
    return page(request, context)


@role(Role.VIEWER)
def view(request, pk):
    """Change one: its owner, and a manager what is shared."""
    form = SavedViewForm(request.POST or None, instance=changeable(request, pk), role=request.role, auto_id="view_%s")
    if form.is_valid():
        return saved(request, form)
    company = request.company.slug
    context = {
        "form": form,
        "view": form.instance,
        "cancel_url": reverse("recipients:views", args=[company]),
        "delete_url": reverse("recipients:view_delete", args=[company, pk]),
        "filters": saved_views.told(form.instance.list, form.instance.query),
    }
    return page(request, context)


@role(Role.VIEWER)
@require_POST
def view_delete(request, pk):
    view = changeable(request, pk)
    delete_view(view, by=request.user)
    messages.success(request, _("The view %s is deleted.") % view.name)
    return redirect("recipients:views", request.company.slug)


def changeable(request, pk):
    """A view that this person may change; another's own view is a 404, as if it were not there."""
    ours = SavedView.objects.of(request.company).select_related("by", "company")
    if request.role < Role.MANAGER:
        return get_object_or_404(ours, pk=pk, by=request.user)
    return get_object_or_404(ours.filter(Q(by=request.user) | Q(is_shared=True)), pk=pk)


def may_change(request, view):
    return view.by_id == request.user.pk or (view.is_shared and request.role >= Role.MANAGER)


def saved(request, form):
    keep_view(form.instance, by=request.user)
    messages.success(request, _("The view %s is saved.") % form.instance.name)
    return redirect(saved_views.address(form.instance))


def page(request, context):
    template = "recipients/_view.html" if request.htmx else "recipients/view.html"
    return render(request, template, context, status=422 if context["form"].is_bound else 200)

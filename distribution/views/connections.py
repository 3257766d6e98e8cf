"""The connections of a company: the list, a new one, the form."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from distribution.actions import connecting
from distribution.connection_words import KINDS, state, where
from distribution.forms.connections import ConnectionForm, offered_kinds
from distribution.models import Connection
from recipients.confirm import confirmed
from recipients.models import Role
from recipients.scope import role


@role(Role.MANAGER)
def connections(request):
    """At most one for each method, so the list has no filters and no pages."""
    now = timezone.now()
    rows = [
        {"connection": row, "icon": KINDS[row.kind][0], "where": where(row), "state": state(row, now)}
        for row in Connection.objects.of(request.company).select_related("company").order_by("name", "id")
    ]
    return render(request, "distribution/connections.html", {"rows": rows})


@role(Role.MANAGER)
@confirmed
def connection_new(request):
    """First the kind, each with what to know about it; then, by ?kind=, the form."""
    offered, kind = offered_kinds(), request.GET.get("kind")
    if kind in offered:
        return connection_add(request, Connection(company=request.company, kind=kind))
    if kind or request.method == "POST":
        raise Http404
    kinds = [{"code": code, "label": code.label, "icon": KINDS[code][0], "text": KINDS[code][1]} for code in offered]
    has_folders = Connection.Kind.FOLDER in offered
    return render(request, "distribution/connection_new.html", {"kinds": kinds, "has_folders": has_folders})


def connection_add(request, connection):
    form = ConnectionForm(request.POST or None, instance=connection)
    if not form.is_valid():
        return show_form(request, form)
    connecting.add_connection(form.save(), by=request.user)
    messages.success(request, _("Connection added. Test it before you use it."))
    return redirect("distribution:connection", request.company.slug, connection.pk)


@role(Role.MANAGER)
@confirmed
def connection_edit(request, pk):
    connection = get_object_or_404(Connection.objects.of(request.company), pk=pk)
    form = ConnectionForm(request.POST or None, instance=connection)
    if not form.is_valid():
        return show_form(request, form)
    connecting.change_connection(form.save(), form.changed_data, by=request.user)
    messages.success(request, _("Connection saved.") if form.has_changed() else _("Nothing was changed."))
    return redirect("distribution:connection", request.company.slug, connection.pk)


def show_form(request, form):
    status = 422 if form.is_bound else 200
    stored = None if form.is_new else Connection.objects.get(pk=form.instance.pk)
    return render(request, "distribution/connection_form.html", {"form": form, "stored": stored}, status=status)

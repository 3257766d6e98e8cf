"""One connection: its test, its server's key, its pauses."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config.listing import show
from distribution.actions import braking, connecting, watching
from distribution.channels.print_profiles import PROFILES
from distribution.connection_words import (
    REASONS,
    is_being_tested,
    is_paused,
    pause,
    state,
    steps,
    tested,
    waits,
    waits_for_a_manager,
    where,
)
from distribution.models import Connection
from distribution.transports.sftp import fingerprint
from recipients import history
from recipients.confirm import confirmed
from recipients.methods import Method
from recipients.models import Event, Role
from recipients.scope import role


def of_company(request, pk):
    return get_object_or_404(Connection.objects.of(request.company).select_related("company"), pk=pk)


def back(request, pk):
    return redirect("distribution:connection", request.company.slug, pk)


@role(Role.MANAGER)
def connection(request, pk):
    """All about it; the test is asked for again every two seconds until it has ended."""
    row = of_company(request, pk)
    now = timezone.now()
    runs = is_being_tested(row)
    events = Event.objects.of(request.company).filter(about=row.pk).select_related("by").order_by("-id")[:20]
    return show(
        request,
        "distribution/connection.html",
        {
            "connection": row,
            "state": state(row, now),
            "where": where(row),
            "steps": steps(row),
            "runs": runs,
            "tested": tested(row),
            "is_stuck": runs and watching.queue_is_silent(),
            "profile": PROFILES[row.profile] if row.method == Method.CENTRAL_PRINT else None,
            "pause": pause(row, now),
            "waits": waits(braking.waiting(row)),
            "is_held": waits_for_a_manager(row),
            "is_paused": is_paused(row, now),
            "shown": fingerprint(row.shown_key) if row.shown_key else "",
            "accepted": fingerprint(row.host_key) if row.host_key else "",
            "days": history.story(list(events), REASONS) if not request.htmx else [],
        },
    )


@role(Role.MANAGER)
@require_POST
def connection_test(request, pk):
    connecting.ask_for_test(of_company(request, pk))
    return back(request, pk)


@role(Role.MANAGER)
@require_POST
@confirmed
def connection_accept(request, pk):
    """Pin the key with the fingerprint that the manager saw, and test again with it."""
    row = of_company(request, pk)
    if row.host_key and "asked" not in request.POST:
        messages.warning(request, _("Ask the other side first, and say so. Nothing was accepted."))
    elif connecting.accept_host_key(row, request.POST.get("shown", ""), by=request.user):
        connecting.ask_for_test(row)
        messages.success(request, _("Key accepted. The connection is tested with it."))
    else:
        messages.warning(request, _("The server has shown another key meanwhile. Nothing was accepted."))
    return back(request, pk)


@role(Role.MANAGER)
@require_POST
def connection_pause(request, pk):
    if connecting.pause_connection(of_company(request, pk), by=request.user):
        messages.success(request, _("Paused. What is sent over it waits until you resume."))
    return back(request, pk)


@role(Role.MANAGER)
@require_POST
def connection_resume(request, pk):
    if connecting.resume_connection(of_company(request, pk), by=request.user):
        messages.success(request, _("Resumed. What waits leaves now."))
    return back(request, pk)


@role(Role.MANAGER)
@confirmed
def connection_remove(request, pk):
    """Asks once, with the name and the consequence."""
    row = of_company(request, pk)
    if request.method != "POST":
        return render(request, "distribution/connection_remove.html", {"connection": row})
    connecting.remove_connection(row, by=request.user)
    messages.success(request, _("Connection removed."))
    return redirect("distribution:connections", request.company.slug)

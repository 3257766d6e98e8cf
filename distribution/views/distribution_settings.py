"""Distribution settings: what a company can send with, by what first, and for how long one may change one's mind."""

from typing import NamedTuple

from django.conf import settings as house
from django.contrib import messages
from django.db.models import Count
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from distribution.actions.setting_up import Stale, change_settings
from distribution.channels import CHANNELS
from distribution.channels.print_profiles import PROFILES
from distribution.connection_words import state, works
from distribution.forms.settings import RULES, SettingsForm
from distribution.models import Connection, Delivery, Settings
from distribution.relay import Closed, nothing_leaves_a_copy, relay
from distribution.resolver import rules
from distribution.tester import MOST, find, told
from distribution.what_if import WhatIf, key
from invoicing.money import currency_of
from recipients.methods import Method
from recipients.models import Company, Event, Role
from recipients.scope import role

# Why no e-mail leaves whatever the company chooses: (the sentence, is it something to mend)
CLOSED = {
    "copy": (gettext_lazy("This is a copy of the database: nothing is sent."), True),
    "no_sink": (gettext_lazy("Test mode: nothing leaves."), False),
    "no_relay": (gettext_lazy("Needs a mail relay: the operator sets it up."), True),
    "no_key": (gettext_lazy("The relay's password cannot be opened: the operator types it again."), True),
}


@role(Role.VIEWER, post=Role.MANAGER)
def settings(request):
    """Everybody in the company may look and try; a manager saves. htmx asks for the tester's answer alone."""
    may_change = request.role >= Role.MANAGER
    if request.htmx:
        return render(request, "distribution/_trial.html", trial(request, may_change))
    form = SettingsForm(request.POST or None, instance=request.company.distribution, is_read_only=not may_change)
    goes_back = "back" in request.POST
    if form.is_valid() and not goes_back:
        return store(request, form)
    status = 422 if form.errors else 200
    if form.is_bound:
        request.company.refresh_from_db()  # the page around the form shows what is stored
    return page(request, form, may_change, status)


def store(request, form):
    """Save; where it changes how what is to be sent goes, say so first and save when that is confirmed."""
    company = request.company
    before = Settings.objects.select_related("company").get(company=company)
    if rules(before) != rules(form.instance) and request.POST.get("key") != key(before, form.instance):
        found = WhatIf.of(before, form.instance)
        if found.affects:
            return ask(request, form, found)
    try:
        change_settings(form.instance, form.changed_data, before=before, by=request.user)
    except Stale:
        request.company = Company.objects.select_related("distribution").get(pk=company.pk)
        return settings(request)
    messages.success(request, _("Settings saved.") if form.has_changed() else _("Nothing was changed."))
    return redirect("distribution:settings", company.slug)


def ask(request, form, found):
    """What the change would do, as a page that holds what was typed."""
    typed = [(name, value) for name in form.fields for value in request.POST.getlist(name)]
    url = reverse("distribution:settings", args=[request.company.slug])
    return render(request, "distribution/what_if.html", {"found": found, "typed": typed, "cancel_url": url})


def page(request, form, may_change, status):
    company = request.company
    return render(
        request,
        "distribution/settings.html",
        {
            "form": form,
            "methods": methods(form, company),
            "may_change": may_change,
            "managers": [] if may_change else company.members.filter(role=Role.MANAGER).select_related("user"),
            "sending_domain": house.SENDING_DOMAIN,
            "currency": currency_of(company.country),
            "changed": Event.objects.of(company)
            .filter(about=company.pk, what="settings.changed")
            .select_related("by")
            .order_by("id")
            .last(),
            **trial(request, may_change),
        },
        status=status,
    )


def trial(request, may_change):
    """What the tester shows: {"test", "answer" or "several", "unsaved": labels of typed settings, "problem"}."""
    text = request.GET.get("test", "").strip()[:100]
    found = find(request.company, text, request.GET.get("pick", "")) if text else []
    shown = {"test": text, "several": found[:MOST] if len(found) > 1 else [], "has_more": len(found) > MOST}
    if len(found) != 1:
        return shown
    stored = Settings.objects.select_related("company").get(company=request.company)
    if not (may_change and request.htmx and "default_method" in request.GET):
        return shown | {"answer": told(found[0], stored, stored)}
    form = SettingsForm(request.GET, instance=request.company.distribution, is_read_only=False)
    for name in RULES:
        for problem in form.errors.get(name, []):
            return shown | {"problem": problem}
    unsaved = [form[name].label for name in RULES if name in form.changed_data]
    return shown | {"answer": told(found[0], form.instance, stored), "unsaved": unsaved}


def methods(form, company):
    """The ways that exist here, each with what it needs, whether it can be undone and how many wait by it."""
    waiting = Delivery.objects.of(company).stoppable().order_by().values("method").annotate(n=Count("pk"))
    counts = {row["method"]: row["n"] for row in waiting}
    active = form["active_methods"].value() or []
    return [
        {
            "code": code,
            "label": code.label,
            "fact": FACTS[code](company),
            "waiting": counts.get(code, 0),
            "active": code in active,
        }
        for code in CHANNELS
    ]


class Fact(NamedTuple):
    """What there is to say of a method, whether it is something to mend, until when it can be undone, and where a
    manager sees to it."""

    state: str
    needs: bool
    undo: str
    url: str = ""
    label: str = ""


def email(company):
    undo = _("Until it leaves")
    try:
        relay()
    except Closed as closed:
        return Fact(*CLOSED[closed.reason], undo)
    reply_to = company.distribution.reply_to or company.email
    if not reply_to:
        return Fact(_("Sender set; answers to an invoice reach nobody without a reply-to address."), True, undo)
    return Fact(_("Sender set, answers go to %s.") % reply_to, False, undo)


def own_printer(company):
    return Fact(
        _("PDFs in list order, at most %s a file, ready at once.") % house.SENDING["print_part"],
        False,
        _("Until the first download"),
    )


def central_print(company):
    undo = _("Until it leaves")
    connection = Connection.objects.of(company).filter(method=Method.CENTRAL_PRINT).first()
    if connection is None:
        url = reverse("distribution:connection_new", args=[company.slug])
        return Fact(_("Needs a connection to a print provider."), True, undo, url, _("Add a connection"))
    link = reverse("distribution:connection", args=[company.slug, connection.pk]), _("Open the connection")
    try:
        nothing_leaves_a_copy()
    except Closed as closed:
        return Fact(*CLOSED[closed.reason], undo, *link)
    said = {
        "connection": connection,
        "kind": connection.get_kind_display(),
        "provider": PROFILES[connection.profile].label,
        "state": state(connection, timezone.now())["label"],
    }
    words = _("Over %(connection)s, %(kind)s, layout %(provider)s. %(state)s.") % said
    return Fact(words, not works(connection), undo, *link)


FACTS = {Method.EMAIL: email, Method.CENTRAL_PRINT: central_print, Method.OWN_PRINTER: own_printer}

"""Distribution settings: what a company can send with, by what first, and for how long one may change one's mind."""

from django.conf import settings as house
from django.contrib import messages
from django.db.models import Count
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from distribution.actions.setting_up import change_settings
from distribution.channels import CHANNELS
from distribution.forms.settings import SettingsForm
from distribution.models import Delivery
from distribution.relay import Closed, relay
from recipients.methods import Method
from recipients.models import Event, Role
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
    """Everybody in the company may look; a manager saves."""
    company = request.company
    may_change = request.role >= Role.MANAGER
    form = SettingsForm(request.POST or None, instance=company.distribution, is_read_only=not may_change)
    if form.is_valid():
        change_settings(form.instance, form.changed_data, by=request.user)
        messages.success(request, _("Settings saved.") if form.has_changed() else _("Nothing was changed."))
        return redirect("distribution:settings", company.slug)
    if form.is_bound:
        company.refresh_from_db()  # the page around the form shows what is stored
    return render(
        request,
        "distribution/settings.html",
        {
            "form": form,
            "methods": methods(form, company),
            "may_change": may_change,
            "managers": [] if may_change else company.members.filter(role=Role.MANAGER).select_related("user"),
            "sending_domain": house.SENDING_DOMAIN,
            "changed": Event.objects.of(company)
            .filter(about=company.pk, what="settings.changed")
            .select_related("by")
            .order_by("id")
            .last(),
        },
        status=422 if form.is_bound else 200,
    )


def methods(form, company):
    """The ways that exist here, each with what it needs, whether it can be undone and how many wait by it."""
    waiting = Delivery.objects.of(company).stoppable().order_by().values("method").annotate(n=Count("pk"))
    counts = {row["method"]: row["n"] for row in waiting}
    active = form["active_methods"].value() or []
    return [
        {
            "code": code,
            "label": code.label,
            "state": state,
            "needs": needs,
            "undo": undo,
            "waiting": counts.get(code, 0),
            "active": code in active,
        }
        for code, (state, needs, undo) in ((code, FACTS[code](company)) for code in CHANNELS)
    ]


def email(company):
    """(what there is to say, is it something to mend, until when it can be undone)."""
    undo = _("Until it leaves")
    try:
        relay()
    except Closed as closed:
        return *CLOSED[closed.reason], undo
    reply_to = company.distribution.reply_to or company.email
    if not reply_to:
        return _("Sender set; answers to an invoice reach nobody without a reply-to address."), True, undo
    return _("Sender set, answers go to %s.") % reply_to, False, undo


def own_printer(company):
    return (
        _("PDFs in list order, at most %s a file, ready at once.") % house.SENDING["print_part"],
        False,
        _("Until the first download"),
    )


FACTS = {Method.EMAIL: email, Method.OWN_PRINTER: own_printer}

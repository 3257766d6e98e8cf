"""Members: who works in the company, and as what."""

from django.contrib import messages
from django.db.models.functions import Lower
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from recipients import history, person, second_factor
from recipients.actions import people
from recipients.actions.company import require_second_factor
from recipients.confirm import confirmed
from recipients.forms.login import link_wait
from recipients.forms.people import MAY, InviteForm, RoleForm
from recipients.models import Event, Member, Role
from recipients.scope import role

SHOWN = 20  # events
LAST = gettext_lazy("This is the last manager: nobody could let others in. Make somebody else a manager first.")


@role(Role.MANAGER)
def members(request):
    """Everybody, the most trusted first."""
    rows = Member.objects.of(request.company).select_related("user").order_by("-role", Lower("user__name"), "pk")
    events = Event.objects.of(request.company).filter(what__startswith="member.").select_related("by").order_by("-id")
    days = history.story(list(events[:SHOWN]), {})
    context = {"members": rows, "days": days, "holders": second_factor.holders(request.company)}
    return render(request, "recipients/members.html", context)


@role(Role.MANAGER)
@require_POST
@confirmed
def members_factor(request):
    """Ask everybody who sends for a second factor, or no longer."""
    is_required = request.POST.get("is_required") == "on"
    require_second_factor(request.company, is_required, by=request.user)
    on, off = _("Who sends needs a second factor now."), _("A password is enough to send now.")
    messages.success(request, on if is_required else off)
    return redirect("recipients:members", request.company.slug)


@role(Role.MANAGER)
@confirmed
@never_cache
def invite(request):
    """Ask somebody in. The answer shows the link once: it is stored nowhere."""
    form = InviteForm(request.POST or None, company=request.company)
    if form.is_valid():
        try:
            member = people.invite(
                request.company,
                **{name: form.cleaned_data[name] for name in ("email", "name", "role", "language")},
                origin=origin(request),
                by=request.user,
            )
        except people.AlreadyMember:
            form.add_error("email", _("This person is a member already. Change the role in the list."))
        except people.LoginClosed:
            form.add_error("email", _("This person's login is closed. Ask whoever runs Utskick to open it."))
        else:
            return invited(request, member)
    context = {"form": form, "may": [(each.label, words) for each, words in MAY.items()]}
    return render(request, "recipients/invite.html", context, status=422 if form.is_bound else 200)


def invited(request, member):
    link = people.login_link(member.user, origin(request)) if people.may_hand_over(member, by=request.user) else ""
    return render(request, "recipients/invited.html", {"member": member, "link": link})


@role(Role.MANAGER)
@confirmed
def member(request, pk):
    """One member, by the user's key: another role, the link again, the end."""
    found = of_user(request, pk)
    form = RoleForm(request.POST or None, initial={"role": found.role})
    if form.is_valid():
        try:
            people.change_role(found, form.cleaned_data["role"], by=request.user)
        except people.LastManager:
            form.add_error("role", LAST)
        else:
            person.keep_session(request)
            said = {"who": found.user, "role": Role(form.cleaned_data["role"]).label}
            messages.success(request, _("%(who)s is %(role)s now.") % said)
            if found.user == request.user and form.cleaned_data["role"] < Role.MANAGER:
                return redirect(request.company)
            return redirect("recipients:members", request.company.slug)
    context = {
        "member": found,
        "form": form,
        "may": [(each.label, words) for each, words in MAY.items()],
        "is_self": found.user == request.user,
    }
    return render(request, "recipients/member.html", context, status=422 if form.is_bound else 200)


@role(Role.MANAGER)
@require_POST
@confirmed
@never_cache
def member_link(request, pk):
    """The link again: a new one, by mail and once on the page. The old one goes on working until it is used."""
    found = of_user(request, pk)
    has_one = _("They have chosen a password already.")
    if problem := link_wait(request, found.user.email) if found.user.is_invited else has_one:
        messages.error(request, problem)
        return redirect("recipients:member", request.company.slug, pk)
    people.send_link(found, origin=origin(request), by=request.user)
    return invited(request, found)


@role(Role.MANAGER)
@require_POST
@confirmed
def member_remove(request, pk):
    found = of_user(request, pk)
    try:
        people.remove(found, by=request.user)
    except people.LastManager:
        messages.error(request, LAST)
        return redirect("recipients:member", request.company.slug, pk)
    messages.success(request, _("%s is not a member any more.") % found.user)
    return redirect("recipients:members", request.company.slug)


@role(Role.VIEWER)
def leave(request):
    """Asks once, then ends one's own membership."""
    mine = Member.objects.of(request.company).get(user=request.user)
    problem = ""
    if request.POST.get("leave"):
        try:
            people.remove(mine, by=request.user)
        except people.LastManager:
            problem = LAST
        else:
            person.keep_session(request)
            messages.success(request, _("You have left %s.") % request.company)
            return redirect("recipients:home")
    return render(request, "recipients/leave.html", {"problem": problem}, status=422 if problem else 200)


def of_user(request, pk):
    return get_object_or_404(Member.objects.of(request.company).select_related("user"), user=pk)


def origin(request):
    """Scheme and host of the house, as this request reached it."""
    return f"{request.scheme}://{request.get_host()}"

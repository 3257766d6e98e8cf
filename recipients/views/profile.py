"""Profile: what a person sets for themselves, in whichever company they work."""

from django.contrib import auth, messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from recipients import second_factor
from recipients.actions.profile import change_password, change_profile, end_sessions
from recipients.confirm import ask
from recipients.forms.login import net_address, wait
from recipients.forms.profile import PasswordForm, ProfileForm
from recipients.models import LoginAttempt, Member
from recipients.person import keep_session
from recipients.scope import enter_last
from recipients.views.session import in_language


def profile(request):
    form = ProfileForm(request.POST or None, instance=request.user)
    if form.is_valid():
        change_profile(form.instance, form.changed_data)
        with override(form.instance.language):
            messages.success(request, _("Profile saved.") if form.has_changed() else _("Nothing was changed."))
        return in_language(redirect("recipients:profile"), form.instance.language)
    if form.is_bound:
        request.user.refresh_from_db()  # the page around the form shows what is stored
    return page(request, form=form)


@sensitive_post_parameters()
def profile_password(request):
    """A new password. The other sessions of this person end."""
    if request.method != "POST":
        return redirect("recipients:profile")
    form = PasswordForm(request.user, request.POST)
    who = request.user.email, net_address(request)
    if seconds := LoginAttempt.objects.note(*who):
        form.add_error(None, wait(seconds))
    if not form.is_valid():
        return page(request, passwords=form)
    LoginAttempt.objects.forget(*who)
    change_password(request.user, form.cleaned_data["password"])
    auth.update_session_auth_hash(request, request.user)
    messages.success(request, _("Password changed. Wherever else you were logged in, you have to log in again."))
    return redirect("recipients:profile")


@require_POST
def profile_sessions(request):
    """Log out wherever else one is logged in."""
    if asked := ask(request):
        return asked
    end_sessions(request.user)
    keep_session(request)
    messages.success(request, _("Wherever else you were logged in, you have to log in again."))
    return redirect("recipients:profile")


def page(request, *, form=None, passwords=None):
    enter_last(request)
    context = {
        "form": form or ProfileForm(instance=request.user),
        "passwords": passwords or PasswordForm(request.user),
        "memberships": Member.objects.filter(user=request.user).select_related("company").order_by("company__name"),
    }
    context |= {
        "factors": [(row, second_factor.name_of(row)) for row in second_factor.factors(request.user)],
        "kinds": second_factor.kinds(request.user),
        "codes_left": second_factor.codes_left(request.user),
        "can_have_passkeys": second_factor.can_have_passkeys(request),
    }
    is_wrong = bool(passwords or (form and form.is_bound))
    return render(request, "recipients/profile.html", context, status=422 if is_wrong else 200)

"""One's second factor: set up, recovery codes, taken away. Who looks has confirmed who they are."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from config.sealing import NoKey
from recipients import person, second_factor
from recipients.actions import profile
from recipients.confirm import ask
from recipients.forms.factors import AppForm, PasskeyForm
from recipients.scope import enter_last
from recipients.views.session import next_page

SECRET = "app_secret"  # of the app that is being set up, sealed, in the session  # noqa: S105


@never_cache
@sensitive_post_parameters()
def app(request):
    """An app that shows codes: its QR code, then the first of its codes."""
    if "app" in second_factor.kinds(request.user):
        messages.info(request, _("You have an app already. Remove it first to set up another one."))
        return redirect("recipients:profile")
    if request.method != "POST" and not person.is_confirmed(request):
        return to_confirm(request)
    try:
        secret = secret_of(request)
        form = AppForm(request.POST or None)
        if form.is_valid():
            if profile.add_app(request.user, secret, form.cleaned_data["code"]):
                del request.session[SECRET]
                return added(request, _("From now on the login asks for a code of your app."))
            wrong = _("This is not the code that the app shows now. If it is, the clock of the phone is wrong.")
            form.add_error("code", wrong)
    except NoKey as error:
        return page(request, "recipients/app.html", {"problem": error}, status=422)
    context = {"form": form, "picture": second_factor.picture(request.user, secret), "secret": in_fours(secret)}
    return page(request, "recipients/app.html", context, status=422 if form.is_bound else 200)


def secret_of(request):
    """The same one however often the page is loaded, until the app is set up."""
    if SECRET not in request.session:
        request.session[SECRET] = second_factor.Adapter().encrypt(second_factor.new_secret())
    return second_factor.Adapter().decrypt(request.session[SECRET])


def in_fours(text):
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


@never_cache
def passkey(request):
    """A passkey: the browser makes it, allauth's script hands over what it says."""
    if not second_factor.can_have_passkeys(request):
        return page(request, "recipients/passkey.html", {"is_impossible": True})
    if request.method != "POST" and not person.is_confirmed(request):
        return to_confirm(request)
    form = PasskeyForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        name = given["name"] or _("Passkey")
        if profile.add_passkey(request.user, name, given["credential"], alone=given["alone"]):
            return added(request, _("From now on the login asks for your passkey."))
        form.add_error(None, _("The browser did not make a passkey that fits. Try again."))
    context = {"form": form, "passkey_question": second_factor.begin_passkey(request.user)}
    return page(request, "recipients/passkey.html", context, status=422 if form.is_bound else 200)


def added(request, text):
    """Other sessions have ended; this one goes on, and shows recovery codes when they are new."""
    person.keep_session(request)
    messages.success(request, text)
    goal = next_page(request)
    if second_factor.were_codes_seen(request.user):
        return redirect(goal or "recipients:profile")
    return redirect(f"{reverse('recipients:profile_codes')}?{urlencode({'next': goal})}")


@never_cache
def codes(request):
    """Recovery codes are shown once; POST makes new ones."""
    if not second_factor.has_factor(request.user):
        return redirect("recipients:profile")
    if request.method == "POST":
        if asked := ask(request):
            return asked
        profile.new_codes(request.user)
        return redirect("recipients:profile_codes")
    if not person.is_confirmed(request):
        return to_confirm(request)
    shown = [in_fours(code) for code in second_factor.codes_to_show(request.user)]
    context = {"codes": shown, "left": second_factor.codes_left(request.user), "goal": next_page(request)}
    return page(request, "recipients/codes.html", context)


@never_cache
def remove(request, pk):
    """Asks once, with what it means."""
    factor = get_object_or_404(second_factor.factors(request.user), pk=pk)
    if request.method != "POST":
        is_last = second_factor.factors(request.user).count() == 1
        return page(
            request, "recipients/factor_remove.html", {"name": second_factor.name_of(factor), "is_last": is_last}
        )
    if asked := ask(request):
        return asked
    profile.remove_factor(request.user, factor)
    person.keep_session(request)
    messages.success(request, _("Removed."))
    return redirect("recipients:profile")


def to_confirm(request):
    return redirect(f"{reverse('recipients:confirm')}?{urlencode({'next': request.get_full_path()})}")


def page(request, template, context, *, status=200):
    enter_last(request)
    return render(request, template, {"next": next_page(request), **context}, status=status)

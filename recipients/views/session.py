"""Coming in, going out, and where one lands."""

import time

from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.decorators import login_not_required
from django.http import JsonResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from recipients import person, second_factor
from recipients.confirm import ask_page
from recipients.forms.login import FactorForm, LoginForm, PasskeyLoginForm
from recipients.models import User
from recipients.scope import last_company

LOGIN_TIME = 600  # seconds from the password to the second step


@login_not_required
@never_cache
@sensitive_post_parameters()
def login(request):
    if request.htmx:
        # The session ended under an open page: the whole page goes to the login and comes back here.
        return HttpResponseClientRedirect(f"{reverse('recipients:login')}?{urlencode({'next': page_of(request)})}")
    goal = next_page(request)
    if request.method == "GET" and request.user.is_authenticated:
        return redirect(goal or settings.LOGIN_REDIRECT_URL)
    form = LoginForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        return come_in(request, form.get_user(), goal)
    return login_page(request, form, goal, status=429 if form.must_wait else None)


def login_page(request, form, goal, *, problems=(), status=None):
    can_have_passkeys = second_factor.can_have_passkeys(request)
    context = {"form": form, "next": goal, "problems": problems, "can_have_passkeys": can_have_passkeys}
    return render(request, "recipients/login.html", context, status=status)


def come_in(request, user, goal=""):
    """After the right password, or a link: to the second step if there is one, else in."""
    if not second_factor.has_factor(user):
        return let_in(request, user, goal)
    request.session.cycle_key()
    request.session["second_step"] = {
        "user": str(user.pk), "hash": user.get_session_auth_hash(), "at": time.time(), "next": goal,
    }  # fmt: skip
    return redirect("recipients:second_step")


def let_in(request, user, goal):
    auth.login(request, user, settings.AUTHENTICATION_BACKENDS[0])
    return in_language(redirect(goal or settings.LOGIN_REDIRECT_URL), user.language)


@login_not_required
@never_cache
@sensitive_post_parameters()
def second_step(request):
    """The code or the passkey of who has given the right password."""
    user = at_second_step(request)
    if user is None:
        messages.info(request, _("That took too long. Log in again."))
        return redirect("recipients:login")
    form = FactorForm(user, request.POST or None)
    if form.is_bound and form.is_valid():
        goal = request.session.pop("second_step")["next"]
        return let_in(request, user, goal)
    status = 429 if form.must_wait else 422 if form.is_bound else 200
    return render(request, "recipients/second_step.html", {"form": form, **form.passkey(request)}, status=status)


def at_second_step(request):
    """Who gave the password a while ago, or None. A new password or a closed login ends it."""
    waits = request.session.get("second_step")
    if not waits or time.time() - waits["at"] > LOGIN_TIME:
        return None
    user = User.objects.filter(pk=waits["user"], is_active=True).first()
    return user if user and constant_time_compare(waits["hash"], user.get_session_auth_hash()) else None


@login_not_required
@never_cache
def passkey_login(request):
    """A passkey that its holder has unlocked is two factors by itself. allauth's script asks for the question (GET)."""
    if request.method != "POST":
        return JsonResponse(second_factor.ask_passkey())
    goal = next_page(request)
    form = PasskeyLoginForm(request, request.POST)
    if form.is_valid():
        return let_in(request, form.user, goal)
    problems = form.non_field_errors() or [_("This passkey opens nothing here. Log in with your password.")]
    return login_page(request, LoginForm(request), goal, problems=problems, status=429 if form.must_wait else 422)


@never_cache
@sensitive_post_parameters()
def confirm(request):
    """Asks who one is, then goes on to a page that shows or makes secrets."""
    goal = next_page(request)
    if person.is_confirmed(request):
        return redirect(goal or settings.LOGIN_REDIRECT_URL)
    return ask_page(request, goal) or redirect(goal or settings.LOGIN_REDIRECT_URL)


def in_language(response, language):
    """The cookie speaks for the person where nobody is logged in, and on pages that do not exist."""
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax", secure=settings.SECURE)
    return response


def next_page(request):
    """The `next` of the form or the address, when it is a page of this house."""
    goal = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(goal, {request.get_host()}, require_https=request.is_secure())
    return goal if ours else ""


def page_of(request):
    """Path and query of the page that htmx asked from."""
    return person.page_under(request) or resolve_url(settings.LOGIN_REDIRECT_URL)


@require_POST
def logout(request):
    auth.logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


def home(request):
    """The company that one worked in last, else the first; or a page that says that there is none."""
    company = last_company(request)
    return redirect(company) if company else render(request, "recipients/home.html")

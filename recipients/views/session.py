"""Coming in, going out, and where one lands."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from recipients.forms.login import LoginForm
from recipients.scope import last_company


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
        user = form.get_user()
        auth.login(request, user)
        return in_language(redirect(goal or settings.LOGIN_REDIRECT_URL), user.language)
    return render(
        request, "recipients/login.html", {"form": form, "next": goal}, status=429 if form.must_wait else None
    )


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
    page = urlsplit(request.htmx.current_url or "")
    return page._replace(scheme="", netloc="", fragment="").geturl() or resolve_url(settings.LOGIN_REDIRECT_URL)


@require_POST
def logout(request):
    auth.logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


def home(request):
    """The company that one worked in last, else the first; or a page that says that there is none."""
    company = last_company(request)
    return redirect(company) if company else render(request, "recipients/home.html")

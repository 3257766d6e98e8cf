"""Who does what has consequences is asked again who they are, and in a careful company for a second factor.

Nothing that was typed is kept on the server meanwhile, and nothing of it is lost: the page that asks carries the fields
of the form, and posts them with the answer to the same address.
"""

from functools import wraps

from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import urlencode

from config.listing import show

from . import person, second_factor
from .forms.login import CONFIRM, confirm_form
from .scope import enter_last, lacks_factor

SAFE = ("GET", "HEAD", "OPTIONS")


def with_factor(view):
    """For views that send."""

    @wraps(view)
    def asking(request, *args, **kwargs):
        return factor_missing(request) or view(request, *args, **kwargs)

    return asking


def confirmed(view):
    """For views that change credentials, members and roles. A page is shown without; its form is taken only with."""

    @wraps(view)
    def asking(request, *args, **kwargs):
        return (
            factor_missing(request) or (request.method not in SAFE and ask(request)) or view(request, *args, **kwargs)
        )

    return asking


def factor_missing(request):
    """The page that says how to get one, or None when it is not needed."""
    return say_factor_missing(request) if lacks_factor(request) else None


def say_factor_missing(request):
    # A page that is asked for is where one goes on; giving up leads to a page that does not ask again.
    is_page = request.method == "GET" and not request.htmx
    back = request.get_full_path() if is_page else page_under(request)
    said = {
        "cancel_url": request.company.get_absolute_url() if is_page and request.company else page_under(request),
        "app_url": f"{reverse('recipients:profile_app')}?{urlencode({'next': back})}",
        "passkey_url": f"{reverse('recipients:profile_passkey')}?{urlencode({'next': back})}",
        "can_have_passkeys": second_factor.can_have_passkeys(request),
    }
    return show(request, "recipients/factor_missing.html", said, status=422 if request.htmx else 403)


def ask(request, *, back=""):
    """The page that asks, or None when who is at the screen has shown it lately, or does so with this very request.

    `back` is where a form that cannot be carried along may be begun anew; without it, the page that it stands on.
    """
    if person.is_confirmed(request):
        return None
    is_answer = any(name.startswith(f"{CONFIRM}-") for name in request.POST)
    form = confirm_form(request, request.POST if is_answer else None)
    if form.is_bound and form.is_valid():
        person.confirm(request)
        request.session.cycle_key()
        return None
    if not request.company:
        enter_last(request)
    back = back or page_under(request)
    context = {
        "form": form,
        "kept": kept(request),
        "action": request.get_full_path(),
        "back": back,
        "alone_url": f"{reverse('recipients:confirm')}?{urlencode({'next': back})}",
        **form.passkey(request),
    }
    response = show(request, "recipients/confirm.html", context, status=429 if form.must_wait else 422)
    add_never_cache_headers(response)
    return response


def ask_page(request, goal):
    """A page of its own that asks, then goes on; None once that is done."""
    form = confirm_form(request, request.POST or None)
    if form.is_bound and form.is_valid():
        person.confirm(request)
        request.session.cycle_key()
        return None
    enter_last(request)
    context = {
        "form": form,
        "kept": [("next", goal)],
        "action": reverse("recipients:confirm"),
        "back": reverse("recipients:profile"),
    }
    status = 429 if form.must_wait else 422 if form.is_bound else 200
    response = render(request, "recipients/confirm.html", context | form.passkey(request), status=status)
    add_never_cache_headers(response)
    return response


def kept(request):
    """[(name, value)] of what was typed, without the answer itself."""
    own = ("csrfmiddlewaretoken", f"{CONFIRM}-")
    return [(name, value) for name, values in request.POST.lists() for value in values if not name.startswith(own)]


def page_under(request):
    """The page that a form or a fragment was sent from, as a path of this house; else the start page."""
    return person.page_under(request) or reverse("recipients:home")

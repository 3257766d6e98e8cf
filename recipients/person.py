"""What a request takes from the person who makes it: their language, and a session that does not lie open for ever."""

from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime

NOTED_EVERY = timedelta(minutes=5)  # not at each page: it is a write


class Person:
    """Before django.contrib.auth's LoginRequiredMiddleware: who comes back too late has to log in again."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        # Probes answer also when the database does not.
        if not getattr(view, "login_required", True) or not request.user.is_authenticated:
            return
        if self.came_too_late(request):
            auth.logout(request)
            return
        translation.activate(request.user.language)
        request.LANGUAGE_CODE = request.user.language

    def came_too_late(self, request):
        """What a page asks for by itself (htmx) is no sign of a person. Nobody stays for ever, however busy."""
        came_in_at = parse_datetime(request.session.get("came_in_at", ""))
        if came_in_at and timezone.now() - came_in_at > timedelta(seconds=settings.SESSION_COOKIE_AGE):
            return True
        seen_at = parse_datetime(request.session.get("seen_at", "")) or timezone.now()
        away = timezone.now() - seen_at
        if away > timedelta(seconds=settings.SESSION_IDLE):
            return True
        if not request.htmx and (away > NOTED_EVERY or "seen_at" not in request.session):
            note(request)
        return False


def note(request):
    request.session["seen_at"] = timezone.now().isoformat()


def confirm(request):
    """Who is at the screen has just shown it."""
    request.session["confirmed_at"] = timezone.now().isoformat()


def is_confirmed(request):
    """Whether that was within SESSION_CONFIRMED."""
    at = parse_datetime(request.session.get("confirmed_at", ""))
    return bool(at) and timezone.now() - at <= timedelta(seconds=settings.SESSION_CONFIRMED)


def keep_session(request):
    """Where a person ends their own sessions, they stay logged in."""
    request.user.refresh_from_db(fields=["password", "session_epoch"])
    auth.update_session_auth_hash(request, request.user)


def page_under(request):
    """Path and query of the page that a form or a fragment was asked from, or ""."""
    page = urlsplit((request.htmx and request.htmx.current_url) or request.headers.get("Referer", ""))
    is_ours = page.netloc == request.get_host()
    return page._replace(scheme="", netloc="", fragment="").geturl() if is_ours else ""


@receiver(user_logged_in)
def came_in(sender, request, user, **_signal):
    request.session["came_in_at"] = timezone.now().isoformat()
    confirm(request)
    note(request)

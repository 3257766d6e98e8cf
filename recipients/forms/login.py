"""Login and the forgotten password: one answer for everything that is wrong, a wait after too many attempts."""

from math import ceil

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from recipients.models import LoginAttempt

NEUTRAL = _("This e-mail address and password do not belong together. Check both.")


class LoginForm(AuthenticationForm):
    """E-mail address and password. One answer for everything that is wrong, and a wait after too many attempts."""

    username = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"})
    )
    error_messages = {"invalid_login": NEUTRAL, "inactive": NEUTRAL}
    must_wait = False

    def clean(self):
        email = self.cleaned_data.get("username")
        if not email:
            return self.cleaned_data
        who = email, net_address(self.request)
        if seconds := LoginAttempt.objects.note(*who):
            self.must_wait = True
            raise ValidationError(wait(seconds))
        cleaned = super().clean()
        LoginAttempt.objects.forget(*who)
        return cleaned


class PasswordLinkForm(forms.Form):
    """Whose password is to be chosen anew."""

    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"})
    )
    must_wait = False

    def __init__(self, request, data=None):
        super().__init__(data)
        self.request = request

    def clean(self):
        email = self.cleaned_data.get("email")
        if email and (words := link_wait(self.request, email)):
            self.must_wait = True
            raise ValidationError(words)
        return self.cleaned_data


def link_wait(request, email):
    """Count a link that is asked for; why one has to wait first, or ""."""
    seconds = LoginAttempt.objects.note(email, net_address(request), door="password")
    return wait(seconds) if seconds else ""


def wait(seconds):
    """What somebody hears who tried too often."""
    minutes = ceil(seconds / 60)
    words = ngettext(
        "Too many attempts. Try again in %(n)s minute.", "Too many attempts. Try again in %(n)s minutes.", minutes
    )
    return words % {"n": minutes}


def net_address(request):
    """Where the request came from: behind our own proxy the address that the proxy saw."""
    seen = request.META.get("REMOTE_ADDR", "")
    if settings.SECURE_PROXY_SSL_HEADER:
        seen = request.headers.get("X-Forwarded-For", seen).rpartition(",")[2].strip()
    return seen[:45]

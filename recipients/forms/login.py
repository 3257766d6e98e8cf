"""Login and the forgotten password: one answer for everything that is wrong, a wait after too many attempts."""

from math import ceil

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from config.sealing import NoKey
from recipients import second_factor
from recipients.models import LoginAttempt

PASSKEY_ANSWER = "passkey-answer"  # the id by which the script finds the field, whatever the prefix of the form is
CONFIRM = "confirm"  # begins the names of the fields that confirm who one is
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


class FactorForm(forms.Form):
    """The second step: a code, or what the browser says of a passkey. Whoever is here knows the password."""

    code = forms.CharField(
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    credential = forms.JSONField(required=False, widget=forms.HiddenInput)
    must_wait = False

    def __init__(self, user, data=None, **kwargs):
        super().__init__(data, **kwargs)
        self.user, self.has = user, second_factor.kinds(user)
        self.fields["code"].label = _("Code from your app") if "app" in self.has else _("Recovery code")
        if {"app", "codes"} <= self.has:
            self.fields["code"].help_text = _("Or one of your recovery codes.")
        self.fields["credential"].widget.attrs["id"] = PASSKEY_ANSWER

    def passkey(self, request):
        """For the template: what the browser is asked, when there is a passkey to ask for."""
        if "passkey" not in self.has or not second_factor.can_have_passkeys(request):
            return {}
        return {"passkey_question": second_factor.ask_passkey(self.user)}

    def clean(self):
        # By person and not by address of the net: nobody else gets this far, so nobody is locked out by a stranger.
        who = self.user.email, f"user {self.user.pk.hex}"
        if seconds := LoginAttempt.objects.note(*who, door="factor"):
            self.must_wait = True
            raise ValidationError(wait(seconds))
        if not self.fits():
            raise ValidationError(_("This is not right, or it has been used already. Take the code that is shown now."))
        LoginAttempt.objects.forget(*who, door="factor")
        return self.cleaned_data

    def fits(self):
        try:
            if credential := self.cleaned_data.get("credential"):
                return second_factor.shown_passkey(credential, self.user) is not None
            return second_factor.takes(self.user, self.cleaned_data.get("code", ""))
        except NoKey as error:
            raise ValidationError(_("Codes cannot be checked now. Tell whoever runs Utskick: %s") % error) from error


class PasswordAgainForm(forms.Form):
    """One's own password, by who is logged in."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autofocus": True, "autocomplete": "current-password"}),
    )
    must_wait = False

    def __init__(self, user, data=None, *, request, **kwargs):
        super().__init__(data, **kwargs)
        self.user, self.request = user, request

    def passkey(self, request):
        return {}

    def clean_password(self):
        who = self.user.email, net_address(self.request)
        if seconds := LoginAttempt.objects.note(*who):
            self.must_wait = True
            raise ValidationError(wait(seconds))
        if not self.user.check_password(self.cleaned_data["password"]):
            raise ValidationError(_("This is not your password. Type the one that you log in with."))
        LoginAttempt.objects.forget(*who)
        return self.cleaned_data["password"]


def confirm_form(request, data=None):
    """What shows that it is you: the second factor of who has one, for a thief may know the password; else that."""
    if second_factor.has_factor(request.user):
        return FactorForm(request.user, data, prefix=CONFIRM)
    return PasswordAgainForm(request.user, data, request=request, prefix=CONFIRM)


class PasskeyLoginForm(forms.Form):
    """A passkey instead of a password. `user` is whose it is."""

    credential = forms.JSONField(widget=forms.HiddenInput)
    must_wait = False

    def __init__(self, request, data):
        super().__init__(data)
        self.request = request

    def clean(self):
        who = "", net_address(self.request)
        if seconds := LoginAttempt.objects.note(*who, door="passkey"):
            self.must_wait = True
            raise ValidationError(wait(seconds))
        shown = second_factor.shown_passkey(self.cleaned_data.get("credential") or {})
        if shown is None or not shown.user.is_active:
            raise ValidationError(_("This passkey opens nothing here. Log in with your password."))
        LoginAttempt.objects.forget(*who, door="passkey")
        self.user = shown.user
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

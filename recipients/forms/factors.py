"""Setting up a second factor."""

from django import forms
from django.utils.translation import gettext_lazy as _

from recipients.forms.login import PASSKEY_ANSWER


class AppForm(forms.Form):
    """The first code of an app shows that it has the secret."""

    code = forms.CharField(
        label=_("The six digits that the app shows"),
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class PasskeyForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        required=False,
        help_text=_("By which you know it again, such as “Office laptop”."),
    )
    alone = forms.BooleanField(
        label=_("Log in with it alone, without the password"),
        required=False,
        initial=True,
        help_text=_("The device then asks for a finger, a face or its PIN each time."),
    )
    credential = forms.JSONField(widget=forms.HiddenInput(attrs={"id": PASSKEY_ANSWER}))

"""Colleagues: asked in, and the role that each has."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from recipients.models import Member, Role

# What each role may do, in the words of the page
MAY = {
    Role.VIEWER: _("Looks and downloads."),
    Role.CLERK: _("Imports, sends, undoes, edits cards."),
    Role.APPROVER: _("Also gives the second yes."),
    Role.MANAGER: _("Also sets up the company and lets people in."),
}


def role_field():
    return forms.TypedChoiceField(
        coerce=int,
        label=_("Role"),
        choices=[(role.value, role.label) for role in Role],
        help_text=_("Each role may do what the one before it may."),
    )


class InviteForm(forms.Form):
    """Not a form of a User: an address that somebody has is no mistake."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "off"}),
        error_messages={"invalid": _("Type one e-mail address: name@domain.")},
    )
    name = forms.CharField(label=_("Name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    role = role_field()
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("Of the invitation, and of the pages until they choose another one."),
    )

    def __init__(self, data, *, company):
        super().__init__(data, initial={"language": company.language, "role": Role.CLERK})
        self.company = company

    def clean_email(self):
        email = self.cleaned_data["email"]
        if Member.objects.of(self.company).filter(user__email__iexact=email).exists():
            raise forms.ValidationError(_("This person is a member already. Change the role in the list."))
        return email


class RoleForm(forms.Form):
    role = role_field()

"""Colleagues: asked in, and the role that each has."""

from django import forms
from django.utils.translation import gettext_lazy as _

from recipients.models import Member, Role, User

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


class InviteForm(forms.ModelForm):
    role = role_field()

    class Meta:
        model = User
        fields = ["email", "name", "language"]
        labels = {"email": _("E-mail address"), "name": _("Name"), "language": _("Language")}
        help_texts = {"language": _("Of the invitation, and of the pages until they choose another one.")}
        error_messages = {"email": {"invalid": _("Type one e-mail address: name@domain.")}}

    def __init__(self, data, *, company):
        super().__init__(data, initial={"language": company.language, "role": Role.CLERK})
        self.company = company
        self.fields["email"].widget.attrs |= {"autofocus": True, "autocomplete": "off"}
        self.fields["name"].widget.attrs["autocomplete"] = "off"
        self.order_fields(["email", "name", "role", "language"])

    def clean_email(self):
        email = self.cleaned_data["email"].strip()
        if Member.objects.of(self.company).filter(user__email__iexact=email).exists():
            raise forms.ValidationError(_("This person is a member already. Change the role in the list."))
        return email

    def validate_unique(self):
        """An address that somebody has is no mistake: they become a member with the login that they have."""

    validate_constraints = validate_unique


class RoleForm(forms.Form):
    role = role_field()

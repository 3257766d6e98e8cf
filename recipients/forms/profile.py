"""What people say about themselves."""

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.utils.translation import gettext_lazy as _

from recipients.actions.profile import change_password
from recipients.models import Theme, User


class ProfileForm(forms.ModelForm):
    theme = forms.ChoiceField(required=False, label=_("Theme"), choices=Theme.choices, widget=forms.RadioSelect)

    class Meta:
        model = User
        fields = ["name", "language", "theme", "has_compact_lists", "has_shortcuts"]
        labels = {
            "name": _("Name"),
            "language": _("Language"),
            "has_compact_lists": _("Compact lists"),
            "has_shortcuts": _("Single-key shortcuts"),
        }
        help_texts = {
            "name": _("It stands in the history of all that you do."),
            "language": _("Of the pages, and of the e-mails that you get. Invoices follow their recipients."),
            "has_compact_lists": _("Lower rows, so that more of them are in sight."),
            "has_shortcuts": _("One key without Ctrl, such as S for Send. Press ? on a page to see which it has."),
        }
        widgets = {
            "has_compact_lists": forms.CheckboxInput(attrs={"class": "switch"}),
            "has_shortcuts": forms.CheckboxInput(attrs={"class": "switch"}),
        }


class NewPasswordForm(forms.Form):
    """A password, typed twice because nobody sees it."""

    password = forms.CharField(
        label=_("New password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    again = forms.CharField(
        label=_("New password again"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, user, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["password"].help_text = " ".join(password_validators_help_texts())

    def clean_password(self):
        password = self.cleaned_data["password"]
        validate_password(password, self.user)
        return password

    def save(self):
        """As Django's own view of the link calls it."""
        change_password(self.user, self.cleaned_data["password"])
        return self.user

    def clean(self):
        data = super().clean()
        if "password" in data and "again" in data and data["password"] != data["again"]:
            self.add_error("again", _("The two are not the same. Type the new password twice."))
        return data


class PasswordForm(NewPasswordForm):
    """One's own, by who knows the old one."""

    old = forms.CharField(
        label=_("Password now"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    field_order = ["old", "password", "again"]

    def clean_old(self):
        if not self.user.check_password(self.cleaned_data["old"]):
            raise forms.ValidationError(_("This is not your password. Type the one that you log in with."))
        return self.cleaned_data["old"]

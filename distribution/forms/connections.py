"""A company's connection: its kind first, then the fields of that kind."""

import posixpath
import ssl

from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.sealing import NoKey, keyring
from distribution.channels.print_profiles import PROFILES
from distribution.models import Connection
from distribution.transports.sftp import read_private_key
from recipients.methods import Method

Kind = Connection.Kind
METHODS = [Method.CENTRAL_PRINT]  # what a connection may be for
SERVER = ["host", "port", "username", "password"]
FOLDERS = ["folder", "temporary_folder"]
TLS = ["authority", "is_tls12_only"]
WHAT = ["name", "method", "profile"]
FIELDS = {
    Kind.SFTP: [*WHAT, *SERVER, "private_key", *FOLDERS],
    Kind.FTPS: [*WHAT, *SERVER, *FOLDERS, *TLS],
    Kind.HTTPS: [*WHAT, "host", "port", "folder", "username", "password", "is_idempotent", "authority"],
    Kind.FOLDER: [*WHAT, *FOLDERS],
    Kind.FTP: [*WHAT, *SERVER, *FOLDERS, "is_confirmed_insecure"],
}
SERVERS_WITH_FOLDERS = [Kind.SFTP, Kind.FTPS, Kind.FTP]  # HTTPS answers nothing; a Folder is below the company's own
PORTS = {Kind.SFTP: 22, Kind.FTPS: 21, Kind.HTTPS: 443, Kind.FTP: 21}
ONE_LINE = RegexValidator(r"[\x00-\x1f\x7f]", _("Type it on one line, without control characters."), inverse_match=True)
HOST = RegexValidator(
    r"^(?:[A-Za-z0-9_.-]+|[0-9A-Fa-f:.]+)\Z",
    _("Type the server's name alone: sftp.example.com, without sftp:// before it and without a path behind it."),
)


class SecretTextarea(forms.Textarea):
    """Goes in and never comes out, not even in a form with errors."""

    def format_value(self, value):
        return ""


class ConnectionForm(forms.ModelForm):
    """A connection of one kind. Secrets are write-only: an empty field keeps the stored one."""

    method = forms.ChoiceField(label=_("Delivery method"), choices=[(method, method.label) for method in METHODS])
    profile = forms.ChoiceField(
        label=_("How the provider takes letters"),
        error_messages={"invalid_choice": _("Choose one that is offered: over HTTPS a parcel goes as one file.")},
        help_text=_("Ask them which. Files that the provider does not know are not printed."),
    )
    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        max_length=1000,
        validators=[ONE_LINE],
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    private_key = forms.CharField(
        label=_("Private key"),
        required=False,
        max_length=20_000,
        widget=SecretTextarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("OpenSSH or PEM, without a passphrase. Instead of the password, or beside it."),
    )

    class Meta:
        model = Connection
        fields = [
            "name", "method", "profile", "host", "port", "username", *FOLDERS, *TLS, "is_idempotent",
            "is_confirmed_insecure",
        ]  # fmt: skip
        labels = {
            "name": _("Name"),
            "host": _("Server"),
            "port": _("Port"),
            "username": _("User name"),
            "folder": _("Folder"),
            "temporary_folder": _("Folder for unfinished files"),
            "authority": _("Certificate of the authority"),
            "is_tls12_only": _("At most TLS 1.2"),
            "is_idempotent": _("They remove doubles by the key of the request"),
            "is_confirmed_insecure": _("Send over FTP without encryption"),
        }
        help_texts = {
            "name": _("What you call it: the print provider's name, for instance."),
            "temporary_folder": _("Beside or below the folder. Empty: the same folder, under a hidden name."),
            "authority": _("PEM. Only when the server's certificate comes from an authority of their own."),
            "is_tls12_only": _("For older servers that break off the data line with TLS 1.3."),
            "is_idempotent": _(
                "Only when they say so: the header Idempotency-Key. Then a lost answer is asked for again, "
                "else it becomes a delivery in doubt."
            ),
            "is_confirmed_insecure": _("I know that user name, password and every document can be read on the way."),
        }
        widgets = {"authority": forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})}

    def __init__(self, data=None, *, instance):
        super().__init__(data, instance=instance)
        self.kind = Kind(instance.kind)
        self.is_new = instance._state.adding
        self.fields = {name: self.fields[name] for name in FIELDS[self.kind]}
        self.fields["name"].required = True
        offered = PROFILES.items()
        if self.kind == Kind.HTTPS:
            offered = [(code, profile) for code, profile in offered if profile.is_one_file]
        self.fields["profile"].choices = [(code, profile.label) for code, profile in offered]
        for name in ("username", "folder", "temporary_folder", "name"):
            if name in self.fields:
                self.fields[name].validators.append(ONE_LINE)
        if "host" in self.fields:
            self._ask_for_a_server()
        if self.kind == Kind.FOLDER:
            self.fields["folder"].help_text = _("Below the folder that the operator keeps for this company.")
        if self.kind == Kind.HTTPS:
            self.fields["folder"].label = _("Path")
            self.fields["folder"].help_text = _("What stands behind the server's name: /in/orders")
            self.fields["password"].help_text = _("Without a user name it is sent as a bearer token.")
            self.fields["password"].label = _("Password or token")
        if self.kind == Kind.FTP:
            self.fields["is_confirmed_insecure"].required = True
            self.fields["is_confirmed_insecure"].error_messages["required"] = _(
                "Confirm it, or choose SFTP or FTPS instead."
            )
        for name, stored in (("password", instance.secret), ("private_key", instance.key_secret)):
            if stored and name in self.fields:
                self.fields[name].tag = _("stored")
                self.fields[name].help_text = _("Write-only. Leave it empty to keep the stored one.")

    def _ask_for_a_server(self):
        host, port = self.fields["host"], self.fields["port"]
        host.required = port.required = True
        host.validators.append(HOST)
        host.widget.attrs |= {"autocapitalize": "off", "spellcheck": "false"}
        port.validators += [MinValueValidator(1), MaxValueValidator(65535)]
        if self.is_new:
            port.initial = self.initial["port"] = PORTS[self.kind]
        self.fields["username"].required = self.kind != Kind.HTTPS

    def clean_method(self):
        method = self.cleaned_data["method"]
        others = Connection.objects.of(self.instance.company).filter(method=method).exclude(pk=self.instance.pk)
        if other := others.first():
            words = _("%(method)s has a connection already: %(name)s. Change that one, or remove it first.")
            raise forms.ValidationError(words % {"method": Method(method).label, "name": other})
        return method

    def clean_folder(self):
        return self._without_ways_up("folder")

    def clean_temporary_folder(self):
        return self._without_ways_up("temporary_folder")

    def _without_ways_up(self, name):
        folder = self.cleaned_data[name]
        if self.kind == Kind.FOLDER and ".." in folder.split("/"):
            raise forms.ValidationError(_("The folder lies below the company's own: type it without “..”."))
        return folder

    def clean_private_key(self):
        text = self.cleaned_data["private_key"].replace("\r\n", "\n").strip()
        if not text:
            return ""
        try:
            read_private_key(text + "\n")
        except ValueError as error:
            words = _("This is no private key, or one with a passphrase. Paste the whole file, from BEGIN to END.")
            raise forms.ValidationError(words) from error
        return text + "\n"

    def clean_authority(self):
        text = self.cleaned_data["authority"].strip()
        try:
            if text:
                ssl.create_default_context(cadata=text)
        except (ssl.SSLError, ValueError) as error:
            words = _("This is no certificate. Paste the whole PEM text, from BEGIN CERTIFICATE to END CERTIFICATE.")
            raise forms.ValidationError(words) from error
        return text

    def clean(self):
        data = super().clean()
        typed = [name for name in ("password", "private_key") if data.get(name)]
        stored = bool(self.instance.secret or self.instance.key_secret)
        if typed:
            try:
                keyring()
            except NoKey as error:
                self.add_error(typed[0], str(error))
        elif stored and {"host", "port"} & set(self.changed_data):
            # Else whoever may change a connection could have the stored password sent to a server of theirs.
            self.add_error(
                "password",
                _("The server has changed. Type the password again: a stored one goes to its own server only."),
            )
        elif not stored and self.kind in (Kind.SFTP, Kind.FTPS, Kind.FTP):
            both = _("Type a password, or paste a private key.")
            self.add_error("password", both if self.kind == Kind.SFTP else _("Type the password."))
        if self.kind in SERVERS_WITH_FOLDERS and not self.errors and self._meets_another_company():
            # Each would file away the other's answers as unmatched. Whose the other one is, is nobody's business.
            words = _(
                "This folder is in use by another connection of this installation. Ask the provider for a folder, or a "
                "user name, for this company alone."
            )
            self.add_error("folder", words)
        return data

    def _meets_another_company(self):
        """Whether another company's letters or answers lie where this one's are to lie."""
        data = self.cleaned_data
        host = data["host"].rstrip(".")
        others = Connection.objects.exclude(company=self.instance.company).filter(
            Q(host__iexact=host) | Q(host__iexact=f"{host}."), company__isnull=False, kind__in=SERVERS_WITH_FOLDERS,
            port=data["port"], username=data["username"],
        )  # fmt: skip
        mine = folders_of(data["folder"], data["profile"])
        return any(mine & folders_of(*theirs) for theirs in others.values_list("folder", "profile"))

    def save(self, commit=False):
        """Fills the instance; an action stores it."""
        if self.cleaned_data.get("password"):
            self.instance.set_password(self.cleaned_data["password"])
        if self.cleaned_data.get("private_key"):
            self.instance.set_private_key(self.cleaned_data["private_key"])
        return self.instance


def folders_of(folder, profile):
    """Where letters and answers lie, as one name each: a server may well take /in, in and in/ for the same."""
    folder = posixpath.normpath(folder.strip("/") or ".")
    return {folder, posixpath.normpath(posixpath.join(folder, PROFILES[profile].answers_folder))}


def offered_kinds():
    """The kinds that can be chosen here, safest first."""
    return [kind for kind in FIELDS if kind != Kind.FOLDER or settings.CONNECTION_FOLDERS]

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.ids import uuid7
from recipients.methods import Method
from recipients.models import Company


class Connection(models.Model):
    """Where and how a channel connects. Company null: the installation's mail relay, set by a superuser.

    The relay's row is made by the first migration; without a host it is not set up yet.
    """

    class Security(models.TextChoices):
        TLS = "tls", "TLS"
        STARTTLS = "starttls", "STARTTLS"
        NONE = "none", _("none (a relay on this machine)")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = models.ForeignKey(Company, models.CASCADE, null=True, blank=True, related_name="connections")
    method = models.CharField(max_length=20, choices=Method.choices)
    host = models.CharField(max_length=200, blank=True)
    port = models.PositiveIntegerField(default=587)
    security = models.CharField(max_length=10, choices=Security.choices, default=Security.STARTTLS)
    username = models.CharField(max_length=200, blank=True)
    secret = models.TextField(blank=True, editable=False)  # encrypted; written through set_password alone

    # The breaker: rows wait, one banner says why, and nothing fails because a relay is down.
    paused_until = models.DateTimeField(null=True, blank=True)
    pause_reason = models.CharField(max_length=300, blank=True)
    failures = models.PositiveIntegerField(default=0)  # in a row

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["method"], condition=Q(company__isnull=True), name="one_mail_relay_per_installation"
            ),
            models.UniqueConstraint(fields=["company", "method"], name="one_connection_per_company_and_method"),
        ]

    def __str__(self):
        return f"{self.host}:{self.port}"

    def set_password(self, password):
        """Encrypt at rest, bound to this row: a value copied to another row does not decrypt to a password there."""
        self.secret = keyring().encrypt(f"{self.pk}:{password}".encode()).decode() if password else ""

    def password(self):
        """The clear text, or "". Raises NoKey when no key of the environment opens it."""
        if not self.secret:
            return ""
        try:
            owner, _colon, password = keyring().decrypt(self.secret.encode()).decode().partition(":")
        except InvalidToken as error:
            raise NoKey(_("No key in SECRETS_KEYS opens the password of %s. Type it again.") % self) from error
        if owner != str(self.pk):
            raise NoKey(_("The password of %s belongs to another connection. Type it again.") % self)
        return password


class NoKey(Exception):
    """A secret cannot be opened."""


def keyring():
    if not settings.SECRETS_KEYS:
        raise NoKey(_("SECRETS_KEYS is empty: no secret can be stored or read."))
    return MultiFernet([Fernet(key) for key in settings.SECRETS_KEYS])

from datetime import UTC, datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.ids import uuid7
from config.sealing import opened, sealed
from recipients.methods import Method
from recipients.models import Company
from recipients.models.workspace import CompanyQuerySet

# A person's pause and the brake's have no end of their own; the breaker's end within minutes.
UNTIL_RESUMED = datetime(9000, 1, 1, tzinfo=UTC)


class Connection(models.Model):
    """Where and how a channel connects. Company null: the installation's mail relay, set by a superuser; the others
    are a company's, set by its managers.

    The relay's row is made by the first migration; without a host it is not set up yet.
    """

    class Kind(models.TextChoices):
        SMTP = "smtp", _("Mail relay")
        SFTP = "sftp", "SFTP"
        FTPS = "ftps", "FTPS"
        HTTPS = "https", "HTTPS"
        FOLDER = "folder", _("Folder")
        FTP = "ftp", "FTP"

    class Brake(models.TextChoices):
        REFUSALS = "refusals", _("At least one in five was refused")
        FAILURES = "failures", _("Five tries in a row failed")
        SILENCE = "silence", _("No answer for ten minutes")

    class Security(models.TextChoices):
        TLS = "tls", "TLS"
        STARTTLS = "starttls", "STARTTLS"
        NONE = "none", _("none (a relay on this machine)")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = models.ForeignKey(Company, models.CASCADE, null=True, blank=True, related_name="connections")
    method = models.CharField(max_length=20, choices=Method.choices)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.SMTP)
    name = models.CharField(max_length=100, blank=True)
    host = models.CharField(max_length=200, blank=True)
    port = models.PositiveIntegerField(default=587)
    security = models.CharField(max_length=10, choices=Security.choices, default=Security.STARTTLS)
    username = models.CharField(max_length=200, blank=True)
    secret = models.TextField(blank=True, editable=False)  # encrypted; written through set_password alone

    # Files
    folder = models.CharField(max_length=300, blank=True)  # HTTPS: the path of the address
    temporary_folder = models.CharField(max_length=300, blank=True)  # beside or below `folder`; empty: the same
    host_key = models.TextField(blank=True, editable=False)  # the accepted one: "ssh-ed25519 AAAA..."
    shown_key = models.TextField(blank=True, editable=False)  # the one that the last test met
    key_secret = models.TextField(blank=True, editable=False)  # encrypted; written through set_private_key alone
    authority = models.TextField(blank=True)  # PEM: trusted alone, instead of the system's
    is_tls12_only = models.BooleanField(default=False)  # for servers whose TLS 1.3 cannot resume a session
    is_idempotent = models.BooleanField(default=False)  # HTTPS: the partner removes doubles by our key
    is_confirmed_insecure = models.BooleanField(default=False)  # FTP: somebody read the warning

    # Central print
    profile = models.CharField(max_length=20, default="neutral")  # key of channels.print_profiles.PROFILES

    # The last test: when it was asked for and has ended, and its steps so far as [name, ok, trouble, words]
    test_asked_at = models.DateTimeField(null=True, editable=False)
    tested_at = models.DateTimeField(null=True, editable=False)
    test_steps = models.JSONField(default=list, editable=False)

    # The breaker: rows wait, one banner says why, and nothing fails because a relay is down.
    paused_until = models.DateTimeField(null=True, blank=True)
    pause_reason = models.CharField(max_length=300, blank=True)
    failures = models.PositiveIntegerField(default=0)  # in a row
    failing_since = models.DateTimeField(null=True)  # the first of them
    trouble = models.CharField(max_length=20, blank=True, editable=False)  # of the last: a Trouble or a Reason
    # The brake, of a company's connection: why it paused until somebody resumes, as {"why": a Brake, and its numbers}.
    brake = models.JSONField(default=dict, editable=False)
    counted_since = models.DateTimeField(null=True, editable=False)  # the last resume: what came before does not count

    objects = CompanyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="ftp") | Q(is_confirmed_insecure=True), name="plain_ftp_has_been_confirmed"
            ),
            models.UniqueConstraint(
                fields=["method"], condition=Q(company__isnull=True), name="one_mail_relay_per_installation"
            ),
            models.UniqueConstraint(fields=["company", "method"], name="one_connection_per_company_and_method"),
        ]

    def __str__(self):
        return self.name or f"{self.host}:{self.port}"

    def set_password(self, password):
        """Encrypt at rest, bound to this row: a value copied to another row does not decrypt to a password there."""
        self.secret = sealed(str(self.pk), password)

    def password(self):
        """The clear text, or "". Raises NoKey when no key of the environment opens it."""
        return opened(str(self.pk), self.secret, self)

    def set_private_key(self, key):
        """The same for a private key, bound to its column as well."""
        self.key_secret = sealed(f"{self.pk}/key", key)

    def private_key(self):
        """The key's text, or "". Raises NoKey."""
        return opened(f"{self.pk}/key", self.key_secret, self)

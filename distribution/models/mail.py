from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from config.clock import in_seconds
from config.ids import uuid7
from invoicing.models import DocumentTemplate, Invoice
from recipients.models import Company
from recipients.models.workspace import CompanyQuerySet

SUBJECT_MAX = 200  # characters, also when the names in it have become values
BODY_MAX = 4000
TESTS, TESTS_WITHIN = 5, 600  # of one person, in seconds


class MailText(models.Model):
    """A company's own words in the e-mails of one kind of document and one language.

    Plain text with names in double braces, see distribution.placeholders. Where there is no row the shipped words go
    out, in that same language: never the words of another one.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = models.ForeignKey(Company, models.CASCADE, related_name="mail_texts")
    kind = models.CharField(max_length=10, choices=Invoice.Kind.choices)
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    subject = models.CharField(_("subject"), max_length=SUBJECT_MAX)
    body = models.TextField(_("text"), max_length=BODY_MAX)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "kind", "language"], name="one_mail_text_per_kind_and_language"),
            models.CheckConstraint(condition=~Q(subject="") & ~Q(body=""), name="a_mail_text_says_something"),
        ]

    def __str__(self):
        return f"{self.kind} {self.language}"


class MailTestQuerySet(CompanyQuerySet):
    def note(self, **fields):
        """A new test, or None when its person has asked for too many in a short time.

        Counted after our own row is in, so that any number of presses at once makes no more than are allowed.
        """
        test = self.create(**fields)
        recent = self.filter(by=test.by, asked_at__gt=in_seconds(-TESTS_WITHIN)).exclude(pk=test.pk)
        if recent.count() < TESTS:
            return test
        test.delete()
        return None


class MailTest(models.Model):
    """An e-mail that somebody sent to himself, and what the mail server said. No invoice knows of it."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("The mail server took it")
        REFUSED = "refused", _("The mail server refused it")
        UNREACHABLE = "unreachable", _("The mail server did not answer")
        UNKNOWN = "unknown", _("The connection broke at the end: nobody knows whether it left")
        CLOSED = "closed", _("Nothing may leave here")
        UNPRINTABLE = "unprintable", _("The e-mail could not be made")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = models.ForeignKey(Company, models.CASCADE, related_name="mail_tests")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    address = models.EmailField()
    template = models.ForeignKey(DocumentTemplate, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    code = models.CharField(max_length=10, blank=True)
    text = models.CharField(max_length=500, blank=True)  # the server's words, or a code of relay.Closed

    objects = MailTestQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["company", "-asked_at"], name="mail_tests_of")]
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at=None) | ~Q(outcome=""), name="a_finished_mail_test_says_how_it_went"
            )
        ]

    def __str__(self):
        return self.address

    @property
    def ready_at(self):
        """The Date of its message."""
        return self.asked_at

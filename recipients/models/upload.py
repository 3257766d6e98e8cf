from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from config.ids import uuid7

from .archived_file import ArchivedFile
from .company import Company
from .workspace import CompanyQuerySet


class Upload(models.Model):
    """Files handed in at one time, with their report."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = models.ForeignKey(Company, models.PROTECT, related_name="uploads")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    already_sent = models.BooleanField(_("already sent elsewhere"), default=False)
    finished_at = models.DateTimeField(null=True)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M}"


class UploadedFile(models.Model):
    """One file of an upload and what became of it: the line of the report."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        TAKEN = "taken", _("Taken in")
        KNOWN = "known", _("Already here")
        REFUSED = "refused", _("Refused")

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="files")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    file = models.ForeignKey(ArchivedFile, models.PROTECT, null=True, related_name="+")  # null: empty or too large
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.WAITING)
    # [{"code": ..., "params": {...}}, ...]: why it was refused, or what was noticed; pages write the sentences
    findings = models.JSONField(default=list)
    document = models.UUIDField(null=True)  # the invoice it became, or the one that was here already

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["upload", "position"], name="one_line_per_file_of_an_upload")]

    def __str__(self):
        return self.name

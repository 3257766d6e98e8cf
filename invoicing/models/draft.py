from django.conf import settings
from django.db import models

from config.ids import uuid7
from recipients.models import ArchivedFile

from .invoice import Invoice


class Draft(models.Model):
    """What an invoice has until it is issued: the day it is to bear, and who saved it last.

    `version` rises at every save, so that two who edit one draft do not undo each other's work unseen.
    """

    invoice = models.OneToOneField(Invoice, models.CASCADE, primary_key=True, related_name="draft")
    issue_on = models.DateField(null=True)  # BT-2 as it was typed; null: the day on which it is issued
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(auto_now=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    def __str__(self):
        return str(self.invoice)


class InvoiceFile(models.Model):
    """A file that goes along with an invoice (BG-24): it travels with the e-mail."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="files")
    file = models.ForeignKey(ArchivedFile, models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)  # as the recipient sees it

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["invoice", "name"], name="one_file_per_name")]

    def __str__(self):
        return self.name

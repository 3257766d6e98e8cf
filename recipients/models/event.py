from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from .company import Company
from .workspace import CompanyQuerySet


class Event(models.Model):
    """One line of history. Only ever added: a trigger on both databases refuses UPDATE and DELETE.

    `what` is a code, `data` its parameters: pages turn them into a sentence in the reader's language
    (`recipients.history`). `about` and `thread` are UUIDs, not foreign keys, so any app's row can have history.
    """

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    about = models.UUIDField()
    thread = models.UUIDField(null=True)  # the invoice, for what happens to its deliveries
    what = models.CharField(max_length=40)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")  # null: a machine
    data = models.JSONField(default=dict)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["company", "thread", "id"], name="event_thread"),
            models.Index(fields=["about", "id"], name="event_about"),
        ]

    def __str__(self):
        return self.what

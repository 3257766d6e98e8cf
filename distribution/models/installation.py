import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class InstallationQuerySet(models.QuerySet):
    def this(self):
        """The one row, made by the first migration."""
        return self.get(pk=1)


class Installation(models.Model):
    """One row: which database this is, and when its workers were last seen."""

    instance_id = models.UUIDField(default=uuid.uuid4)
    sender_seen_at = models.DateTimeField(null=True)
    queue_asked_at = models.DateTimeField(null=True)  # the sender rang the bell of the queue
    queue_seen_at = models.DateTimeField(null=True)  # a worker of the queue answered
    backed_up_at = models.DateTimeField(null=True)  # a backup told us: note_backup

    objects = InstallationQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_installation_row")]

    def __str__(self):
        return str(self.instance_id)

    def mode(self):
        """ "live", "test", or "copy": switched on, but the database is not the one the environment names."""
        if not settings.DELIVERY_LIVE:
            return "test"
        return "live" if str(self.instance_id) == settings.INSTANCE_ID else "copy"

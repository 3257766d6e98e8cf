from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from config.clock import in_seconds
from config.ids import uuid7
from recipients.models import Company, Role
from recipients.models.workspace import CompanyQuerySet

FRESH = 30 * 24 * 3600  # seconds: what is older is history, and no news to whoever joins today


class NotificationQuerySet(CompanyQuerySet):
    def to(self, user, role):
        """What this user is told in a company where they have this role."""
        return self.filter(Q(user=user) | Q(user=None, role__lte=role))

    def unread(self, user):
        """What they have not read yet: the count of the bell."""
        read = Notification.read_by.through.objects.filter(user=user).values("notification")
        return self.filter(created_at__gt=in_seconds(-FRESH)).exclude(pk__in=read)


class Notification(models.Model):
    """Something that a person of a company should hear of, said once.

    `data` are the parameters of the sentence (`distribution.notices`); `about` is the row that it leads to.
    """

    class Kind(models.TextChoices):
        BATCH_DONE = "batch_done", _("A batch is done")
        FAILURES = "failures", _("Something could not be sent")
        DOUBTS = "doubts", _("Something is in doubt")
        PRINT_WAITS = "print_waits", _("A print file waits for its download")
        RELAY_PAUSED = "relay_paused", _("E-mail is paused")
        BRAKED = "braked", _("A connection paused by itself")
        SENDER_SILENT = "sender_silent", _("The sender is silent")
        ANSWERS_OVERDUE = "answers_overdue", _("An answer of the print provider is overdue")
        ANSWER_PUZZLES = "answer_puzzles", _("An answer of the print provider could not be matched")
        CHECK_FOUND = "check_found", _("The nightly check found something")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = models.ForeignKey(Company, models.CASCADE, related_name="notifications", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    key = models.CharField(max_length=60)  # what makes it the same news: a batch, a day, a silence
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")  # null: by role
    role = models.PositiveSmallIntegerField(choices=Role.choices, default=Role.CLERK)
    about = models.UUIDField(null=True)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())
    read_by = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "kind", "key"], name="no_news_twice"),
        ]
        indexes = [models.Index(fields=["company", "-created_at", "-id"], name="notification_list")]

    def __str__(self):
        return self.get_kind_display()

from datetime import timedelta

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from config.clock import in_seconds

WINDOW = 300  # seconds
PER_PERSON = 5  # attempts, from one address of the net
PER_ADDRESS = 20  # attempts, whoever is asked for


class LoginAttemptQuerySet(models.QuerySet):
    def note(self, email, ip, *, door="login"):
        """Count an attempt before its password is looked at; returns the seconds to wait first, 0 when there are none.

        Each `door` counts for itself: who forgot the password has tried it before asking for a new one.

        Counted after our own row is in, so that any number of attempts at once makes no more than are allowed.
        """
        attempt = self.create(email=email.lower(), ip=ip, door=door)
        recent = (
            self.filter(door=door, ip=ip, at__gt=in_seconds(-WINDOW))
            .order_by("-at", "-pk")
            .values_list("at", flat=True)
        )
        # Our own is the newest, so at place `allowed` stands the one that must be forgotten first.
        in_the_way = [*recent.filter(email=attempt.email)[PER_PERSON : PER_PERSON + 1]]
        in_the_way += recent[PER_ADDRESS : PER_ADDRESS + 1]
        if not in_the_way:
            return 0
        attempt.delete()  # what is turned away does not make the wait longer
        return max(1, round((max(in_the_way) + timedelta(seconds=WINDOW) - timezone.now()).total_seconds()))

    def forget(self, email, ip, *, door="login"):
        """The right answer was given. What lies behind the window is not needed any more either."""
        self.filter(models.Q(email=email.lower(), ip=ip, door=door) | models.Q(at__lt=in_seconds(-WINDOW))).delete()


class LoginAttempt(models.Model):
    """An attempt to log in that has not succeeded, or a link that was asked for: what the throttle counts."""

    email = models.CharField(max_length=254)  # as typed, in lower case
    ip = models.CharField(max_length=45)
    at = models.DateTimeField(db_default=Now())
    # "password": asked for a link to choose a new one; "factor", "passkey": the second step, a login without password
    door = models.CharField(max_length=10, default="login")

    objects = LoginAttemptQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["ip", "at"], name="login_attempt_of")]

    def __str__(self):
        return f"{self.email} {self.ip}"

from django.db import models
from django.db.models import Q


class Measured(models.TextChoices):
    """What is counted and timed. Its bounds are the upper ends of the buckets, in seconds; the last one has no end."""

    HAND_OVER = "hand_over"
    RENDER = "render"

    @property
    def bounds(self):
        return {
            Measured.HAND_OVER: (0.1, 0.3, 1, 3, 10, 60, 600),
            Measured.RENDER: (0.1, 0.2, 0.5, 1, 3, 10, 60),
        }[self]


class Measure(models.Model):
    """How often something took about so long, since the installation began. All processes add to the same rows, so
    that whoever is asked says the same. No company, no person."""

    what = models.CharField(max_length=20, choices=Measured.choices)
    method = models.CharField(max_length=20)
    outcome = models.CharField(max_length=20, blank=True)
    bucket = models.PositiveSmallIntegerField()  # index into the bounds
    count = models.PositiveBigIntegerField(default=0)
    seconds = models.FloatField(default=0)  # in all

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["what", "method", "outcome", "bucket"], name="one_measure_per_bucket"),
            models.CheckConstraint(condition=~Q(method=""), name="a_measure_names_its_method"),
        ]

    def __str__(self):
        return f"{self.what} {self.method} {self.outcome} {self.bucket}"

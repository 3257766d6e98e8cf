from django.db import models

from config.ids import uuid7
from recipients.methods import Method
from recipients.models import ArchivedFile, Company
from recipients.models.workspace import CompanyQuerySet

from .batch import Batch


class Parcel(models.Model):
    """One file that carries several deliveries: here a part of what goes to the own printer."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = models.ForeignKey(Company, models.PROTECT, related_name="parcels")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="parcels")
    method = models.CharField(max_length=20, choices=Method.choices)
    part = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    file = models.ForeignKey(ArchivedFile, models.PROTECT, null=True, related_name="+")  # null: (re)build it
    taken_at = models.DateTimeField(null=True)  # first download

    objects = CompanyQuerySet.as_manager()

    class Meta:
        ordering = ["part"]
        constraints = [models.UniqueConstraint(fields=["batch", "method", "part"], name="one_parcel_per_part")]

    def __str__(self):
        return self.name

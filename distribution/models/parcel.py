from django.db import models
from django.db.models import Count, Q

from config.ids import uuid7
from distribution.states import State
from recipients.methods import Method
from recipients.models import ArchivedFile, Company
from recipients.models.workspace import CompanyQuerySet

from .batch import Batch


class ParcelQuerySet(CompanyQuerySet):
    def with_states(self):
        """Each with `waiting`, `moving` and `doubted`: how many of its deliveries are so."""

        def n(*states):
            return Count("deliveries", filter=Q(deliveries__state__in=states))

        return self.annotate(
            waiting=n(State.WAITING), moving=n(State.CLAIMED, State.HANDING_OVER), doubted=n(State.IN_DOUBT)
        )


class Parcel(models.Model):
    """One file that carries several deliveries of a batch, all of them or none: a part of what goes to the own printer
    or to a print provider.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = models.ForeignKey(Company, models.PROTECT, related_name="parcels")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="parcels")
    method = models.CharField(max_length=20, choices=Method.choices)
    part = models.PositiveIntegerField()
    name = models.CharField(max_length=120, blank=True)  # once it is built; a provider's file has it on the other side
    file = models.ForeignKey(ArchivedFile, models.PROTECT, null=True, related_name="+")  # null: (re)build it
    documents = models.PositiveIntegerField(default=0)  # in the file
    taken_at = models.DateTimeField(null=True)  # first download, or the hand-over to the provider
    token = models.UUIDField(null=True)  # of the claim that carries it: part of the temporary name over there
    asked_at = models.DateTimeField(null=True)  # when the other side was last asked what became of it

    objects = ParcelQuerySet.as_manager()

    class Meta:
        ordering = ["part"]
        constraints = [models.UniqueConstraint(fields=["batch", "method", "part"], name="one_parcel_per_part")]

    def __str__(self):
        return self.name

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.ids import uuid7

from .address import Reachable
from .organisation import Organisation
from .workspace import DirectoryQuerySet, Workspace


class Customer(Reachable):
    """A person who receives, perhaps as one of an organisation's people."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="customers")
    organisation = models.ForeignKey(Organisation, models.SET_NULL, null=True, blank=True, related_name="people")
    number = models.CharField(_("customer number"), max_length=60, null=True, blank=True)
    name = models.CharField(_("name"), max_length=120)

    objects = DirectoryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "number"], name="one_customer_per_customer_number"),
        ]

    def __str__(self):
        return self.name

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.ids import uuid7

from .address import Reachable
from .card import CardQuerySet
from .naming import Named
from .organisation import Organisation
from .workspace import Workspace


class Customer(Named, Reachable):
    """A person who receives, perhaps as one of an organisation's people."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="customers")
    organisation = models.ForeignKey(Organisation, models.SET_NULL, null=True, blank=True, related_name="people")
    number = models.CharField(_("customer number"), max_length=60, null=True, blank=True)

    objects = CardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "number"], name="one_customer_per_customer_number"),
        ]
        indexes = [models.Index(fields=["workspace", "sort_name", "id"], name="customer_list")]

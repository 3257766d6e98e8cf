from django.db import models
from django.utils.translation import gettext_lazy as _

from config.ids import uuid7

from .address import Reachable, Registered
from .card import CardQuerySet
from .naming import Named
from .workspace import Workspace


class Organisation(Named, Registered, Reachable):
    """A body that is invoiced, itself or on behalf of a customer: BG-7 of EN 16931 with a legal or VAT id."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="organisations")
    # Null, not empty: unique in the workspace over customers and organisations (a trigger guards the pair of tables).
    number = models.CharField(_("customer number"), max_length=60, null=True, blank=True)
    endpoint = models.CharField(_("e-invoice address"), max_length=60, blank=True)  # BT-49

    objects = CardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "number"], name="one_organisation_per_customer_number"),
            models.UniqueConstraint(
                fields=["workspace", "legal_key"],
                condition=~models.Q(legal_key=""),
                name="one_organisation_per_organisation_number",
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "vat_key"]),
            models.Index(fields=["workspace", "sort_name", "id"], name="organisation_list"),
        ]


class InvoiceReference(Reachable):
    """An organisation's own invoice reference (fakturareferens): BT-10 on its invoices."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="references")
    code = models.CharField(_("reference"), max_length=80)
    name = models.CharField(_("name"), max_length=120, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "code"], name="one_reference_per_code")]

    def __str__(self):
        return self.name or self.code

from django.db import models
from django.utils.translation import gettext_lazy as _

from .customer import Customer
from .organisation import Organisation
from .workspace import DirectoryQuerySet, Workspace


class FormerCard(models.Model):
    """A card that was merged into another: its address leads there, and its numbers still find it at import.

    `id` is the card's own; `number` and `legal_key` are those that the card which stays has not taken over.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="former_cards")
    number = models.CharField(_("customer number"), max_length=60, null=True, blank=True)
    legal_key = models.CharField(max_length=40, blank=True)  # of an organisation, see config.identifiers
    name = models.CharField(_("name"), max_length=120)
    customer = models.ForeignKey(Customer, models.CASCADE, null=True, blank=True, related_name="former_cards")
    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, blank=True, related_name="former_cards")
    merged_at = models.DateTimeField(auto_now_add=True)

    objects = DirectoryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(customer__isnull=False, organisation__isnull=True)
                | models.Q(customer__isnull=True, organisation__isnull=False),
                name="a_former_card_became_one_card",
            ),
        ]
        indexes = [models.Index(fields=["workspace", "number"], name="former_number")]

    def __str__(self):
        return f"{self.name} ({self.number})" if self.number else self.name

from django.db import models
from django.utils.translation import gettext_lazy as _

from recipients.methods import Method

from .company import Company
from .customer import Customer
from .organisation import InvoiceReference, Organisation
from .workspace import DirectoryQuerySet, Workspace

CHOOSABLE = [choice for choice in Method.choices if choice[0] != Method.OUTSIDE]


class Preference(models.Model):
    """ "For this reference, organisation or customer use this method", everywhere or at one company.

    Addresses live on the cards only.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="preferences")
    reference = models.ForeignKey(InvoiceReference, models.CASCADE, null=True, blank=True, related_name="preferences")
    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, blank=True, related_name="preferences")
    customer = models.ForeignKey(Customer, models.CASCADE, null=True, blank=True, related_name="preferences")
    company = models.ForeignKey(Company, models.CASCADE, null=True, blank=True, related_name="preferences")
    method = models.CharField(_("invoice distribution"), max_length=20, choices=CHOOSABLE)

    objects = DirectoryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_preference_is_of_exactly_one_card",
                condition=(
                    models.Q(reference__isnull=False, organisation__isnull=True, customer__isnull=True)
                    | models.Q(reference__isnull=True, organisation__isnull=False, customer__isnull=True)
                    | models.Q(reference__isnull=True, organisation__isnull=True, customer__isnull=False)
                ),
            ),
            *(
                models.UniqueConstraint(
                    fields=[card], condition=models.Q(company=None), name=f"one_general_preference_per_{card}"
                )
                for card in ("reference", "organisation", "customer")
            ),
            *(
                models.UniqueConstraint(fields=[card, "company"], name=f"one_preference_per_{card}_and_company")
                for card in ("reference", "organisation", "customer")
            ),
        ]

    def __str__(self):
        return f"{self.reference or self.organisation or self.customer}: {self.get_method_display()}"

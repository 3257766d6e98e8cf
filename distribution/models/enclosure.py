from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from recipients.models import ArchivedFile

from .delivery import Delivery


class Enclosure(models.Model):
    """One file of a delivery, frozen while the undo window is open. What was confirmed is what will leave."""

    class Role(models.TextChoices):
        PDF = "pdf", _("PDF")
        MAIL = "mail", _("E-mail")  # JSON: {"subject": ..., "text": ..., "html": ...}
        ATTACHMENT = "attachment", _("Attached file")  # goes along as it is; any number of them

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="enclosures")
    file = models.ForeignKey(ArchivedFile, models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)  # as the recipient sees it
    role = models.CharField(max_length=10, choices=Role.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["delivery", "role"], condition=~Q(role="attachment"), name="one_enclosure_per_role"
            )
        ]

    def __str__(self):
        return self.name

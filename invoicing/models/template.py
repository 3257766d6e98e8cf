from django.db import models
from django.utils.translation import gettext_lazy as _

from config.ids import uuid7
from recipients.models import Company
from recipients.models.workspace import CompanyQuerySet


class DocumentTemplate(models.Model):
    """How a document looks: the layout, and the company's own words in each language."""

    class Layout(models.TextChoices):
        WINDOW = "window", _("Address in the window")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = models.ForeignKey(Company, models.CASCADE, related_name="templates")
    name = models.CharField(max_length=80)
    layout = models.CharField(max_length=20, choices=Layout.choices, default=Layout.WINDOW)
    # {"sv": {"opening": "...", "closing": "..."}}: plain text above the lines and below the payment box
    texts = models.JSONField(default=dict, blank=True)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["company", "name"], name="one_template_per_name")]

    def __str__(self):
        return self.name

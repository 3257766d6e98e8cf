from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.ids import uuid7
from recipients.models import Company
from recipients.models.workspace import CompanyQuerySet

OPENING_MAX, CLOSING_MAX = 600, 1000  # characters


class DocumentTemplateQuerySet(CompanyQuerySet):
    def offered(self):
        """Those that one can choose: not put away."""
        return self.filter(put_away_at=None)


class DocumentTemplate(models.Model):
    """How a document looks: the layout, and the company's own words in each language."""

    class Layout(models.TextChoices):
        WINDOW = "window", _("Standard: payment box at the foot")
        COMPACT = "compact", _("Compact: what to pay at the top")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = models.ForeignKey(Company, models.CASCADE, related_name="templates")
    name = models.CharField(_("name"), max_length=80)
    layout = models.CharField(_("layout"), max_length=20, choices=Layout.choices, default=Layout.WINDOW)
    # {"sv": {"opening": "...", "closing": "..."}}: plain text above the lines and below the payment box
    texts = models.JSONField(default=dict, blank=True)
    # One that documents were sent with is never deleted: it is put away, and the sheet does not offer it any more.
    put_away_at = models.DateTimeField(null=True, blank=True)

    objects = DocumentTemplateQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["company", "name"], name="one_template_per_name"),
            models.CheckConstraint(
                condition=Q(layout__in=["window", "compact"]), name="a_template_has_a_layout_that_exists"
            ),
        ]

    def __str__(self):
        return self.name

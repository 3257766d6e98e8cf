from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.ids import uuid7

from .company import Company
from .workspace import CompanyQuerySet


class SavedViewQuerySet(CompanyQuerySet):
    def open_to(self, user):
        """One's own, and what colleagues share."""
        return self.filter(Q(by=user) | Q(is_shared=True))


class SavedView(models.Model):
    """A filter of a list under a name: `query` went through the list's own form (recipients.saved_views)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = models.ForeignKey(Company, models.CASCADE, related_name="saved_views")
    list = models.CharField(max_length=30)
    name = models.CharField(_("name"), max_length=40)
    query = models.CharField(max_length=2000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    is_shared = models.BooleanField(_("share with the company"), default=False)
    is_pinned = models.BooleanField(_("show as a tab"), default=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["company", "list", "by", "name"], name="one_view_per_name_list_and_person")
        ]

    def __str__(self):
        return self.name

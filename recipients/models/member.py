from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .company import Company
from .workspace import CompanyQuerySet


class Role(models.IntegerChoices):
    """Each role may do what the one before it may."""

    VIEWER = 1, _("Viewer")
    CLERK = 2, _("Clerk")
    APPROVER = 3, _("Approver")
    MANAGER = 4, _("Manager")


class Member(models.Model):
    """A user's role in a company."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    company = models.ForeignKey(Company, models.CASCADE, related_name="members")
    role = models.PositiveSmallIntegerField(choices=Role.choices, default=Role.VIEWER)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "company"], name="one_role_per_user_and_company")]

    def __str__(self):
        return f"{self.user}: {self.get_role_display()}, {self.company}"

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from config.ids import uuid7

from .address import PostalAddress, Registered
from .workspace import Workspace


class CompanyChoices(models.QuerySet):
    def open_to(self, user):
        """The companies this user is a member of."""
        return self.filter(members__user=user)


class Company(Registered, PostalAddress):
    """The legal entity that sends: BG-4 of EN 16931, its accounts and its looks."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="companies")
    slug = models.SlugField(unique=True, help_text=_("Part of every address of this company; never changed."))
    name = models.CharField(max_length=100)
    endpoint = models.CharField(_("e-invoice address"), max_length=60, blank=True, help_text="0007:5560360793")  # BT-34
    registered_office = models.CharField(_("registered office"), max_length=80, blank=True)
    has_f_tax = models.BooleanField(_("approved for F-tax"), default=False)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    website = models.CharField(_("website"), max_length=100, blank=True)
    bankgiro = models.CharField(max_length=9, blank=True)
    plusgiro = models.CharField(max_length=12, blank=True)
    account = models.CharField(_("account number"), max_length=34, blank=True)  # Norwegian kontonummer
    iban = models.CharField("IBAN", max_length=34, blank=True)
    bic = models.CharField("BIC", max_length=11, blank=True)
    logo = models.ForeignKey("recipients.ArchivedFile", models.PROTECT, null=True, blank=True, related_name="+")
    colour = models.CharField(max_length=7, default="#0b6a61")
    language = models.CharField(max_length=5, choices=settings.LANGUAGES, default="sv")
    requires_second_factor = models.BooleanField(
        _("second factor required"),
        default=True,
        help_text=_("Who sends, or changes connections and members, needs more than a password."),
    )
    links_to_organisation = models.BooleanField(_("link invoices to the person's organisation"), default=True)

    objects = CompanyChoices.as_manager()

    class Meta:
        verbose_name_plural = "companies"
        constraints = [
            models.UniqueConstraint(
                fields=["legal_key"], condition=~models.Q(legal_key=""), name="one_company_per_organisation_number"
            )
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        """Where one lands in a company."""
        return reverse("distribution:overview", kwargs={"company": self.slug})

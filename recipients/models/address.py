"""What every card has: a postal address, two e-mail addresses and a language."""

from django.conf import settings
from django.core.validators import MinLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class PostalAddress(models.Model):
    """BG-5 and BG-8 of EN 16931, flattened."""

    street = models.CharField(_("street"), max_length=120, blank=True)
    street_2 = models.CharField(_("address line 2"), max_length=120, blank=True)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    city = models.CharField(_("town"), max_length=80, blank=True)
    country = models.CharField(
        _("country"),
        max_length=2,
        default="SE",
        validators=[MinLengthValidator(2)],
        help_text=_("ISO 3166, two letters"),
    )

    class Meta:
        abstract = True

    def address_lines(self):
        """The lines below the name, without empty ones."""
        town = f"{self.postcode} {self.city}".strip()
        return [line for line in (self.street, self.street_2, town) if line]


class Reachable(PostalAddress):
    """Where a recipient is found. The address for invoices goes before the ordinary one."""

    email = models.EmailField(_("e-mail address"), blank=True)
    invoice_email = models.EmailField(
        _("e-mail address (for invoice)"), blank=True, help_text=_("When filled, invoices go here instead.")
    )
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, blank=True)

    class Meta:
        abstract = True

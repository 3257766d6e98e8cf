"""What every card has: a postal address, two e-mail addresses and a language."""

from django.conf import settings
from django.core.validators import MinLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from config.identifiers import normal_legal_id


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

    @property
    def takes_post(self):
        """Whether a letter would find it; not every country has postcodes."""
        return bool(self.street and self.city)


class Registered(models.Model):
    """A body in a public register. What was typed is what is printed; the keys are what is compared."""

    legal_id = models.CharField(_("organisation number"), max_length=30, blank=True)  # BT-30, BT-47
    vat_id = models.CharField(_("VAT number"), max_length=30, blank=True)  # BT-31, BT-48
    legal_key = models.CharField(max_length=40, blank=True, editable=False)  # see config.identifiers.normal_legal_id
    vat_key = models.CharField(max_length=40, blank=True, editable=False)

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        self.legal_key = self.legal_id and normal_legal_id(self.legal_id, country=self.country)
        self.vat_key = self.vat_id and normal_legal_id(self.vat_id, country=self.country)
        if kwargs.get("update_fields"):
            kwargs["update_fields"] = {*kwargs["update_fields"], "legal_key", "vat_key"}
        super().save(*args, **kwargs)


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

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.identifiers import kid, ocr, viite
from recipients.models import Company
from recipients.models.workspace import CompanyQuerySet

FIRST = 1
# A Finnish reference number needs three digits of its own before the check digit.
FIRST_IN_FINLAND = 100


class Series(models.Model):
    """A company's invoice numbers (BT-1), and the terms that its invoices begin with.

    `next_number` is read and raised under a lock of this row, in the transaction that issues: see actions.issuing.
    """

    class KidCheck(models.IntegerChoices):
        MOD10 = 10, _("mod 10 (Luhn)")
        MOD11 = 11, _("mod 11")

    company = models.OneToOneField(Company, models.CASCADE, primary_key=True, related_name="series")
    prefix = models.CharField(
        _("prefix"),
        max_length=12,
        blank=True,
        validators=[RegexValidator(r"^[A-Za-z0-9/-]*$", _("Only letters A to Z, digits, hyphen and slash."))],
        help_text=_("Stands before each number, for example F-. Leave it empty for digits alone."),
    )
    next_number = models.PositiveBigIntegerField(
        _("next number"), default=FIRST, validators=[MinValueValidator(1), MaxValueValidator(10**12)]
    )
    payment_days = models.PositiveSmallIntegerField(
        _("payment terms, days"),
        default=30,
        validators=[MaxValueValidator(365)],
        help_text=_("From the invoice date to the due date, where no due date is typed."),
    )
    kid_check = models.PositiveSmallIntegerField(
        _("check digit of the KID"),
        choices=KidCheck,
        default=KidCheck.MOD10,
        help_text=_("As agreed with the bank."),
    )

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "series"
        constraints = [models.CheckConstraint(condition=Q(next_number__gte=1), name="numbers_begin_at_one")]

    def __str__(self):
        return self.text_of(self.next_number)

    def text_of(self, number):
        """The number as it stands on the invoice: prefix and digits."""
        return f"{self.prefix}{number}"

    def reference_of(self, text):
        """The payment reference of an invoice number, as the banks of the company's country want it (BT-83).

        Sweden OCR with length digit and check digit, Norway KID, Finland viite; elsewhere the number itself.
        Raises ValueError where the number has too few or too many digits for one.
        """
        digits = "".join(filter(str.isdigit, text))
        country = self.company.country
        if country == "SE":
            return ocr(digits)
        if country == "NO":
            return kid(digits, modulus=self.kid_check)
        return viite(digits) if country == "FI" else text

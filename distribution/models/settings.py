from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from recipients.methods import Method
from recipients.models import Company
from recipients.models.preference import CHOOSABLE
from recipients.models.workspace import CompanyQuerySet

PREFIX_MAX = 40
PREFIX = RegexValidator(r"\A[a-z0-9](?:[a-z0-9.-]{0,38}[a-z0-9])?\Z", _("Use a-z, 0-9, dot and hyphen, at most 40."))


class Settings(models.Model):
    """A company's distribution: what it can send with, by what first, and for how long one may change one's mind."""

    company = models.OneToOneField(Company, models.CASCADE, primary_key=True, related_name="distribution")
    active_methods = models.JSONField(default=list, blank=True)  # values of Method
    default_method = models.CharField(
        _("default method"),
        max_length=20,
        choices=CHOOSABLE,
        default=Method.EMAIL,
        help_text=_("Used when the customer has no choice of its own, or when that choice is not possible."),
    )
    reserve_method = models.CharField(
        _("reserve method"),
        max_length=20,
        choices=CHOOSABLE,
        blank=True,
        help_text=_(
            "Used when the default method is not possible. If neither is, the invoice stays in To send with the reason."
        ),
    )
    undo_minutes = models.PositiveSmallIntegerField(
        _("undo window, minutes"),
        default=5,
        validators=[MaxValueValidator(60)],
        help_text=_("Nothing leaves before it has passed. 0 sends at once: undo is then a matter of luck."),
    )
    sender_prefix = models.CharField(
        _("sender prefix"),
        max_length=PREFIX_MAX,
        validators=[PREFIX],
        help_text=_("The part before @ in the address that your e-mails come from."),
    )
    sender_name = models.CharField(_("sender name"), max_length=75, blank=True)
    reply_to = models.EmailField(_("reply-to address"), blank=True)
    sends_to_document_address = models.BooleanField(
        _("send to e-mail address in document"),
        default=False,
        help_text=_("When on, an address in the invoice file goes before the ones on the cards."),
    )
    letter_price = models.DecimalField(
        _("price of a letter"),
        max_digits=8,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("By your agreement with the print provider. It is shown before you send."),
    )
    last_template = models.ForeignKey(
        "invoicing.DocumentTemplate", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    first_steps_closed_at = models.DateTimeField(null=True, blank=True, editable=False)  # a manager put the list away

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "settings"
        constraints = [
            # All companies share one sending domain, so the prefix is what tells them apart.
            models.UniqueConstraint(Lower("sender_prefix"), name="one_company_per_sender_prefix"),
            models.CheckConstraint(condition=Q(undo_minutes__lte=60), name="an_undo_window_of_at_most_an_hour"),
        ]

    def __str__(self):
        return f"{self.company}"

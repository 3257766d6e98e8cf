"""The ways a document can travel. Customers choose a Method; a channel of `distribution` carries it out."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Method(models.TextChoices):
    EMAIL = "email", _("E-mail")
    CENTRAL_PRINT = "central_print", _("Central print")
    EINVOICE = "einvoice", _("E-invoice")
    AUTOGIRO = "autogiro", _("Autogiro")
    OWN_PRINTER = "own_printer", _("Own printer")
    # Sent by another system before the invoice came here: a fact of history, never a choice.
    OUTSIDE = "outside", _("Outside the system")

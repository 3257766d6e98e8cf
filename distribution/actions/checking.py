"""Do invoices still show what their deliveries say? Asked every night; a difference is a fault of ours."""

import logging
from collections import Counter

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from distribution.models import Notification
from distribution.models.delivery import shown_on_invoice
from invoicing.models import Invoice
from recipients import history
from recipients.models import Role

from .noticing import tell

log = logging.getLogger(__name__)


@transaction.atomic
def check():
    """Compare, log loudly, record and tell; returns the invoices that differ. Nothing is put right: a person looks."""
    differing = list(differing_invoices())
    for invoice in differing:
        log.error("invoice %s of company %s does not show what its deliveries say", invoice.pk, invoice.company_id)
        history.record(invoice, "invoice.differs")
    for company, n in Counter(invoice.company_id for invoice in differing).items():
        tell(company, Notification.Kind.CHECK_FOUND, timezone.localdate().isoformat(), role=Role.MANAGER, n=n)
    return differing


def differing_invoices():
    """One statement, so that what is moving meanwhile is seen whole. No reminders can be counted yet."""
    said = shown_on_invoice()
    differs = ~Q(reminder_count=0)
    for column in said:
        shown, meant = f"{column}__isnull", f"said_{column}__isnull"
        # "Not equal" is neither true nor false of a NULL, so what is empty on one side is named.
        differs |= Q(**{shown: False, meant: False}) & ~Q(**{column: F(f"said_{column}")})
        differs |= Q(**{shown: True, meant: False}) | Q(**{shown: False, meant: True})
    return Invoice.objects.annotate(**{f"said_{column}": value for column, value in said.items()}).filter(differs)

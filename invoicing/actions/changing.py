"""What staff may still change on an invoice that was issued: how it goes out."""

from django.db import transaction

from invoicing.models import Invoice
from recipients import history


@transaction.atomic
def set_email(invoice, email, *, by):
    """The address typed for this one invoice; "" fetches it again from the cards. Only typed text is stored."""
    Invoice.objects.filter(pk=invoice.pk).update(email=email)
    history.record(invoice, "invoice.email" if email else "invoice.email_cleared", by=by, email=email)
    invoice.email = email

"""A draft becomes an invoice: it gets its number, and from then on only how it goes out may change."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from invoicing.documents import figures
from invoicing.formats import checks
from invoicing.holes import Hole, holes
from invoicing.models import Draft, Invoice
from recipients import history

from .drafting import draft_of, fill, locked
from .numbering import NumberTaken, free_from, take_number


class NotReady(Exception):
    """Something is missing or wrong: `holes`. Nothing was issued and no number was used."""

    def __init__(self, holes):
        super().__init__(holes)
        self.holes = holes


def issue(invoice, *, by):
    """Give a draft the next number of its company, its dates and its payment reference; returns the Invoice.

    One transaction holds the number and the invoice: either both are there or neither. Raises NotReady, NumberTaken
    or drafting.Issued.
    """
    try:
        with transaction.atomic():
            return _issue(invoice, by=by)
    except IntegrityError as error:  # an import took the number between our look and our commit
        series = invoice.company.series
        series.refresh_from_db()
        taken = Invoice.objects.of(invoice.company).filter(number=str(series)).first()
        if taken is None:
            raise
        raise NumberTaken(str(series), taken, free=free_from(series)) from error


def _issue(invoice, *, by):
    locked(invoice)
    cards = ("company", "customer__organisation", "organisation", "reference")
    invoice = Invoice.objects.select_related(*cards).get(pk=invoice.pk)
    lines = list(invoice.lines.all())
    issue_on = draft_of(invoice).issue_on or timezone.localdate()
    fill(invoice, lines, issue_on=issue_on)
    if missing := holes(invoice, lines, issue_on=issue_on):
        raise NotReady(missing)
    invoice.number, invoice.payment_reference = take_number(invoice.company)
    invoice.due_on = invoice.due_on or issue_on + timedelta(days=invoice.company.series.payment_days)
    if invoice.reference and not invoice.buyer_reference:
        invoice.buyer_reference = invoice.reference.code
    accounts_of_company(invoice)
    if wrong := checks.findings(figures(invoice, lines)):
        words = _("The sums do not add up (%s). Nothing was issued: tell the operator.")
        raise NotReady([Hole(words % ", ".join(finding.code for finding in wrong))])
    invoice.save()
    Draft.objects.filter(invoice=invoice).delete()
    history.record(invoice, "invoice.issued", by=by, number=invoice.number)
    return invoice


def accounts_of_company(invoice):
    """BG-17 as the company has them today: a Norwegian KID is paid to the domestic account, not to the IBAN."""
    company = invoice.company
    invoice.bankgiro = "".join(filter(str.isdigit, company.bankgiro))
    invoice.plusgiro = "".join(filter(str.isdigit, company.plusgiro))
    is_domestic = company.account and (company.country == "NO" or not company.iban)
    invoice.iban = company.account if is_domestic else company.iban.replace(" ", "")
    invoice.bic = "" if is_domestic else company.bic

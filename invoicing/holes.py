"""What is missing or wrong before an invoice may be issued, as sentences."""

from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from config.template_tags import day_format, money
from invoicing.money import format_quantity
from invoicing.vat import REVERSE_CHARGE, holds

LARGEST = 10**14  # what the columns take: 16 digits, 2 of them decimals


class Hole(NamedTuple):
    text: str
    field: str = ""  # the id of the control that fills it


def holes(invoice, lines, *, issue_on):
    """Every Hole of a draft with its `lines`, in the order of the form; empty when it may be issued.

    `invoice` bears its sums already; `issue_on` is the day that it would bear.
    """
    return [*_of_the_seller(invoice), *_of_the_head(invoice, issue_on), *_of_the_lines(invoice, lines, issue_on)]


def _of_the_seller(invoice):
    company = invoice.company
    accounts = (company.bankgiro, company.plusgiro, company.account, company.iban)
    if not any(accounts):
        yield Hole(_("%s has no account to be paid to. The operator types it on the company.") % company)
    try:
        company.series.reference_of(str(company.series))
    except ValueError:
        words = _("The next number, %s, makes no payment reference. A manager sets another under Numbers and terms.")
        yield Hole(words % company.series)


def _of_the_head(invoice, issue_on):
    if not (invoice.customer or invoice.organisation):
        yield Hole(_("It has no recipient."), "id_find")
    if invoice.due_on and invoice.due_on < issue_on:
        days = {"due": date_format(invoice.due_on, day_format()), "issued": date_format(issue_on, day_format())}
        yield Hole(_("It is due %(due)s, before its own date %(issued)s.") % days, "id_due_on")
    if invoice.period_start and invoice.period_end and invoice.period_end < invoice.period_start:
        yield Hole(_("The period ends before it begins."), "id_period_end")


def _of_the_lines(invoice, lines, issue_on):
    if not lines:
        yield Hole(_("It has no lines."), "row-1-line_name")
    days = {issue_on, *filter(None, (invoice.delivered_on, invoice.period_start, invoice.period_end))}
    for line in lines:
        n = line.position
        if not line.name:
            yield Hole(_("Line %s has no text.") % n, f"row-{n}-line_name")
        if line.price is None:
            yield Hole(_("Line %s has no price.") % n, f"row-{n}-line_price")
        if line.vat_rate is None:
            yield Hole(_("Line %s has no VAT.") % n, f"row-{n}-line_vat")
        elif not holds(invoice.company.country, line.vat_category, line.vat_rate, days):
            said = {"n": n, "rate": format_quantity(line.vat_rate, "sv"), "country": invoice.company.country}
            words = _(
                "Line %(n)s: %(rate)s %% is no VAT rate of %(country)s on the day of the invoice or its delivery."
            )
            yield Hole(words % said, f"row-{n}-line_vat")
    if any(line.vat_category == REVERSE_CHARGE for line in lines) and not invoice.buyer_vat_id:
        yield Hole(_("Reverse charge needs the buyer's VAT number, and the card has none."))
    if invoice.payable < 0:
        total = money(invoice.payable, invoice.currency)
        yield Hole(_("The total is %s. An invoice cannot be negative: credit an invoice instead.") % total)
    if abs(invoice.payable) >= LARGEST or any(abs(line.net) >= LARGEST for line in lines):
        yield Hole(_("The total is larger than an invoice can hold."))

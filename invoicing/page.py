"""What an invoice's page and its e-mail say: labels and values in one language, ready to be set.

Call everything here inside `translation.override(language)`. Numbers and dates follow the language too.
"""

from decimal import Decimal
from typing import NamedTuple

from django.utils.dates import MONTHS, MONTHS_ALT
from django.utils.translation import gettext as _
from django.utils.translation import npgettext_lazy, pgettext

from config.identifiers import format_bankgiro, format_iban, format_plusgiro, format_reference, is_digits
from invoicing.models import Invoice
from invoicing.money import NBSP, format_amount, format_number, format_percent, format_price, format_quantity
from invoicing.payment_code import is_payable, pay_to
from invoicing.windows import window_of

# UN/ECE Recommendation 20 and 21: the codes that Nordic invoices use. Any other code is shown as it is.
UNITS = {
    **dict.fromkeys(("C62", "H87", "EA", "NAR", "XPP", "PCE"), npgettext_lazy("unit", "pc", "pcs", "count")),
    "HUR": npgettext_lazy("unit", "hour", "hours", "count"),
    "DAY": npgettext_lazy("unit", "day", "days", "count"),
    "WEE": npgettext_lazy("unit", "week", "weeks", "count"),
    "MON": npgettext_lazy("unit", "month", "months", "count"),
    "ANN": npgettext_lazy("unit", "year", "years", "count"),
    "SET": npgettext_lazy("unit", "set", "sets", "count"),
    **dict.fromkeys(("PA", "PK", "XPA", "XPK"), npgettext_lazy("unit", "pack", "packs", "count")),
    **dict.fromkeys(("BX", "XBX"), npgettext_lazy("unit", "box", "boxes", "count")),
    "PR": npgettext_lazy("unit", "pair", "pairs", "count"),
}
SYMBOLS = {
    "MIN": "min",
    "KGM": "kg",
    "GRM": "g",
    "TNE": "t",
    "LTR": "l",
    "MTR": "m",
    "KMT": "km",
    "CMT": "cm",
    "MMT": "mm",
    "MTK": "m²",
    "MTQ": "m³",
    "KWH": "kWh",
    "MWH": "MWh",
    "P1": "%",
}
# The last line of an address abroad, as the post wants it: capitals, in a language known everywhere (UPU S42).
COUNTRIES = {
    "AX": "ÅLAND, FINLAND",
    "DE": "GERMANY",
    "DK": "DENMARK",
    "EE": "ESTONIA",
    "ES": "SPAIN",
    "FI": "FINLAND",
    "FR": "FRANCE",
    "GB": "UNITED KINGDOM",
    "IE": "IRELAND",
    "IS": "ICELAND",
    "LT": "LITHUANIA",
    "LV": "LATVIA",
    "NL": "NETHERLANDS",
    "NO": "NORWAY",
    "PL": "POLAND",
    "SE": "SWEDEN",
    "US": "UNITED STATES",
}
REVERSE_CHARGE = "AE"  # UNCL5305
FITS_ON_A_FACT = 60  # characters; longer terms are a paragraph
FITS_IN_A_COLUMN = 22  # characters of the longest word
FITS_UNDER_THE_BOX = 230  # characters: two lines of small print


class Fact(NamedTuple):
    label: str
    value: str


class LineRow(NamedTuple):
    name: str
    remarks: list  # of str, below the name
    quantity: str
    price: str
    vat: str
    net: str


def title(invoice):
    return _("Credit note") if invoice.kind == Invoice.Kind.CREDIT else _("Invoice")


def day(value, language):
    """2026-12-01 in Swedish and English, 01.12.2026 in Norwegian and Finnish."""
    return f"{value:%d.%m.%Y}" if language in ("nb", "fi") else value.isoformat()


def long_day(value, language):
    """The day in the payment box: 1 december 2026, or 01.12.2026 where that is how people write it."""
    if language in ("nb", "fi"):
        return day(value, language)
    return f"{value.day}{NBSP}{MONTHS[value.month]}{NBSP}{value.year}"


def spoken_day(value, language):
    """The day in a sentence, without its year: 20 december, 20. desember, 20. joulukuuta."""
    if language == "fi":  # its months have a form of their own after a day
        return f"{value.day}.{NBSP}{MONTHS_ALT[value.month]}"
    return f"{value.day}{'.' if language == 'nb' else ''}{NBSP}{MONTHS[value.month]}"


def page(invoice, *, template, language, letter_to=(), is_test=False):
    """The context of the pages in templates/documents/. `template` may be None: then there are no own texts.

    With `letter_to` these lines stand in the window and nothing else. With `is_test` it says so, and names no account.
    """
    company = invoice.company
    # The company's own words are about an invoice and how to pay it; a credit note says what it is by itself.
    texts = template.texts.get(language, {}) if template and is_payable(invoice) else {}
    closing = texts.get("closing", "")
    lines = [_line(line, language) for line in invoice.lines.all()]
    is_short = len(closing) <= FITS_UNDER_THE_BOX and closing.count("\n") < 2
    *sums, total = totals(invoice, language)
    context = {
        "language": language,
        "title": title(invoice),
        "number": invoice.number or pgettext("document", "Draft"),
        "company": company.name,
        # A print provider has a window of its own for it, and gets it beside the page.
        "return_address": "" if letter_to else ", ".join([company.name, *company.address_lines()]),
        "buyer": letter_to or _buyer(invoice),
        "is_letter": bool(letter_to),
        "is_right": window_of(company).is_right,
        "facts": facts(invoice, language, names_contact=bool(letter_to)),
        "credited": _credited(invoice, language),
        "opening": texts.get("opening", ""),
        "note": invoice.note,
        "lines": lines,
        # Twelve digits fit only when the columns of numbers take some room from the names.
        "is_wide": any(len(line.price) > 11 or len(line.quantity) > 12 for line in lines),
        "vat_rows": [_vat_row(row, language) for row in invoice.vat_rows],
        "sums": sums,
        "total": total,
        "remarks": _remarks(invoice),
        "payment": _payment(invoice, language, is_test),
        "is_test": is_test,
        "closing": closing if is_short else "",
        "long_closing": "" if is_short else closing,
        "footer": _footer(company),
    }
    context["breaks"] = any(len(word) > FITS_IN_A_COLUMN for text in _texts(context) for word in text.split())
    return context


def _texts(context):
    """Every string of the page, at whatever depth."""
    for value in context.values() if isinstance(context, dict) else context:
        if isinstance(value, str):
            yield value
        elif isinstance(value, (list, tuple, dict)):
            yield from _texts(value)


def facts(invoice, language, *, names_contact=False):
    """What stands beside the address: only what there is, in the order in which people look for it.

    `names_contact`: the address does not say for whom it is.
    """
    period = _period(invoice.period_start, invoice.period_end, language)
    has_reverse_charge = any(row.get("category") == REVERSE_CHARGE for row in invoice.vat_rows)
    found = (
        (_("Date") if invoice.kind == Invoice.Kind.CREDIT else _("Invoice date"), day(invoice.issued_on, language)),
        (_("Due date"), day(invoice.due_on, language) if invoice.due_on and is_payable(invoice) else ""),
        (_("Delivery date"), day(invoice.delivered_on, language) if invoice.delivered_on else ""),
        (_("Period"), period),
        (_("Customer number"), invoice.buyer_number),
        (_("Your reference"), invoice.buyer_reference or invoice.buyer_contact),
        (_("Attention"), invoice.buyer_contact if names_contact and invoice.buyer_reference else ""),
        (_("Our reference"), invoice.seller_contact),
        (_("Order"), invoice.order_reference),
        (_("Contract"), invoice.contract_reference),
        (_("Your VAT number"), invoice.buyer_vat_id if has_reverse_charge else ""),
        (_("Terms"), invoice.terms if len(invoice.terms) <= FITS_ON_A_FACT else ""),
    )
    return [Fact(label, value) for label, value in found if value]


def payment_facts(invoice):
    """Accounts and reference as a payer types them: bankgiro, plusgiro, account, reference, IBAN."""
    to = pay_to(invoice)
    found = (
        ("Bankgiro", format_bankgiro(to.bankgiro)),
        ("Plusgiro", format_plusgiro(to.plusgiro)),
        (_("Account"), _domestic(to.account)),
        reference_fact(invoice),
        (f"IBAN, BIC {to.bic}" if to.bic else "IBAN", format_iban(to.iban)),
    )
    return [Fact(label, value) for label, value in found if value]


def reference_fact(invoice):
    """The reference under the name that the payer's bank gives it; the invoice's number where it has none."""
    to = pay_to(invoice)
    if not invoice.payment_reference:
        return Fact(_("Invoice number"), to.reference)
    if (to.bankgiro or to.plusgiro) and is_digits(to.reference):
        return Fact(_("OCR number"), to.reference)
    if invoice.company.country == "NO":
        return Fact("KID", to.reference)
    if invoice.company.country == "FI":
        return Fact(_("Reference number"), format_reference(to.reference))
    return Fact(_("Payment reference"), to.reference)


def totals(invoice, language):
    """From the sum of the lines to the amount that is to be paid; the last row is the one that counts."""
    rows = []
    if invoice.allowances:
        rows.append(Fact(_("Sum of lines"), format_number(invoice.line_total, language)))
        rows += [_allowance(each, language) for each in invoice.allowances]
    rows.append(Fact(_("Net"), format_number(invoice.net, language)))
    rows.append(Fact(_("VAT"), format_number(invoice.vat, language)))
    is_credit = invoice.kind == Invoice.Kind.CREDIT
    last = _("Credited") if is_credit else _("Total")
    if invoice.prepaid or invoice.rounding:
        rows.append(Fact(_("Total with VAT"), format_number(invoice.gross, language)))
        last = _("Left to credit") if is_credit else _("To pay")
    if invoice.prepaid:
        rows.append(Fact(_("Already paid"), format_number(-invoice.prepaid, language)))
    if invoice.rounding:
        rows.append(Fact(_("Rounding"), format_number(invoice.rounding, language)))
    rows.append(Fact(last, format_amount(invoice.payable, invoice.currency, language)))
    return rows


def registration(company):
    """Who the company is to the authorities, as its country wants it said."""
    vat_id, legal_id = company.vat_id, company.legal_id
    if company.country == "NO":
        # Bokføringsforskriften § 5-1-2: the number with MVA is the VAT number; no second one is printed.
        rows = [_("Org. no. %s") % (vat_id or legal_id) if vat_id or legal_id else ""]
        if company.name.rsplit(" ", 1)[-1].upper() in ("AS", "ASA", "NUF"):
            rows.append("Foretaksregisteret")
    else:
        label = "Y-tunnus %s" if company.country == "FI" else _("Org. no. %s")
        rows = [label % legal_id if legal_id else "", _("VAT no. %s") % vat_id if vat_id else ""]
    if company.has_f_tax:
        rows.append(_("Approved for F-tax"))
    if company.registered_office:
        rows.append(_("Registered office: %s") % company.registered_office)
    return [row for row in rows if row]


def _buyer(invoice):
    town = f"{invoice.buyer_postcode} {invoice.buyer_city}".strip()
    contact = _("Att. %s") % invoice.buyer_contact if invoice.buyer_contact else ""
    code = invoice.buyer_country
    abroad = COUNTRIES.get(code, code) if code != invoice.company.country else ""
    lines = (invoice.buyer_name, contact, invoice.buyer_street, invoice.buyer_street_2, town, abroad)
    return [line for line in lines if line]


def _credited(invoice, language):
    if invoice.kind != Invoice.Kind.CREDIT:
        return ""
    if invoice.credits:
        credited = {"number": invoice.credits.number, "day": day(invoice.credits.issued_on, language)}
        return _("This is a credit note for invoice %(number)s of %(day)s. There is nothing to pay.") % credited
    return _("This is a credit note. There is nothing to pay.")


def _line(line, language):
    price = "" if line.price is None else format_price(line.price, language)
    if price and line.base_quantity != 1:
        price += f"{NBSP}/{NBSP}{format_quantity(line.base_quantity, language)}"
    remarks = [line.description, _period(line.period_start, line.period_end, language)]
    for each in line.allowances:
        remarks.append(" ".join(_allowance(each, language)))
    return LineRow(
        name=line.name,
        remarks=[remark for remark in remarks if remark],
        quantity=f"{format_quantity(line.quantity, language)}{NBSP}{_unit(line)}".strip(),
        price=price,
        vat="" if line.vat_rate is None else format_percent(line.vat_rate, language),
        net=format_number(line.net, language),
    )


def _unit(line):
    if line.unit in UNITS:
        return UNITS[line.unit] % {"count": 1 if line.quantity == 1 else 2}
    return SYMBOLS.get(line.unit, line.unit)


def _period(start, end, language):
    return " – ".join(day(each, language) for each in (start, end) if each)


def _allowance(each, language):
    """BG-20, BG-21, BG-27, BG-28: an allowance is taken off, a charge is put on."""
    amount = Decimal(each["amount"])
    if each["kind"] == "allowance":
        return Fact(each.get("reason") or _("Discount"), format_number(-amount, language))
    return Fact(each.get("reason") or _("Charge"), format_number(amount, language))


def _vat_row(row, language):
    """(rate, basis, VAT) of BG-23."""
    rate = format_percent(Decimal(row["rate"]), language) if row.get("rate") else row.get("category", "")
    return rate, format_number(Decimal(row["net"]), language), format_number(Decimal(row["vat"]), language)


def _remarks(invoice):
    """What the law or the document wants said below the sums."""
    found = []
    for row in invoice.vat_rows:
        if row.get("category") == REVERSE_CHARGE:
            found.append(_("Reverse charge"))
        found.append(row.get("exemption", ""))
    if len(invoice.terms) > FITS_ON_A_FACT:
        found.append(invoice.terms)
    return list(dict.fromkeys(text for text in found if text))


def _payment(invoice, language, is_test):
    """The payment box, or None on a credit note. Where nothing is left to pay it says so and names no account."""
    if invoice.kind == Invoice.Kind.CREDIT:
        return None
    can_be_paid = is_payable(invoice)
    return {
        "amount": format_amount(invoice.payable, invoice.currency, language),
        "due": long_day(invoice.due_on, language) if invoice.due_on else "",
        "facts": payment_facts(invoice) if can_be_paid and not is_test else [],
        "is_payable": can_be_paid,
        "instead": _("There is nothing to pay.") if invoice.number else _("This is a draft, not an invoice to pay."),
    }


def _domestic(account):
    """Norwegian: 1234 56 78903. Another domestic number stays as it is."""
    if is_digits(account) and len(account) == 11:
        return NBSP.join((account[:4], account[4:6], account[6:]))
    return account


def _footer(company):
    return [
        [company.name, *company.address_lines()],
        registration(company),
        [text for text in (company.email, company.phone, company.website) if text],
    ]

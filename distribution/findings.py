"""The sentences for what was found in an uploaded file: what it is, and what to do. Page and command share them.

A finding is data: {"code": ..., "params": {...}}. Codes are those of `invoicing.formats.findings.Code` and of
`distribution.actions.importing`; what each code's params hold stands there.
"""

from decimal import Decimal

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.template_tags import money
from invoicing.formats.findings import Code

ASK = gettext_lazy("Correct it in the system that made the file, export it again and upload the new file.")
EXPORT_UBL = gettext_lazy("Export the invoice as a UBL 2.1 XML file and upload that one.")
SUMS = gettext_lazy("Totals are never changed here. Have the sender correct the sum and export the invoice again.")
NOTHING = gettext_lazy("Nothing: the invoice came in. The original file keeps the whole.")

SENTENCES = {
    # The file as a whole
    Code.EMPTY: (gettext_lazy("The file is empty."), gettext_lazy("Export it again and upload the new file.")),
    Code.TOO_LARGE: (
        gettext_lazy("The file is %(size)s; a file may be at most %(limit)s."),
        gettext_lazy("Take large attachments out of the invoice, then export and upload it again."),
    ),
    Code.IS_PDF: (gettext_lazy("The file is a PDF, which is for people to read."), EXPORT_UBL),
    Code.IS_ZIP: (
        gettext_lazy("The file is a packed one: ZIP, Excel or Word."),
        gettext_lazy("Unpack a ZIP and upload the XML files in it. From Excel or Word nothing can be read."),
    ),
    Code.NOT_XML: (gettext_lazy("The file is not XML: line %(line)s, column %(column)s: %(reason)s."), EXPORT_UBL),
    Code.DOCTYPE: (
        gettext_lazy("The file holds a DOCTYPE, which can draw in other files and is therefore never read."),
        gettext_lazy("Export the invoice again without <!DOCTYPE …>."),
    ),
    Code.TEXT_TOO_LARGE: (
        gettext_lazy("One text at line %(line)s, as a rule an attachment, is larger than %(limit)s."),
        gettext_lazy("Take the attachment out of the invoice, then export and upload it again."),
    ),
    Code.TOO_DEEP: (gettext_lazy("Elements lie too deep inside each other at line %(line)s."), EXPORT_UBL),
    Code.WRONG_NAMESPACE: (
        gettext_lazy("The outermost element is %(element)s in the namespace “%(namespace)s”, not a UBL 2.1 invoice."),
        EXPORT_UBL,
    ),
    Code.UNKNOWN_FORMAT: (
        gettext_lazy("The outermost element is %(element)s: no format of invoice that can be read here."),
        EXPORT_UBL,
    ),
    # One element
    Code.MISSING: (gettext_lazy("%(place)s is missing or empty."), ASK),
    Code.BAD_DATE: (gettext_lazy("%(place)s holds “%(value)s”, which is no date (2026-12-20)."), ASK),
    Code.BAD_NUMBER: (gettext_lazy("%(place)s holds “%(value)s”, which is no amount that can be used."), ASK),
    Code.BAD_CURRENCY: (
        gettext_lazy("%(place)s holds “%(value)s”, which is no currency: three letters, as in SEK."),
        ASK,
    ),
    Code.TOO_LONG: (gettext_lazy("%(place)s has %(length)s characters; %(limit)s are the most."), ASK),
    # Read, with something to tell
    Code.NOT_KEPT: (gettext_lazy("%(place)s (“%(value)s”) has no place on the invoice here."), NOTHING),
    Code.CLEANED: (gettext_lazy("%(place)s held invisible characters, which were taken out: %(characters)s."), NOTHING),
    Code.OTHER_CURRENCY: (
        gettext_lazy("%(place)s is in %(currency)s while the invoice is in %(expected)s; it was passed over."),
        NOTHING,
    ),
    Code.TWO_ADDRESSES: (
        gettext_lazy("%(place)s holds more than one e-mail address (“%(value)s”); none of them is used."),
        gettext_lazy("Type the right one on the invoice or on the card."),
    ),
    Code.BAD_ADDRESS: (
        gettext_lazy("%(place)s holds “%(value)s”, which is no e-mail address; it is not used."),
        gettext_lazy("Type the right one on the invoice or on the card."),
    ),
    # Totals: EN 16931-1 section 6.4.3
    Code.BR_CO_10: (
        gettext_lazy(
            "The sum of the lines (cbc:LineExtensionAmount, BT-106) is %(given)s; the lines give %(expected)s."
        ),
        SUMS,
    ),
    Code.BR_CO_11: (
        gettext_lazy(
            "The sum of allowances (cbc:AllowanceTotalAmount, BT-107) is %(given)s; the allowances give %(expected)s."
        ),
        SUMS,
    ),
    Code.BR_CO_12: (
        gettext_lazy("The sum of charges (cbc:ChargeTotalAmount, BT-108) is %(given)s; the charges give %(expected)s."),
        SUMS,
    ),
    Code.BR_CO_13: (
        gettext_lazy(
            "The total without VAT (cbc:TaxExclusiveAmount, BT-109) is %(given)s; "
            "lines, allowances and charges give %(expected)s."
        ),
        SUMS,
    ),
    Code.BR_CO_14: (
        gettext_lazy("The total VAT (cac:TaxTotal/cbc:TaxAmount, BT-110) is %(given)s; its rows give %(expected)s."),
        SUMS,
    ),
    Code.BR_CO_15: (
        gettext_lazy(
            "The total with VAT (cbc:TaxInclusiveAmount, BT-112) is %(given)s; net and VAT give %(expected)s."
        ),
        SUMS,
    ),
    Code.BR_CO_16: (
        gettext_lazy(
            "The amount due (cbc:PayableAmount, BT-115) is %(given)s; total, prepaid and rounding give %(expected)s."
        ),
        SUMS,
    ),
    Code.BR_CO_17: (
        gettext_lazy(
            "The VAT of category %(category)s, %(rate)s %% (cac:TaxSubtotal/cbc:TaxAmount, BT-117) is %(given)s; "
            "base times rate gives %(expected)s."
        ),
        SUMS,
    ),
    # Of the invoice among the others (actions.importing)
    "unknown-seller": (
        gettext_lazy(
            "The seller %(seller)s (cac:AccountingSupplierParty, %(ids)s) is none of the companies that you work in."
        ),
        gettext_lazy("Check the company's organisation, VAT and e-invoice numbers, or ask for the Clerk role there."),
    ),
    "already-here": (
        gettext_lazy("Invoice %(number)s is already here since %(since)s, made of the same file."),
        gettext_lazy("Nothing: it was not taken in a second time."),
    ),
    "our-fault": (
        gettext_lazy("The file could not be read, and that is our fault: something in it met an error of the program."),
        gettext_lazy("The file is kept and nothing of it was taken in. Tell whoever runs this installation."),
    ),
    "number-taken": (
        gettext_lazy("Number %(number)s (cbc:ID, BT-1) is taken since %(since)s by an invoice made of another file."),
        gettext_lazy("Open that invoice and compare. If both are right, the sender has to give this one a new number."),
    ),
}
CUT = (gettext_lazy("%(place)s has %(length)s characters and is cut after %(limit)s."), NOTHING)


def sentence(finding):
    """(what was found, what to do), in the reader's language."""
    code, params = finding["code"], finding.get("params", {})
    # Texts that were shortened on the way in name a column; a refusal names an element and its term.
    what, todo = CUT if code == Code.TOO_LONG and "term" not in params else SENTENCES[code]
    return what % _shown(params), str(todo)


def _shown(params):
    """The parameters as a reader wants to see them."""
    shown = {"line": "?", "column": "?", "category": "?", "rate": "?"} | params | {"place": _place(params)}
    for name in ("size", "limit"):
        if name in params and "length" not in params:
            shown[name] = _("%s MB") % f"{params[name] / 1024**2:.1f}".removesuffix(".0")
    if "given" in params:
        shown |= {name: _amount(params[name]) for name in ("given", "expected")}
    if params.get("rate"):
        shown["rate"] = f"{Decimal(params['rate']).normalize():f}"
    if params.get("namespace") == "":
        shown["namespace"] = "-"
    if "characters" in params:
        shown["characters"] = ", ".join(params["characters"])
    if "since" in params:
        shown["since"] = date_format(localtime(parse_datetime(params["since"])), "Y-m-d H:i")
    return shown


def _place(params):
    """cbc:IssueDate (BT-2, line 5)"""
    where = [params["term"]] if params.get("term") else []
    if params.get("line"):
        where.append(_("line %s") % params["line"])
    element = params.get("element", "").replace("_", " ")
    return f"{element} ({', '.join(where)})" if where else element


def _amount(text):
    """As in the rest of the house, with as many decimals as were given; what the document left out says so."""
    if text in (None, ""):
        return _("missing")
    number = Decimal(text)
    return money(number) if number == round(number, 2) else str(number)

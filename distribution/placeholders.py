"""The names in double braces that people may write in an e-mail's words: a closed list, filled by ourselves.

No template language sees what people typed: a name is looked up, and what it stands for is text.
"""

import re

from django.utils.translation import gettext_lazy as _

from invoicing.models import Invoice
from invoicing.money import format_amount
from invoicing.page import day, long_day, reference_fact, title
from invoicing.payment_code import is_payable

NAME = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
NOTHING = "–"  # what has no value here: never a hole in a sentence
BOTH, DEBIT, CREDIT = Invoice.Kind.values, [Invoice.Kind.DEBIT], [Invoice.Kind.CREDIT]

# name -> (what it stands for, the kinds of document that have it)
NAMES = {
    "document": (_("Invoice or credit note, in the mail's language"), BOTH),
    "number": (_("number of the document"), BOTH),
    "company": (_("name of your company"), BOTH),
    "customer": (_("who it is addressed to"), BOTH),
    "contact": (_("the person it is for, else who it is addressed to"), BOTH),
    "customer_number": (_("customer number"), BOTH),
    "amount": (_("amount with currency"), BOTH),
    "date": (_("day of issue"), BOTH),
    "due": (_("due day"), DEBIT),
    "reference": (_("OCR, KID or other payment reference"), DEBIT),
    "credited": (_("number of the invoice that is credited"), CREDIT),
    "your_reference": (_("the customer's reference"), BOTH),
    "our_reference": (_("our reference"), BOTH),
    "order": (_("order number"), BOTH),
}


def names(kind):
    """{name: what it stands for} for this kind of document."""
    return {name: words for name, (words, kinds) in NAMES.items() if kind in kinds}


def unknown(text, kind):
    """The names in `text` that do not exist for this kind, in their order, each once."""
    return list(dict.fromkeys(name for name in NAME.findall(text) if name not in names(kind)))


def is_broken(text):
    """Whether braces stand in it that are no name: one was not closed, or holds another."""
    left = NAME.sub("", text)
    return "{{" in left or "}}" in left


def values(invoice, language, *, is_test=False):
    """{name: text} of one invoice. Call it in `language`. A test names nothing that money could be paid to."""
    payable = is_payable(invoice) and not is_test
    return {
        "document": title(invoice),
        "number": invoice.number or "",
        "company": invoice.company.name,
        "customer": invoice.buyer_name,
        "contact": invoice.buyer_contact or invoice.buyer_name,
        "customer_number": invoice.buyer_number,
        "amount": format_amount(invoice.payable, invoice.currency, language),
        "date": day(invoice.issued_on, language),
        "due": long_day(invoice.due_on, language) if invoice.due_on and is_payable(invoice) else "",
        "reference": reference_fact(invoice).value if payable else "",
        "credited": invoice.credits.number if invoice.credits else "",
        "your_reference": invoice.buyer_reference or invoice.buyer_contact,
        "our_reference": invoice.seller_contact,
        "order": invoice.order_reference,
    }


def fill(text, found):
    """`text` with each name's value in its place; what a value holds is not looked at again."""
    return NAME.sub(lambda match: found.get(match[1]) or NOTHING, text)

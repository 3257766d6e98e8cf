"""The files that a delivery carries, made while its undo window is open."""

import json
import re
import unicodedata
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from distribution import placeholders
from distribution.channels import postal
from distribution.models import Enclosure, MailText
from distribution.models.mail import SUBJECT_MAX
from invoicing import pdf
from invoicing.colour import brand, readable
from invoicing.language import language_of
from invoicing.models import DocumentTemplate, Invoice
from invoicing.money import format_amount
from invoicing.page import Fact, long_day, payment_facts, registration, spoken_day, title
from invoicing.payment_code import is_payable
from recipients.methods import Method

PAPER = "#ffffff"


@dataclass(frozen=True)
class Draft:
    """A file before it is archived and frozen as an Enclosure."""

    role: Enclosure.Role
    name: str  # as the recipient sees it: [A-Za-z0-9._-], or what attachments.safe_name left of a person's name
    media_type: str
    content: bytes


def enclosures(delivery):
    """The PDF of the invoice and, when it goes by e-mail, the mail around it and what else goes along."""
    invoice = delivery.invoice
    language = language_of(invoice)
    printed = pdf.render(invoice, template=template_for(delivery), language=language, letter_to=letter_to(delivery))
    with translation.override(language):
        drafts = [Draft(Enclosure.Role.PDF, pdf.file_name(invoice), "application/pdf", printed)]
        if delivery.method == Method.EMAIL:
            words = own_words(invoice, language)
            content = json.dumps(mail(invoice, language, words=words), ensure_ascii=False).encode()
            drafts.append(Draft(Enclosure.Role.MAIL, "mail.json", "application/json", content))
            drafts += attachments(invoice)
    return drafts


def attachments(invoice):
    """The files that go along, as they were handed in. Paper has no place for them: see own_printer."""
    return [
        Draft(Enclosure.Role.ATTACHMENT, each.name, each.file.media_type, each.file.read())
        for each in invoice.files.select_related("file")
    ]


def template_for(delivery):
    """The template of the batch. A print supplier's envelopes have their windows, so it gets the standard layout."""
    template = delivery.batch.template
    if template and delivery.method == Method.CENTRAL_PRINT:
        template.layout = DocumentTemplate.Layout.WINDOW
    return template


def letter_to(delivery):
    """The lines of the window: the address that was confirmed, from whatever card it came. () when it is no letter."""
    if delivery.method != Method.CENTRAL_PRINT:
        return ()
    return postal.PostalAddress.read(delivery.address).on_paper(delivery.company.country)


def own_words(invoice, language):
    """The company's own MailText for this document in this language, or None: then the shipped words are used."""
    return MailText.objects.of(invoice.company_id).filter(kind=invoice.kind, language=language).first()


def mail(invoice, language, *, words=None, is_test=False):
    """{"language", "subject", "text", "html"} of the mail that carries the invoice's PDF. Call it in `language`.

    `words` has a subject and a body of the company's own (a MailText); None: the shipped ones. `is_test`: it says so
    first of all, and names no account.
    """
    company = invoice.company
    due = invoice.due_on if is_payable(invoice) else None
    amount = format_amount(invoice.payable, invoice.currency, language)
    context = {
        "language": language,
        "title": title(invoice),
        "number": invoice.number,
        "company": company.name,
        "amount": amount,
        "is_payable": is_payable(invoice),
        "due": long_day(due, language) if due else "",
        "due_in_words": spoken_day(due, language) if due else "",
        "nothing_to_pay": _("There is nothing to pay."),
        "facts": _facts(invoice, amount, is_test),
        "contact": _contact(company),
        "sender": f"{', '.join([company.name, *company.address_lines()])}. {', '.join(registration(company))}.",
        "because": _("You get this e-mail because you have an agreement with us."),
        "brand": readable(brand(company), on=PAPER),
    }
    context["preheader"] = f"{amount}, {context['due']}" if due else amount
    values = placeholders.values(invoice, language, is_test=is_test)
    if words:
        subject, body = placeholders.fill(words.subject, values), placeholders.fill(words.body, values)
    else:
        subject = render_to_string("emails/invoice.subject.txt", context)
        body = _body(invoice.kind, values, has_credited=bool(invoice.credits))
    if is_test:
        subject = f"[Test] {subject}"
        body = _("This is a test. Nothing is to be paid.") + "\n\n" + body
    context["subject"] = one_line(subject)
    context["body"] = body
    context["paragraphs"] = [each.strip("\n").split("\n") for each in re.split(r"\n{2,}", body) if each.strip()]
    return {
        "language": language,  # of the Content-Language header
        "subject": context["subject"],
        "text": render_to_string("emails/invoice.txt", context).rstrip() + "\n",
        "html": render_to_string("emails/invoice.html", context),
    }


def shipped(kind):
    """(subject, body) of the shipped words in the language in force, with the names that people would type in them."""
    tokens = {name: f"{{{{ {name} }}}}" for name in placeholders.NAMES}
    context = tokens | {"title": tokens["document"], "is_payable": kind == Invoice.Kind.DEBIT}
    subject = render_to_string("emails/invoice.subject.txt", context | {"due_in_words": tokens["due"]})
    return subject.strip(), _body(kind, tokens, has_credited=True)


def one_line(text):
    """A header's value: no control characters, none that turn the direction of what follows, at most 200 long."""
    kinds = {"Cc": " ", "Zl": " ", "Zp": " ", "Cf": ""}
    joined = re.sub(r" {2,}", " ", "".join(kinds.get(unicodedata.category(each), each) for each in text)).strip()
    return joined if len(joined) <= SUBJECT_MAX else joined[: SUBJECT_MAX - 1].rstrip() + "…"


def _body(kind, values, *, has_credited):
    """The shipped words above the facts: greeting, and what is attached."""
    greeting = _("Hello %s,") % values["contact"]
    if kind == Invoice.Kind.DEBIT:
        opening = _("Here is invoice %(number)s from %(company)s.") % values
    elif has_credited:
        opening = _("Here is credit note %(number)s from %(company)s, for invoice %(credited)s.") % values
    else:
        opening = _("Here is credit note %(number)s from %(company)s.") % values
    attached = _("The PDF is attached.")
    return f"{greeting}\n\n{opening} {attached}"


def _facts(invoice, amount, is_test):
    if invoice.kind == Invoice.Kind.CREDIT:
        return [Fact(_("Credit note"), invoice.number), Fact(_("Credited"), amount)]
    number = Fact(_("Invoice number"), invoice.number)
    found = payment_facts(invoice) if is_payable(invoice) and not is_test else []
    return found if number in found else [*found, number]


def _contact(company):
    can_reply = company.distribution.reply_to or company.email
    if can_reply and company.phone:
        return _("Questions? Reply to this e-mail or call %s.") % company.phone
    if can_reply:
        return _("Questions? Reply to this e-mail.")
    return _("Questions? Call %s.") % company.phone if company.phone else ""

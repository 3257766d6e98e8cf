"""A test e-mail to oneself: the whole way to the mail server, with a document that nobody can pay."""

import logging

from django.db import transaction
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from distribution.channels.email import in_ascii, mime, sender
from distribution.models import MailTest
from distribution.relay import Closed, relay
from distribution.rendering import mail, one_line, own_words
from distribution.transports.smtp import Lost, Rejected, Session
from invoicing import pdf
from invoicing.language import language_of
from invoicing.models import Invoice
from recipients import history

log = logging.getLogger(__name__)
Outcome = MailTest.Outcome


class TooMany(Exception):
    """One person has asked for too many in a short time."""


@transaction.atomic
def ask_for_test(company, *, template, by):
    """Put a test e-mail to `by` in line. Raises TooMany."""
    test = MailTest.objects.note(company=company, by=by, address=by.email, template=template)
    if test is None:
        raise TooMany
    history.record(company, "mail.tested", by=by, company=company, email=by.email)
    async_task("distribution.jobs.send_test", str(test.pk))
    return test


def send_test(test):
    """Send it, once: whoever comes second finds it taken. Outside of every Delivery, so no invoice changes."""
    if not MailTest.objects.filter(pk=test.pk, started_at=None).update(started_at=Now()):
        return
    test.refresh_from_db()
    outcome, code, text = attempt(test)
    MailTest.objects.filter(pk=test.pk).update(finished_at=Now(), outcome=outcome, code=str(code), text=text[:500])


def attempt(test):
    """(outcome, code, the other side's words)."""
    try:
        data = message(test)
    except Exception as error:  # whatever is wrong with one document must be said, not shown as a broken house
        log.exception("the test e-mail %s cannot be made", test.pk)
        return Outcome.UNPRINTABLE, "", str(error)
    try:
        way = relay()
    except Closed as closed:
        return Outcome.CLOSED, "", closed.reason
    session = Session(way.host, way.port, way.security, way.username, way.password)
    try:
        code, text = session.deliver(sender(test.company), in_ascii(test.address), data, lambda: None)
    except Rejected as no:
        return Outcome.REFUSED, no.code, no.text
    except (Lost, ValueError) as nothing:
        return Outcome.UNREACHABLE, "", str(nothing)
    except OSError as error:  # after the last byte: nobody knows
        return Outcome.UNKNOWN, "", str(error)
    finally:
        session.close()
    return Outcome.ACCEPTED, code, text


def message(test):
    """The message as bytes: the newest invoice, marked as a test; where there is none yet, a few words."""
    invoices = Invoice.objects.of(test.company).exclude(number=None).select_related("company__logo", "credits")
    cards = ("customer__organisation", "organisation", "reference")
    invoice = invoices.filter(kind=Invoice.Kind.DEBIT).select_related(*cards).order_by("-issued_on", "-id").first()
    language = language_of(invoice) if invoice else test.company.language
    with translation.override(language):
        if invoice is None:
            return mime(test, few_words(test, language), [])
        words = mail(invoice, language, words=own_words(invoice, language), is_test=True)
        document = pdf.render(invoice, template=test.template, language=language, is_test=True)
        return mime(test, words, [(f"Test-{pdf.file_name(invoice)}", document, "application/pdf")])


def few_words(test, language):
    text = _("This is a test. Nothing is to be paid.")
    return {"language": language, "subject": one_line(f"[Test] {test.company}"), "text": text + "\n", "html": ""}

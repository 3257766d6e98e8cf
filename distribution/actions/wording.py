"""A company's own words in its e-mails."""

from django.db import transaction

from distribution.models import MailText
from recipients import history


@transaction.atomic
def set_words(company, *, kind, language, subject, body, by):
    """Store own words for the e-mails of one kind of document in one language. What is confirmed keeps its words."""
    text, _made = MailText.objects.update_or_create(
        company=company, kind=kind, language=language, defaults={"subject": subject, "body": body}
    )
    history.record(company, "mail.changed", by=by, company=company, name=f"{text.get_kind_display()}, {language}")


@transaction.atomic
def take_shipped_words(company, *, kind, language, by):
    """Take the own words away, so that the shipped ones go out again; returns whether there were any."""
    text = MailText.objects.of(company).filter(kind=kind, language=language).first()
    if text:
        text.delete()
        history.record(company, "mail.shipped", by=by, company=company, name=f"{text.get_kind_display()}, {language}")
    return bool(text)

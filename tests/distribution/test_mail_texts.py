"""The words of e-mails: names that are filled in, what is refused when it is saved, and what the recipient gets."""

import json

import pytest
from django.urls import reverse
from django.utils import translation

from distribution import placeholders
from distribution.models import Enclosure, MailText
from distribution.rendering import enclosures, mail, own_words, shipped
from recipients.models import Event, Role
from tests.distribution.test_rendering import delivery
from tests.factories import CompanyFactory, InvoiceFactory, MemberFactory

pytestmark = pytest.mark.django_db
WORDS = {"subject": "Räkning {{ number }}", "body": "Hej {{ customer }}!\n\nBetala {{amount}} senast {{  due  }}."}


@pytest.fixture
def company(db):
    return CompanyFactory(name="Fjordgym AB")


@pytest.fixture
def manager(client, company):
    client.force_login(MemberFactory(company=company, role=Role.MANAGER, user__name="Mia Lund").user)
    return client


def url(company, name="mail_text", kind="debit", language="sv"):
    return reverse(f"distribution:{name}", args=[company.slug, kind, language])


def page(response):
    return response.content.decode()


def written(invoice, language="sv", **words):
    stored = MailText(kind=invoice.kind, **(WORDS | words))
    with translation.override(language):
        made = mail(invoice, language, words=stored)
    return {key: text.replace("\u00a0", " ") for key, text in made.items()}


# --- What goes out ----------------------------------------------------------------------------------------------------


def test_names_become_values_in_subject_text_and_html(company):
    made = written(InvoiceFactory(company=company, number="10240", buyer_name="Eva Lund"))
    assert made["subject"] == "Räkning 10240"
    assert made["text"].startswith("Hej Eva Lund!\n\nBetala 349,00 kr senast 20 december 2026.\n\n")
    assert ">Hej Eva Lund!</p>" in made["html"]
    assert ">Betala 349,00 kr senast 20 december 2026.</p>" in made["html"]
    assert "5050-1055" in made["text"]


def test_what_was_typed_and_what_a_name_stands_for_is_text_and_never_markup(company):
    hostile = "<script>alert(1)</script>{% now 'Y' %}{{ amount }}"
    made = written(InvoiceFactory(company=company, buyer_name=hostile), body=f"{hostile}\n{{{{ customer }}}}")
    assert "<script" not in made["html"]
    assert made["html"].count("&lt;script&gt;") >= 2
    # what a value holds is not filled in again, and no template language reads any of it
    assert made["text"].startswith(
        "<script>alert(1)</script>{% now 'Y' %}349,00 kr\n<script>alert(1)</script>{% now 'Y' %}{{ amount }}\n"
    )


def test_nothing_gets_into_the_header_by_a_name(company):
    made = written(
        InvoiceFactory(company=company, buyer_name="Eva\r\nBcc: all@evil.test\u202e"), subject="{{ customer }}"
    )
    assert made["subject"] == "Eva Bcc: all@evil.test"
    long = written(InvoiceFactory(company=company, buyer_name="E" * 100), subject="{{ customer }}" * 4)
    assert len(long["subject"]) == 200


def test_a_name_without_a_value_is_a_dash(company):
    invoice = InvoiceFactory(company=company, due_on=None, buyer_reference="")
    made = written(invoice, subject="{{ due }}", body="Er referens {{ your_reference }}, {{ gone_since }}.")
    assert (made["subject"], made["text"].startswith("Er referens –, –.")) == ("–", True)


def test_each_recipient_gets_the_words_of_their_language_and_never_of_another_one(company):
    MailText.objects.create(company=company, kind="debit", language="sv", **WORDS)
    MailText.objects.create(company=CompanyFactory(), kind="debit", language="fi", subject="Muu", body="Muu")
    invoice = InvoiceFactory(company=company, number="10240", customer__language="fi")

    def subject():
        invoice.deliveries.all().delete()
        drafts = enclosures(delivery(invoice))
        return json.loads(next(d for d in drafts if d.role == Enclosure.Role.MAIL).content)["subject"]

    assert subject().startswith("Lasku 10240")
    invoice.customer.language = "sv"
    invoice.customer.save()
    assert subject() == "Räkning 10240"
    credit = InvoiceFactory(company=company, kind="credit", number="K-1", credits=invoice)
    assert own_words(credit, "sv") is None


@pytest.mark.parametrize("language", ["en", "sv", "nb", "fi"])
@pytest.mark.parametrize("kind", ["debit", "credit"])
def test_the_shipped_words_as_typed_ones_say_what_the_shipped_mail_says(company, kind, language):
    first = InvoiceFactory(company=company, number="10198")
    more = {"kind": "credit", "credits": first, "due_on": None} if kind == "credit" else {}
    invoice = InvoiceFactory(company=company, number="10240", **more)
    with translation.override(language):
        subject, body = shipped(kind)
        typed, ours = mail(invoice, language, words=MailText(subject=subject, body=body)), mail(invoice, language)
    assert not placeholders.unknown(subject + body, kind)
    assert (typed["text"], typed["html"].partition("<style>")[2]) == (
        ours["text"],
        ours["html"].partition("<style>")[2],
    )
    assert typed["subject"].startswith(ours["subject"].partition("20")[0])  # the shipped one speaks the due day


# --- What is saved ----------------------------------------------------------------------------------------------------


def test_a_manager_saves_words_and_takes_the_shipped_ones_again(manager, company):
    body = page(manager.post(url(company), WORDS, follow=True))
    assert ("Words saved." in body, "own words" in body, "The shipped words" in body) == (True, True, True)
    stored = MailText.objects.get(company=company)
    assert (stored.kind, stored.language, stored.subject) == ("debit", "sv", WORDS["subject"])
    assert "own words" in page(manager.get(reverse("distribution:mail_texts", args=[company.slug])))
    body = page(manager.post(url(company), {"shipped": "yes"}, follow=True))
    assert ("The shipped words go out again." in body, MailText.objects.exists()) == (True, False)
    events = Event.objects.filter(about=company.pk).order_by("id")
    assert [(event.what, event.data["name"]) for event in events] == [
        ("mail.changed", "Invoice, sv"),
        ("mail.shipped", "Invoice, sv"),
    ]


def test_the_shipped_words_saved_as_they_are_are_no_words_of_ones_own(manager, company):
    with translation.override("sv"):
        subject, body = shipped("debit")
    manager.post(url(company), {"subject": subject, "body": body})
    assert (MailText.objects.exists(), Event.objects.exists()) == (False, False)


@pytest.mark.parametrize(
    "kind, changes, words",
    [
        ("debit", {"body": "Hej {{ namn }} och {{ x.y }}"}, "{{ namn }}, {{ x.y }} is no name that exists here."),
        ("debit", {"body": "Hej {{ namn }}"}, "These do: document, number, company"),
        ("debit", {"subject": "{{ settings.SECRET_KEY }}"}, "{{ settings.SECRET_KEY }} is no name that exists here."),
        ("debit", {"subject": "{{ credited }}"}, "{{ credited }} is no name that exists here."),
        ("credit", {"body": "{{ due }}"}, "{{ due }} is no name that exists here."),
        ("debit", {"body": "Hej {{ customer"}, "A name is not closed."),
        ("debit", {"body": "{{ {{ customer }} }}"}, "A name is not closed."),
        ("debit", {"subject": ""}, "Type a subject"),
        ("debit", {"body": " \n "}, "Type a text"),
        ("debit", {"subject": "x" * 201}, "at most 200 characters"),
        ("debit", {"body": "x" * 4001}, "at most 4000 characters"),
    ],
)
def test_what_cannot_go_out_is_a_sentence_and_what_was_typed_stays(manager, company, kind, changes, words):
    typed = WORDS | {"body": "Hej {{ customer }}!"} | changes
    response = manager.post(url(company, kind=kind), typed)
    body = page(response).replace("&#x27;", "'")
    assert (response.status_code, words in body) == (422, True)
    assert MailText.objects.exists() is False
    kept = "Räkning {{ number }}" if "subject" not in changes else "Hej {{ customer }}!"
    assert kept in body


def test_a_line_end_in_a_subject_is_a_space(manager, company):
    manager.post(url(company), WORDS | {"subject": "Räkning\r\nBcc: all@evil.test"})
    assert MailText.objects.get().subject == "Räkning Bcc: all@evil.test"


@pytest.mark.parametrize("kind, language", [("debit", "de"), ("reminder", "sv")])
def test_a_kind_or_language_that_there_is_not(manager, company, kind, language):
    assert manager.get(url(company, kind=kind, language=language)).status_code == 404


# --- The preview ------------------------------------------------------------------------------------------------------


def test_the_preview_is_a_real_mail_in_the_typed_words_and_stores_nothing(manager, company):
    InvoiceFactory(company=company, number="10240", buyer_name="Eva Lund")
    assert "Här är faktura 10240" in page(manager.get(url(company, "mail_preview")))
    response = manager.post(url(company, "mail_preview"), WORDS)
    assert ("Räkning 10240" in page(response), "Hej Eva Lund!" in page(response)) == (True, True)
    assert "sandbox" in response["Content-Security-Policy"]
    refused = manager.post(url(company, "mail_preview"), WORDS | {"body": "{{ nope }}"})
    assert (refused.status_code, "{{ nope }} is no name" in page(refused)) == (422, True)
    assert not MailText.objects.exists()


def test_without_a_document_of_that_kind_there_is_no_preview(manager, company):
    InvoiceFactory(company=company)
    assert "Nothing to show it with" in page(manager.get(url(company, kind="credit")))
    assert manager.get(url(company, "mail_preview", kind="credit")).status_code == 404

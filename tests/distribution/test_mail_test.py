"""The test e-mail to oneself: what goes out, what the server said, and what it leaves alone."""

from datetime import timedelta
from email import message_from_bytes, policy

import pypdfium2 as pdfium
import pytest
import zxingcpp
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from distribution import jobs
from distribution.models import Delivery, Installation, MailTest
from invoicing.models import Invoice
from recipients.models import Event, Role
from tests.distribution.smtp_server import Server
from tests.factories import CompanyFactory, InvoiceFactory, MemberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(db):
    return CompanyFactory(name="Fjordgym AB", iban="SE4550000000058398257466")


@pytest.fixture
def clerk(client, company):
    client.force_login(MemberFactory(company=company, user__email="kim@fjordgym.example").user)
    return client


@pytest.fixture
def server(settings, clocks):
    """Makes the relay of test mode."""
    servers = []

    def make(**script):
        servers.append(Server(script).__enter__())
        settings.MAIL_SINK = f"127.0.0.1:{servers[-1].port}"
        return servers[-1]

    yield make
    for each in servers:
        each.__exit__()


def url(company, name="mail_test"):
    return reverse(f"distribution:{name}", args=[company.slug])


def page(response):
    return response.content.decode()


def ask_and_send(clerk, company):
    clerk.post(url(company))
    test = MailTest.objects.of(company).latest("asked_at")
    jobs.send_test(test.pk)
    test.refresh_from_db()
    return test


def test_a_test_goes_the_whole_way_to_the_one_who_asks_and_cannot_be_paid(clerk, company, server):
    invoice = InvoiceFactory(company=company, number="10240")
    before = Invoice.objects.filter(pk=invoice.pk).values().get()
    relay = server()
    test = ask_and_send(clerk, company)
    (mail,) = relay.mails
    assert (mail.recipient, mail.sender) == ("kim@fjordgym.example", f"{company.slug}@utskick.example")
    message = message_from_bytes(mail.data, policy=policy.SMTP)
    assert message["Subject"].startswith("[Test] Faktura 10240")
    text = message.get_body(["plain"]).get_content() + message.get_body(["html"]).get_content()
    assert text.startswith("Detta är ett test. Inget ska betalas.")
    (attachment,) = message.iter_attachments()
    document = pdfium.PdfDocument(attachment.get_content())
    printed = document[0].get_textpage().get_text_range()
    assert (attachment.get_filename(), "TEST" in printed, "Inget ska betalas." in printed) == (
        "Test-Faktura-10240.pdf",
        True,
        True,
    )
    assert [word for word in ("5050", "102400", "SE45") if word in printed or word in text] == []
    assert zxingcpp.read_barcodes(document[0].render(scale=200 / 72).to_pil()) == []
    assert (test.outcome, test.code, test.text) == ("accepted", "250", "2.0.0 queued as 17")
    # no invoice and no delivery knows of it
    assert (Invoice.objects.filter(pk=invoice.pk).values().get(), Delivery.objects.count()) == (before, 0)
    body = page(clerk.get(url(company, "mail_texts")))
    assert ("The mail server took it" in body, "2.0.0 queued as 17" in body) == (True, True)
    event = Event.objects.get(what="mail.tested")
    assert (event.company, event.data["email"]) == (company, "kim@fjordgym.example")


def test_it_is_sent_once_however_often_the_bell_rings(clerk, company, server):
    relay = server()
    test = ask_and_send(clerk, company)
    jobs.send_test(test.pk)
    assert (len(relay.mails), OrmQ.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "script, outcome, words",
    [
        ({"rcpt": "550 5.1.1 no such user"}, "refused", "550 5.1.1 no such user"),
        ({"dot": "554 5.7.1 looks like spam"}, "refused", "554 5.7.1 looks like spam"),
        ({"mail": "close"}, "unreachable", "mail:"),
        ({"dot": "take and reset"}, "unknown", "Connection reset"),
    ],
)
def test_what_the_server_said_is_stored_and_shown(clerk, company, server, script, outcome, words):
    server(**script)
    test = ask_and_send(clerk, company)
    assert test.outcome == outcome
    body = page(clerk.get(url(company, "mail_texts")))
    assert (words in body, test.get_outcome_display() in body) == (True, True)


def test_a_copy_of_the_database_sends_no_test(clerk, company, server, settings):
    relay = server()
    settings.DELIVERY_LIVE, settings.INSTANCE_ID = True, "another one"
    assert Installation.objects.this().mode() == "copy"
    assert ask_and_send(clerk, company).outcome == "closed"
    assert relay.mails == []
    assert "This is a copy of the database: nothing is sent." in page(clerk.get(url(company, "mail_texts")))


def test_a_company_without_an_invoice_tests_its_way_out_with_a_few_words(clerk, company, server):
    relay = server()
    ask_and_send(clerk, company)
    message = message_from_bytes(relay.mails[0].data, policy=policy.SMTP)
    assert (message["Subject"], list(message.iter_attachments())) == ("[Test] Fjordgym AB", [])


def test_the_sixth_in_ten_minutes_has_to_wait(clerk, company):
    for _press in range(6):
        response = clerk.post(url(company), follow=True)
    assert "Five test e-mails in ten minutes are the most." in page(response)
    assert (MailTest.objects.count(), Event.objects.count(), OrmQ.objects.count()) == (5, 5, 5)
    MailTest.objects.update(asked_at=timezone.now() - timedelta(minutes=11))
    assert "the most" not in page(clerk.post(url(company), follow=True))


def test_a_document_that_cannot_be_printed_is_told(clerk, company, server, monkeypatch):
    InvoiceFactory(company=company)
    relay = server()
    monkeypatch.setattr("invoicing.pdf.page", lambda *args, **more: 1 / 0)
    assert (ask_and_send(clerk, company).outcome, relay.mails) == ("unprintable", [])


def test_a_template_of_another_company_is_not_there(clerk, company):
    foreign = CompanyFactory().templates.get()
    for asked in (foreign.pk, "nonsense"):
        assert clerk.post(url(company), {"template": asked}).status_code == 404
    assert not MailTest.objects.exists()


def test_what_is_on_its_way_is_asked_for_again_and_what_lies_too_long_is_told(clerk, company):
    clerk.post(url(company))
    part = {"headers": {"HX-Request": "true"}}
    body = page(clerk.get(url(company), **part))
    assert ("On its way" in body, 'hx-trigger="every 2s"' in body, "<html" in body) == (True, True, False)
    MailTest.objects.update(asked_at=timezone.now() - timedelta(minutes=2))
    assert "The queue has not answered for a minute." in page(clerk.get(url(company), **part))
    MailTest.objects.update(asked_at=timezone.now() - timedelta(minutes=20))
    body = page(clerk.get(url(company), **part))
    assert ("Nobody knows what became of it" in body, "every 2s" in body) == (True, False)


def test_a_viewer_sends_no_test(client, company):
    client.force_login(MemberFactory(company=company, role=Role.VIEWER).user)
    assert client.post(url(company)).status_code == 403
    assert "Send a test to myself" not in page(client.get(url(company, "mail_texts")))

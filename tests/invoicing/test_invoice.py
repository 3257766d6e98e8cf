"""The page of one invoice, through HTTP."""

import io
from uuid import uuid4

import pytest
from django.urls import reverse
from pypdf import PdfReader

from distribution.channels.base import Refused
from distribution.models import Delivery
from distribution.reasons import Reason
from invoicing.models import DocumentTemplate, Invoice
from recipients.methods import Method
from recipients.models import ArchivedFile, Role
from tests.factories import (
    CompanyFactory,
    CustomerFactory,
    InvoiceFactory,
    MemberFactory,
    OrganisationFactory,
    PreferenceFactory,
)
from tests.fakes import RememberingChannel

pytestmark = pytest.mark.django_db
PAGES = ["invoice", "invoice_delivery", "invoice_history"]


@pytest.fixture
def clerk(client, outbox):
    client.force_login(outbox.clerk)
    return client


def url(name, invoice, *args):
    return reverse(f"invoicing:{name}", args=[invoice.company.slug, invoice.pk, *args])


def page(client, name, invoice, *args):
    response = client.get(url(name, invoice, *args))
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_every_part_names_the_invoice_and_offers_what_its_state_allows(clerk, outbox, name):
    invoice = outbox.invoice(number="10240")
    body = page(clerk, name, invoice)
    assert "Invoice 10240" in body
    assert "Send…" in body
    outbox.send(invoice)
    body = page(clerk, name, invoice)
    assert "Send…" not in body
    batch = outbox.delivery(invoice).batch
    assert f'{batch.get_absolute_url()}">batch of' in body
    assert "so it cannot be sent once more" in body
    assert reverse("distribution:undo_deliveries", args=[outbox.company.slug]) in body
    assert str(outbox.delivery(invoice).pk) in body


def test_the_chain_says_each_rung_and_why(clerk, outbox):
    settings = outbox.company.distribution
    settings.active_methods, settings.reserve_method = [Method.EMAIL, Method.OWN_PRINTER], Method.OWN_PRINTER
    settings.save()
    organisation = OrganisationFactory(workspace=outbox.company.workspace, email="", invoice_email="faktura@borg.test")
    PreferenceFactory(organisation=organisation, method=Method.EINVOICE)
    invoice = outbox.invoice(customer=None, organisation=organisation)
    chain = page(clerk, "invoice_delivery", invoice).split('<ol class="chain"')[1].split("</ol>")[0]
    rungs = chain.split("<li")[1:]
    assert len(rungs) == 3
    assert "Choice of the organisation" in rungs[0]
    assert "Method not available here" in rungs[0]
    assert 'aria-current="step"' in rungs[1]
    assert "faktura@borg.test, from the organisation" in rungs[1]
    assert "Not needed" in rungs[2]


def test_a_confirmed_route_stays_whatever_the_card_says_later(clerk, outbox):
    invoice = outbox.invoice(customer__email="old@lund.test")
    outbox.sent_and_ready(invoice)
    invoice.customer.email = "new@lund.test"
    invoice.customer.save()
    body = page(clerk, "invoice_delivery", invoice)
    assert "as it was confirmed" in body
    assert "old@lund.test" in body.split('<ol class="chain"')[1].split("</ol>")[0]


def test_a_typed_address_goes_first_and_emptied_it_is_fetched_again(clerk, outbox):
    person = CustomerFactory(
        workspace=outbox.company.workspace,
        email="eva@lund.test",
        organisation=OrganisationFactory(workspace=outbox.company.workspace, email="info@borg.test"),
    )
    invoice = outbox.invoice(customer=person)
    assert "Will go to info@borg.test, from the organisation." in page(clerk, "invoice_delivery", invoice)
    saved = clerk.post(url("invoice_email", invoice), {"email": "anna@borg.test"}, follow=True).content.decode()
    assert "Empty it and save, and it goes to info@borg.test, from the organisation." in saved
    assert Invoice.objects.get().email == "anna@borg.test"
    assert "typed a new e-mail address" in page(clerk, "invoice_history", invoice)
    clerk.post(url("invoice_email", invoice), {"email": ""})
    assert Invoice.objects.get().email == ""
    assert "took the typed e-mail address away" in page(clerk, "invoice_history", invoice)


@pytest.mark.parametrize("typed", ["anna", "anna@borg.test, eva@borg.test", "anna@borg.test\r\nBcc: x@y.test"])
def test_what_is_no_address_is_kept_on_the_screen_and_not_stored(clerk, outbox, typed):
    invoice = outbox.invoice()
    answer = clerk.post(url("invoice_email", invoice), {"email": typed})
    assert answer.status_code == 422
    assert "anna" in answer.content.decode().split('name="email"')[1].split(">")[0]
    assert Invoice.objects.get().email == ""


def test_without_any_address_the_page_says_what_to_do(clerk, outbox):
    body = page(clerk, "invoice_delivery", outbox.invoice(customer__email=""))
    assert "No e-mail address" in body
    assert "Type an address on the invoice" in body


def test_a_failure_stands_on_the_page_with_what_to_do(clerk, outbox):
    def refuse(gate):
        raise Refused(Reason.NO_MAILBOX, "550", "5.1.1 User unknown")

    invoice = outbox.invoice(customer__email="no@lund.test")
    outbox.close_window(outbox.sent_and_ready(invoice))
    outbox.deliver(RememberingChannel({"no@lund.test": refuse}))
    body = page(clerk, "invoice_delivery", invoice)
    assert "The mailbox does not exist." in body
    assert "Ask the customer for a new address" in body
    assert "To send" in body


def test_the_pdf_that_left_is_there_to_download(clerk, outbox):
    invoice = outbox.invoice()
    outbox.sent(invoice)
    file = outbox.delivery(invoice).enclosures.get(role="pdf")
    link = reverse("distribution:enclosure", args=[outbox.company.slug, file.delivery_id, file.pk])
    assert "As sent" in page(clerk, "invoice", invoice)
    for name in ("invoice", "invoice_delivery"):
        assert link in page(clerk, name, invoice)
    assert "Sent by e-mail" in page(clerk, "invoice_history", invoice)


@pytest.mark.parametrize("name, few", [("invoice", 11), ("invoice_delivery", 14), ("invoice_history", 11)])
@pytest.mark.parametrize("rows", [1, 3])
def test_a_page_takes_the_same_queries_whatever_has_happened(clerk, outbox, name, few, rows, django_assert_num_queries):
    invoice = outbox.invoice()
    for _n in range(rows):
        outbox.sent(outbox.invoice())
        Delivery.objects.create(
            company=outbox.company, invoice=invoice, state="sent", method="email", address="a@b.test",
            finished_at="2026-11-20T12:00Z",
        )  # fmt: skip
    with django_assert_num_queries(few):
        page(clerk, name, invoice)


# --- the document ----------------------------------------------------------------------------------------------------


def test_the_pdf_is_made_for_the_one_who_asks(clerk, outbox):
    invoice = outbox.invoice(number="10/240")
    response = clerk.get(url("invoice_pdf", invoice))
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'inline; filename="Faktura-10-240.pdf"'

    assert "10/240" in PdfReader(io.BytesIO(response.content)).pages[0].extract_text()


def test_the_preview_is_the_same_page_in_a_frame_of_ours(clerk, outbox):
    invoice = outbox.invoice(number="10240")
    template = DocumentTemplate.objects.create(
        company=outbox.company, name="Other", texts={"sv": {"opening": "Tack för att ni tränar hos oss."}}
    )
    response = clerk.get(url("invoice_preview", invoice), {"template": template.pk})
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in response["Content-Security-Policy"]
    assert "Tack för att ni tränar hos oss." in response.content.decode()
    assert clerk.get(url("invoice", invoice))["X-Frame-Options"] == "DENY"
    css = clerk.get(url("invoice_preview_file", invoice, "company.css"))
    assert css["Content-Type"] == "text/css; charset=utf-8"
    assert outbox.company.colour in css.content.decode()
    assert clerk.get(url("invoice_preview_file", invoice, "secret")).status_code == 404


@pytest.mark.parametrize("asked", ["foreign", "nonsense"])
def test_a_template_of_another_company_is_not_there(clerk, outbox, asked):
    template = CompanyFactory().templates.first().pk if asked == "foreign" else asked
    for name in ("invoice_preview", "invoice_pdf"):
        assert clerk.get(url(name, outbox.invoice()), {"template": template}).status_code == 404


def test_the_xml_comes_back_byte_for_byte(clerk, outbox):
    xml = "<Invoice>åäö</Invoice>".encode()
    original = ArchivedFile.objects.keep(outbox.company, xml, media_type="application/xml")
    invoice = outbox.invoice(number="10240", original=original)
    response = clerk.get(url("invoice_original", invoice))
    assert response.content == xml
    assert response["Content-Disposition"] == 'attachment; filename="10240.xml"'
    assert clerk.get(url("invoice_original", outbox.invoice())).status_code == 404


# --- walls -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*PAGES, "invoice_pdf", "invoice_preview", "invoice_original", "invoice_email"])
def test_another_companys_invoice_is_not_there(clerk, outbox, name):
    strange = InvoiceFactory()
    for pk in (strange.pk, uuid4()):
        assert clerk.get(reverse(f"invoicing:{name}", args=[outbox.company.slug, pk])).status_code == 404
    assert clerk.get(url(name, strange)).status_code == 404


def test_a_viewer_reads_and_changes_nothing(client, outbox):
    client.force_login(MemberFactory(company=outbox.company, role=Role.VIEWER).user)
    invoice = outbox.invoice(email="anna@borg.test")
    body = page(client, "invoice_delivery", invoice)
    assert "anna@borg.test" in body
    assert "Send…" not in body
    assert 'name="email"' not in body
    assert client.post(url("invoice_email", invoice), {"email": ""}).status_code == 403
    assert Invoice.objects.get().email == "anna@borg.test"

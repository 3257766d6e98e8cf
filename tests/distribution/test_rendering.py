"""What a delivery carries: the right files, under safe names, in the recipient's language, and a mail that is true."""

import io
import json
import re
from decimal import Decimal

import pypdfium2 as pdfium
import pytest
from django.utils import timezone, translation
from pypdf import PdfReader

from distribution.channels.postal import of_invoice
from distribution.models import Batch, Delivery, Enclosure
from distribution.rendering import enclosures, mail, one_line
from distribution.states import State
from invoicing.language import known_language, language_of
from invoicing.models import Invoice
from invoicing.pdf import file_name
from recipients.methods import Method
from tests.factories import (
    CompanyFactory,
    CustomerFactory,
    InvoiceFactory,
    InvoiceReferenceFactory,
    MemberFactory,
    OrganisationFactory,
)

pytestmark = pytest.mark.django_db
NBSP = "\u00a0"


def norway(**fields):
    """Fjordgym Norge AS, which asks for KID and kontonummer."""
    values = {
        "name": "Fjordgym Norge AS",
        "vat_id": "NO 987 654 325 MVA",
        "street": "Havnegata 3",
        "postcode": "0150",
        "city": "Oslo",
        "country": "NO",
        "language": "nb",
        "phone": "22 05 01 05",
        "bankgiro": "",
        "account": "12345678903",
    }
    return CompanyFactory(**(values | fields))


def invoice(seller=None, **fields):
    values = {
        "company": seller or norway(),
        "buyer_name": "Kari Haugen",
        "buyer_country": "NO",
        "customer__language": "",
        "currency": "NOK",
        "payable": Decimal("1249.00"),
        "payment_reference": "102402041879",
    }
    return InvoiceFactory(**(values | fields))


def delivery(made, *, method=Method.EMAIL, template=None):
    clerk = MemberFactory(company=made.company).user
    batch = Batch.objects.create(company=made.company, by=clerk, template=template, confirmed_at=timezone.now())
    address = "kari@haugen.test" if method == Method.EMAIL else str(of_invoice(made))
    return Delivery.objects.create(
        company=made.company, invoice=made, batch=batch, state=State.WAITING, method=method, address=address
    )


def read(drafts, role):
    return next(draft for draft in drafts if draft.role == role)


def written(made, language="nb"):
    with translation.override(language):
        return mail(made, language)


def plain(text):
    return text.replace(NBSP, " ")


# --- The files --------------------------------------------------------------------------------------------------------


def test_an_email_carries_its_pdf_and_itself():
    drafts = enclosures(delivery(invoice(number="10240")))
    assert [(draft.role, draft.name, draft.media_type) for draft in drafts] == [
        (Enclosure.Role.PDF, "Faktura-10240.pdf", "application/pdf"),
        (Enclosure.Role.MAIL, "mail.json", "application/json"),
    ]
    printed = PdfReader(io.BytesIO(drafts[0].content))
    assert printed.trailer["/Root"]["/Lang"] == "nb"
    assert "10240" in printed.pages[0].extract_text()
    said = json.loads(drafts[1].content)
    assert (sorted(said), "10240" in said["subject"]) == (["html", "language", "subject", "text"], True)
    assert said["language"] == "nb"


def test_a_print_supplier_gets_the_standard_layout_whatever_was_chosen():
    """Its envelopes have their windows (BRP-17); the company's own words stay."""
    made = invoice()
    chosen = made.company.templates.create(name="Jul", layout="compact", texts={"nb": {"opening": "God jul!"}})

    def heading(method):
        """How far down the number stands, in mm, and whether the words are there."""
        printed = enclosures(delivery(made, method=method, template=chosen))[0].content
        sheet = pdfium.PdfDocument(printed)[0]
        layer = sheet.get_textpage()
        top = layer.get_charbox(layer.search(f"Faktura {made.number}").get_next()[0])[3]
        return round((sheet.get_height() - top) / 72 * 25.4, -1), "God jul!" in layer.get_text_range()

    assert heading(Method.OWN_PRINTER) == (100, True)
    made.deliveries.all().delete()
    assert heading(Method.CENTRAL_PRINT) == (20, True)


def test_what_is_printed_here_carries_only_its_pdf():
    drafts = enclosures(delivery(invoice(), method=Method.OWN_PRINTER))
    assert [draft.role for draft in drafts] == [Enclosure.Role.PDF]


def test_the_template_of_the_batch_is_on_the_page():
    made = invoice()
    template = made.company.templates.create(
        name="Jul", texts={"nb": {"opening": "God jul!"}, "sv": {"opening": "God jul på er!"}}
    )
    printed = PdfReader(io.BytesIO(read(enclosures(delivery(made, template=template)), "pdf").content))
    text = printed.pages[0].extract_text()
    assert ("God jul!" in text, "på er" in text) == (True, False)


@pytest.mark.parametrize(
    "language, number, name",
    [
        ("sv", "10240", "Faktura-10240.pdf"),
        ("fi", "10240", "Lasku-10240.pdf"),
        ("en", "2026/118", "Invoice-2026-118.pdf"),
        ("sv", "Å 1", "Faktura-A-1.pdf"),
        ("sv", "../../etc/passwd", "Faktura-..-..-etc-passwd.pdf"),
        ("sv", 'a"b\r\nc\u202ex', "Faktura-a-b-cx.pdf"),
        ("sv", "請求", "Faktura.pdf"),
        ("sv", "9" * 60, f"Faktura-{'9' * 60}.pdf"),
    ],
)
def test_a_file_name_is_safe_everywhere(language, number, name):
    with translation.override(language):
        assert file_name(Invoice(number=number)) == name
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,100}", name)


# --- The language -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given, expected",
    [
        ({"invoice": "fi", "reference": "nb", "organisation": "en", "customer": "sv", "country": "SE"}, "fi"),
        ({"invoice": "de", "reference": "nb", "organisation": "en", "customer": "sv", "country": "SE"}, "nb"),
        ({"organisation": "en", "customer": "sv", "country": "SE"}, "en"),
        ({"customer": "fi", "country": "SE"}, "fi"),
        ({"country": "SE"}, "sv"),
        ({"country": "NO"}, "nb"),
        ({"country": "FI"}, "fi"),
        ({"country": "DE"}, "en"),
        ({"country": ""}, "en"),
    ],
)
def test_the_recipients_language_is_found_level_by_level(given, expected):
    seller = norway(language="en")
    workspace = seller.workspace
    organisation = OrganisationFactory(workspace=workspace, language=given.get("organisation", ""))
    made = invoice(
        seller,
        customer=CustomerFactory(workspace=workspace, language=given.get("customer", "")),
        organisation=organisation,
        reference=InvoiceReferenceFactory(organisation=organisation, language=given.get("reference", "")),
        language=given.get("invoice", ""),
        buyer_country=given["country"],
    )
    assert language_of(made) == expected


def test_a_company_that_does_not_link_asks_the_person():
    seller = norway(links_to_organisation=False)
    organisation = OrganisationFactory(workspace=seller.workspace, language="fi")
    customer = CustomerFactory(workspace=seller.workspace, language="sv")
    assert language_of(invoice(seller, customer=customer, organisation=organisation)) == "sv"
    assert language_of(invoice(seller, customer=None, organisation=organisation)) == "fi"


@pytest.mark.parametrize(
    "code, known", [("sv-SE", "sv"), ("no", "nb"), ("nn_NO", "nb"), ("EN", "en"), ("de", ""), ("", ""), ("../x", "")]
)
def test_a_language_tag_is_known_or_nothing(code, known):
    assert known_language(code) == known


# --- The mail ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "language, subject, attached",
    [
        ("sv", "Faktura 10240 från Fjordgym Norge AS, 1 249,00 NOK, förfaller 20 december", "bifogad som PDF"),
        ("nb", "Faktura 10240 fra Fjordgym Norge AS, kr 1 249,00, forfall 20. desember", "PDF-en ligger ved"),
        ("fi", "Lasku 10240, Fjordgym Norge AS, 1 249,00 NOK, eräpäivä 20. joulukuuta", "liitteenä"),
        ("en", "Invoice 10240 from Fjordgym Norge AS, 1,249.00 NOK, due 20 December", "The PDF is attached"),
    ],
)
def test_the_mail_speaks_the_recipients_language(language, subject, attached):
    said = written(invoice(number="10240"), language)
    assert plain(said["subject"]) == subject
    assert (attached in said["text"], attached in said["html"]) == (True, True)
    assert f'<html lang="{language}">' in said["html"]


def test_the_mail_says_what_to_pay_and_where_in_both_forms():
    said = written(invoice(number="10240"))
    text = plain(said["text"])
    assert text == (
        "Hei Kari Haugen,\n\nHer er faktura 10240 fra Fjordgym Norge AS. PDF-en ligger ved.\n\n"
        "Å betale: kr 1 249,00\nForfallsdato: 20.12.2026\nKonto: 1234 56 78903\nKID: 102402041879\n"
        "Fakturanummer: 10240\n\nSpørsmål? Svar på denne e-posten eller ring 22 05 01 05.\n\n-- \n"
        "Fjordgym Norge AS, Havnegata 3, 0150 Oslo. Org.nr. NO 987 654 325 MVA, Foretaksregisteret.\n"
        "Du får denne e-posten fordi du har en avtale med oss.\n"
    )
    html = plain(said["html"])
    for value in ("kr 1 249,00", "20.12.2026", "1234 56 78903", "102402041879", "10240", "22 05 01 05"):
        assert value in html


def test_a_credit_notes_mail_asks_for_nothing():
    first = invoice(number="10240")
    credit = invoice(first.company, kind="credit", number="10241", credits=first, due_on=None)
    said = written(credit)
    assert plain(said["subject"]) == "Kreditnota 10241 fra Fjordgym Norge AS, kr 1 249,00"
    text = plain(said["text"])
    assert "Her er kreditnota 10241 fra Fjordgym Norge AS, for faktura 10240." in text
    assert "Det er ingenting å betale." in text
    assert "Kreditnota: 10241\nKrediteres: kr 1 249,00" in text
    assert [word for word in ("Å betale", "KID", "Konto", "78903") if word in text + said["html"]] == []


def test_reply_is_offered_only_where_somebody_reads_it():
    unread = invoice(norway(email=""))
    assert "Svar på" not in written(unread)["text"]
    assert "Ring 22 05 01 05" in written(unread)["text"]
    silent = written(invoice(norway(email="", phone="")))
    assert "Spørsmål" not in silent["text"] + silent["html"]


def test_the_mail_loads_nothing_and_follows_nobody():
    html = written(invoice())["html"]
    assert re.findall(r"(?i)https?:|src=|url\(|<img|<link|<script|<iframe|<a |@import", html) == []


HOSTILE = "<script>alert(1)</script>\r\nBcc: all@evil.test\u202e"


def test_what_was_typed_is_text_and_never_markup_or_a_header():
    seller = norway(name=f"Fjord {HOSTILE}", colour='red"><b')
    said = written(invoice(seller, number=f"1{HOSTILE}"[:60], buyer_name=HOSTILE, payment_reference=HOSTILE))
    assert ("<script" in said["html"], 'red"><b' in said["html"]) == (False, False)
    assert "<script>alert(1)</script>" in said["text"]
    assert not re.search(r"[\x00-\x1f\x7f\u2028\u2029]", said["subject"])


def test_a_subject_is_one_line_of_at_most_200_characters():
    assert one_line("a\r\n b\tc\u2028d \u202e") == "a b c d"
    assert one_line("x" * 200) == "x" * 200
    assert (len(one_line("x" * 201)), one_line("x" * 201)[-1]) == (200, "…")
    assert one_line(f"4{NBSP}995,00") == f"4{NBSP}995,00"

"""Wrong things that must never leave, seen from the recipient's side: each number is one of the product's list."""

import io
import json
import re
import uuid
from decimal import Decimal
from pathlib import Path

import pypdfium2
import pytest
from django.conf import settings as house
from PIL import Image

from distribution.models import Connection, Delivery, Installation
from invoicing.models import Invoice
from recipients.methods import Method
from recipients.models import ArchivedFile
from tests.factories import (
    CompanyFactory,
    CustomerFactory,
    InvoiceFactory,
    MemberFactory,
    OrganisationFactory,
    PreferenceFactory,
)

from .clerk import Clerk
from .mailserver import codes_of

SAMPLES = Path(house.BASE_DIR) / "tests" / "samples" / "ubl"
INVOICE = (SAMPLES / "se_invoice.xml").read_text()  # 2026-118, 6 921 kr, from 556036-0793 to Borg AB


def picture(pdf):
    (page,) = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return page.render(scale=1).to_pil().convert("RGB")


def full_credit_of(invoice, number):
    """The UBL credit note that takes all of a UBL invoice back."""
    credited = re.search("<cbc:ID>(.+?)</cbc:ID>", invoice)[1]
    reference = f"<cac:InvoiceDocumentReference><cbc:ID>{credited}</cbc:ID></cac:InvoiceDocumentReference>"
    changes = {
        "xsd:Invoice-2": "xsd:CreditNote-2",
        "<Invoice ": "<CreditNote ",
        "</Invoice>": "</CreditNote>",
        "InvoiceTypeCode>380</cbc:InvoiceTypeCode": "CreditNoteTypeCode>381</cbc:CreditNoteTypeCode",
        "InvoiceLine": "CreditNoteLine",
        "InvoicedQuantity": "CreditedQuantity",
        "  <cbc:DueDate>2026-12-20</cbc:DueDate>\n": "",
        f"<cbc:ID>{credited}<": f"<cbc:ID>{number}<",
        "  <cac:AccountingSupplierParty>": f"<cac:BillingReference>{reference}</cac:BillingReference>"
        "<cac:AccountingSupplierParty>",
    }
    for old, new in changes.items():
        assert old in invoice, old
        invoice = invoice.replace(old, new)
    return invoice.encode()


@pytest.fixture
def colleague(company, hire):
    return hire(company, user__name="Ove Ek")


@pytest.fixture
def seller(company):
    """The company of the sample is the one that the clerk works in."""
    company.legal_id = "5560360793"
    company.save()
    return company


def test_1_no_letter_where_an_email_was_due(company, clerk, manager, work, minutes_pass, mailserver):
    """A chosen method that cannot be used gives the default, not the reserve."""
    manager.distribution().choose("Reserve method", "Own printer").press("Save changes")
    invoice = InvoiceFactory(company=company)
    PreferenceFactory(customer=invoice.customer, method=Method.EINVOICE)
    clerk.send(invoice)
    work()
    assert "Download" not in clerk.batch().buttons()
    minutes_pass(6)
    assert mailserver.recipients() == [invoice.customer.email]


def test_2_each_message_holds_exactly_its_own_invoice(company, clerk, minutes_pass, mailserver):
    """Numbers, names and references that begin alike, compared as whole words; and the page as it looks."""
    people = {"1024": "Eva Lund", "10240": "Eva Lundin", "110240": "Åke Lund"}
    invoices = {
        number: InvoiceFactory(
            company=company,
            number=number,
            payment_reference=f"77{number}",
            customer=CustomerFactory(workspace=company.workspace, name=name, email=f"{number}@lund.example"),
        )
        for number, name in people.items()
    }
    clerk.send(*invoices.values())
    minutes_pass(6)
    mails = {mail.to.partition("@")[0]: mail for mail in mailserver.received()}
    assert mails.keys() == people.keys()
    pages = {}
    for number, mail in mails.items():
        assert mail.message["To"] == f"{number}@lund.example"
        for text in (mail.subject, mail.text, mail.html, mail.paper):
            assert set(re.findall(r"[\w-]+", text)) & people.keys() == {number}
        for text in (mail.text, mail.html, mail.paper):
            named = {name for name in people.values() if re.search(rf"\b{name}\b", text)}
            assert named == {people[number]}
        clerk.show(invoices[number]).follow("Open PDF")
        pages[number] = picture(mail.pdf)  # one PDF, of one page
        assert pages[number] == picture(clerk.file)
    assert len({page.tobytes() for page in pages.values()}) == 3


def test_3_names_arrive_in_their_own_letters(company, clerk, minutes_pass, mailserver):
    """That they are printed in the right glyphs is seen by the pixel tests of the page."""
    company.name = "Åsa & Żółw AB"
    company.save()
    customer = CustomerFactory(workspace=company.workspace, name="Łódź Żółw Åsa")
    clerk.send(InvoiceFactory(company=company, customer=customer))
    minutes_pass(6)
    (mail,) = mailserver.received()
    assert "Åsa & Żółw AB" in mail.subject
    assert mail.message["From"].addresses[0].display_name == "Åsa & Żółw AB"
    for text in (mail.text, mail.html.replace("&amp;", "&"), mail.paper):
        assert "Łódź Żółw Åsa" in text
        assert "Åsa & Żółw AB" in text


def with_logo(company, colour):
    out = io.BytesIO()
    Image.new("RGB", (600, 140), colour).save(out, "PNG")
    company.logo = ArchivedFile.objects.keep(company, out.getvalue(), media_type="image/png")
    company.save()
    return company


def test_4_nothing_of_another_company(company, clerk, hire, minutes_pass, mailserver):
    """One customer of two companies of a group: logo, sender, account and reply address are those of the seller."""
    with_logo(company, "red")
    other = CompanyFactory(workspace=company.workspace, name="Isgym AB", slug="isgym", bankgiro="5402-9681")
    with_logo(other, "blue")
    eva = CustomerFactory(workspace=company.workspace, email="eva@lund.example")
    clerk.send(InvoiceFactory(company=company, customer=eva))
    hire(other).send(InvoiceFactory(company=other, customer=eva))
    minutes_pass(6)
    ours, theirs = sorted(mailserver.received(), key=lambda mail: mail.mail_from)
    facts = [
        (ours, "fjordgym@utskick.example", "Fjordgym AB", "ekonomi@fjordgym.example", "5050-1055", (255, 0, 0)),
        (theirs, "isgym@utskick.example", "Isgym AB", "ekonomi@isgym.example", "5402-9681", (0, 0, 255)),
    ]
    for mail, sender, name, reply_to, account, colour in facts:
        (sent_from,) = mail.message["From"].addresses
        assert (mail.mail_from, sent_from.addr_spec, sent_from.display_name) == (sender, sender, name)
        assert mail.message["Reply-To"] == reply_to
        assert [each for each in ("5050-1055", "5402-9681") if each in mail.paper] == [account]
        assert [each for each in ("Fjordgym AB", "Isgym AB") if each in mail.paper + mail.text] == [name]
        seen = {c for _n, c in picture(mail.pdf).getcolors(maxcolors=1 << 20)}
        assert seen & {(255, 0, 0), (0, 0, 255)} == {colour}


def test_5_only_under_the_letterhead_of_its_seller(company, clerk, work, minutes_pass, mailserver):
    """The seller named in the file chooses the company, wherever the file was handed in."""
    clerk.upload(("a.xml", INVOICE.encode()))
    work()
    assert "The seller Fjordgym AB" in clerk.open(clerk.url).text
    assert "is none of the companies that you work in" in clerk.text
    assert "No invoices yet" in clerk.list().text

    other = CompanyFactory(workspace=company.workspace, name="Isgym AB", legal_id="5560360793", bankgiro="5402-9681")
    at_other = Clerk(MemberFactory(user=clerk.user, company=other).user, other).login()
    clerk.upload(("a.xml", INVOICE.encode()))
    work()
    assert "Isgym AB" in clerk.open(clerk.url).row("a.xml")
    assert "No invoices yet" in clerk.list().text
    invoice = Invoice.objects.get()
    at_other.show(invoice, "Delivery").type("E-mail for this invoice", "eva@borg.example").press("Save")
    at_other.send(invoice)
    minutes_pass(6)
    (mail,) = mailserver.received()
    assert mail.message["From"].addresses[0].display_name == "Isgym AB"
    assert "Isgym AB" in mail.paper
    assert company.legal_id not in mail.paper


def test_6_years_of_sent_invoices_are_not_sent_again(seller, clerk, work, minutes_pass, mailserver):
    """The first import, with what was already sent elsewhere."""
    OrganisationFactory(workspace=seller.workspace, number="10042", email="info@borg.example")
    old = [(f"{year}.xml", INVOICE.replace("2026-118", f"{year}-118").encode()) for year in (2023, 2024, 2025)]
    clerk.upload(*old, choice="were already sent elsewhere")
    clerk.upload(("new.xml", INVOICE.encode()))
    work()
    clerk.list("To send")
    assert [link for link in clerk.links("_list") if "118" in link] == ["2026-118"]
    assert "Sent" in clerk.list().row("2024-118")
    clerk.tick("Select all 4 matching").press_send()
    assert "3 Sent before" in clerk.text
    clerk.confirm()
    minutes_pass(6)
    assert [mail.subject.split()[1] for mail in mailserver.received()] == ["2026-118"]


def test_7_what_was_undone_or_credited_while_it_waited(seller, clerk, work, minutes_pass, mailserver):
    """Also when it was made and ready to leave."""
    OrganisationFactory(workspace=seller.workspace, number="10042", email="info@borg.example")
    files = {number: INVOICE.replace("2026-118", number) for number in ("2026-118", "2026-120", "2026-121")}
    clerk.upload(*((f"{number}.xml", text.encode()) for number, text in files.items()))
    work()
    undone, credited, goes = Invoice.objects.order_by("number")
    clerk.send(undone, credited, goes)
    work()
    clerk.show(undone).press("Undo", within="main")
    clerk.upload(("credit.xml", full_credit_of(files["2026-120"], "2026-900")))
    minutes_pass(60)
    assert [mail.subject.split()[1] for mail in mailserver.received()] == ["2026-121"]
    assert [clerk.status_of(each) for each in (undone, credited)] == ["To send", "Credited"]


def test_8_a_card_that_changed_before_the_confirmation(company, clerk, colleague, minutes_pass, mailserver):
    """Neither the old address nor one that nobody saw in the sheet."""
    invoice = InvoiceFactory(company=company, customer__email="old@lund.example")
    clerk.mark(invoice).press_send()
    assert "old@lund.example" in clerk.text
    colleague.card(invoice.customer).type("E-mail address", "new@lund.example").press("Save changes")
    clerk.confirm()
    minutes_pass(6)
    assert mailserver.received() == []
    assert clerk.status_of(invoice) == "To send"
    assert "Changed while you were looking." in clerk.history_of(invoice)[0]
    clerk.send(invoice)
    minutes_pass(6)
    assert mailserver.recipients() == ["new@lund.example"]


def test_8_an_address_typed_before_the_confirmation(company, clerk, colleague, minutes_pass, mailserver):
    """The sheet comes again and shows the new one."""
    invoice = InvoiceFactory(company=company, customer__email="old@lund.example")
    clerk.mark(invoice).press_send()
    colleague.show(invoice, "Delivery").type("E-mail for this invoice", "new@lund.example").press("Save")
    clerk.confirm()
    assert clerk.status == 409
    assert "1 invoice changed while you were looking." in clerk.text
    assert "E-mail to new@lund.example" in clerk.text
    minutes_pass(6)
    assert mailserver.received() == []
    clerk.confirm()
    minutes_pass(6)
    assert mailserver.recipients() == ["new@lund.example"]


def test_8_a_card_that_changed_after_the_confirmation(company, clerk, colleague, work, minutes_pass, mailserver):
    """What was confirmed is what leaves; the page says that it would go elsewhere now."""
    invoice = InvoiceFactory(company=company, customer__email="old@lund.example")
    clerk.send(invoice)
    work()
    colleague.card(invoice.customer).type("E-mail address", "new@lund.example").press("Save changes")
    clerk.follow("Deliveries", within="nav").follow(invoice.number)
    assert "The way has changed since." in clerk.text
    minutes_pass(6)
    assert mailserver.recipients() == ["old@lund.example"]


def test_9_the_code_pays_this_invoice(company, clerk, minutes_pass, mailserver):
    """Account, amount and reference, read from the printed page as a camera does."""
    company.iban, company.bic = "SE4550000000058398257466", "ESSESESS"
    company.save()
    kronor = InvoiceFactory(company=company, number="801", payable=Decimal("349.00"), payment_reference="8014")
    others = InvoiceFactory(company=company, number="802", payable=Decimal("1249.50"), payment_reference="8022")
    euros = InvoiceFactory(
        company=company, number="803", payable=Decimal("77.10"), payment_reference="8030", currency="EUR"
    )
    clerk.send(kronor, others, euros)
    minutes_pass(6)
    mails = {mail.subject.split()[1]: mail for mail in mailserver.received()}
    read = {}
    for number, mail in mails.items():
        (read[number],) = codes_of(mail.pdf)
    for invoice in (kronor, others):
        said = json.loads(read[invoice.number])
        assert (said["acc"], said["pt"], said["cur"]) == ("50501055", "BG", "SEK")
        assert (Decimal(str(said["due"])), said["iref"]) == (invoice.payable, invoice.payment_reference)
        assert invoice.payment_reference in re.findall(r"\d+", mails[invoice.number].paper)
    said = read["803"].splitlines()
    assert (said[6], said[7], said[10]) == ("SE4550000000058398257466", "EUR77.10", "8030")


def test_11_no_message_without_the_attachment_it_speaks_of(company, clerk, work, minutes_pass, mailserver):
    """Nor with one that is not the one that was made."""
    damaged, whole = InvoiceFactory(company=company), InvoiceFactory(company=company)
    clerk.send(damaged, whole)
    work()
    enclosure = Delivery.objects.get(invoice=damaged).enclosures.get(name__endswith=".pdf")
    (path,) = Path(house.MEDIA_ROOT).rglob(enclosure.file.sha256)
    path.write_bytes(path.read_bytes()[:-100])
    minutes_pass(6)
    (mail,) = mailserver.received()
    assert mail.to == whole.customer.email
    assert "Den ligger bifogad som PDF." in mail.text
    assert f"Faktura {whole.number}" in mail.paper
    assert clerk.status_of(damaged) == "To send"
    assert "The document could not be made." in clerk.history_of(damaged)[0]


@pytest.mark.parametrize(
    "language, subject, text, paper",
    [
        ("nb", "Faktura 900 fra Fjordgym AB", "PDF-en ligger ved.", "Forfallsdato"),
        ("fi", "Lasku 900", "Se on liitteenä PDF-tiedostona.", "Eräpäivä"),
    ],
)
def test_12_in_the_recipients_language(company, clerk, minutes_pass, mailserver, language, subject, text, paper):
    """Whatever the company and the clerk speak."""
    customer = CustomerFactory(workspace=company.workspace, language=language)
    clerk.send(InvoiceFactory(company=company, customer=customer, number="900"))
    minutes_pass(6)
    (mail,) = mailserver.received()
    assert subject in mail.subject
    assert text in mail.text
    assert text in mail.html
    assert paper in mail.paper
    assert mail.message["Content-Language"] == language
    for swedish in ("Förfallodatum", "Den ligger bifogad"):
        assert swedish not in mail.paper + mail.text + mail.html


def test_13_nothing_from_a_copy_of_the_database(company, clerk, minutes_pass, mailserver, settings):
    """A restored backup knows the relay and is switched on, but is not the database that the environment names."""
    host, _colon, port = mailserver.address.partition(":")
    Connection.objects.filter(company=None).update(host=host, port=port, security=Connection.Security.NONE)
    settings.DELIVERY_LIVE, settings.INSTANCE_ID, settings.MAIL_SINK = True, str(uuid.uuid4()), ""
    invoice = InvoiceFactory(company=company)
    clerk.send(invoice)
    minutes_pass(60)
    assert mailserver.received() == []
    assert clerk.status_of(invoice) == "Waiting to be sent"
    assert "This is a copy of the database: nothing is sent." in clerk.text
    settings.INSTANCE_ID = str(Installation.objects.this().instance_id)  # the real one, which may
    minutes_pass(0)
    assert mailserver.recipients() == [invoice.customer.email]
    assert "copy of the database" not in clerk.list().text

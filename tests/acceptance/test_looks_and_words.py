"""Issue 3, "Templates": looks and words, from the manager's form to what lies in the customer's mailbox."""

import io

import pypdfium2 as pdfium
from PIL import Image

from recipients.models import Company
from tests.factories import InvoiceFactory


def text_of(document):
    return pdfium.PdfDocument(document)[0].get_textpage().get_text_range()


def test_what_the_manager_types_is_what_the_customer_gets(company, manager, clerk, mailserver, minutes_pass):
    invoice = InvoiceFactory(company=company, number="10240", buyer_name="Eva Lund", email="eva@lund.test")
    manager.follow("Templates", within="nav").follow("New template")
    manager.type("Name", "Jul").tick("Compact: what to pay at the top").tick("Svenska")
    manager.part("New template").get_element_by_id("id_opening_sv").value = "God jul önskar vi."
    manager.press("Preview")
    assert ("God jul önskar vi." in manager.text, company.templates.count()) == (True, 1)

    manager.open(f"/c/{company.slug}/settings/templates/new/").type("Name", "Jul")
    manager.tick("Compact: what to pay at the top")
    manager.part("New template").get_element_by_id("id_opening_sv").value = "God jul önskar vi."
    manager.press("Save changes")
    assert company.templates.get(name="Jul").texts == {"sv": {"opening": "God jul önskar vi."}}

    manager.follow("Templates", within="nav").follow("E-mails").follow("Invoice, Svenska")
    manager.type("Text", "Hej {{ namn }}!").press("Save changes")
    assert manager.status == 422
    assert "{{ namn }} is no name that exists here." in manager.text
    assert manager.value("Text").strip() == "Hej {{ namn }}!"
    manager.type("Text", "Hej {{ customer }}! Räkningen är på {{ amount }}.").press("Save changes")

    clerk.mark(invoice).press_send().choose("Template", "Jul").confirm()
    minutes_pass(6)
    (mail,) = mailserver.received()
    assert mail.to == "eva@lund.test"
    assert "Hej Eva Lund! Räkningen är på 349,00 kr." in mail.text.replace("\u00a0", " ")
    assert "God jul önskar vi." in text_of(mail.pdf)


def test_a_test_to_oneself_arrives_marked_and_changes_no_invoice(company, manager, clerk, mailserver, work):
    invoice = InvoiceFactory(company=company, number="10240")
    manager.follow("Templates", within="nav").follow("E-mails").press("Send a test to myself")
    assert "On its way" in manager.text
    work()
    manager.follow("Look again")
    assert "The mail server took it" in manager.text
    (mail,) = mailserver.received()
    assert (mail.to, mail.subject[:14]) == (manager.user.email, "[Test] Faktura")
    document = text_of(mail.pdf)
    assert ("TEST" in document, "5050" in document) == (True, False)
    assert clerk.status_of(invoice) == "To send"


def test_a_bad_logo_is_a_sentence_and_a_good_one_is_on_the_page(company, manager):
    out = io.BytesIO()
    Image.new("RGB", (600, 140), "#c8102e").save(out, "PNG")
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script>x()</script><rect/></svg>'
    manager.follow("Templates", within="nav").follow("Logo and colour")
    manager.attach("New logo", ("logo.svg", drawing)).press("Upload logo")
    assert (manager.status, "The SVG holds a script." in manager.text) == (422, True)
    assert Company.objects.get(pk=company.pk).logo is None
    manager.attach("New logo", ("logo.png", out.getvalue())).press("Upload logo")
    assert manager.status == 200
    assert manager.page.xpath("//img[@alt='The logo of Fjordgym AB']")

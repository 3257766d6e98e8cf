"""Letters: the same flow as e-mail, until a print provider unpacks its file and finds them."""

import io
import re

import pypdfium2
from PIL import Image

from distribution.models import Connection
from invoicing.models import DocumentTemplate
from recipients.methods import Method
from recipients.models import ArchivedFile
from tests.factories import CustomerFactory, InvoiceFactory, PreferenceFactory

from .printhouse import PrintHouse
from .test_methods import without_address

RED = (255, 0, 0)
NOWHERE = {"buyer_street": "", "buyer_postcode": "", "buyer_city": ""}


def by_letter(company, **fields):
    """An invoice to somebody who has chosen letters."""
    invoice = InvoiceFactory(company=company, **fields)
    PreferenceFactory(customer=invoice.customer, method=Method.CENTRAL_PRINT)
    return invoice


def with_logo(company):
    out = io.BytesIO()
    Image.new("RGB", (600, 140), RED).save(out, "PNG")
    company.logo = ArchivedFile.objects.keep(company, out.getvalue(), media_type="image/png")
    company.save()


def picture(pdf):
    (page,) = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return page.render(scale=1).to_pil().convert("RGB")


def colours(pdf):
    return {colour for _n, colour in picture(pdf).getcolors(maxcolors=1 << 20)}


def test_brp_02_the_door_to_the_integrations(company, clerk, manager, printer, minutes_pass, mailserver):
    """Distribution is the door to the integrations (print service, e-invoice operator, direct debit)."""
    way = "Over Tryckeriet Norden, Folder, layout Utskick: a ZIP with a JSON list."
    assert way in manager.distribution().row("Central print")
    mailed, printed = InvoiceFactory(company=company), by_letter(company)
    clerk.send(mailed, printed)  # one press, no word of where the two go
    minutes_pass(6)
    assert mailserver.recipients() == [mailed.customer.email]
    assert printer.numbers() == [printed.number]
    assert {clerk.status_of(each) for each in (mailed, printed)} == {"Sent"}


def test_brp_04_central_print(company, clerk, manager, work, sshd, minutes_pass, mailserver, settings):
    """Method "Central print" exists: the invoice goes to a print service that prints it with the facility's logo, puts
    it in an envelope, franks it and posts it to the customer."""
    settings.ALLOW_PRIVATE_CONNECTIONS = True
    house = PrintHouse(sshd.root / "fjordgym")
    manager.follow("Connections", within="nav").follow("New connection")
    manager.follow("SFTP Files over SSH, encrypted. You accept the server's key once.")
    manager.type("Name", "Tryckeriet Norden").type("Server", "127.0.0.1").type("Port", str(sshd.port))
    manager.type("User name", sshd.username).type("Private key", sshd.private_key).type("Folder", "files/fjordgym")
    manager.press("Add connection").press("Test connection")
    work()
    manager.open(manager.url).press("Accept this key")  # as the provider gave it
    work()
    assert "Works" in manager.open(manager.url).text
    manager.distribution().tick("Central print").choose("Default method", "Central print").press("Save changes")
    with_logo(company)
    eva = CustomerFactory(workspace=company.workspace, name="Eva Lund", email="eva@lund.example")
    address = {"buyer_street": "Storgatan 1", "buyer_postcode": "123 45", "buyer_city": "Täby"}
    invoice = InvoiceFactory(company=company, customer=eva, number="10240", **address)

    clerk.mark(invoice).press_send()
    assert "Central print to Eva Lund, Storgatan 1, 123 45 Täby" in clerk.text
    clerk.confirm()
    minutes_pass(6)
    (letter,) = house.letters()
    assert letter.number == "10240"
    assert letter.to == {
        "name": "Eva Lund", "lines": ["Storgatan 1"], "postcode": "123 45", "city": "Täby", "country": "SE",
    }  # fmt: skip
    assert letter.sender["name"] == "Fjordgym AB"
    assert "Faktura 10240" in letter.paper
    assert "Eva Lund Storgatan 1 123 45 Täby" in letter.paper
    assert RED in colours(letter.pdf)
    assert mailserver.received() == []
    assert "Handed over to the print provider" in clerk.history_of(invoice)[0]
    clerk.show(invoice, "Delivery").follow(clerk.links("Deliveries")[0])
    assert "Handed over to Tryckeriet Norden, SFTP: files/fjordgym/print_fjordgym_" in clerk.text
    assert "delivered" not in clerk.text.lower()


def test_brp_05_like_email_in_the_flow(company, clerk, printer, minutes_pass, mailserver):
    """Central print behaves exactly like e-mail in the flow (select, Send, Waiting, Sent, history, undo); only the last
    hop differs."""
    seen = {}
    for method in (Method.EMAIL, Method.CENTRAL_PRINT):
        goes, undone = InvoiceFactory(company=company), InvoiceFactory(company=company)
        for each in (goes, undone):
            PreferenceFactory(customer=each.customer, method=method)
        clerk.mark(goes, undone).press_send()
        asked = "Send 2 invoices" in clerk.buttons("_sheet")
        clerk.confirm()
        waiting = clerk.status_of(goes)
        clerk.show(undone).press("Undo", within="main")
        minutes_pass(6)
        words = [re.sub(r"\d\d:\d\d", "at", line.split("To ")[0]) for line in clerk.history_of(goes)]
        seen[method] = (asked, waiting, clerk.status_of(goes), clerk.status_of(undone), len(words), words[1:])
    assert seen[Method.EMAIL] == seen[Method.CENTRAL_PRINT]
    assert seen[Method.EMAIL][1:4] == ("Waiting to be sent", "Sent", "To send")
    assert (len(mailserver.received()), len(printer.letters())) == (1, 1)


def send_again(clerk, invoice):
    clerk.mark(invoice).press_send().tick("Send again").press("Update", within="_sheet").confirm()


def test_brp_06_the_fourth_is_refused(company, clerk, printer, minutes_pass):
    """Central print: the same invoice may not be sent more than three times; (implied) the fourth attempt is refused
    with a clear message and changes nothing."""
    invoice, other = by_letter(company), by_letter(company)
    clerk.send(invoice)
    minutes_pass(6)
    for _n in range(2):
        send_again(clerk, invoice)
        minutes_pass(6)
    assert printer.numbers() == [invoice.number] * 3
    company.distribution.active_methods = [Method.CENTRAL_PRINT]
    company.distribution.default_method = Method.CENTRAL_PRINT
    company.distribution.save()
    before = clerk.history_of(invoice)
    clerk.mark(invoice).press_send()
    assert "Printed three times already. Three letters of one invoice are the most." in clerk.text
    assert not [button for button in clerk.buttons("_sheet") if button.startswith("Send")]
    assert clerk.status_of(invoice) == "Sent"
    assert clerk.history_of(invoice)[1:] == before  # that it was tried is told; nothing else changed
    clerk.mark(invoice, other).press_send()
    assert "1 Cannot be sent" in clerk.text
    clerk.confirm()  # the others of the same press go
    minutes_pass(6)
    assert printer.numbers() == [invoice.number] * 3 + [other.number]


def test_brp_07_what_counts_is_seen_on_the_invoice(company, clerk, printer, work, minutes_pass):
    """(implied) The three-times limit counts sends of that invoice by central print, is visible on the invoice, and
    undone/failed sends do not use it up."""
    invoice = by_letter(company)

    def said():
        return clerk.show(invoice, "Delivery").text

    assert "0 of 3 letters" in said()
    clerk.send(invoice)
    work()
    clerk.undo()
    minutes_pass(6)
    assert "0 of 3 letters" in said()
    clerk.send(invoice)
    Connection.objects.filter(company=company).update(folder="elsewhere")
    (printer.folder.parent / "elsewhere").mkdir()
    company.distribution.active_methods = [Method.EMAIL]
    company.distribution.save()
    minutes_pass(6)  # the method is off: it failed
    assert "0 of 3 letters" not in said()
    company.distribution.active_methods = [Method.EMAIL, Method.CENTRAL_PRINT]
    company.distribution.save()
    assert "0 of 3 letters" in said()
    clerk.send(invoice)
    minutes_pass(6)
    assert "1 of 3 letters" in said()
    send_again(clerk, invoice)
    minutes_pass(6)
    assert "2 of 3 letters" in said()


def test_brp_11b_the_price_of_a_letter(company, clerk, manager, printer, work):
    """(information) Central print is priced by volume agreement; the product shows the cost per letter if one is
    set."""
    three = [by_letter(company) for _each in range(3)]
    assert "×" not in clerk.mark(*three).press_send().text
    manager.distribution().type("Price of a letter", "9,50").press("Save changes")
    clerk.mark(*three).press_send()
    assert "3 letters, 3 × 9,50 = 28,50 kr" in clerk.text
    clerk.confirm()
    work()
    clerk.batch()
    assert "3 letters, 3 × 9,50 = 28,50 kr" in clerk.text


def test_brp_17_the_standard_template_with_the_logo(company, clerk, printer, minutes_pass):
    """For a central-print supplier the chosen template is replaced by a standard template with the facility's logo."""
    with_logo(company)
    DocumentTemplate.objects.create(company=company, name="Kompakt", layout=DocumentTemplate.Layout.COMPACT)
    invoice = by_letter(company)
    clerk.mark(invoice).press_send().choose("Template", "Kompakt")
    assert "Letters are printed in the standard layout with your logo, whatever is chosen here." in clerk.text
    clerk.confirm()
    minutes_pass(6)
    clerk.mark(invoice).press_send().tick("Send again").press("Update", within="_sheet")
    clerk.choose("Template", "Standard").confirm()
    minutes_pass(6)
    by_compact, by_standard = printer.letters()
    assert picture(by_compact.pdf).tobytes() == picture(by_standard.pdf).tobytes()
    assert RED in colours(by_compact.pdf)


def test_brp_50b_the_standard_and_not_the_reserve(company, clerk, printer, work, minutes_pass, mailserver):
    """A chosen method that is active but whose criteria are unmet gives the standard method too, not the reserve
    (e-invoice chosen, no e-invoice address, standard e-mail with an address, reserve print: an e-mail goes)."""
    # Letters chosen, no postal address, and the reserve is paper too: e-invoices have no channel yet.
    company.distribution.reserve_method = Method.OWN_PRINTER
    company.distribution.save()
    eva = CustomerFactory(workspace=company.workspace, street="", postcode="", city="", email="eva@lund.example")
    invoice = by_letter(company, customer=eva, **NOWHERE)
    clerk.send(invoice)
    work()
    assert "Download" not in clerk.batch().buttons()
    minutes_pass(6)
    assert mailserver.recipients() == ["eva@lund.example"]
    assert printer.files() == {}
    why = clerk.show(invoice, "History").text
    assert "Sent by e-mail" in why


def test_brp_54_by_letter_where_there_is_no_email_address(company, clerk, printer, minutes_pass, mailserver):
    """Example: standard e-mail, reserve central print; the invoice has no e-mail address because the customer has none
    -> it goes by central print."""
    company.distribution.reserve_method = Method.CENTRAL_PRINT
    company.distribution.save()
    mailed, printed = InvoiceFactory(company=company), without_address(company)
    assert "Central print reserve" in clerk.list().row(printed.number)
    clerk.mark(mailed, printed).press_send()
    assert "1 by the reserve method" in clerk.text
    clerk.confirm()
    minutes_pass(6)
    assert mailserver.recipients() == [mailed.customer.email]
    (letter,) = printer.letters()
    assert letter.number == printed.number
    assert f"Faktura {printed.number}" in letter.paper


def test_brp_55_by_email_where_the_address_is_not_valid(company, clerk, printer, minutes_pass, mailserver):
    """Example reversed: standard central print, reserve e-mail; the invoice lacks valid address data -> it goes by
    e-mail."""
    company.distribution.default_method = Method.CENTRAL_PRINT
    company.distribution.reserve_method = Method.EMAIL
    company.distribution.save()
    bad = CustomerFactory(workspace=company.workspace, street="", postcode="1", city="Täby", email="eva@lund.example")
    whole, incomplete = InvoiceFactory(company=company), InvoiceFactory(company=company, customer=bad, **NOWHERE)
    clerk.send(whole, incomplete)
    minutes_pass(6)
    assert printer.numbers() == [whole.number]
    (mail,) = mailserver.received()
    assert (mail.to, incomplete.number in mail.subject) == ("eva@lund.example", True)

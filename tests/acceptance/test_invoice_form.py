"""From an empty form to the mail in the customer's mailbox, by forms on pages alone."""

from config.identifiers import ocr
from invoicing.models import Invoice
from tests.factories import CustomerFactory, OrganisationFactory

from .mailserver import text_of

CONTRACT = b"%PDF-1.7\n%contract\n"


def begin(clerk, name):
    """An empty form, and the recipient found and chosen."""
    clerk.list("All").follow("New invoice").type("Customer or organisation", name).press("Find")
    (choice,) = clerk.labels("found")
    return clerk.tick(choice).press("Choose")


def test_a_draft_is_written_issued_and_sent(company, clerk, minutes_pass, mailserver):
    CustomerFactory(
        workspace=company.workspace, name="Eva Lund", number="20005", email="eva@lund.example", language="sv"
    )
    CustomerFactory(workspace=company.workspace, name="Evert Berg")
    begin(clerk, "eva l")
    assert "Eva Lund" in clerk.part("recipient").text_content()
    clerk.type("Description line 1", "Årskort").type("Unit price line 1", "349,50").type("Quantity line 1", "2")
    clerk.press("Save draft")
    assert "Draft saved." in clerk.text
    clerk.press("Add a line")
    clerk.type("Description line 2", "Handduk").type("Unit price line 2", "40").choose("VAT line 2", "12 %")
    clerk.type("Discount line 2", "10 %").type("Message", "Tack för att du tränar hos oss.")
    clerk.press("Recalculate")
    assert "VAT 25 % of 699,00 174,75" in clerk.row("VAT 25")
    assert "Total 914,07 kr" in clerk.row("Total")
    clerk.attach("Add files", ("avtal.pdf", CONTRACT), ("Prislista åäö.csv", "träning;349,50\r\n".encode())).press(
        "Add"
    )
    assert {"avtal.pdf", "Prislista åäö.csv"} <= set(clerk.links("Files"))
    clerk.attached = {}
    clerk.press("Issue")
    assert "1001 is issued." in clerk.text
    invoice = Invoice.objects.get()
    assert clerk.status_of(invoice) == "To send"
    clerk.send(invoice)
    minutes_pass(6)
    (mail,) = mailserver.received()
    assert mail.to == "eva@lund.example"
    pdf, contract, prices = mail.message.iter_attachments()
    paper = text_of(pdf.get_content())
    assert "Årskort" in paper
    assert "914,07" in paper
    assert ocr("1001") in paper
    assert "Utkast" not in paper
    assert (contract.get_filename(), contract.get_content()) == ("avtal.pdf", CONTRACT)
    assert (prices.get_filename(), prices.get_content()) == ("Prislista åäö.csv", "träning;349,50\r\n".encode())
    assert any(line.startswith("Kim Berg issued the invoice") for line in clerk.history_of(invoice))


def test_a_draft_cannot_be_sent(company, clerk):
    OrganisationFactory(workspace=company.workspace, name="Borg AB", email="info@borg.example")
    begin(clerk, "borg").press("Save draft")
    clerk.list("Drafts").follow("Draft")
    assert "Send…" not in clerk.buttons()
    clerk.press("Issue")
    assert "Not issued; it is kept as a draft. It has no lines." in clerk.text
    clerk.list("All")
    assert "Select Draft" not in clerk.labels()


def test_files_stay_at_home_when_it_is_printed(company, clerk):
    CustomerFactory(workspace=company.workspace, name="Eva Lund", email="")
    company.distribution.reserve_method = "own_printer"
    company.distribution.save()
    begin(clerk, "lund").type("Description line 1", "Årskort").type("Unit price line 1", "10")
    clerk.attach("Add files", ("avtal.pdf", CONTRACT)).press("Issue")
    invoice = Invoice.objects.get(number="1001")
    clerk.mark(invoice).press_send()
    assert "1 invoice has files that paper leaves out." in clerk.text


def test_a_copy_is_a_draft_of_its_own(company, clerk):
    CustomerFactory(workspace=company.workspace, name="Eva Lund", email="eva@lund.example")
    begin(clerk, "lund").type("Description line 1", "Årskort").type("Unit price line 1", "10").press("Issue")
    clerk.press("Duplicate")
    assert clerk.value("Description line 1") == "Årskort"
    clerk.press("Issue")
    assert "1002 is issued." in clerk.text

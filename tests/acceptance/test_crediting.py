"""Crediting: in time it stops the invoice, after that it is an ordinary credit; the screen says which of the two."""

from tests.factories import InvoiceFactory


def credit(clerk, invoice, reason="Fel pris"):
    clerk.show(invoice).follow("Credit…")
    return clerk.type("Reason", reason).press("Issue credit note")


def test_brp_59_crediting_within_the_window_undoes_the_send(company, clerk, work, minutes_pass, mailserver):
    """A sent invoice is undone by crediting it within 5 minutes."""
    credited, goes = (InvoiceFactory(company=company, customer__name=name) for name in ("Eva Lund", "Åsa Berg"))
    clerk.send(credited, goes)
    work()  # routed, made and ready to leave
    clerk.show(credited).follow("Credit…")
    assert "Crediting all of it stops the sending: Eva Lund gets nothing." in clerk.text
    credit(clerk, credited)
    assert "Sending stopped: Eva Lund gets nothing." in clerk.text
    assert clerk.status_of(credited) == "Credited"
    minutes_pass(60)
    assert mailserver.recipients() == [goes.customer.email]
    told = " | ".join(clerk.history_of(credited))
    assert "undid the sending" in told
    assert "“Fel pris”" in told
    note = credited.credit_notes.get()
    assert clerk.status_of(note) == "Books only"
    clerk.list("To send")
    assert note.number not in clerk.links()


def test_brp_62_after_the_window_crediting_is_an_ordinary_credit(company, clerk, minutes_pass, mailserver):
    """(implied) After the window has passed, crediting is an ordinary credit and does not claim to stop the
    delivery."""
    invoice = InvoiceFactory(company=company)
    clerk.send(invoice)
    minutes_pass(6)
    assert mailserver.recipients() == [invoice.customer.email]
    clerk.show(invoice)
    assert "Undo" not in clerk.buttons("main")
    assert "It can no longer be undone." in clerk.text
    clerk.follow("Credit it instead")
    assert "The credit note will be ready to send." in clerk.text
    clerk.type("Reason", "Avtalet sades upp").press("Issue credit note")
    said = clerk.part("toasts").text_content()
    assert "The invoice had left at" in said
    assert "top" not in said  # neither Stopped nor stops
    assert clerk.status_of(invoice) == "Credited"
    note = invoice.credit_notes.get()
    assert clerk.status_of(note) == "To send"
    clerk.send(note)
    minutes_pass(6)
    second = mailserver.received()[1]
    assert second.subject.startswith(f"Kreditfaktura {note.number}")
    assert f"Det här är en kreditfaktura för faktura {invoice.number} daterad 2026-11-20." in second.paper
    assert "Avtalet sades upp" in second.paper

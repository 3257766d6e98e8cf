"""The minutes after Send: what waits can be taken back, and what was taken back never leaves."""

import pytest

from recipients.models import Company, Role
from tests.factories import InvoiceFactory, PreferenceFactory, UserFactory, WorkspaceFactory

from .clerk import Person
from .mailserver import text_of


def test_brp_19_what_waits_can_be_undone(company, clerk, minutes_pass, mailserver):
    """While waiting, the send can be undone."""
    invoice = InvoiceFactory(company=company)
    clerk.send(invoice)
    assert clerk.status_of(invoice) == "Waiting to be sent"
    clerk.undo()
    assert "Stopped 1. Nothing had left." in clerk.text
    assert clerk.status_of(invoice) == "To send"
    minutes_pass(60)
    assert mailserver.received() == []


@pytest.mark.parametrize("method", ["email", "central_print"])
def test_brp_57_undone_wherever_it_is_shown(company, clerk, printer, work, minutes_pass, mailserver, method):
    """Sends by "E-mail" and by "Central print supplier" can be undone."""
    company.distribution.default_method = method
    company.distribution.save()
    at_once, in_list, of_batch, on_page, of_delivery, kept = (InvoiceFactory(company=company) for _each in range(6))

    clerk.send(at_once).press("Undo", within="toasts")

    clerk.send(in_list)
    work()  # also when its way and its files are ready
    clerk.list("Waiting").tick(f"Select {in_list.number}").press("Undo", within="_list")

    clerk.send(of_batch).batch().press("Undo what has not left")

    clerk.send(on_page).show(on_page).press("Undo", within="main")

    clerk.send(of_delivery).follow("Deliveries", within="nav").follow(of_delivery.number).press("Undo", within="main")

    clerk.send(kept)
    minutes_pass(6)
    left = {"email": [mail.subject.split()[1] for mail in mailserver.received()], "central_print": printer.numbers()}
    assert left.pop(method) == [kept.number]
    assert list(left.values()) == [[]]
    assert {clerk.status_of(each) for each in (at_once, in_list, of_batch, on_page, of_delivery)} == {"To send"}


def test_brp_58_own_printer_is_ready_at_once(company, clerk, manager, work, minutes_pass, mailserver):
    """(decided) Every method waits out the window and can be undone inside it; own printer is ready at once and can be
    undone until its first download; the screen says so."""
    mailed, printed, undone = (InvoiceFactory(company=company) for _each in range(3))
    for invoice in (printed, undone):
        PreferenceFactory(customer=invoice.customer, method="own_printer")
    settings = manager.distribution()
    assert "Until it leaves" in settings.row("E-mail")
    assert "Until the first download" in settings.row("Own printer")

    clerk.mark(mailed, printed, undone).press_send()
    assert "To download and print, ready at once" in clerk.text
    clerk.confirm()
    work()
    clerk.show(undone).press("Undo", within="main")
    work()
    clerk.batch().press("Download")
    assert f"Faktura {printed.number}" in text_of(clerk.file)
    assert undone.number not in text_of(clerk.file)
    assert clerk.status_of(undone) == "To send"
    assert clerk.status_of(printed) == "Sent"  # while the window is open
    assert clerk.status_of(mailed) == "Waiting to be sent"
    assert "Undo" not in clerk.show(printed).buttons("main")
    clerk.show(mailed).press("Undo", within="main")
    minutes_pass(6)
    assert mailserver.received() == []


def test_brp_60_five_minutes_unless_set(minutes_pass, hire, mailserver):
    """The minimum undo time is a setting; 5 minutes is the default."""
    operator = Person(UserFactory(is_staff=True, is_superuser=True)).login()
    operator.open("/admin/recipients/company/add/").type("Workspace:", str(WorkspaceFactory().pk))
    operator.type("Name:", "Nygym AB").type("Slug:", "nygym").press("Save")
    Company.objects.update(requires_second_factor=False)  # its own tests: recipients/test_second_factor.py
    company = Company.objects.get(slug="nygym")
    manager = hire(company, Role.MANAGER)
    assert manager.distribution().value("Undo window, minutes") == "5"
    manager.tick("E-mail").press("Save changes")

    first, second = InvoiceFactory(company=company), InvoiceFactory(company=company)
    manager.send(first)
    minutes_pass(4)
    assert mailserver.received() == []
    minutes_pass(2)
    assert mailserver.recipients() == [first.customer.email]

    manager.distribution().type("Undo window, minutes", "10").press("Save changes")
    manager.send(second)
    minutes_pass(9)
    assert mailserver.recipients() == [first.customer.email]
    minutes_pass(2)
    assert second.customer.email in mailserver.recipients()


def test_brp_61_nothing_leaves_before_the_window_closes(company, clerk, minutes_pass, mailserver):
    """(implied) Nothing leaves the system before the undo time has passed (own printer excepted, BRP-58), so an undo in
    time means nothing was delivered."""
    goes, stays = InvoiceFactory(company=company), InvoiceFactory(company=company)
    clerk.send(goes, stays)
    minutes_pass(4.5)  # routed, made, and the sender looked for work
    assert mailserver.received() == []
    clerk.show(stays).press("Undo", within="main")
    minutes_pass(1)
    assert mailserver.recipients() == [goes.customer.email]
    minutes_pass(60)
    assert mailserver.recipients() == [goes.customer.email]
    assert clerk.status_of(stays) == "To send"

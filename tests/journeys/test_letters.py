"""Central print in a real browser: a connection is made and tested on a real server, the fourth letter is refused."""

import pytest
from playwright.sync_api import expect

from distribution.models import Connection, Delivery
from distribution.states import State
from recipients.methods import Method
from recipients.models import Role
from tests.acceptance.printhouse import PrintHouse
from tests.factories import CompanyFactory, DeliveryFactory, InvoiceFactory, MemberFactory
from tests.servers.real import OpenSsh

from .house import eventually

pytestmark = pytest.mark.browser


def test_a_connection_is_made_and_tested_and_a_letter_goes_over_it(house, sit_down, tmp_path):
    company = CompanyFactory()
    desk = sit_down(MemberFactory(company=company, role=Role.MANAGER))
    page = desk.page
    with OpenSsh(tmp_path / "sshd") as server:
        provider = PrintHouse(server.root / "out")
        desk.go("distribution:settings")
        page.get_by_role("link", name="Add a connection").click()
        page.get_by_role("link", name="SFTP").click()
        for label, text in (
            ("Name", "Tryckeriet"), ("Server", "127.0.0.1"), ("Port", str(server.port)),
            ("User name", server.username), ("Private key", server.private_key), ("Folder", "files/out"),
        ):  # fmt: skip
            page.get_by_role("textbox", name=label).or_(page.get_by_role("spinbutton", name=label)).first.fill(text)
        desk.press("Add connection")
        desk.press("Test connection")
        page.get_by_role("button", name="Accept this key").click()
        expect(page.locator("#_connection .pill-text")).to_have_text("Works")
        assert list(provider.folder.iterdir()) == []  # the test leaves nothing
        assert Connection.objects.get(company=company).host_key

        desk.go("distribution:settings")
        page.get_by_label("Central print", exact=True).check()
        page.get_by_label("Default method").select_option("central_print")
        page.get_by_label("Price of a letter").fill("9,50")
        desk.press("Save changes")
        desk.hears("Settings saved.")
        invoice = InvoiceFactory(company=company)
        desk.open_list()
        desk.tick(invoice)
        expect(desk.open_sheet()).to_contain_text("1 letter, 1 × 9,50 = 9,50")
        batch = desk.send()
        house.close_window(batch)
        eventually(lambda: Delivery.objects.filter(batch=batch, state=State.SENT).exists())
        assert provider.numbers() == [invoice.number]
        desk.open_batch(batch)
        expect(page.get_by_role("region", name="Letters")).to_contain_text("Handed over")


def test_the_fourth_letter_is_refused_in_the_sheet(sit_down):
    company = CompanyFactory(
        distribution__active_methods=[Method.CENTRAL_PRINT], distribution__default_method=Method.CENTRAL_PRINT
    )
    invoice, other = InvoiceFactory(company=company), InvoiceFactory(company=company)
    for _n in range(3):
        DeliveryFactory(invoice=invoice, method=Method.CENTRAL_PRINT)
    desk = sit_down(MemberFactory(company=company))
    desk.go("invoicing:invoice_delivery", invoice.pk)
    desk.sees("3 of 3 letters")
    desk.open_list("all")
    desk.tick(invoice, other)
    dialog = desk.open_sheet()
    expect(dialog).to_contain_text("Printed three times already.")
    expect(dialog.get_by_role("button", name="Send 1 invoice")).to_be_visible()
    desk.page.keyboard.press("Escape")
    assert Delivery.objects.filter(invoice=invoice).count() == 3

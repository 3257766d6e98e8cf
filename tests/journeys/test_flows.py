"""The ways a clerk goes from the list to the outbox and back, in a real browser against real processes."""

import re
from collections import Counter

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from distribution.models import Batch, Delivery
from distribution.states import State
from invoicing.models import Invoice
from recipients.methods import Method
from tests.factories import CompanyFactory, InvoiceFactory, MemberFactory

from .desk import Desk
from .house import eventually

pytestmark = pytest.mark.browser


@pytest.fixture
def clerk(house):
    return MemberFactory(company=CompanyFactory())


def invoices(company, count):
    return [InvoiceFactory(company=company) for _ in range(count)]


def states(batch):
    return Counter(Delivery.objects.filter(batch=batch).values_list("state", flat=True))


def addresses(some):
    return [invoice.customer.email for invoice in some]


def test_from_login_to_the_mailbox(house, browse, clerk):
    one, two, three = invoices(clerk.company, 3)
    desk = Desk(browse(), house, clerk.company)
    desk.log_in(clerk.user, "demo")
    desk.follow("Send…")  # one lands on the overview
    desk.tick(one, two)
    desk.open_sheet()
    desk.sees("Send 2 invoices")
    batch = desk.send()
    desk.open_list("waiting")
    assert set(desk.statuses()) == {one.number, two.number}
    house.close_window(batch)
    eventually(lambda: states(batch) == {State.SENT: 2})
    desk.open_list("sent")
    assert desk.statuses() == {one.number: "Sent", two.number: "Sent"}
    desk.open_list()
    assert desk.statuses() == {three.number: "To send"}
    assert len(house.mails(*addresses([one, two]))) == 2


def test_a_sheet_that_is_not_true_any_more_comes_again_with_new_counts(sit_down, clerk):
    one, two, three = invoices(clerk.company, 3)
    desk, colleague = sit_down(clerk), sit_down(MemberFactory(company=clerk.company))
    for person, ticked in ((desk, (one, two, three)), (colleague, (one,))):
        person.open_list()
        person.tick(*ticked)
        person.open_sheet()
    colleague.send()
    desk.page.get_by_role("button", name="Send 3 invoices").click()
    desk.sees("1 invoice changed while you were looking. New counts below.")
    assert desk.page.locator(".tally-row .n").all_inner_texts() == ["2", "1"]
    batch = desk.send()
    assert set(batch.deliveries.values_list("invoice__number", flat=True)) == {two.number, three.number}
    assert Delivery.objects.of(clerk.company).count() == 3


def test_two_browsers_that_confirm_one_sheet_make_one_batch(sit_down, clerk):
    company = clerk.company
    three = invoices(company, 3)
    desk, other = sit_down(clerk), sit_down(clerk)
    desk.open_list()
    desk.tick(*three)
    desk.open_sheet()
    other.go("distribution:sheet", Batch.objects.of(company).get().pk)
    for person in (desk, other):  # the second one while the first is still being answered
        person.page.get_by_role("button", name="Send 3 invoices").click(no_wait_after=True)
    for person in (desk, other):
        person.page.wait_for_url(re.compile(r"invoices/\?|/batches/[^/]+/$"))
    assert Delivery.objects.of(company).count() == 3
    assert desk.batches().count() == 1


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no-script"])
def test_a_double_click_makes_one_batch(sit_down, clerk, has_script):
    two = invoices(clerk.company, 2)
    desk = sit_down(clerk, java_script_enabled=has_script)
    desk.open_list()
    desk.tick(*two)
    desk.press_send()
    desk.page.get_by_role("button", name="Send 2 invoices").dblclick()
    desk.hears("2 invoices will be sent at")
    assert Delivery.objects.of(clerk.company).count() == 2
    assert desk.batches().count() == 1


def test_the_back_button_after_confirming_sends_nothing_twice(sit_down, clerk):
    two = invoices(clerk.company, 2)
    desk = sit_down(clerk)
    desk.go("distribution:deliveries")
    desk.open_list("all")
    desk.tick(*two)
    desk.open_sheet()
    desk.send()
    desk.page.go_back()
    desk.page.go_forward()
    desk.tick(*two)
    desk.open_sheet()
    desk.sees("Cannot be sent")
    assert desk.page.get_by_role("dialog").get_by_role("button", name=re.compile("^Send")).count() == 0
    assert Delivery.objects.of(clerk.company).count() == 2


def test_the_back_button_leads_from_a_confirmed_sheet_to_its_batch(sit_down, clerk):
    desk = sit_down(clerk, java_script_enabled=False)
    two = invoices(clerk.company, 2)
    desk.open_list()
    desk.tick(*two)
    desk.press_send()
    desk.press("Send 2 invoices")
    desk.hears("2 invoices will be sent at")
    (batch,) = desk.batches()
    desk.page.go_back()
    desk.page.reload()
    desk.page.wait_for_url(f"**{reverse('distribution:batch', args=[clerk.company.slug, batch.pk])}")


def test_the_whole_way_without_script(house, browse, clerk):
    three = invoices(clerk.company, 3)
    desk = Desk(browse(java_script_enabled=False), house, clerk.company)
    desk.log_in(clerk.user, "demo")
    desk.follow("Send…")
    desk.page.get_by_label("Select all 3 matching").check()
    desk.press_send()
    desk.press("Send 3 invoices")
    desk.hears("3 invoices will be sent at")
    desk.press("Undo the sending of 3")
    desk.hears("Stopped 3. Nothing had left.")
    desk.open_list()
    assert desk.statuses() == {invoice.number: "To send" for invoice in three}
    desk.tick(*three[:2])
    desk.press_send()
    desk.press("Send 2 invoices")
    (batch,) = desk.batches().filter(selected_count=2)
    house.close_window(batch)
    eventually(lambda: states(batch) == {State.SENT: 2})
    desk.open_batch(batch)
    assert desk.numbers()["Sent"] == 2


def test_the_whole_way_by_keyboard(house, browse, clerk):
    two = invoices(clerk.company, 2)
    desk = Desk(browse(), house, clerk.company)
    keys = desk.page.keyboard
    desk.page.goto(house.url)
    keys.type(clerk.user.email)
    keys.press("Tab")
    keys.type("demo")
    keys.press("Enter")
    desk.sees("Needs attention")
    keys.press("g")
    keys.press("i")
    desk.sees(two[0].number)
    keys.press("a")
    desk.sees("2 selected")
    keys.press("s")
    desk.page.get_by_role("dialog").wait_for()
    assert desk.focus() == "Template"
    desk.tab_to("Send 2 invoices")
    keys.press("Enter")
    desk.hears("2 invoices will be sent at")
    keys.press("u")
    desk.hears("Stopped 2. Nothing had left.")
    assert set(Invoice.objects.of(clerk.company).values_list("in_flight", flat=True)) == {""}


def test_a_stopped_sender_is_named_and_loses_nothing(house, sit_down, clerk):
    three = invoices(clerk.company, 3)
    desk = sit_down(clerk)
    house.processes["deliver"].stop()
    try:
        desk.open_list()
        desk.tick(*three)
        desk.open_sheet()
        batch = desk.send()
        house.close_window(batch)
        banner = desk.page.locator("#sender-silent")
        eventually(lambda: desk.open_list() or banner.count())
        expect(banner).to_contain_text("the sender is not running")
        expect(banner).to_contain_text("Your deliveries are safe.")
        assert states(batch) == {State.WAITING: 3}
    finally:
        house.start("deliver")
    eventually(lambda: states(batch) == {State.SENT: 3})
    assert Counter(mail["rcpt"][0] for mail in house.mails(*addresses(three))) == dict.fromkeys(addresses(three), 1)
    desk.open_list()
    assert banner.count() == 0


def test_without_its_queue_everything_still_leaves(house, sit_down, clerk):
    three = invoices(clerk.company, 3)
    desk = sit_down(clerk)
    house.processes["qcluster"].stop(grace=0)
    try:
        desk.open_list()
        desk.tick(*three)
        desk.open_sheet()
        batch = desk.send()
        house.close_window(batch)
        eventually(lambda: states(batch) == {State.SENT: 3})
    finally:
        house.start("qcluster")
    assert len(house.mails(*addresses(three))) == 3


def test_what_waits_can_be_undone_on_every_page(sit_down, clerk):
    company = clerk.company
    one, two = invoices(company, 2)
    desk = sit_down(clerk)
    desk.open_list()
    desk.tick(one, two)
    desk.open_sheet()
    batch = desk.send()
    pages = [
        ("invoicing:invoices",),
        ("invoicing:invoice", one.pk),
        ("invoicing:invoice_delivery", one.pk),
        ("invoicing:invoice_history", one.pk),
        ("distribution:batch", batch.pk),
        ("distribution:deliveries",),
        ("distribution:delivery", batch.deliveries.get(invoice=one).pk),
        ("distribution:upload",),
        ("distribution:settings",),
        ("recipients:customer", one.customer.pk),
    ]
    pill = desk.page.locator(".topbar .outgoing")
    for page in pages:
        desk.go(*page)
        expect(pill).to_contain_text(re.compile(r"2\s+waiting\s+·\s+[0-4]:\d\d"))
        expect(pill.get_by_role("button", name="Undo the sending of 2")).to_be_visible()
    pill.get_by_role("button").click()
    desk.hears("Stopped 2. Nothing had left.")
    desk.page.wait_for_url(f"**{reverse('recipients:customer', args=[company.slug, one.customer.pk])}")
    expect(pill).to_have_count(0)
    assert states(batch) == {State.UNDONE: 2}


def test_own_printer_is_undone_until_its_first_download(house, sit_down):
    company = CompanyFactory(
        distribution__active_methods=[Method.OWN_PRINTER], distribution__default_method=Method.OWN_PRINTER
    )
    clerk = MemberFactory(company=company)
    one, two, three = invoices(company, 3)
    desk = sit_down(clerk)
    desk.open_list()
    desk.tick(one)
    desk.open_sheet()
    undone = desk.send()
    desk.open_batch(undone)
    desk.page.get_by_role("button", name="Download").wait_for()
    desk.press("Undo what has not left")
    desk.hears("Stopped 1. Nothing had left.")
    assert states(undone) == {State.UNDONE: 1}

    desk.open_list()
    desk.tick(two, three)
    desk.open_sheet()
    taken = desk.send()
    desk.open_batch(taken)
    with desk.page.expect_download() as download:
        desk.press("Download")
    assert download.value.path().read_bytes().startswith(b"%PDF")
    assert states(taken) == {State.SENT: 2}
    desk.open_batch(taken)
    desk.page.get_by_role("button", name="Download again").wait_for()
    assert desk.numbers()["Sent"] == 2
    assert desk.page.get_by_role("button", name="Undo what has not left").count() == 0

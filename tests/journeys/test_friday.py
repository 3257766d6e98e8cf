"""Friday 15:10: everything goes out at once, two servers are busy, one knows nobody, and the sender is killed."""

import io
import os
import re
from collections import Counter
from datetime import date
from email import message_from_bytes, policy
from random import Random

import pypdfium2
import pytest
from playwright.sync_api import expect

from distribution.models import Delivery
from distribution.states import State
from invoicing.models import Invoice
from tests.demo.sink import Rule
from tests.factories import CompanyFactory, CustomerFactory, InvoiceFactory, MemberFactory

from .desk import grouped
from .house import eventually

pytestmark = pytest.mark.browser

INVOICES = int(os.environ.get("FRIDAY_INVOICES", "203"))
NO_ADDRESS = 14
UNDONE = 40
GOING = INVOICES - NO_ADDRESS
LEAVING = GOING - UNDONE
BUSY, GREY, NOBODY = "bjornvik.example", "sjoberg.example", "nedlagd.example"
AT_EACH = 8  # customers at each of these three
SLOW = "lagerlof@example.org"  # whose server thinks before it answers: long enough to be killed meanwhile
RULES = [
    Rule(f"@{BUSY}$", "rcpt", answer="451 4.2.0 The mailbox is busy, try again later", times=AT_EACH + 2),
    Rule(f"@{GREY}$", "rcpt", answer="451 4.7.1 Greylisted, come back later", times=2),
    Rule(f"@{NOBODY}$", "rcpt", answer="550 5.1.1 There is no such mailbox here"),
    Rule(f"^{SLOW}$", "dot", "slow", seconds=9),
]
LONG = 60 + 2 * INVOICES  # seconds; the machine may be slow


@pytest.fixture
def clerk(house):
    """With a list of invoices. The newest 40 are like most; the special ones are strewn among the older ones."""
    company = CompanyFactory(name="Fjordgym Fredag AB")
    emails = [
        *[""] * NO_ADDRESS,
        *(f"kund{n}@{domain}" for domain in (BUSY, GREY, NOBODY) for n in range(AT_EACH)),
        SLOW,
    ]
    emails += [f"medlem{n}@example.org" for n in range(INVOICES - len(emails))]
    new, old = emails[-UNDONE:], emails[:-UNDONE]
    Random(1510).shuffle(old)
    for number, email in enumerate([*old, *new], 20001):
        issued_on = date(2026, 11, 20 if number > 20000 + len(old) else 19)
        customer = CustomerFactory(workspace=company.workspace, email=email)
        InvoiceFactory(company=company, customer=customer, number=str(number), issued_on=issued_on)
    return MemberFactory(company=company, user__name="Kim Berg")


def test_friday_at_ten_past_three(house, sit_down, clerk):
    company = clerk.company
    shown_before = {invoice.number: invoice.shown for invoice in Invoice.objects.of(company)}
    house.plan(*RULES)
    desk = sit_down(clerk)

    # She takes all of them, reads the sheet and sends.
    desk.open_list()
    desk.tick_all(INVOICES)
    dialog = desk.open_sheet()
    dialog.get_by_role("heading", name=f"Send {grouped(INVOICES)} invoices").wait_for()
    rows = dialog.locator(".tally-row .n").all_inner_texts()
    assert rows == [grouped(GOING), grouped(NO_ADDRESS)]
    dialog.get_by_role("button", name=f"Send {grouped(GOING)} invoices", exact=True).wait_for()
    batch = desk.send()
    desk.hears(f"{grouped(GOING)} invoices will be sent at")

    # Second thoughts about the newest 40.
    desk.open_list("waiting")
    desk.tick_first(UNDONE)
    undone = set(list(desk.statuses())[:UNDONE])
    desk.page.locator("[data-bar]").get_by_role("button", name="Undo").click()
    desk.hears(f"Stopped {UNDONE}. Nothing had left.")

    # The window closes; while the slow server thinks, the sender is killed.
    deliveries = Delivery.objects.filter(batch=batch)
    house.close_window(batch)
    desk.open_batch(batch)
    eventually(lambda: house.mails(SLOW), within=LONG)
    house.processes["deliver"].kill()
    eventually(lambda: house.processes["deliver"].restarts == 1)
    expect(desk.page.locator("#_batch[hx-trigger]")).to_have_count(0, timeout=LONG * 1000)

    # Every number on the page adds up, and says what is in the database and in the log.
    numbers = desk.numbers()
    expected = {
        "Sent": LEAVING - AT_EACH - 1,
        "Sending": 0,
        "Waiting": 0,
        "Failed": AT_EACH,
        "In doubt": 1,
        "Undone": UNDONE,
        "Could not be sent": NO_ADDRESS,
    }
    assert numbers == expected
    assert sum(numbers.values()) == INVOICES
    assert by_method(desk) == {"Sent": expected["Sent"], "Sending": 0, "Waiting": 0, "Failed": AT_EACH, "In doubt": 1}
    assert Counter(deliveries.values_list("state", flat=True)) == {
        State.SENT: expected["Sent"],
        State.FAILED: AT_EACH,
        State.IN_DOUBT: 1,
        State.UNDONE: UNDONE,
    }

    # Nothing came twice, and what came is what was confirmed.
    mails = house.mails(*deliveries.values_list("address", flat=True))
    came = Counter(mail["message_id"].strip("<>").partition("@")[0] for mail in mails)
    gone = deliveries.filter(state__in=(State.SENT, State.IN_DOUBT)).select_related("invoice")
    assert came == {str(delivery.pk): 1 for delivery in gone}
    of_delivery = {str(delivery.pk): delivery for delivery in gone}
    every_number = set(shown_before)
    for mail in mails:
        delivery = of_delivery[mail["message_id"].strip("<>").partition("@")[0]]
        assert mail["rcpt"] == [delivery.address]
        tokens, is_blank = read(house.content(mail))
        assert tokens & every_number == {delivery.invoice.number}
        assert not is_blank

    # The 40 show what they showed before; the refused ones too, with a mark; the doubt is listed.
    desk.open_list()
    to_send = statuses_of_all_pages(desk)
    assert undone == set(deliveries.filter(state=State.UNDONE).values_list("invoice__number", flat=True))
    assert undone < to_send.keys()
    assert {number: shown_before[number] for number in undone} == dict.fromkeys(undone, "to_send")
    refused = set(deliveries.filter(state=State.FAILED).values_list("invoice__number", flat=True))
    no_address = set(batch.lines.cannot().values_list("invoice__number", flat=True))
    assert to_send.keys() == undone | refused | no_address
    assert {status for number, status in to_send.items() if number not in refused} == {("To send", "")}
    assert {to_send[number] for number in refused} == {("To send", "The mailbox does not exist")}
    desk.open_batch(batch)
    desk.page.get_by_role("link", name="Decide…").click()
    (doubt,) = gone.filter(state=State.IN_DOUBT)
    assert doubt.address == SLOW
    expect(desk.page.locator("tbody .cell-number")).to_have_text([doubt.invoice.number])


def by_method(desk):
    """The one row of the table by method."""
    cells = desk.page.locator(".table--methods tbody td[data-label]").all()
    return {cell.get_attribute("data-label"): int(re.sub(r"\D", "", cell.inner_text())) for cell in cells}


def statuses_of_all_pages(desk):
    """{number: (pill, attention mark)} of the list, page by page."""
    found = {}
    while True:
        for row in desk.page.locator("tbody tr").all():
            mark = row.locator(".cell-status .mark")
            pill = row.locator(".cell-status .pill-text").inner_text()
            found[row.locator(".cell-number").inner_text()] = pill, mark.inner_text() if mark.count() else ""
        older = desk.page.get_by_role("link", name="Older")
        if not older.count():
            return found
        with desk.page.expect_navigation():
            older.first.click()


def read(content):
    """(whole tokens of the PDF's text, is a page of it blank) of a mail."""
    message = message_from_bytes(content, policy=policy.default)
    (document,) = [
        part.get_content() for part in message.iter_attachments() if part.get_content_type() == "application/pdf"
    ]
    with pypdfium2.PdfDocument(io.BytesIO(document)) as pdf:
        text = " ".join(page.get_textpage().get_text_range() for page in pdf)
        is_blank = any(len(page.render(scale=0.3, grayscale=True).to_pil().getcolors()) < 10 for page in pdf)
    return set(re.findall(r"[\w-]+", text)), is_blank

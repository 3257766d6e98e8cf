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
    house.plan(*RULES)
    desk = sit_down(clerk)
    desk.open_list()
    before = rows_of_all_pages(desk)
    batch = send_all(desk)
    undone = undo_the_newest(desk)
    house.close_window(batch)
    desk.open_batch(batch)
    kill_the_sender_in_the_middle(house)
    expect(desk.page.locator("#_batch[hx-trigger]")).to_have_count(0, timeout=LONG * 1000)

    the_numbers_add_up(desk, batch)
    what_came_is_what_was_confirmed(house, batch, every_number=before.keys())
    the_list_tells_the_same(desk, batch, before, undone)
    the_doubt_is_listed(desk, batch)


# --- What is done ----------------------------------------------------------------------------------------------------


def send_all(desk):
    desk.open_list()
    desk.tick_all(INVOICES)
    dialog = desk.open_sheet()
    dialog.get_by_role("heading", name=f"Send {grouped(INVOICES)} invoices").wait_for()
    assert dialog.locator(".tally-row .n").all_inner_texts() == [grouped(GOING), grouped(NO_ADDRESS)]
    dialog.get_by_role("button", name=f"Send {grouped(GOING)} invoices", exact=True).wait_for()
    batch = desk.send()
    desk.hears(f"{grouped(GOING)} invoices will be sent at")
    return batch


def undo_the_newest(desk):
    """Second thoughts, in the tab Waiting; returns the numbers."""
    desk.open_list("waiting")
    desk.tick_first(UNDONE)
    undone = set(list(desk.statuses())[:UNDONE])
    desk.page.locator("[data-bar]").get_by_role("button", name="Undo").click()
    desk.hears(f"Stopped {UNDONE}. Nothing had left.")
    return undone


def kill_the_sender_in_the_middle(house):
    """While the slow server thinks about a mail that it has taken."""
    eventually(lambda: house.mails(SLOW), within=LONG)
    house.processes["deliver"].kill()
    eventually(lambda: house.processes["deliver"].restarts == 1)


# --- What is true in the end -----------------------------------------------------------------------------------------


def the_numbers_add_up(desk, batch):
    """On the page by themselves, by method, and with the database."""
    sent = LEAVING - AT_EACH - 1
    moved = {"Sent": sent, "Sending": 0, "Waiting": 0, "Failed": AT_EACH, "In doubt": 1}
    numbers = desk.numbers()
    assert numbers == {**moved, "Undone": UNDONE, "Could not be sent": NO_ADDRESS}
    assert sum(numbers.values()) == INVOICES
    assert by_method(desk) == moved
    states = Counter(Delivery.objects.filter(batch=batch).values_list("state", flat=True))
    assert states == {State.SENT: sent, State.FAILED: AT_EACH, State.IN_DOUBT: 1, State.UNDONE: UNDONE}


def what_came_is_what_was_confirmed(house, batch, *, every_number):
    """Each mail once, to its own address, with its own invoice and no other one in it."""
    deliveries = Delivery.objects.filter(batch=batch)
    gone = {
        str(delivery.pk): delivery
        for delivery in deliveries.filter(state__in=(State.SENT, State.IN_DOUBT)).select_related("invoice")
    }
    mails = house.mails(*deliveries.values_list("address", flat=True))
    assert Counter(map(delivery_of, mails)) == dict.fromkeys(gone, 1)
    for mail in mails:
        delivery = gone[delivery_of(mail)]
        assert mail["rcpt"] == [delivery.address]
        tokens, is_blank = read(house.content(mail))
        assert tokens & every_number == {delivery.invoice.number}
        assert not is_blank


def the_list_tells_the_same(desk, batch, before, undone):
    """To send stands what was undone, as it was; what was refused, with its mark; what had no address, as it was."""
    numbers = dict.fromkeys([State.UNDONE, State.FAILED])
    for state in numbers:
        numbers[state] = set(batch.deliveries.filter(state=state).values_list("invoice__number", flat=True))
    no_address = set(batch.lines.cannot().values_list("invoice__number", flat=True))
    desk.open_list()
    now = rows_of_all_pages(desk)
    assert numbers[State.UNDONE] == undone
    assert now.keys() == undone | no_address | numbers[State.FAILED]
    for number, (status, mark) in now.items():
        was_refused = number in numbers[State.FAILED]
        assert (status, bool(mark)) == (before[number][0], was_refused), number


def the_doubt_is_listed(desk, batch):
    desk.open_batch(batch)
    desk.page.get_by_role("link", name="Decide…").click()
    doubt = batch.deliveries.get(state=State.IN_DOUBT)
    assert doubt.address == SLOW
    expect(desk.page.locator("tbody .cell-number")).to_have_text([doubt.invoice.number])


# --- How it is read --------------------------------------------------------------------------------------------------


def delivery_of(mail):
    """The primary key that the Message-ID is made of."""
    return mail["message_id"].strip("<>").partition("@")[0]


def by_method(desk):
    """The one row of the table by method."""
    cells = desk.page.locator(".table--methods tbody td[data-label]").all()
    return {cell.get_attribute("data-label"): int(re.sub(r"\D", "", cell.inner_text())) for cell in cells}


def rows_of_all_pages(desk):
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

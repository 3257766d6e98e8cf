"""The overview, through HTTP: its numbers are those of the lists that they lead to, and they add up."""

from datetime import UTC, date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from lxml import html

from distribution import overview
from distribution.channels.base import Refused
from distribution.models import Batch, Delivery, Parcel
from distribution.reasons import Reason
from distribution.states import State
from invoicing.models import Invoice
from recipients.methods import Method
from recipients.models import ArchivedFile, Role
from tests.distribution.test_doubts import lose_the_answer
from tests.factories import CompanyFactory, DeliveryFactory, InvoiceFactory, MemberFactory
from tests.fakes import RememberingChannel


def url(company, name="overview", *args):
    return reverse(f"distribution:{name}", args=[company.slug, *args])


@pytest.fixture
def clerk(client, outbox):
    client.force_login(outbox.clerk)
    return client


def piles(client, company):
    """{label: (the number, the address it leads to)}"""
    tree = html.fromstring(client.get(url(company)).content)
    return {
        cell.xpath("string(.//h2)").strip(): (
            int(cell.xpath("string(.//p[contains(@class, 'pile-count')])").replace("\u202f", "")),
            cell.xpath(".//a/@href")[0],
        )
        for cell in tree.xpath("//div[@class='pile']")
    }


def listed(client, address):
    """How many rows the list at an address has."""
    return client.get(address).context["listing"].matching


def no_mailbox(gate):
    raise Refused(Reason.NO_MAILBOX, "550", "5.1.1 User unknown")


def a_day_at_work(outbox):
    """Two to send, two waiting, two sent, one failed, one in doubt, one overdue."""
    for _n in range(2):
        outbox.invoice()
    bad, lost = outbox.invoice(customer__email="bad@x.test"), outbox.invoice(customer__email="lost@x.test")
    batch = outbox.sent_and_ready(outbox.invoice(), outbox.invoice(due_on="2020-01-01"), bad, lost)
    outbox.close_window(batch)
    outbox.deliver(RememberingChannel({"bad@x.test": no_mailbox, "lost@x.test": lose_the_answer}))
    outbox.send(outbox.invoice(), outbox.invoice())


def test_each_number_is_that_of_the_list_behind_it(clerk, outbox):
    a_day_at_work(outbox)
    found = piles(clerk, outbox.company)
    assert {label: n for label, (n, _address) in found.items()} == {
        "To send": 3, "Waiting": 2, "Needs attention": 2, "Overdue": 1, "In doubt": 1,
    }  # fmt: skip
    for label, (n, address) in found.items():
        assert listed(clerk, address) == n, label


def test_doubts_and_print_files_stand_there_only_when_there_are_any(clerk, outbox):
    assert set(piles(clerk, outbox.company)) == {"To send", "Waiting", "Needs attention", "Overdue"}
    batch = outbox.sent(outbox.invoice())
    file = ArchivedFile.objects.keep(outbox.company, b"pdf", media_type="application/pdf")
    parcel = Parcel.objects.create(
        company=outbox.company, batch=batch, method=Method.OWN_PRINTER, part=1, name="a.pdf", file=file
    )
    assert piles(clerk, outbox.company)["To print yourself"] == (1, url(outbox.company, "batch", batch.pk))
    Parcel.objects.filter(pk=parcel.pk).update(taken_at=timezone.now())
    assert "To print yourself" not in piles(clerk, outbox.company)


def test_sums_are_per_currency_and_credit_notes_are_taken_off(outbox):
    outbox.invoice(payable=Decimal(100))
    outbox.invoice(payable=Decimal(30), kind=Invoice.Kind.CREDIT)
    outbox.invoice(payable=Decimal(7), currency="EUR")
    InvoiceFactory(payable=Decimal(1000))  # another company's
    assert overview.to_send(outbox.company) == overview.Pile(3, {"SEK": Decimal(70), "EUR": Decimal(7)})


def test_today_adds_up_and_says_so_when_it_does_not(clerk, outbox):
    a_day_at_work(outbox)
    content = clerk.get(url(outbox.company)).content.decode()
    assert "6 chosen today = 2 sent + 2 waiting + 1 failed + 1 in doubt" in content
    assert "does not add up" not in content
    Batch.objects.filter(company=outbox.company).update(selected_count=7)
    assert "That does not add up" in clerk.get(url(outbox.company)).content.decode()


def test_what_failed_stands_there_with_its_reason_and_what_to_do(clerk, outbox):
    a_day_at_work(outbox)
    content = clerk.get(url(outbox.company)).content.decode()
    assert "The mailbox does not exist." in content
    assert "Ask the customer for a new address, then send again." in content
    assert "1 × The mailbox does not exist" in content
    Delivery.objects.filter(state=State.FAILED).update(handled_at=timezone.now())
    assert "Ask the customer for a new address" not in clerk.get(url(outbox.company)).content.decode()


# --- The last days ---------------------------------------------------------------------------------------------------


def ended(outbox, moment, state=State.SENT, *, after=0, **more):
    """A delivery that ended at a moment, so many seconds after its undo window."""
    batch = Batch.objects.create(
        company=outbox.company, by=outbox.clerk, confirmed_at=moment, leaves_at=moment - timedelta(seconds=after)
    )
    return DeliveryFactory(invoice=outbox.invoice(), state=state, batch=batch, finished_at=moment, **more)


def test_a_day_ends_at_midnight_by_the_clock_on_the_wall(outbox):
    midnight = overview.midnight(timezone.localdate())
    ended(outbox, midnight)
    ended(outbox, midnight - timedelta(microseconds=1))
    ended(outbox, overview.midnight(timezone.localdate() - timedelta(days=13)))
    ended(outbox, overview.midnight(timezone.localdate() - timedelta(days=13)) - timedelta(microseconds=1))
    assert [day.sent for day in overview.Fortnight.of(outbox.company).days] == [1, *[0] * 11, 1, 1]


def test_a_day_of_25_hours_is_one_day(outbox, settings):
    settings.TIME_ZONE = "Europe/Stockholm"
    sunday = date(2026, 10, 25)  # the clock goes back
    begins, ends = (overview.midnight(sunday + timedelta(days=n)).astimezone(UTC) for n in (0, 1))
    assert ends - begins == timedelta(hours=25)
    ended(outbox, begins)
    ended(outbox, ends - timedelta(minutes=1))
    days = overview.Fortnight.of(outbox.company, today=sunday + timedelta(days=1)).days
    assert {day.date: day.sent for day in days if day.sent} == {sunday: 2}


def test_what_counts_as_sent_and_what_as_failed(outbox):
    now = timezone.now()
    sent = ended(outbox, now)
    ended(outbox, now, State.FAILED, reason=Reason.REFUSED)
    ended(outbox, now, State.RETURNED, reason=Reason.RETURNED)
    ended(outbox, now, State.UNDONE)
    ended(outbox, now, method=Method.OUTSIDE)
    ended(outbox, now, accompanies=sent, address="copy@x.test")
    DeliveryFactory(finished_at=now)  # another company's
    fortnight = overview.Fortnight.of(outbox.company)
    assert (fortnight.sent, fortnight.failed, fortnight.methods) == (1, 2, {"email": 1})


def test_the_median_is_that_of_the_hand_overs(outbox):
    now = timezone.now()
    for seconds in (3, 9, 4000):
        ended(outbox, now, after=seconds)
    ended(outbox, now, after=1, method=Method.OWN_PRINTER)  # waited for a person
    ended(outbox, now, State.FAILED, after=1)
    fortnight = overview.Fortnight.of(outbox.company)
    assert fortnight.median == 9
    assert [day.median for day in fortnight.days] == [*[None] * 13, 9]


@pytest.mark.parametrize(
    "histogram, expected", [([], None), ([(5, 1)], 5), ([(9, 1), (1, 1)], 1), ([(1, 1), (2, 1), (7, 5)], 7)]
)
def test_the_lower_median(histogram, expected):
    assert overview.median(histogram) == expected


def test_a_chart_says_what_it_found_and_has_its_numbers_in_a_table(clerk, outbox):
    today, yesterday = timezone.now(), timezone.now() - timedelta(days=1)
    for moment in (today, today, yesterday):
        ended(outbox, moment)
    ended(outbox, yesterday, State.FAILED, reason=Reason.REFUSED)
    tree = html.fromstring(clerk.get(url(outbox.company)).content)
    for chart in tree.xpath("//main//svg[@role='img'][@aria-labelledby]"):
        (title,) = tree.xpath(f"//*[@id='{chart.get('aria-labelledby')}']")
        assert title.text_content().strip()
    assert tree.xpath("string(//*[@id='chart-days'])") == "3 of 4 sent in the last 14 days"
    assert tree.xpath("string(//*[@id='chart-mix'])") == "All went by e-mail"
    rows = [[cell.text_content() for cell in row] for row in tree.xpath("//details//tbody/tr")]
    assert [row[1:3] for row in rows[-2:]] == [["1", "1"], ["2", "0"]]
    assert len(tree.xpath("//svg[@class='chart']//rect")) == 3


# --- The page --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 3, 12])
def test_the_page_takes_the_same_queries_whatever_it_holds(clerk, outbox, rows, django_assert_num_queries):
    for _n in range(rows):
        a_day_at_work(outbox)
    clerk.get(url(outbox.company))
    # session, user, member; batches 2, days 2, steps; piles 6; troubles, failed today, today 2;
    # companies, health, glance, outgoing
    with django_assert_num_queries(22):
        assert clerk.get(url(outbox.company)).status_code == 200


def test_one_lands_here(clerk, outbox):
    assert clerk.get("/")["Location"] == url(outbox.company)
    assert clerk.get(url(outbox.company)).context["nav"][0]["items"][0]["current"]


def test_a_viewer_sees_the_numbers_and_nothing_to_press(client, outbox):
    a_day_at_work(outbox)
    client.force_login(MemberFactory(company=outbox.company, role=Role.VIEWER).user)
    content = client.get(url(outbox.company)).content.decode()
    assert "Needs attention" in content
    for absent in ("Send…", "Decide…", "/invoices/import/"):
        assert absent not in content


# --- First steps -----------------------------------------------------------------------------------------------------


@pytest.fixture
def new(client, db):
    """A company with nothing, and its manager at the desk."""
    company = CompanyFactory(legal_id="", distribution__active_methods=[])
    client.force_login(MemberFactory(company=company, role=Role.MANAGER).user)
    return company


def done(client, company):
    """Which of the first steps are done; None when they are not shown."""
    steps = client.get(url(company)).context["steps"]
    return [step.title for step in steps if step.is_done] if steps else None


def test_a_new_company_is_told_what_to_do_and_each_step_is_done_by_doing_it(client, new):
    assert done(client, new) == []
    assert "sent in the last" not in client.get(url(new)).content.decode()
    new.legal_id = "556036-0793"
    new.save()
    assert done(client, new) == ["Company details"]
    new.distribution.active_methods = ["email"]
    new.distribution.save()
    assert done(client, new) == ["Company details", "A way to send"]
    invoice = InvoiceFactory(company=new)  # its customer comes with it
    assert done(client, new) == ["Company details", "A way to send", "Customers", "Invoices"]
    MemberFactory(company=new)
    assert "Colleagues" in done(client, new)
    DeliveryFactory(invoice=invoice, method=Method.OUTSIDE)
    assert "A test to yourself" not in done(client, new)
    DeliveryFactory(invoice=invoice)
    assert done(client, new) is None


def test_a_manager_may_put_them_away_and_nobody_else(client, new):
    viewer = MemberFactory(company=new, role=Role.CLERK).user
    assert "Put away" in client.get(url(new)).content.decode()
    client.post(url(new, "put_away"))
    assert done(client, new) is None
    new.distribution.refresh_from_db()
    assert new.distribution.first_steps_closed_at
    client.force_login(viewer)
    assert client.post(url(new, "put_away")).status_code == 403

"""A batch on its way, through HTTP: numbers that add up, and an undo that tells the truth."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from distribution import jobs
from distribution.actions import planning
from distribution.channels.base import Refused
from distribution.models import Batch, Delivery, Installation
from distribution.models.connection import Connection
from distribution.reasons import Reason
from distribution.states import State
from recipients.methods import Method
from recipients.models import Role
from tests.factories import InvoiceFactory, MemberFactory
from tests.fakes import RememberingChannel

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def clerk(client, outbox):
    client.force_login(outbox.clerk)
    return client


def url(name, outbox, *args):
    return reverse(f"distribution:{name}", args=[outbox.company.slug, *args])


def invoices(outbox):
    return reverse("invoicing:invoices", args=[outbox.company.slug])


def no_mailbox(gate):
    raise Refused(Reason.NO_MAILBOX, "550", "5.1.1 User unknown")


def lost(gate):
    gate()
    raise ConnectionResetError


@pytest.fixture
def mixed(outbox):
    """Ten ticked: 3 sent, 2 refused, 1 in doubt, 1 undone, 1 waiting, 1 that cannot, 1 left out."""
    outbox.sent(before := outbox.invoice())
    addresses = [
        "ok1@x.test",
        "ok2@x.test",
        "ok3@x.test",
        "no1@x.test",
        "no2@x.test",
        "lost@x.test",
        "w1@x.test",
        "w2@x.test",
    ]
    invoices = [outbox.invoice(customer__email=address) for address in addresses]
    batch = outbox.sent_and_ready(*invoices, before, outbox.invoice(customer__email=""))
    rows = Delivery.objects.filter(batch=batch)
    rows.exclude(address__startswith="w").update(leaves_at=F("leaves_at") - timedelta(hours=1))
    outbox.deliver(RememberingChannel({"no1@x.test": no_mailbox, "no2@x.test": no_mailbox, "lost@x.test": lost}))
    rows.filter(address="w2@x.test").move(State.UNDONE, by=outbox.clerk)
    return batch


def test_the_numbers_add_up_to_what_was_selected(clerk, outbox, mixed):
    response = clerk.get(url("batch", outbox, mixed.pk))
    groups = response.context["groups"]
    assert groups == {
        "sent": 3, "sending": 0, "waiting": 1, "failed": 2, "in_doubt": 1, "returned": 0, "undone": 1,
        "cannot": 1, "left_out": 1,
    }  # fmt: skip
    assert sum(groups.values()) == mixed.selected_count == 10
    assert sum(part["count"] for part in response.context["parts"]) == 10
    body = response.content.decode()
    assert "1 is in doubt." in body
    assert f"?tab=doubt&amp;batch={mixed.pk}" in body
    assert "Undo what has not left" in body


def test_the_page_asks_for_itself_until_all_has_ended(clerk, outbox):
    batch = outbox.sent_and_ready(outbox.invoice(), outbox.invoice())
    page = url("batch", outbox, batch.pk)
    first = clerk.get(page)
    assert first.context["poll_url"] == f"{page}?seen=0"
    assert "every 2s" in first.content.decode()
    same = clerk.get(first.context["poll_url"], headers=HTMX).content.decode()
    assert "<html" not in same
    assert "_latest" not in same  # nothing has ended since: the list stays as it is
    assert "_batch-undo" not in same
    outbox.close_window(batch)
    outbox.deliver()
    done = clerk.get(first.context["poll_url"], headers=HTMX).content.decode()
    assert "every 2s" not in done
    assert 'id="_latest" hx-swap-oob="true"' in done
    assert '<div class="actions" id="_batch-undo" hx-swap-oob="true"></div>' in done  # nothing is left to stop


def test_paper_that_waits_for_its_download_is_offered_and_not_polled(clerk, outbox):
    settings = outbox.company.distribution
    settings.active_methods, settings.default_method = [Method.OWN_PRINTER], Method.OWN_PRINTER
    settings.save()
    batch = outbox.sent_and_ready(outbox.invoice())
    jobs.build_parcels(batch.pk)
    response = clerk.get(url("batch", outbox, batch.pk))
    assert response.context["poll_url"] == ""
    assert url("parcel_download", outbox, batch.parcels.get().pk) in response.content.decode()


@pytest.mark.parametrize("rows", [1, 3, 30])
def test_the_page_takes_the_same_queries_whatever_it_holds(clerk, outbox, rows, django_assert_num_queries):
    batch = outbox.sent_and_ready(*(outbox.invoice() for _n in range(rows)))
    with django_assert_num_queries(8):
        assert clerk.get(url("batch", outbox, batch.pk), headers=HTMX).status_code == 200


def test_a_plan_that_was_not_confirmed_has_its_sheet_only(clerk, outbox):
    batch = outbox.plan(outbox.invoice())
    assert clerk.get(url("batch", outbox, batch.pk))["Location"] == url("sheet", outbox, batch.pk)
    assert clerk.post(url("undo", outbox, batch.pk)).status_code == 404


def test_undo_stops_everything_in_time_and_goes_back_to_where_one_was(clerk, outbox):
    first, second = outbox.invoice(), outbox.invoice()
    batch = outbox.send(first, second)
    there = f"http://testserver{invoices(outbox)}?q=a"
    answer = clerk.post(url("undo", outbox, batch.pk), headers={"Referer": there})
    assert answer["Location"] == there
    assert "Stopped 2. Nothing had left." in clerk.get(there).content.decode()
    first.refresh_from_db()
    assert first.shown() == "to_send"


def test_a_late_undo_says_both_numbers(clerk, outbox):
    early, late = outbox.invoice(customer__email="early@x.test"), outbox.invoice(customer__email="late@x.test")
    batch = outbox.sent_and_ready(early, late)
    Delivery.objects.filter(invoice=early).update(leaves_at=timezone.now() - timedelta(hours=1))
    outbox.deliver()
    page = clerk.post(url("undo", outbox, batch.pk), follow=True).content.decode()
    assert "Stopped 1. 1 had already left." in page


def test_an_undo_that_comes_too_late_does_not_pretend(clerk, outbox):
    batch = outbox.sent(outbox.invoice())
    assert (
        "Nothing could be stopped: 1 had already left."
        in clerk.post(url("undo", outbox, batch.pk), follow=True).content.decode()
    )


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", ""])
def test_undo_leads_to_no_other_house(clerk, outbox, elsewhere):
    batch = outbox.send(outbox.invoice())
    answer = clerk.post(url("undo", outbox, batch.pk), headers={"Referer": elsewhere})
    assert answer["Location"] == url("batch", outbox, batch.pk)


def test_some_of_a_batch_are_undone(clerk, outbox):
    keep, stop = outbox.invoice(), outbox.invoice()
    outbox.send(keep, stop)
    clerk.post(url("undo_deliveries", outbox), {"ids": [outbox.delivery(stop).pk]})
    assert outbox.delivery(stop).state == State.UNDONE
    assert outbox.delivery(keep).state == State.WAITING


def test_ticked_invoices_are_undone_in_the_waiting_tab(clerk, outbox):
    keep, stop, gone = outbox.invoice(number="1"), outbox.invoice(number="2"), outbox.invoice(number="3")
    outbox.sent(gone)
    outbox.send(keep, stop)
    undo = url("undo_deliveries", outbox)
    assert undo in clerk.get(f"{invoices(outbox)}?tab=waiting").content.decode()
    page = clerk.post(undo, {"of": "invoices", "ids": [stop.pk, gone.pk]}, follow=True).content.decode()
    assert "Stopped 1. 1 had already left." in page
    assert outbox.delivery(stop).state == State.UNDONE
    clerk.post(undo, {"of": "invoices", "scope": "all", "query": "tab=waiting"})
    assert outbox.delivery(keep).state == State.UNDONE


def test_another_companys_batch_cannot_be_seen_or_undone(clerk, outbox):
    stranger = InvoiceFactory()
    manager = MemberFactory(company=stranger.company, role=Role.MANAGER).user
    theirs = planning.plan(stranger.company, {"ids": [str(stranger.pk)]}, by=manager)
    Batch.objects.filter(pk=theirs.pk).update(confirmed_at=timezone.now())
    assert clerk.get(url("batch", outbox, theirs.pk)).status_code == 404
    assert clerk.post(url("undo", outbox, theirs.pk)).status_code == 404
    assert clerk.post(url("undo_deliveries", outbox), {"of": "invoices", "ids": [stranger.pk]}).status_code == 404


# --- what every page shows around its content ------------------------------------------------------------------------


def home(clerk, outbox):
    return clerk.get(invoices(outbox)).content.decode()


def test_the_pill_is_on_every_page_until_the_window_ends(clerk, outbox):
    batch = outbox.send(outbox.invoice(), outbox.invoice())
    undo = url("undo", outbox, batch.pk)
    assert undo in home(clerk, outbox)
    assert undo in clerk.get(url("settings", outbox)).content.decode()
    pill = clerk.get(url("outgoing", outbox), headers=HTMX).content.decode()
    assert "<b>2</b>" in pill
    assert "every 10s" in pill
    Batch.objects.filter(pk=batch.pk).update(leaves_at=timezone.now() - timedelta(seconds=1))
    pill = clerk.get(url("outgoing", outbox), headers=HTMX).content.decode()
    assert undo not in pill
    assert "every 30s" in pill  # for the bell, while something is on its way


def test_a_viewer_sees_the_pill_without_its_undo(client, outbox):
    batch = outbox.send(outbox.invoice())
    client.force_login(MemberFactory(company=outbox.company, role=Role.VIEWER).user)
    pill = client.get(url("outgoing", outbox)).content.decode()
    assert "<b>1</b>" in pill
    assert "<button" not in pill
    assert client.post(url("undo", outbox, batch.pk)).status_code == 403


def test_a_silent_sender_is_said_on_every_page(clerk, outbox):
    seen = timezone.now() - timedelta(seconds=61)
    Installation.objects.update(sender_seen_at=seen)
    at = seen.astimezone(timezone.get_current_timezone())
    words = f"{at:%H:%M}: the sender is not running.</b> Your deliveries are safe."
    assert words in home(clerk, outbox)
    assert words in clerk.get(url("deliveries", outbox)).content.decode()
    Installation.objects.update(sender_seen_at=timezone.now())
    assert "not running" not in home(clerk, outbox)
    assert "Sending works" in home(clerk, outbox)


def test_a_copy_of_the_database_says_that_it_sends_nothing(clerk, outbox, settings):
    settings.DELIVERY_LIVE, settings.INSTANCE_ID = True, "another"
    assert "This is a copy of the database: nothing is sent." in home(clerk, outbox)


def test_a_paused_relay_is_one_banner_with_its_reason_and_next_try(clerk, outbox):
    until = timezone.now() + timedelta(minutes=5)
    Connection.objects.filter(company=None).update(paused_until=until, pause_reason="421 Too busy.", failures=1)
    page = home(clerk, outbox)
    assert "It said: 421 Too busy. Next try" in page
    assert page.count("relay-paused") == 1


def test_test_mode_is_said(clerk, outbox, settings):
    assert "Nothing leaves this machine." in home(clerk, outbox)
    settings.MAIL_SINK = "127.0.0.1:2525"
    assert "to nobody else" in home(clerk, outbox)


def test_the_nav_counts_what_waits_for_somebody(clerk, outbox):
    outbox.invoice()
    batch = outbox.sent_and_ready(outbox.invoice(customer__email="no@x.test"))
    outbox.close_window(batch)
    outbox.deliver(RememberingChannel({"no@x.test": no_mailbox}))
    work = clerk.get(invoices(outbox)).context["nav"][0]["items"]
    assert [(item["label"], item.get("count"), item["current"]) for item in work] == [
        ("Overview", None, False),
        ("Invoices", 2, True),
        ("Deliveries", 1, False),
    ]

"""What people hear of: found in the rows, said once, to those whom it concerns."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from distribution import jobs, notices
from distribution.actions import noticing
from distribution.actions.checking import check
from distribution.channels.base import Refused
from distribution.models import Batch, Connection, Delivery, Installation, Notification, Parcel
from distribution.reasons import Reason
from invoicing.models import Invoice
from recipients.methods import Method
from recipients.models import ArchivedFile, Role
from tests.distribution.test_doubts import lose_the_answer
from tests.factories import CompanyFactory, MemberFactory
from tests.fakes import RememberingChannel

Kind = Notification.Kind


def url(outbox, name="notifications", *args):
    return reverse(f"distribution:{name}", args=[outbox.company.slug, *args])


def no_mailbox(gate):
    raise Refused(Reason.NO_MAILBOX, "550", "5.1.1 User unknown")


def told(outbox, user=None, role=Role.CLERK):
    """The titles that a person of the company is shown, oldest first."""
    rows = Notification.objects.of(outbox.company).to(user or outbox.clerk, role).order_by("created_at", "id")
    return [notices.tell(row)["title"] for row in rows]


def bell(client, outbox):
    return client.get(url(outbox)).context["glance"]["unread"]


def a_batch_that_failed(outbox):
    bad, lost = outbox.invoice(customer__email="bad@x.test"), outbox.invoice(customer__email="lost@x.test")
    batch = outbox.sent_and_ready(outbox.invoice(), bad, lost)
    outbox.close_window(batch)
    outbox.deliver(RememberingChannel({"bad@x.test": no_mailbox, "lost@x.test": lose_the_answer}))
    return batch


# --- What is said, and how often -------------------------------------------------------------------------------------


def test_a_batch_is_told_of_once_with_its_outcome(outbox):
    batch = a_batch_that_failed(outbox)
    for _again in range(3):
        noticing.look()
    assert sorted(told(outbox)) == [
        "1 delivery is in doubt", "1 invoice could not be sent", "Your batch of 3 invoices is done",
    ]  # fmt: skip
    done = Notification.objects.get(kind=Kind.BATCH_DONE)
    assert notices.tell(done)["text"] == "1 sent, 1 failed, 1 in doubt."
    assert (done.user, done.about) == (outbox.clerk, batch.pk)


def test_nothing_is_told_of_what_is_on_its_way_or_was_undone(outbox, client):
    batch = outbox.send(outbox.invoice())
    noticing.look()
    assert told(outbox) == []
    client.force_login(outbox.clerk)
    client.post(reverse("distribution:undo", args=[outbox.company.slug, batch.pk]))
    noticing.look()
    assert told(outbox) == []


def test_failures_are_told_while_the_rest_is_on_its_way_and_the_number_grows(outbox):
    first, second = outbox.invoice(customer__email="bad@x.test"), outbox.invoice(customer__email="bad@y.test")
    batch = outbox.sent_and_ready(first, second, outbox.invoice())
    channel = RememberingChannel({"bad@x.test": no_mailbox, "bad@y.test": no_mailbox})
    for invoice, title in ((first, "1 invoice could not be sent"), (second, "2 invoices could not be sent")):
        Delivery.objects.filter(invoice=invoice).update(leaves_at=F("leaves_at") - timedelta(hours=2))
        outbox.deliver(channel)
        noticing.look()
        assert told(outbox) == [title]
    assert Notification.objects.get().about == batch.pk


def test_who_pressed_send_hears_of_its_end_and_every_clerk_of_what_failed(outbox):
    a_batch_that_failed(outbox)
    noticing.look()
    colleague = MemberFactory(company=outbox.company, role=Role.CLERK).user
    assert sorted(told(outbox, colleague)) == ["1 delivery is in doubt", "1 invoice could not be sent"]
    assert told(outbox, MemberFactory(company=outbox.company, role=Role.VIEWER).user, Role.VIEWER) == []


def test_a_print_file_that_nobody_fetches_is_told_after_two_days(outbox):
    batch = outbox.sent(outbox.invoice())
    file = ArchivedFile.objects.keep(outbox.company, b"pdf", media_type="application/pdf")
    Parcel.objects.create(
        company=outbox.company, batch=batch, method=Method.OWN_PRINTER, part=1, name="a.pdf", file=file
    )
    noticing.look_at_print_files()
    assert told(outbox) == []
    Batch.objects.update(confirmed_at=timezone.now() - timedelta(days=2, minutes=1))
    for _again in range(2):
        noticing.look_at_print_files()
    assert told(outbox) == ["A print file has waited for two days"]
    assert notices.tell(Notification.objects.get())["url"] == url(outbox, "batch", batch.pk)


def test_a_relay_that_stays_away_is_told_to_those_whose_mail_waits(outbox):
    outbox.close_window(outbox.sent_and_ready(outbox.invoice()))
    Installation.objects.update(sender_seen_at=timezone.now())
    bystander = CompanyFactory()
    relay = Connection.objects.filter(company=None)
    soon = timezone.now() + timedelta(minutes=1)
    relay.update(paused_until=soon, pause_reason="421 Too busy.", failures=1)
    noticing.look()
    assert told(outbox) == []
    relay.update(failures=3)
    for _again in range(2):
        noticing.look()
    assert told(outbox) == ["The mail server does not take any e-mail"]
    assert "1 e-mail waits. The mail server said: 421 Too busy." in notices.tell(Notification.objects.get())["text"]
    assert not Notification.objects.of(bystander).exists()


def test_the_queue_tells_that_the_sender_is_silent(outbox):
    outbox.close_window(outbox.sent_and_ready(outbox.invoice()))
    Installation.objects.update(sender_seen_at=timezone.now())
    jobs.look()
    assert told(outbox) == []
    Installation.objects.update(sender_seen_at=timezone.now() - timedelta(minutes=16))
    for _again in range(2):
        jobs.look()
    (title,) = told(outbox)
    assert title.startswith("Nothing has been sent since ")


def test_a_silent_sender_with_nothing_to_do_is_no_news(outbox):
    Installation.objects.update(sender_seen_at=None)
    outbox.send(outbox.invoice())
    noticing.look()
    assert told(outbox) == []


def test_what_the_nightly_check_finds_is_for_managers(outbox):
    Invoice.objects.filter(pk=outbox.invoice().pk).update(in_flight="doubt")
    for _again in range(2):
        check()
    assert told(outbox) == []
    assert told(outbox, role=Role.MANAGER) == ["The nightly check found 1 invoice that shows the wrong status"]


def test_every_kind_has_words_and_a_look():
    assert set(notices.SENTENCES) == set(notices.LOOKS) == set(Kind)


# --- The bell and the page -------------------------------------------------------------------------------------------


def test_the_bell_counts_what_this_person_has_not_read(client, outbox):
    a_batch_that_failed(outbox)
    noticing.look()
    colleague = MemberFactory(company=outbox.company, role=Role.CLERK).user
    client.force_login(outbox.clerk)
    assert bell(client, outbox) == 3
    assert "Notifications: 3 unread" in client.get(url(outbox, "overview")).content.decode()
    failures = Notification.objects.get(kind=Kind.FAILURES)
    answer = client.post(url(outbox, "notification", failures.pk))
    assert answer["Location"] == f"{url(outbox, 'deliveries')}?tab=attention&batch={failures.about}"
    assert bell(client, outbox) == 2
    client.post(url(outbox))
    assert bell(client, outbox) == 0
    assert "All is read" in client.get(url(outbox) + "?tab=unread").content.decode()
    assert "could not be sent" in client.get(url(outbox)).content.decode()
    client.force_login(colleague)
    assert bell(client, outbox) == 2


def test_what_is_old_does_not_ring_for_who_joins_today(client, outbox):
    a_batch_that_failed(outbox)
    noticing.look()
    Notification.objects.update(created_at=timezone.now() - timedelta(days=31))
    client.force_login(outbox.clerk)
    assert bell(client, outbox) == 0
    assert len(client.get(url(outbox)).context["listing"].rows) == 3


def test_another_persons_or_companys_news_is_not_there(client, outbox):
    a_batch_that_failed(outbox)
    noticing.look()
    mine = Notification.objects.get(kind=Kind.BATCH_DONE)
    client.force_login(MemberFactory(company=outbox.company, role=Role.MANAGER).user)
    assert client.post(url(outbox, "notification", mine.pk)).status_code == 404
    stranger = MemberFactory(role=Role.MANAGER)
    client.force_login(stranger.user)
    there = reverse("distribution:notification", args=[stranger.company.slug, mine.pk])
    assert client.post(there).status_code == 404
    assert not mine.read_by.exists()


def test_the_bell_comes_with_the_pills_and_is_asked_for_while_something_moves(client, outbox):
    client.force_login(outbox.clerk)
    assert "hx-get" not in client.get(url(outbox, "outgoing")).content.decode()
    batch = outbox.sent_and_ready(outbox.invoice(customer__email="bad@x.test"))
    fragment = client.get(url(outbox, "outgoing")).content.decode()
    assert 'hx-trigger="every 10s"' in fragment
    outbox.close_window(batch)
    Batch.objects.update(leaves_at=timezone.now() - timedelta(hours=1))
    assert 'hx-trigger="every 30s"' in client.get(url(outbox, "outgoing")).content.decode()
    outbox.deliver(RememberingChannel({"bad@x.test": no_mailbox}))
    noticing.look()
    fragment = client.get(url(outbox, "outgoing")).content.decode()
    assert "hx-get" not in fragment
    assert "Notifications: 2 unread" in fragment


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_the_same_queries_whatever_it_holds(client, outbox, rows, django_assert_num_queries):
    for number in range(rows):
        noticing.tell(outbox.company.pk, Kind.CHECK_FOUND, number, n=1)
    client.force_login(outbox.clerk)
    with django_assert_num_queries(6):  # session, user, member; unread, the page, their number
        page = client.get(url(outbox), headers={"HX-Request": "true"})
    assert page.content.count(b"news-row") == rows


def test_who_has_heard_of_nothing_is_told_what_belongs_here(client, outbox):
    client.force_login(outbox.clerk)
    assert "No notifications yet" in client.get(url(outbox)).content.decode()

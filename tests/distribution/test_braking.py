"""The brake: a connection that refuses or fails too much pauses until a manager resumes it, and says so once."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from distribution import notices
from distribution.actions import braking, connecting, handing_over
from distribution.channels.base import Refused, Unreachable
from distribution.management.commands import deliver
from distribution.models import Connection, Delivery, Notification, Parcel
from distribution.models.connection import UNTIL_RESUMED
from distribution.reasons import Reason
from distribution.states import State
from distribution.troubles import Trouble
from recipients.methods import Method
from recipients.models import Event, Role
from tests.factories import CompanyFactory, ConnectionFactory, DeliveryFactory, MemberFactory

from . import test_posting

house = test_posting.house  # the company that sends letters
LOGIN = Unreachable(Trouble.LOGIN, text="Authentication failed.", slows=Unreachable.CONNECTION)


@pytest.fixture
def way(house):
    return Connection.objects.of(house.company).get()


@pytest.fixture
def manager(house):
    return MemberFactory(company=house.company, role=Role.MANAGER).user


def letters(house, n, state, reason="", *, ago=timedelta(hours=1), **fields):
    """So many answers of the provider, at that time."""
    for _n in range(n):
        DeliveryFactory(
            invoice=house.invoice(), method=Method.CENTRAL_PRINT, state=state, reason=reason, batch=None,
            finished_at=timezone.now() - ago, **fields,
        )  # fmt: skip


def look(way):
    braking.brake(Connection.objects.all())
    way.refresh_from_db()
    return way.brake.get("why", "")


def fail(way, times=1, error=LOGIN):
    """The sender tries again after each pause of the breaker."""
    for _n in range(times):
        handing_over.pause(Connection.objects.filter(pk=way.pk), error)
    way.refresh_from_db()


# --- When it pauses ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "refused, taken, why",
    [(4, 16, "refusals"), (3, 17, ""), (4, 17, ""), (19, 0, ""), (20, 0, "refusals")],
)  # fmt: skip
def test_one_in_five_of_at_least_twenty(house, way, refused, taken, why):
    letters(house, refused - 1, State.RETURNED, Reason.NOT_PRINTED)
    letters(house, 1, State.FAILED, Reason.REFUSED_THERE)
    letters(house, taken, State.SENT)
    assert look(way) == why
    assert (way.paused_until == UNTIL_RESUMED) == bool(why)
    if why:
        assert way.brake == {"why": "refusals", "refused": refused, "answered": refused + taken}


def test_what_is_not_the_providers_refusal_does_not_count(house, way):
    letters(house, 20, State.SENT)
    letters(house, 5, State.FAILED, Reason.METHOD_OFF)
    letters(house, 5, State.RETURNED, Reason.RETURNED)  # it was printed; the recipient had moved
    letters(house, 30, State.RETURNED, Reason.NOT_PRINTED, ago=timedelta(hours=25))
    other = ConnectionFactory(company=CompanyFactory())
    for _n in range(20):
        DeliveryFactory(
            invoice__company=other.company, method=Method.CENTRAL_PRINT, state=State.FAILED,
            reason=Reason.REFUSED_THERE, batch=None, finished_at=timezone.now(),
        )  # fmt: skip
    assert look(way) == ""
    other.refresh_from_db()
    assert other.brake["why"] == "refusals"


def test_five_refused_connections_in_a_row(way):
    fail(way, 4)
    assert (way.brake, way.failures) == ({}, 4)
    assert way.paused_until < UNTIL_RESUMED
    fail(way)
    assert (way.brake, way.paused_until) == ({"why": "failures"}, UNTIL_RESUMED)


def test_an_answer_between_them_begins_anew(way):
    parcel = Parcel(company=way.company, method=way.method)
    fail(way, 4)
    handing_over.resume(parcel)
    fail(way, 4)
    assert way.brake == {}


def test_ten_minutes_without_an_answer_are_found_by_the_housekeeping(way, monkeypatch):
    fail(way, 2)
    assert look(way) == ""
    Connection.objects.update(failing_since=F("failing_since") - timedelta(minutes=10, seconds=1))
    deliver.keep_house()
    way.refresh_from_db()
    assert (way.brake, way.paused_until) == ({"why": "silence"}, UNTIL_RESUMED)


def test_a_failure_of_last_week_is_not_a_week_without_an_answer(way):
    fail(way)
    week = timedelta(days=7)
    Connection.objects.update(failing_since=F("failing_since") - week, paused_until=F("paused_until") - week)
    assert look(way) == ""  # nobody has tried since
    fail(way)
    assert way.brake == {}
    assert way.failing_since > timezone.now() - timedelta(minutes=1)


def test_the_relay_resumes_by_itself_as_before(way):
    relay = Connection.objects.filter(company=None)
    for _n in range(7):
        handing_over.pause(relay, LOGIN)
    relay.update(failing_since=F("failing_since") - timedelta(hours=1))
    braking.brake(Connection.objects.all())
    relay = relay.get()
    assert (relay.brake, relay.failures) == ({}, 7)
    assert relay.paused_until < timezone.now() + timedelta(minutes=6)


def test_a_parcel_that_is_refused_whole_pauses_it_at_once(house, way, settings):
    """By the sender itself, whose next parcel waits."""
    settings.SENDING = {**settings.SENDING, "print_part": 20}
    batch = house.built(*(house.invoice() for _n in range(21)))
    first, second = Parcel.objects.order_by("part")
    house.folder.joinpath(first.name).write_bytes(b"somebody else's")
    house.close_window(batch)
    call_command("deliver")
    way.refresh_from_db()
    assert way.brake == {"why": "refusals", "refused": 20, "answered": 20}
    assert set(first.deliveries.values_list("state", "reason")) == {(State.FAILED, Reason.NAME_TAKEN)}
    assert set(second.deliveries.values_list("state", flat=True)) == {State.WAITING}


# --- Two at once ------------------------------------------------------------------------------------------------------


def test_it_is_told_once_however_many_look(way):
    fail(way, 5)
    for _n in range(3):
        look(way)
    fail(way, 5)
    assert Notification.objects.filter(kind=Notification.Kind.BRAKED).count() == 1
    assert Event.objects.filter(about=way.pk, what="connection.braked").count() == 1


def test_who_resumed_or_got_through_meanwhile_wins(way, manager):
    Connection.objects.update(failures=5, paused_until=timezone.now())
    seen = Connection.objects.get(pk=way.pk)
    connecting.resume_connection(way, by=manager)
    braking.pause_until_resumed(seen, {"why": "failures"})
    way.refresh_from_db()
    assert (way.paused_until, way.brake) == (None, {})
    assert not Notification.objects.exists()


def test_a_parcel_that_was_on_its_way_does_not_take_the_brake_off(way):
    fail(way, 5)
    Connection.objects.update(failures=1)
    handing_over.resume(Parcel(company=way.company, method=way.method))
    way.refresh_from_db()
    assert (way.paused_until, way.brake) == (UNTIL_RESUMED, {"why": "failures"})


# --- Resuming ---------------------------------------------------------------------------------------------------------


def test_a_manager_resumes_the_counts_begin_anew_and_the_rest_leaves(house, way, client, manager):
    letters(house, 20, State.RETURNED, Reason.NOT_PRINTED)
    assert look(way) == "refusals"
    batch = house.built(house.invoice())
    house.close_window(batch)
    call_command("deliver")
    assert house.arrived() == {}
    client.force_login(manager)
    page = reverse("distribution:connection", args=[house.company.slug, way.pk])
    content = client.get(page).content.decode()
    assert "It paused by itself, until a manager resumes it." in content
    assert "20 of 20 letters were refused within a day. 1 delivery waits." in content
    assert "paused by itself.</b>" not in content  # the banner would say it again
    client.post(reverse("distribution:connection_resume", args=[house.company.slug, way.pk]))
    assert look(way) == ""
    assert (way.paused_until, way.failures, way.trouble, way.pause_reason) == (None, 0, "", "")
    call_command("deliver")
    assert len(house.arrived()) == 1
    letters(house, 19, State.RETURNED, Reason.NOT_PRINTED, ago=timedelta())
    assert look(way) == "refusals"  # 19 of the 20 since then
    assert Notification.objects.filter(kind=Notification.Kind.BRAKED).count() == 2


def test_a_persons_pause_stays_a_persons(house, way, manager):
    connecting.pause_connection(way, by=manager)
    letters(house, 20, State.FAILED, Reason.REFUSED_THERE)
    fail(way, 6)
    assert look(way) == ""
    assert way.paused_until == UNTIL_RESUMED


# --- What people see --------------------------------------------------------------------------------------------------


def test_one_banner_on_every_page_says_why_and_what_waits(house, way, client, manager):
    house.built(house.invoice(), house.invoice())
    overview = reverse("distribution:overview", args=[house.company.slug])
    goal = reverse("distribution:connection", args=[house.company.slug, way.pk])
    client.force_login(manager)
    fail(way, 4)
    assert "paused by itself" not in client.get(overview).content.decode()
    fail(way)
    for page in (overview, reverse("invoicing:invoices", args=[house.company.slug])):
        content = client.get(page).content.decode()
        assert content.count(f"{way} paused by itself.") == 1
        assert "Five tries in a row failed. The server refuses the login. It said: Authentication failed." in content
        assert "2 deliveries wait. Nothing is lost." in content
        assert f'href="{goal}"' in content
    client.force_login(house.clerk)
    content = client.get(overview).content.decode()
    assert "2 deliveries wait. Nothing is lost. A manager resumes it." in content
    assert goal not in content
    stranger = MemberFactory(role=Role.MANAGER)
    client.force_login(stranger.user)
    other = reverse("distribution:overview", args=[stranger.company.slug])
    assert "paused by itself" not in client.get(other).content.decode()


def test_managers_are_told_and_clerks_are_not(house, way, client, manager):
    house.built(house.invoice())
    fail(way, 5)
    told = Notification.objects.get()
    assert (told.kind, told.role, told.company) == ("braked", Role.MANAGER, house.company)
    said = notices.tell(told)
    assert said["title"] == f"{way} paused by itself"
    assert said["text"] == (
        "Five tries in a row failed. The server refuses the login. It said: Authentication failed. "
        "1 delivery waits until you resume it."
    )
    assert said["url"] == reverse("distribution:connection", args=[house.company.slug, way.pk])


def test_a_delivery_says_what_it_waits_for(house, way, client):
    house.built(house.invoice())
    delivery = Delivery.objects.get()
    page = reverse("distribution:delivery", args=[house.company.slug, delivery.pk])
    client.force_login(house.clerk)
    assert "It waits" not in client.get(page).content.decode()
    fail(way)
    assert (
        f"It waits: {way} takes nothing just now.</b> The server refuses the login."
        in client.get(page).content.decode()
    )
    fail(way, 4)
    assert f"It waits: {way} is paused until a manager resumes it.</b> Five tries" in client.get(page).content.decode()
    way.delete()
    assert "No connection to send it over." in client.get(page).content.decode()


def test_a_print_file_that_waits_for_the_brake_is_nobodys_download(house, way):
    house.built(house.invoice())
    Parcel.objects.get().batch.__class__.objects.update(confirmed_at=timezone.now() - timedelta(days=3))
    deliver.keep_house()
    assert not Notification.objects.filter(kind=Notification.Kind.PRINT_WAITS).exists()


def test_a_refusal_in_the_middle_of_a_batch_is_counted_by_the_sender(house, way, monkeypatch):
    """Refused after the gate, by an answer."""
    letters(house, 19, State.FAILED, Reason.REFUSED_THERE)

    def put(*_words):
        raise Refused(Reason.REFUSED_THERE, "422", "no such customer")

    batch = house.built(house.invoice())
    house.close_window(batch)
    monkeypatch.setattr("distribution.channels.print_files.put", put)
    call_command("deliver")
    way.refresh_from_db()
    assert way.brake["refused"] == 20

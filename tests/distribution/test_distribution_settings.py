"""A company's distribution settings, through HTTP."""

import pytest
from django.urls import reverse

from distribution.models import Settings
from recipients.methods import Method
from recipients.models import Company, Event, Role
from tests.factories import CompanyFactory, DeliveryFactory, MemberFactory


@pytest.fixture
def manager(client, outbox):
    client.force_login(MemberFactory(company=outbox.company, role=Role.MANAGER, user__name="Mia Lund").user)
    return client


def address(outbox):
    return reverse("distribution:settings", args=[outbox.company.slug])


def form(**changes):
    return {
        "active_methods": ["email", "own_printer"],
        "default_method": "email",
        "reserve_method": "own_printer",
        "undo_minutes": "15",
        "sender_prefix": "fjord",
        "sender_name": "Fjordgym",
        "reply_to": "svar@fjordgym.example",
        "sends_to_document_address": "on",
        "links_to_organisation": "on",
    } | changes


def test_a_manager_saves_and_history_knows_what(manager, outbox):
    response = manager.post(address(outbox), form(links_to_organisation=""), follow=True)
    assert "Settings saved." in response.content.decode()
    stored = Settings.objects.get(company=outbox.company)
    assert stored.active_methods == [Method.EMAIL, Method.OWN_PRINTER]
    assert (stored.reserve_method, stored.undo_minutes, stored.sender_prefix) == ("own_printer", 15, "fjord")
    assert stored.sends_to_document_address
    assert not Company.objects.get(pk=outbox.company.pk).links_to_organisation
    event = Event.objects.get(about=outbox.company.pk, what="settings.changed")
    assert "undo_minutes" in event.data["fields"]
    assert "links_to_organisation" in event.data["fields"]
    assert "by Mia Lund" in response.content.decode()


def test_saving_without_a_change_is_no_event(manager, outbox):
    manager.post(address(outbox), form())
    response = manager.post(address(outbox), form(), follow=True)
    assert "Nothing was changed." in response.content.decode()
    assert Event.objects.filter(what="settings.changed").count() == 1


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"active_methods": ["own_printer"], "reserve_method": ""}, "This method is not active."),
        ({"active_methods": ["email"]}, "This method is not active."),
        ({"reserve_method": "email"}, "The same as the default method."),
        ({"default_method": "autogiro"}, "Select a valid choice."),
        ({"active_methods": ["autogiro"]}, "Select a valid choice."),
        ({"undo_minutes": "61"}, "60"),
        ({"undo_minutes": "-1"}, "0"),
        ({"sender_prefix": "a b@c"}, "Use a-z, 0-9, dot and hyphen"),
        ({"sender_prefix": "x\r\nBcc: all"}, "Use a-z, 0-9, dot and hyphen"),
        ({"reply_to": "a@b.example, c@d.example"}, "Enter a valid email address."),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_stored(manager, outbox, changes, words):
    response = manager.post(address(outbox), form(**changes))
    assert response.status_code == 422
    assert words in str(response.context["form"].errors)
    assert Settings.objects.get(company=outbox.company).undo_minutes == 5
    assert not Event.objects.filter(what="settings.changed").exists()


def test_two_companies_never_send_from_one_address(manager, outbox):
    CompanyFactory(slug="taken")
    response = manager.post(address(outbox), form(sender_prefix="taken"))
    assert "Another company sends from this address." in response.content.decode()


def test_all_methods_may_be_off(manager, outbox):
    assert manager.post(address(outbox), form(active_methods=[])).status_code == 302
    assert Settings.objects.get(company=outbox.company).active_methods == []


def test_a_viewer_looks_and_is_told_who_may_change(outbox, client):
    MemberFactory(company=outbox.company, role=Role.MANAGER, user__name="Mia Lund")
    client.force_login(MemberFactory(company=outbox.company, role=Role.VIEWER).user)
    content = client.get(address(outbox)).content.decode()
    assert "Mia Lund" in content
    assert "Save changes" not in content
    assert content.count("disabled") >= 9
    assert client.post(address(outbox), form()).status_code == 403
    client.force_login(outbox.clerk)
    assert client.post(address(outbox), form()).status_code == 403


def test_the_page_says_what_each_method_needs_and_what_waits_by_it(manager, outbox, settings):
    DeliveryFactory(invoice=outbox.invoice(), state="waiting")
    settings.MAIL_SINK = ""
    content = manager.get(address(outbox)).content.decode()
    assert "@utskick.example" in content
    assert "1 waits by it, and fails if you switch it off" in content
    assert "Test mode: nothing leaves." in content
    assert "at most 500 a file" in content
    settings.MAIL_SINK = "127.0.0.1:2525"
    assert f"answers go to {outbox.company.email}" in manager.get(address(outbox)).content.decode()
    settings.DELIVERY_LIVE = True
    assert "This is a copy of the database" in manager.get(address(outbox)).content.decode()

"""Central print on the settings page and on every page around it."""

from decimal import Decimal

import pytest
from django.urls import reverse

from distribution.models import Settings
from recipients.methods import Method
from recipients.models import Role
from tests.distribution.test_distribution_settings import form
from tests.factories import ConnectionFactory, CustomerFactory, MemberFactory


@pytest.fixture
def manager(client, outbox):
    client.force_login(MemberFactory(company=outbox.company, role=Role.MANAGER).user)
    return client


def address(outbox, name="settings"):
    return reverse(f"distribution:{name}", args=[outbox.company.slug])


def read(client, url, **data):
    return client.get(url, data).content.decode()


def with_print(**changes):
    return form(active_methods=["email", "central_print"], reserve_method="central_print", **changes)


def test_central_print_is_not_activated_without_a_connection(manager, outbox):
    response = manager.post(address(outbox), with_print())
    assert response.status_code == 422
    page = response.content.decode()
    assert "Central print needs a connection to a print provider: add it first." in page
    assert f'<a class="link" href="{address(outbox, "connection_new")}">Add a connection</a>' in page
    assert Settings.objects.get(company=outbox.company).active_methods == [Method.EMAIL]


def test_central_print_is_activated_over_a_connection(manager, outbox):
    ConnectionFactory(company=outbox.company)
    way = "Over Tryckeriet Norden, SFTP, layout Utskick: a ZIP with a JSON list. Not tested."
    assert way in read(manager, address(outbox))
    assert manager.post(address(outbox), with_print()).status_code == 302
    assert Method.CENTRAL_PRINT in Settings.objects.get(company=outbox.company).active_methods


def test_a_connection_of_another_company_is_none(manager, outbox):
    ConnectionFactory()
    assert manager.post(address(outbox), with_print()).status_code == 422


def test_a_method_that_lost_its_connection_is_named_on_every_page(manager, outbox, client):
    connection = ConnectionFactory(company=outbox.company)
    manager.post(address(outbox), with_print())
    deliveries = address(outbox, "deliveries")
    assert "Central print has no connection." not in read(manager, deliveries)
    connection.delete()
    page = read(manager, deliveries)
    assert "Central print has no connection." in page
    assert f'href="{address(outbox, "connection_new")}">Add a connection' in page
    # other settings can be saved meanwhile
    assert manager.post(address(outbox), with_print(undo_minutes="7")).status_code == 302
    client.force_login(outbox.clerk)
    page = read(client, deliveries)
    assert "Central print has no connection." in page
    assert "Add a connection" not in page


@pytest.mark.parametrize(
    "typed, stored", [("9,50", Decimal("9.50")), ("9.5", Decimal("9.50")), ("0", Decimal(0)), ("", None)]
)
def test_the_price_of_a_letter_is_typed_as_people_type(manager, outbox, typed, stored):
    assert manager.post(address(outbox), form(letter_price=typed)).status_code == 302
    assert Settings.objects.get(company=outbox.company).letter_price == stored


def test_a_stored_price_that_is_not_touched_is_no_change(manager, outbox):
    manager.post(address(outbox), form(letter_price="9,5"))
    assert 'value="9,50"' in read(manager, address(outbox))
    response = manager.post(address(outbox), form(letter_price="9,50"), follow=True)
    assert "Nothing was changed." in response.content.decode()


@pytest.mark.parametrize("wrong", ["-1", "much", "9,505", "1000000"])
def test_a_price_that_is_none_is_refused_and_kept_in_the_field(manager, outbox, wrong):
    response = manager.post(address(outbox), form(letter_price=wrong))
    assert response.status_code == 422
    assert f'value="{wrong}"' in response.content.decode()
    assert Settings.objects.get(company=outbox.company).letter_price is None


def test_the_tester_and_reachability_know_letters(manager, outbox):
    nowhere = {"street": "", "postcode": "", "city": "", "email": ""}
    workspace = outbox.company.workspace
    CustomerFactory(
        workspace=workspace, name="Eva Lund", email="", street="Storgatan 1", postcode="123 45", city="Täby"
    )
    CustomerFactory(workspace=workspace, name="Bo Ek", **nowhere)
    CustomerFactory(workspace=workspace, name="Åsa Berg", **nowhere | {"street": "Storgatan 1", "city": "Täby"})
    ConnectionFactory(company=outbox.company)
    report = address(outbox, "reachability")
    assert all(name in read(manager, report) for name in ("Eva Lund", "Bo Ek", "Åsa Berg"))
    manager.post(address(outbox), with_print() | {"key": ""})
    page = read(manager, report)
    assert "Eva Lund" not in page
    assert "Bo Ek" in page
    answer = read(manager, address(outbox), test="Eva Lund")
    assert "No e-mail address" in answer
    assert "Used: Eva Lund, Storgatan 1, 123 45 Täby, from the customer" in answer
    assert "No postal address" in read(manager, address(outbox), test="Bo Ek")
    assert "The postal address is not whole" in read(manager, address(outbox), test="Åsa Berg")

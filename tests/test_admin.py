"""Django admin: for superusers, every model, and what has happened is read only."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import reverse

from distribution.models import Batch, Connection, Delivery, Enclosure, Parcel, Settings
from invoicing.models import DocumentTemplate
from recipients.models import ArchivedFile, Company, Event, User
from tests.factories import CompanyFactory, DeliveryFactory, UserFactory, WorkspaceFactory

OURS = [model for app in ("recipients", "invoicing", "distribution") for model in apps.get_app_config(app).get_models()]
READ_ONLY = [Event, Delivery, Enclosure, ArchivedFile, Batch, Parcel]


def url(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def superuser(client, db):
    client.force_login(User.objects.create_superuser("admin@utskick.example", "demo", name="Ada"))
    return client


@pytest.fixture
def some_rows(outbox):
    """One row at least of most models."""
    invoice = outbox.invoice()
    outbox.sent(invoice)
    DeliveryFactory(invoice=outbox.invoice())
    Parcel.objects.create(
        company=outbox.company, batch=Batch.objects.first(), method="own_printer", part=1, name="1.pdf"
    )
    return outbox


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_model_has_a_list_that_can_be_searched_and_a_page(superuser, some_rows, model):
    assert superuser.get(url(model, "changelist"), {"q": "x"}).status_code == 200
    assert superuser.get(url(model, "changelist")).status_code == 200
    row = model.objects.first()
    if row:
        assert superuser.get(url(model, "change", row.pk)).status_code == 200


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_foreign_keys_are_fetched_with_the_list_or_never_shown(model):
    """A list of a hundred rows must not look up a hundred companies."""
    ours = admin.site._registry[model]
    shown = {field.name for field in model._meta.fields if field.is_relation} & set(ours.list_display)
    assert shown <= set(ours.list_select_related or ())


@pytest.mark.parametrize("model", READ_ONLY, ids=lambda model: model.__name__)
def test_what_has_happened_cannot_be_typed(superuser, some_rows, model):
    row = model.objects.first()
    assert row is not None
    assert superuser.get(url(model, "add")).status_code == 403
    assert superuser.post(url(model, "change", row.pk), {}).status_code == 403
    assert superuser.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


def test_nobody_else_comes_in(client, db):
    client.force_login(UserFactory())
    assert client.get("/admin/").status_code == 302
    client.force_login(UserFactory(is_staff=True))
    assert client.get(url(Company, "changelist")).status_code == 403


def company_form(**fields):
    return {
        "workspace": WorkspaceFactory().pk, "name": "Nya Gym AB", "slug": "nya_gym", "country": "SE",
        "colour": "#0b6a61", "language": "sv", "links_to_organisation": "on",
        "members-TOTAL_FORMS": 0, "members-INITIAL_FORMS": 0,
    } | fields  # fmt: skip


def test_a_new_company_can_send_at_once(superuser):
    CompanyFactory(slug="nya-gym")
    response = superuser.post(url(Company, "add"), company_form())
    assert response.status_code == 302, response.context["errors"]
    company = Company.objects.get(slug="nya_gym")
    assert company.distribution.sender_prefix == "nya-gym-2"
    assert DocumentTemplate.objects.get(company=company).name
    page = superuser.get(url(Company, "change", company.pk)).content.decode()
    assert "nya-gym-2" in page
    assert Settings.objects.filter(company=company).count() == 1


def connection_form(**fields):
    return {"method": "email", "host": "mx.example", "port": "587", "security": "starttls", "username": "u"} | fields


def test_the_relays_password_goes_in_and_never_comes_out(superuser):
    relay = Connection.objects.get(company=None)
    address = url(Connection, "change", relay.pk)
    assert superuser.post(address, connection_form(password="s3cret-word")).status_code == 302
    relay.refresh_from_db()
    assert relay.password() == "s3cret-word"
    page = superuser.get(address).content.decode()
    assert "s3cret-word" not in page
    assert relay.secret not in page
    superuser.post(address, connection_form(host="mx2.example"))
    relay.refresh_from_db()
    assert (relay.host, relay.password()) == ("mx2.example", "s3cret-word")
    superuser.post(address, connection_form(without_password="on"))
    relay.refresh_from_db()
    assert relay.secret == ""


def test_without_a_key_the_form_says_so(superuser, settings):
    settings.SECRETS_KEYS = []
    relay = Connection.objects.get(company=None)
    response = superuser.post(url(Connection, "change", relay.pk), connection_form(password="s3cret-word"))
    assert "SECRETS_KEYS is empty" in response.content.decode()
    relay.refresh_from_db()
    assert relay.secret == ""


def test_a_user_is_made_by_e_mail_address(superuser):
    form = {"email": "Ny@fjordgym.example", "name": "Ny", "usable_password": "true",
            "password1": "lång-och-trygg-77", "password2": "lång-och-trygg-77",
            "memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}  # fmt: skip
    response = superuser.post(url(User, "add"), form)
    assert response.status_code == 302, response.context["errors"]
    assert User.objects.get(email__iexact="ny@fjordgym.example").check_password("lång-och-trygg-77")

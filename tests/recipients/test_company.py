"""Company details: what documents say of the sender."""

import pytest
from django.urls import reverse

from recipients.models import Event, Role
from tests.factories import CompanyFactory, MemberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(client):
    company = CompanyFactory(legal_id="556677-8899", vat_id="SE556677889901", slug="fjordgym")
    client.force_login(MemberFactory(company=company, role=Role.MANAGER).user)
    return company


def post(client, company, **typed):
    """The form as it stands, with other words in some fields."""
    url = reverse("recipients:company", args=[company.slug])
    form = client.get(url).context["form"]
    stands = {name: form[name].value() or "" for name in form.fields if form[name].value() is not False}
    return client.post(url, stands | typed)


def test_what_was_changed_is_stored_and_named_in_the_history(client, company):
    answer = post(client, company, phone="08-123 456", bankgiro="50501055", iban="se35 5000 0000 0549 1000 0003")
    assert answer.status_code == 302
    company.refresh_from_db()
    assert (company.phone, company.bankgiro, company.iban) == ("08-123 456", "5050-1055", "SE3550000000054910000003")
    event = Event.objects.get()
    assert (event.what, event.data) == ("company.changed", {"fields": "phone, iban"})
    assert "Changed" in client.get(reverse("recipients:company", args=["fjordgym"])).content.decode()


def test_nothing_changed_is_no_event(client, company):
    assert post(client, company).status_code == 302
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    "typed, words",
    [
        ({"bankgiro": "5050-1056"}, "The check digit does not fit"),
        ({"bankgiro": "505"}, "A bankgiro has 7 or 8 digits"),
        ({"plusgiro": "28 65 43-5"}, "The check digit does not fit"),
        ({"plusgiro": "x"}, "A plusgiro has 2 to 8 digits"),
        ({"iban": "SE3550000000054910000004"}, "The check digit does not fit"),
        ({"iban": "5050"}, "An IBAN begins with two letters"),
        ({"bic": "NDEA"}, "A BIC has 8 or 11 characters"),
        ({"legal_id": "556677-8898"}, "The check digit does not fit"),
        ({"legal_id": "55667"}, "One looks like 556677-8899"),
        ({"vat_id": "SE556677889801"}, "The check digit does not fit"),
        ({"vat_id": "556677"}, "One looks like SE556677889901"),
        ({"country": "NO", "legal_id": "918273647", "vat_id": ""}, "The check digit does not fit"),
        ({"country": "NO", "legal_id": "", "vat_id": "", "account": "86011117948"}, "The check digit does not fit"),
        ({"country": "NO", "legal_id": "", "vat_id": "", "account": "860"}, "has 11 digits"),
        ({"country": "FI", "legal_id": "1234567-2", "vat_id": ""}, "The check digit does not fit"),
        ({"country": "Sverige"}, "at most 2 characters"),
        ({"country": "S1"}, "Two letters"),
        ({"endpoint": "5566778899"}, "Four digits of the scheme"),
        ({"endpoint": "0007:5566778898"}, "The check digit does not fit"),
        ({"email": "ekonomi"}, "Type one e-mail address"),
        ({"name": ""}, "This field is required"),
    ],
)
def test_a_wrong_number_is_explained_and_nothing_is_stored(client, company, typed, words):
    before = type(company).objects.filter(pk=company.pk).values().get()
    page = post(client, company, **typed, phone="08-999")
    text = page.content.decode()
    assert page.status_code == 422
    assert words in text
    assert 'value="08-999"' in text
    assert type(company).objects.filter(pk=company.pk).values().get() == before
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    "typed",
    [
        {"country": "NO", "legal_id": "918 273 646", "vat_id": "NO 918 273 646 MVA", "account": "8601.11.17947"},
        {"country": "FI", "legal_id": "1234567-1", "vat_id": "FI12345671", "endpoint": "0212:12345671"},
        {"country": "DE", "legal_id": "HRB 1234", "vat_id": "DE123456789"},
        {"plusgiro": "28 65 43-4", "bic": "ndeasess"},
    ],
)
def test_right_numbers_of_each_country_are_taken(client, company, typed):
    answer = post(client, company, **typed)
    assert answer.status_code == 302, answer.context["form"].errors


def test_no_two_companies_have_one_organisation_number(client, company):
    CompanyFactory(legal_id="556012-5790")
    page = post(client, company, legal_id="5560125790", vat_id="")
    assert page.status_code == 422
    assert "Another company of this installation has this number" in page.content.decode()


def test_the_slug_is_never_changed(client, company):
    post(client, company, slug="hacked", workspace="", colour="#000000")
    company.refresh_from_db()
    assert (company.slug, company.colour) == ("fjordgym", "#0b6a61")


def test_who_may_only_look_sees_who_can_change_it(client, company):
    client.force_login(MemberFactory(company=company, role=Role.CLERK).user)
    page = client.get(reverse("recipients:company", args=["fjordgym"])).content.decode()
    assert "You can look." in page
    assert "Save changes" not in page
    assert client.post(reverse("recipients:company", args=["fjordgym"]), {}).status_code == 403

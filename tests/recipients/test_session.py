"""Coming in and going out."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.urls import reverse

from recipients.models import LoginAttempt
from recipients.models.login_attempt import PER_ADDRESS, PER_PERSON
from tests.factories import CompanyFactory, MemberFactory, UserFactory

pytestmark = pytest.mark.django_db
LOGIN = "/login/"


@pytest.fixture
def user():
    return UserFactory(email="kim@fjordgym.example")


def log_in(client, email="kim@fjordgym.example", password="demo", **more):
    return client.post(LOGIN, {"username": email, "password": password, **more.pop("data", {})}, **more)


def test_the_right_password_opens_the_page_that_was_asked_for(client, user):
    company = MemberFactory(user=user).company
    asked = f"/c/{company.slug}/invoices/?tab=sent"
    to_login = client.get(asked)
    assert to_login["Location"] == f"{LOGIN}?next=/c/{company.slug}/invoices/%3Ftab%3Dsent"
    assert log_in(client, email="KIM@Fjordgym.Example", data={"next": asked})["Location"] == asked


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", r"\\evil.example"]
)
def test_next_leads_to_this_house_only(client, user, elsewhere):
    assert log_in(client, data={"next": elsewhere})["Location"] == "/"
    assert client.get(LOGIN, {"next": elsewhere})["Location"] == "/"


@pytest.mark.parametrize("email, password", [("kim@fjordgym.example", "wrong"), ("nobody@fjordgym.example", "demo")])
def test_what_is_wrong_is_not_said(client, user, email, password):
    page = log_in(client, email=email, password=password)
    assert page.status_code == 200
    assert "do not belong together" in page.content.decode()
    assert "_auth_user_id" not in client.session


def test_an_inactive_user_hears_the_same(client, user):
    type(user).objects.update(is_active=False)
    assert "do not belong together" in log_in(client).content.decode()


def test_after_five_attempts_one_has_to_wait_and_is_told_how_long(client, user):
    for _attempt in range(PER_PERSON):
        assert log_in(client, password="wrong").status_code == 200
    turned_away = log_in(client)
    assert turned_away.status_code == 429
    assert "Try again in 5 minutes." in turned_away.content.decode()
    assert "_auth_user_id" not in client.session
    assert LoginAttempt.objects.count() == PER_PERSON  # asking again does not make the wait longer
    LoginAttempt.objects.update(at=F("at") - timedelta(seconds=301))
    assert log_in(client).status_code == 302
    assert not LoginAttempt.objects.exists()


def test_another_address_of_the_net_does_not_wait(client, user):
    for _attempt in range(PER_PERSON):
        log_in(client, password="wrong", REMOTE_ADDR="192.0.2.1")
    assert log_in(client, REMOTE_ADDR="192.0.2.2").status_code == 302


def test_one_address_of_the_net_may_not_try_many_people(client, user):
    for n in range(PER_ADDRESS):
        log_in(client, email=f"person{n}@fjordgym.example", password="wrong")
    assert log_in(client).status_code == 429


def test_behind_our_proxy_people_are_told_apart(client, user, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    for _attempt in range(PER_PERSON):
        log_in(client, password="wrong", headers={"x-forwarded-for": "192.0.2.1"})
    assert log_in(client, headers={"x-forwarded-for": "192.0.2.9, 192.0.2.2"}).status_code == 302
    assert log_in(client, headers={"x-forwarded-for": "192.0.2.2, 192.0.2.1"}).status_code == 429


def test_a_fragment_under_a_page_whose_session_ended_takes_the_page_to_the_login(client, user):
    company = MemberFactory(user=user).company
    url = reverse("distribution:outgoing", args=[company.slug])
    page = f"http://testserver/c/{company.slug}/invoices/?q=a"
    answer = client.get(url, headers={"HX-Request": "true", "HX-Current-URL": page}, follow=True)
    assert answer["HX-Redirect"] == f"{LOGIN}?next=%2Fc%2F{company.slug}%2Finvoices%2F%3Fq%3Da"


def test_logging_out_needs_a_press(client, user):
    client.force_login(user)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == LOGIN
    assert "_auth_user_id" not in client.session


def test_home_is_the_company_one_worked_in_last(client, user):
    first, last = CompanyFactory(name="Aaa AB"), CompanyFactory(name="Bbb AB")
    for company in (first, last):
        MemberFactory(user=user, company=company)
    client.force_login(user)
    assert client.get("/")["Location"] == first.get_absolute_url()
    client.get(last.get_absolute_url())
    assert client.get("/")["Location"] == last.get_absolute_url()


def test_who_is_a_member_of_nothing_is_told(client, user):
    client.force_login(user)
    assert "not a member of any company" in client.get("/").content.decode()

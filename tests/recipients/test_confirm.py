"""How long a login lasts, and what asks again who one is: without it nothing happens, with it nothing is lost."""

import os
import re
import subprocess
import sys
from datetime import timedelta
from html import unescape

import pytest
from django.conf import settings as house
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from distribution.models import Batch, Connection
from recipients.models import LoginAttempt, Member, Role, User
from recipients.models.login_attempt import PER_PERSON
from tests.factories import ConnectionFactory, InvoiceFactory, MemberFactory, UserFactory
from tests.factors import code, give_app

pytestmark = pytest.mark.django_db
INVITED = {"email": "nina@fjordgym.example", "name": "Nina Sund", "role": str(int(Role.CLERK)), "language": "sv"}


@pytest.fixture
def kim(client):
    """A manager, logged in."""
    member = MemberFactory(role=Role.MANAGER)
    client.force_login(member.user)
    return member


def grow_old(client, name, seconds):
    """The session says that this was so long ago. Tests move what is stored, never the clock."""
    session = client.session
    session[name] = (timezone.now() - timedelta(seconds=seconds)).isoformat()
    session.save()


def url(name, member, *args):
    return reverse(name, args=[member.company.slug, *args])


def fields_on(page):
    """The hidden fields that the page would post again, as a browser reads them."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.content.decode())
    return {unescape(name): unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


# --- How long ---------------------------------------------------------------------------------------------------------


def test_a_session_ends_eight_hours_after_the_login_however_busy_one_is(client, kim):
    page = url("invoicing:invoices", kim)
    grow_old(client, "came_in_at", house.SESSION_COOKIE_AGE - 60)
    assert client.get(page).status_code == 200
    grow_old(client, "came_in_at", house.SESSION_COOKIE_AGE + 1)
    grow_old(client, "seen_at", 0)
    assert "/login/" in client.get(page)["Location"]


def test_a_session_ends_after_an_hour_without_a_person(client, kim):
    page = url("invoicing:invoices", kim)
    grow_old(client, "seen_at", house.SESSION_IDLE - 60)
    assert client.get(url("distribution:outgoing", kim), headers={"HX-Request": "true"}).status_code == 200
    assert timezone.now().isoformat()[:16] > client.session["seen_at"][:16]  # a poll is no sign of a person
    grow_old(client, "seen_at", house.SESSION_IDLE + 1)
    assert "/login/" in client.get(page)["Location"]


def test_a_new_password_ends_the_other_sessions(client, kim):
    other = Client()
    other.force_login(kim.user)
    new = {"old": "demo", "password": "Vinterbad-2026", "again": "Vinterbad-2026"}
    assert client.post("/profile/password/", new)["Location"] == "/profile/"
    assert client.get("/profile/").status_code == 200
    assert "/login/" in other.get("/profile/")["Location"]


def test_one_may_log_out_everywhere_else_and_an_operator_anybody(client, kim):
    other = Client()
    other.force_login(kim.user)
    grow_old(client, "confirmed_at", 901)
    assert client.post("/profile/sessions/").status_code == 422
    assert other.get("/profile/").status_code == 200
    assert client.post("/profile/sessions/", {"confirm-password": "demo"})["Location"] == "/profile/"
    assert client.get("/profile/").status_code == 200
    assert "/login/" in other.get("/profile/")["Location"]
    ada = Client()
    ada.force_login(User.objects.create_superuser("ada@utskick.example", "demo", name="Ada"))
    listed = reverse("admin:recipients_user_changelist")
    ada.post(listed, {"action": "log_out", "_selected_action": [str(kim.user_id)]})
    assert "/login/" in client.get("/profile/")["Location"]
    assert ada.get(listed).status_code == 200


def test_ones_own_new_role_ends_ones_other_sessions(client, kim):
    MemberFactory(company=kim.company, role=Role.MANAGER)
    other = Client()
    other.force_login(kim.user)
    assert client.post(url("recipients:member", kim, kim.user_id), {"role": Role.CLERK}).status_code == 302
    assert client.get("/profile/").status_code == 200
    assert "/login/" in other.get("/profile/")["Location"]


def test_a_role_that_is_given_in_the_admin_ends_sessions_too(client, kim):
    member = MemberFactory()
    browser = Client()
    browser.force_login(member.user)
    client.force_login(User.objects.create_superuser("ada@utskick.example", "demo", name="Ada"))
    changed = {"user": member.user_id, "company": member.company_id, "role": Role.MANAGER}
    assert client.post(reverse("admin:recipients_member_change", args=[member.pk]), changed).status_code == 302
    assert "/login/" in browser.get("/profile/")["Location"]


def test_over_tls_the_cookies_are_ours_alone():
    """As the processes start in production: the suite itself runs without TLS."""
    names = "SESSION_COOKIE_NAME CSRF_COOKIE_NAME SESSION_COOKIE_SECURE SESSION_COOKIE_HTTPONLY SESSION_COOKIE_SAMESITE"
    asked = f"from django.conf import settings; print(*(getattr(settings, name) for name in {names.split()!r}))"
    environment = os.environ | {"SECURE_COOKIES": "true", "DJANGO_SETTINGS_MODULE": "config.settings"}
    said = subprocess.run([sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["__Host-sessionid", "__Host-csrftoken", "True", "True", "Lax"]


def test_the_key_of_a_session_changes_at_the_login(client):
    user = give_app(UserFactory())
    client.post("/login/", {"username": user.email, "password": "demo"})
    between = client.session.session_key
    client.post("/login/code/", {"code": code(steps=1)})
    assert client.session.session_key != between


# --- Who is it --------------------------------------------------------------------------------------------------------


def test_what_was_typed_goes_through_once_one_has_confirmed(client, kim):
    grow_old(client, "confirmed_at", 901)
    typed = INVITED | {"name": 'Nina "Åsa" <Sund>'}
    asked = client.post(url("recipients:invite", kim), typed)
    assert asked.status_code == 422
    assert "no-store" in asked["Cache-Control"]
    assert not User.objects.filter(email=INVITED["email"]).exists()
    kept = fields_on(asked)
    assert kept == typed
    wrong = client.post(url("recipients:invite", kim), kept | {"confirm-password": "wrong"})
    assert wrong.status_code == 422
    assert fields_on(wrong) == typed
    assert client.post(url("recipients:invite", kim), kept | {"confirm-password": "demo"}).status_code == 200
    assert User.objects.get(email=INVITED["email"]).name == typed["name"]


def test_within_a_quarter_of_an_hour_it_is_asked_once(client, kim):
    grow_old(client, "confirmed_at", 899)
    assert client.post(url("recipients:invite", kim), INVITED).status_code == 200
    grow_old(client, "confirmed_at", 901)
    nina = Member.objects.get(user__email=INVITED["email"])
    role = url("recipients:member", kim, nina.user_id)
    assert client.post(role, {"role": Role.VIEWER}).status_code == 422
    client.post(role, {"role": Role.VIEWER, "confirm-password": "demo"})
    nina.refresh_from_db()
    assert nina.role == Role.VIEWER
    assert client.post(url("recipients:member_remove", kim, nina.user_id)).status_code == 302


def guarded(kim):
    """Every form that changes credentials, members or roles."""
    other = MemberFactory(company=kim.company)
    connection = ConnectionFactory(company=kim.company)
    return [
        (url("recipients:invite", kim), INVITED),
        (url("recipients:member", kim, other.user_id), {"role": Role.MANAGER}),
        (url("recipients:member_link", kim, other.user_id), {}),
        (url("recipients:member_remove", kim, other.user_id), {}),
        (url("recipients:members_factor", kim), {"is_required": "on"}),
        (url("distribution:connection_new", kim) + "?kind=sftp", {"name": "X"}),
        (url("distribution:connection_edit", kim, connection.pk), {"name": "X"}),
        (url("distribution:connection_accept", kim, connection.pk), {"shown": "x"}),
        (url("distribution:connection_remove", kim, connection.pk), {}),
    ]


def test_a_screen_that_was_left_open_changes_nothing(client, kim):
    forms = guarded(kim)
    grow_old(client, "confirmed_at", 901)
    before = [
        list(Member.objects.order_by("pk").values()),
        list(Connection.objects.order_by("pk").values()),
        list(type(kim.company).objects.values()),
    ]
    for address, data in forms:
        page = client.post(address, data)
        assert page.status_code == 422, address
        assert "Confirm that it is you" in page.content.decode(), address
    assert before == [
        list(Member.objects.order_by("pk").values()),
        list(Connection.objects.order_by("pk").values()),
        list(type(kim.company).objects.values()),
    ]


def test_who_has_a_second_factor_shows_that_and_not_the_password(client, kim):
    give_app(kim.user)
    client.force_login(User.objects.get(pk=kim.user_id))
    grow_old(client, "confirmed_at", 901)
    asked = client.post(url("recipients:invite", kim), INVITED | {"confirm-password": "demo"})
    assert asked.status_code == 422
    assert 'name="confirm-code"' in asked.content.decode()
    assert client.post(url("recipients:invite", kim), INVITED | {"confirm-code": code(steps=1)}).status_code == 200


def test_guessing_at_a_screen_that_was_left_open_has_to_wait(client, kim):
    grow_old(client, "confirmed_at", 901)
    for _attempt in range(PER_PERSON):
        client.post(url("recipients:invite", kim), INVITED | {"confirm-password": "wrong"})
    page = client.post(url("recipients:invite", kim), INVITED | {"confirm-password": "demo"})
    assert page.status_code == 429
    assert fields_on(page) == INVITED
    assert LoginAttempt.objects.count() == PER_PERSON


def test_another_company_is_not_there_whoever_confirms(client, kim):
    grow_old(client, "confirmed_at", 901)
    other = MemberFactory(role=Role.MANAGER)
    page = client.post(url("recipients:invite", other), INVITED | {"confirm-password": "demo"})
    assert page.status_code == 404
    assert not User.objects.filter(email=INVITED["email"]).exists()


@pytest.mark.parametrize("path", ["/profile/app/", "/profile/codes/"])
def test_pages_that_show_secrets_ask_first(client, kim, path):
    if "codes" in path:
        give_app(kim.user)
        client.force_login(User.objects.get(pk=kim.user_id))
    grow_old(client, "confirmed_at", 901)
    asked = client.get(path)
    assert asked["Location"] == f"/confirm/?next={path.replace('/', '%2F')}"
    page = client.get(asked["Location"])
    assert fields_on(page) == {"next": path}
    answer = {"confirm-code": code(steps=1)} if "codes" in path else {"confirm-password": "demo"}
    before = client.session.session_key
    assert client.post("/confirm/", {"next": path, **answer})["Location"] == path
    assert client.session.session_key != before
    assert client.get(path).status_code == 200


def test_confirming_leads_to_this_house_only(client, kim):
    assert client.get("/confirm/?next=//evil.example/")["Location"] == "/"
    grow_old(client, "confirmed_at", 901)
    assert client.post("/confirm/", {"next": "https://evil.example/", "confirm-password": "demo"})["Location"] == "/"


def test_a_form_of_the_admin_asks_and_goes_through(client):
    ada = User.objects.create_superuser("ada@utskick.example", "demo", name="Ada")
    client.force_login(ada)
    grow_old(client, "confirmed_at", 901)
    add, form = reverse("admin:recipients_workspace_add"), {"name": "Nytt"}
    asked = client.post(add, form)
    assert asked.status_code == 422
    assert fields_on(asked) == form
    assert client.post(add, form | {"confirm-password": "demo"}).status_code == 302
    grow_old(client, "confirmed_at", 901)
    assert client.post(reverse("admin:logout"))["Location"] == "/login/"  # leaving is free
    assert "_auth_user_id" not in client.session


@pytest.fixture
def large(settings):
    settings.SENDING = house.SENDING | {"typed_confirmation_over": 1}


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true", "HX-Current-URL": "http://testserver/c/x/"}])
def test_a_large_batch_asks_who_sends_it_and_keeps_the_choices(client, outbox, large, headers):
    client.force_login(outbox.clerk)
    batch = outbox.plan(outbox.invoice(), outbox.invoice())
    send = reverse("distribution:send", args=[outbox.company.slug, batch.pk])
    typed = {"number": "2", "template": str(outbox.company.templates.get().pk)}
    grow_old(client, "confirmed_at", 901)
    asked = client.post(send, typed, headers=headers)
    assert asked.status_code == 422
    assert ("<html" in asked.content.decode()) == (not headers)  # in the dialog it is a part of the page
    assert fields_on(asked) == typed
    assert not Batch.objects.get().confirmed_at
    client.post(send, fields_on(asked) | {"confirm-password": "demo"}, headers=headers)
    assert Batch.objects.get().confirmed_at


def test_a_small_batch_does_not_ask(client, outbox):
    client.force_login(outbox.clerk)
    batch = outbox.plan(InvoiceFactory(company=outbox.company))
    grow_old(client, "confirmed_at", 901)
    client.post(reverse("distribution:send", args=[outbox.company.slug, batch.pk]), {})
    assert Batch.objects.get().confirmed_at

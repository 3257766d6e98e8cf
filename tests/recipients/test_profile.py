"""Profile: language, theme, shortcuts, the password; and a session that does not lie open for ever."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from recipients.models.login_attempt import PER_PERSON
from tests.factories import InvoiceFactory, MemberFactory

pytestmark = pytest.mark.django_db
PROFILE = {"name": "Kim Berg", "language": "en", "theme": "", "has_shortcuts": "on"}
NEW = "Vinterbad-2026"


@pytest.fixture
def kim(client):
    member = MemberFactory()
    client.force_login(member.user)
    client.get(member.company.get_absolute_url())
    return member


def test_the_language_of_the_pages_follows_the_user(client, kim, settings):
    InvoiceFactory(company=kim.company)
    for language, day in (("sv", "2026-11-20"), ("nb", "20.11.2026"), ("fi", "20.11.2026"), ("en", "2026-11-20")):
        client.post("/profile/", PROFILE | {"language": language})
        # the machine's wish and an old cookie count for nothing
        elsewhere = Client(headers={"accept-language": "de"})
        elsewhere.force_login(kim.user)
        elsewhere.cookies[settings.LANGUAGE_COOKIE_NAME] = "nb"
        page = elsewhere.get(reverse("invoicing:invoices", args=[kim.company.slug])).content.decode()
        assert f'<html lang="{language}"' in page
        assert f">{day}</time>" in page
        assert f'<html lang="{language}"' in client.get("/nowhere/").content.decode()


def test_the_theme_stands_in_the_page_that_the_server_sends(client, kim):
    assert "data-theme" not in client.get("/profile/").content.decode()
    for theme in ("dark", "light"):
        client.post("/profile/", PROFILE | {"theme": theme})
        assert f'data-theme="{theme}"' in client.get(kim.company.get_absolute_url()).content.decode()


def test_shortcuts_and_compact_lists_are_the_users_own(client, kim):
    page = client.get(kim.company.get_absolute_url()).content.decode()
    assert "data-compact" not in page
    assert "data-off" not in page
    client.post("/profile/", {"name": "Kim", "language": "en", "has_compact_lists": "on"})
    page = client.get(kim.company.get_absolute_url()).content.decode()
    assert " data-compact>" in page
    assert " data-off " in page
    other = Client()
    other.force_login(MemberFactory(company=kim.company).user)
    assert " data-off " not in other.get(kim.company.get_absolute_url()).content.decode()


def test_a_wrong_profile_changes_nothing_and_keeps_what_was_typed(client, kim):
    page = client.post("/profile/", PROFILE | {"name": "", "language": "xx", "theme": "dark"})
    assert page.status_code == 422
    assert "There are 2 things to correct" in page.content.decode()
    assert 'value="dark" id="id_theme_2" checked' in page.content.decode().replace(' class=""', "")
    kim.user.refresh_from_db()
    assert (kim.user.name, kim.user.theme) == ("Kim Berg", "")


def test_the_profile_has_the_shell_of_the_last_company(client, kim):
    page = client.get("/profile/").content.decode()
    assert kim.company.name in page
    assert f"/c/{kim.company.slug}/deliveries/" in page


def test_a_new_password_ends_the_other_sessions(client, kim):
    elsewhere = Client()
    elsewhere.force_login(kim.user)
    answer = client.post("/profile/password/", {"old": "demo", "password": NEW, "again": NEW})
    assert answer["Location"] == "/profile/"
    assert client.get("/profile/").status_code == 200
    assert elsewhere.get("/profile/").status_code == 302
    kim.user.refresh_from_db()
    assert kim.user.check_password(NEW)


@pytest.mark.parametrize(
    "typed, words",
    [
        ({"old": "wrong"}, "This is not your password"),
        ({"again": "Vinterbad-2027"}, "The two are not the same"),
        ({"password": "short", "again": "short"}, "too short"),
        ({"password": "password123", "again": "password123"}, "too common"),
    ],
)
def test_a_wrong_password_changes_nothing(client, kim, typed, words):
    page = client.post("/profile/password/", {"old": "demo", "password": NEW, "again": NEW} | typed)
    assert page.status_code == 422
    assert words in page.content.decode()
    kim.user.refresh_from_db()
    assert kim.user.check_password("demo")


def test_an_open_screen_is_no_place_to_guess_the_password(client, kim):
    for _guess in range(PER_PERSON):
        client.post("/profile/password/", {"old": "wrong", "password": NEW, "again": NEW})
    page = client.post("/profile/password/", {"old": "demo", "password": NEW, "again": NEW})
    assert "Too many attempts" in page.content.decode()
    kim.user.refresh_from_db()
    assert kim.user.check_password("demo")


def last_seen(client, ago):
    session = client.session
    session["seen_at"] = (timezone.now() - ago).isoformat()
    session.save()


def test_after_an_hour_without_anybody_one_logs_in_again(client, kim):
    last_seen(client, timedelta(minutes=59))
    page = kim.company.get_absolute_url()
    assert client.get(page).status_code == 200  # somebody was there: the hour begins anew
    assert client.get(page).status_code == 200
    last_seen(client, timedelta(minutes=61))
    assert client.get(page)["Location"] == f"/login/?next={page}"


def test_what_a_page_asks_for_by_itself_is_no_sign_of_anybody(client, kim):
    last_seen(client, timedelta(minutes=59))
    seen_at = client.session["seen_at"]
    client.get(f"/c/{kim.company.slug}/outgoing/", headers={"HX-Request": "true"})
    assert client.session["seen_at"] == seen_at
    client.get(f"/c/{kim.company.slug}/outgoing/")
    assert client.session["seen_at"] > seen_at


# --- The forgotten password -------------------------------------------------------------------------------------------


def test_whether_somebody_has_an_address_is_not_said(client, kim):
    answers = []
    for email in (kim.user.email, "nobody@fjordgym.example"):
        page = client.post("/password/", {"email": email}).content.decode().replace(email, "X")
        answers.append(re.sub(r'CSRFToken": "\w+"', "", page))
    assert answers[0] == answers[1]
    assert "Look in your mailbox" in answers[0]
    assert [queued.task["func"] for queued in OrmQ.objects.all()] == ["distribution.jobs.mail_password_link"] * 2


def test_links_are_not_asked_for_without_end_and_login_counts_for_itself(client, kim):
    client.logout()
    answers = [client.post("/password/", {"email": kim.user.email}).status_code for _each in range(PER_PERSON + 1)]
    assert answers == [200] * PER_PERSON + [429]
    assert client.post("/login/", {"username": kim.user.email, "password": "demo"}).status_code == 302


def test_a_wrong_address_is_kept_and_explained(client, db):
    page = client.post("/password/", {"email": "kim at fjordgym"})
    assert page.status_code == 422
    assert 'value="kim at fjordgym"' in page.content.decode()

"""The second factor, through the front door: set up, asked for, recovered, taken away."""

import re
from datetime import timedelta
from html import unescape

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db.models import F
from django.test import Client
from django.urls import reverse

from recipients.actions.people import login_link
from recipients.models import Event, LoginAttempt, Role, User
from recipients.models.login_attempt import PER_PERSON
from tests.factories import CompanyFactory, InvoiceFactory, MemberFactory, UserFactory
from tests.factors import SECRET, code, give_app, recovery_codes

pytestmark = pytest.mark.django_db
STEP, APP, CODES, PASSKEY = "/login/code/", "/profile/app/", "/profile/codes/", "/profile/passkeys/new/"


@pytest.fixture
def user():
    return UserFactory(email="kim@fjordgym.example")


@pytest.fixture
def kim(user):
    return give_app(user)


def give_password(client, user, **more):
    return client.post("/login/", {"username": user.email, "password": "demo"}, **more)


def is_in(client):
    return "_auth_user_id" in client.session


def test_the_codes_of_the_tests_are_those_of_the_rfc(monkeypatch):
    """RFC 6238, appendix B, the last six digits."""
    monkeypatch.setattr("time.time", lambda: 1111111109)
    assert code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ") == "081804"


def test_an_app_is_set_up_with_its_first_code_and_recovery_codes_are_shown_once(client, user):
    client.force_login(user)
    page = client.get(APP).content.decode()
    assert "<svg" in page
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    assert secret in client.get(APP).content.decode().replace(" ", "")  # loaded again, it is the same one
    wrong = client.post(APP, {"code": "000000" if code(secret) != "000000" else "000001"})
    assert wrong.status_code == 422
    assert not Authenticator.objects.exists()
    shown = client.post(APP, {"code": code(secret), "next": "/help/"}, follow=True).content.decode()
    codes = re.findall(r"<li>(\d{4} \d{4})</li>", shown)
    assert len(set(codes)) == 10
    assert 'href="/help/"' in shown
    assert codes[0] not in client.get(CODES).content.decode()
    assert is_in(client)


def test_secrets_lie_encrypted(kim):
    recovery_codes(kim)
    for row in Authenticator.objects.all():
        assert SECRET not in str(row.data)
        assert all(re.fullmatch(r"gAAAA[\w=-]+", row.data[name]) for name in ("secret", "seed") if name in row.data)


def test_the_secret_that_waits_in_the_session_is_encrypted(client, user):
    client.force_login(user)
    page = client.get(APP).content.decode()
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    assert secret not in str(dict(client.session))


def test_without_a_key_for_secrets_the_page_says_so(client, user, settings):
    settings.SECRETS_KEYS = []
    client.force_login(user)
    page = client.get(APP)
    assert page.status_code == 422
    assert "SECRETS_KEYS is empty" in page.content.decode()


def test_the_password_alone_does_not_let_in(client, kim):
    asked = f"/c/{MemberFactory(user=kim).company.slug}/invoices/"
    answer = client.post("/login/", {"username": kim.email, "password": "demo", "next": asked})
    assert answer["Location"] == STEP
    assert not is_in(client)
    assert "/login/" in client.get(asked)["Location"]
    assert client.post(STEP, {"code": code(steps=1)})["Location"] == asked
    assert is_in(client)


def test_a_code_is_good_once_and_no_older_one_after_it(client, kim):
    now, before = code(steps=1), code()
    give_password(client, kim)
    client.post(STEP, {"code": now})
    for used in (now, before):
        other = Client()
        give_password(other, kim)
        assert other.post(STEP, {"code": used}).status_code == 422
        assert not is_in(other)


def test_a_code_may_be_typed_in_two_groups_and_one_of_an_hour_ago_opens_nothing(client, kim):
    give_password(client, kim)
    assert client.post(STEP, {"code": code(steps=-120)}).status_code == 422
    now = code(steps=1)
    assert client.post(STEP, {"code": f"{now[:3]} {now[3:]}"}).status_code == 302


def test_a_recovery_code_lets_in_once(client, kim):
    first = recovery_codes(kim)[0]
    give_password(client, kim)
    assert client.post(STEP, {"code": first}).status_code == 302
    other = Client()
    give_password(other, kim)
    assert other.post(STEP, {"code": first}).status_code == 422


def test_who_guesses_codes_has_to_wait_wherever_they_sit(client, kim):
    for n in range(PER_PERSON):
        other = Client()
        give_password(other, kim, REMOTE_ADDR=f"192.0.2.{n}")
        assert other.post(STEP, {"code": "nonsense"}, REMOTE_ADDR=f"192.0.2.{n}").status_code == 422
    give_password(client, kim)
    turned_away = client.post(STEP, {"code": code(steps=1)})
    assert turned_away.status_code == 429
    assert "Try again in 5 minutes." in turned_away.content.decode()
    LoginAttempt.objects.update(at=F("at") - timedelta(seconds=301))
    assert client.post(STEP, {"code": code(steps=1)}).status_code == 302


def test_a_stranger_without_the_password_locks_nobody_out_of_the_second_step(client, kim):
    for _attempt in range(PER_PERSON + 1):
        assert client.post(STEP, {"code": "nonsense"})["Location"] == "/login/"
    assert not LoginAttempt.objects.exists()


@pytest.mark.parametrize("change", [{"password": "another"}, {"is_active": False}, {"session_epoch": 7}])
def test_the_second_step_ends_when_the_login_changed_meanwhile(client, kim, change):
    give_password(client, kim)
    User.objects.filter(pk=kim.pk).update(**change)
    assert client.post(STEP, {"code": code(steps=1)})["Location"] == "/login/"
    assert not is_in(client)


def test_the_second_step_waits_ten_minutes(client, kim):
    give_password(client, kim)
    session = client.session
    session["second_step"] = session["second_step"] | {"at": session["second_step"]["at"] - 601}
    session.save()
    assert client.post(STEP, {"code": code(steps=1)})["Location"] == "/login/"


def test_a_link_to_choose_a_password_is_no_way_around_it(client, kim):
    link = client.get(login_link(kim, ""))["Location"]
    answer = client.post(link, {"password": "Vinterbad-2026", "again": "Vinterbad-2026"})
    assert answer["Location"] == STEP
    assert not is_in(client)
    assert client.post(STEP, {"code": code(steps=1)})["Location"] == "/"


def test_without_a_passkey_of_theirs_nobody_gets_in(client, kim):
    options = client.get("/login/passkey/", headers={"Accept": "application/json"}).json()
    assert options["request_options"]["publicKey"]["userVerification"] == "required"
    assert not options["request_options"]["publicKey"].get("allowCredentials")  # it names nobody
    for credential in ("", "{}", "[]", "7", '{"id": "x", "rawId": "eA", "response": {}, "type": "public-key"}'):
        page = client.post("/login/passkey/", {"credential": credential})
        assert page.status_code == 422
        assert "opens nothing here" in page.content.decode()
    assert client.post("/login/passkey/", {"credential": "{}"}).status_code == 429
    assert not is_in(client)


def test_passkeys_are_offered_where_the_house_has_a_name(client, user):
    assert "Log in with a passkey" in client.get("/login/", headers={"Host": "localhost:8000"}).content.decode()
    client.force_login(user)
    page = client.get(PASSKEY, headers={"Host": "127.0.0.1:8000"}).content.decode()
    assert "They need https:// and a name" in page
    client.logout()
    assert "with a passkey" not in client.get("/login/", headers={"Host": "127.0.0.1:8000"}).content.decode()


def test_setting_it_up_and_taking_it_away_ends_the_other_sessions(client, user):
    other = Client()
    for browser in (client, other):
        browser.force_login(user)
    page = client.get(APP).content.decode()
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    client.post(APP, {"code": code(secret)})
    assert "/login/" in other.get("/profile/")["Location"]
    assert client.get("/profile/").status_code == 200
    other.force_login(User.objects.get())
    app = Authenticator.objects.get(type="totp")
    remove = reverse("recipients:profile_factor_remove", args=[app.pk])
    assert "your only one" in client.get(remove).content.decode()
    assert client.post(remove)["Location"] == "/profile/"
    assert not Authenticator.objects.exists()  # recovery codes alone are no second factor
    assert "/login/" in other.get("/profile/")["Location"]
    assert client.get("/profile/").status_code == 200


def test_nobody_takes_away_or_sees_anothers(client, kim):
    client.force_login(UserFactory())
    remove = reverse("recipients:profile_factor_remove", args=[Authenticator.objects.get(type="totp").pk])
    assert client.get(remove).status_code == client.post(remove).status_code == 404
    assert client.get(CODES)["Location"] == "/profile/"


def test_new_recovery_codes_make_the_old_ones_worthless(client, kim):
    old = recovery_codes(kim)
    client.force_login(User.objects.get())
    shown = client.post(CODES, follow=True).content.decode()
    assert re.search(r"<li>\d{4} \d{4}</li>", shown)
    other = Client()
    give_password(other, kim)
    assert other.post(STEP, {"code": old[0]}).status_code == 422


def test_whoever_runs_the_house_takes_a_lost_one_away(client, kim, capsys):
    company = MemberFactory(user=kim).company
    client.force_login(kim)
    call_command("reset_second_factor", "KIM@fjordgym.example")
    assert not Authenticator.objects.exists()
    assert "/login/" in client.get("/profile/")["Location"]
    assert Event.objects.get(company=company).what == "member.factor_reset"
    give_password(client, kim)
    assert is_in(client)
    with pytest.raises(CommandError, match="Nobody logs in as"):
        call_command("reset_second_factor", "nobody@fjordgym.example")


def test_the_admin_takes_it_away_with_its_name_in_the_history(client, kim):
    MemberFactory(user=kim)
    ada = User.objects.create_superuser("ada@utskick.example", "demo", name="Ada")
    client.force_login(ada)
    listed = reverse("admin:recipients_user_changelist")
    client.post(listed, {"action": "reset_second_factor", "_selected_action": [str(kim.pk)]})
    assert not Authenticator.objects.filter(user=kim).exists()
    assert Event.objects.get(what="member.factor_reset").by == ada


def test_the_admin_asks_for_one_and_shows_no_secret(client, kim, settings):
    settings.DEV_PAGES = False
    User.objects.filter(pk=kim.pk).update(is_staff=True, is_superuser=True)
    ada = User.objects.create_superuser("ada@utskick.example", "demo", name="Ada")
    client.force_login(ada)
    page = client.get("/admin/", follow=True)
    assert page.status_code == 403
    assert "Set up a second factor to go on" in page.content.decode()
    client.force_login(User.objects.get(pk=kim.pk))
    assert client.get("/admin/").status_code == 200
    row = Authenticator.objects.get(type="totp")
    page = client.get(reverse("admin:mfa_authenticator_change", args=[row.pk])).content.decode()
    assert row.data["secret"] not in page
    assert client.get("/admin/account/emailaddress/").status_code == 404


def test_the_admin_has_no_login_of_its_own(client, user):
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == "/login/?next=/admin/"
    assert client.post("/admin/login/", {"username": user.email, "password": "demo"}).status_code == 302
    assert not is_in(client)
    client.force_login(user)
    assert client.get("/admin/", follow=True).status_code == 403
    client.force_login(User.objects.create_superuser("ada@utskick.example", "demo", name="Ada"))
    assert client.get("/admin/login/")["Location"] == "/admin/"


# --- A company that asks for it ---------------------------------------------------------------------------------------


@pytest.fixture
def careful():
    return CompanyFactory(requires_second_factor=True)


GUARDED = {  # what sends, and what changes connections and members: (url name, role, is its page guarded too)
    "distribution:send": Role.CLERK,
    "distribution:send_again": Role.CLERK,
    "distribution:decide": Role.CLERK,
    "distribution:connection_new": Role.MANAGER,
    "recipients:invite": Role.MANAGER,
    "recipients:members_factor": Role.MANAGER,
}


@pytest.mark.parametrize("name", GUARDED)
def test_without_one_nothing_is_sent_and_nobody_let_in(client, careful, name, outbox):
    member = MemberFactory(company=careful, role=GUARDED[name])
    client.force_login(member.user)
    more = [outbox.plan(InvoiceFactory(company=outbox.company)).pk] if name.endswith(":send") else []
    page = client.post(reverse(name, args=[careful.slug, *more]), {})
    assert page.status_code == 403
    assert "Set up a second factor to go on" in page.content.decode()
    give_app(member.user)
    client.force_login(User.objects.get(pk=member.user_id))
    assert client.post(reverse(name, args=[careful.slug, *more]), {}).status_code != 403


def test_the_page_that_asks_for_one_leads_on_and_away(client, careful):
    member = MemberFactory(company=careful, role=Role.MANAGER)
    client.force_login(member.user)
    wanted = reverse("recipients:invite", args=[careful.slug])
    page = client.get(wanted).content.decode()
    assert f'href="{careful.get_absolute_url()}" data-close' in page  # and not to where it is asked again
    setup = unescape(re.search(r'href="(/profile/app/[^"]*)"', page)[1])
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', client.get(setup).content.decode())[1].replace(" ", "")
    shown = client.post(setup, {"code": code(secret), "next": wanted}, follow=True).content.decode()
    assert f'href="{wanted}"' in shown
    assert client.get(wanted).status_code == 200


def test_everything_else_goes_on_and_a_banner_says_what_is_needed(client, careful):
    member = MemberFactory(company=careful)
    client.force_login(member.user)
    page = client.get(reverse("invoicing:invoices", args=[careful.slug]))
    assert page.status_code == 200
    assert "You need a second factor to send." in page.content.decode()
    give_app(member.user)
    client.force_login(User.objects.get(pk=member.user_id))
    page = client.get(reverse("invoicing:invoices", args=[careful.slug])).content.decode()
    assert "You need a second factor" not in page


def test_who_only_looks_needs_none(client, careful):
    client.force_login(MemberFactory(company=careful, role=Role.VIEWER).user)
    page = client.get(reverse("invoicing:invoices", args=[careful.slug])).content.decode()
    assert "You need a second factor" not in page


def test_a_manager_says_whether_the_company_asks_for_it(client):
    kim = MemberFactory(role=Role.MANAGER)
    client.force_login(give_app(kim.user))
    switch = reverse("recipients:members_factor", args=[kim.company.slug])
    assert "needs a second factor now" in client.post(switch, {"is_required": "on"}, follow=True).content.decode()
    kim.company.refresh_from_db()
    assert kim.company.requires_second_factor
    client.post(switch, {})
    kim.company.refresh_from_db()
    assert not kim.company.requires_second_factor
    assert [event.what for event in Event.objects.order_by("id")] == [
        "member.factor_required",
        "member.factor_optional",
    ]


def test_a_new_company_asks_for_it():
    assert type(CompanyFactory())._meta.get_field("requires_second_factor").default is True

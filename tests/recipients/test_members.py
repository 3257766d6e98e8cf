"""Members: asked in, given another role, gone; and always a manager."""

import re
import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, connections, transaction
from django.test import Client
from django.urls import reverse
from django_q.models import OrmQ

from config import triggers
from recipients.actions import people
from recipients.models import Company, Event, Member, Role, User
from recipients.rules import RULES
from tests.factories import CompanyFactory, MemberFactory, SavedViewFactory, UserFactory

pytestmark = pytest.mark.django_db
NINA = {"email": "nina@fjordgym.example", "name": "Nina Sund", "role": Role.CLERK, "language": "sv"}


@pytest.fixture
def kim(client):
    """A manager, logged in."""
    member = MemberFactory(role=Role.MANAGER)
    client.force_login(member.user)
    return member


def url(name, member, *args):
    return reverse(f"recipients:{name}", args=[member.company.slug, *args])


def link_on(page):
    found = re.search(r'value="(http://testserver/password/[^"]+)"', page.content.decode())
    return found and found[1].removeprefix("http://testserver")


def choose_password(link, password="Vinterbad-2026"):
    """The invited person's own browser."""
    browser = Client()
    page = browser.get(link, follow=True)
    if "does not work" in page.content.decode():
        return page, browser
    here = page.redirect_chain[-1][0]
    return browser.post(here, {"password": password, "again": password}), browser


def test_who_is_invited_chooses_a_password_and_is_in(client, kim):
    page = client.post(url("invite", kim), NINA)
    assert "Nina Sund is invited" in page.content.decode()
    nina = Member.objects.get(user__email=NINA["email"])
    assert (nina.company, nina.role, nina.user.language) == (kim.company, Role.CLERK, "sv")
    assert nina.user.is_invited
    (queued,) = OrmQ.objects.all()
    assert queued.task["func"] == "distribution.jobs.mail_invitation"
    assert "Invited, no password yet" in client.get(url("members", kim)).content.decode()

    answer, browser = choose_password(link_on(page))
    assert answer["Location"] == "/"
    assert browser.get("/", follow=True).redirect_chain[-1][0] == kim.company.get_absolute_url()
    assert "Invited, no password yet" not in client.get(url("members", kim)).content.decode()


def test_a_link_works_once(client, kim):
    link = link_on(client.post(url("invite", kim), NINA))
    choose_password(link)
    page, _browser = choose_password(link, "Another-2026-x")
    assert "This link does not work any more" in page.content.decode()
    assert User.objects.get(email=NINA["email"]).check_password("Vinterbad-2026")


def test_a_link_grows_old(client, kim, settings):
    link = link_on(client.post(url("invite", kim), NINA))
    settings.PASSWORD_RESET_TIMEOUT = -1
    page, _browser = choose_password(link)
    assert "This link does not work any more" in page.content.decode()


def test_no_link_stands_in_the_database(client, kim):
    """Whoever reads a copy of it must not be able to log in with what the queue or the history holds."""
    token = link_on(client.post(url("invite", kim), NINA)).rstrip("/").rpartition("/")[2]
    stored = [str(queued.task) for queued in OrmQ.objects.all()]
    stored += [str(event.data) for event in Event.objects.all()]
    stored += [str(dict(client.session))]
    assert not [text for text in stored if token in text]


def test_somebody_with_a_login_keeps_it_and_nobody_sees_a_link(client, kim):
    nina = UserFactory(email="Nina@Fjordgym.Example", name="Nina S", language="fi")
    page = client.post(url("invite", kim), NINA)
    assert "Nina S is a member now" in page.content.decode()
    assert link_on(page) is None
    nina.refresh_from_db()
    assert (nina.name, nina.language, nina.check_password("demo")) == ("Nina S", "fi", True)
    assert Member.objects.get(user=nina).company == kim.company


def test_the_link_of_who_is_invited_elsewhere_too_is_not_shown(client, kim):
    """It would open the other company to this manager."""
    client.post(url("invite", kim), NINA)
    nina = User.objects.get(email=NINA["email"])
    other = MemberFactory(role=Role.MANAGER)
    stranger = Client()
    stranger.force_login(other.user)
    assert link_on(stranger.post(url("invite", other), NINA)) is None
    assert link_on(stranger.post(url("member_link", other, nina.pk))) is None
    assert link_on(client.post(url("member_link", kim, nina.pk))) is None
    other.user.memberships.create(company=kim.company, role=Role.MANAGER)
    assert link_on(stranger.post(url("member_link", other, nina.pk)))


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"email": "nina"}, "Type one e-mail address"),
        ({"email": "KIM@fjordgym.example"}, "a member already"),
        ({"email": "closed@fjordgym.example"}, "login is closed"),
        ({"role": "9"}, "Select a valid choice"),
        ({"name": ""}, "This field is required"),
    ],
)
def test_a_wrong_invitation_writes_nothing_and_keeps_what_was_typed(client, kim, wrong, words):
    User.objects.filter(pk=kim.user.pk).update(email="kim@fjordgym.example")
    UserFactory(email="closed@fjordgym.example", is_active=False)
    before = User.objects.count(), Member.objects.count(), Event.objects.count()
    page = client.post(url("invite", kim), NINA | wrong)
    text = page.content.decode()
    assert page.status_code == 422
    assert "error-summary" in text
    assert words in text
    assert (NINA | wrong)["email"] in text
    assert (User.objects.count(), Member.objects.count(), Event.objects.count()) == before
    assert not OrmQ.objects.exists()


def test_another_role_counts_at_once_and_is_told(client, kim):
    nina = MemberFactory(company=kim.company, user__name="Nina Sund", role=Role.VIEWER)
    browser = Client()
    browser.force_login(nina.user)
    assert browser.get(reverse("distribution:upload", args=[kim.company.slug])).status_code == 403
    client.post(url("member", kim, nina.user_id), {"role": Role.CLERK})
    assert "/login/" in browser.get(reverse("distribution:upload", args=[kim.company.slug]))["Location"]
    browser.force_login(User.objects.get(pk=nina.user_id))
    assert browser.get(reverse("distribution:upload", args=[kim.company.slug])).status_code == 200
    page = client.get(url("members", kim)).content.decode()
    assert "changed a role" in page
    assert "Viewer before, now Clerk." in page


def test_who_is_removed_is_out_and_their_own_views_are_gone(client, kim):
    nina = MemberFactory(company=kim.company, user__name="Nina Sund")
    SavedViewFactory(company=kim.company, by=nina.user, is_shared=False, name="Mine")
    SavedViewFactory(company=kim.company, by=nina.user, is_shared=True, name="Ours")
    browser = Client()
    browser.force_login(nina.user)
    client.post(url("member_remove", kim, nina.user_id))
    assert "/login/" in browser.get(kim.company.get_absolute_url())["Location"]
    browser.force_login(User.objects.get(pk=nina.user_id))
    assert browser.get(kim.company.get_absolute_url()).status_code == 404
    assert list(kim.company.saved_views.values_list("name", flat=True)) == ["Ours"]
    assert Event.objects.latest("id").what == "member.removed"


def test_the_last_manager_can_neither_leave_nor_be_demoted(client, kim):
    MemberFactory(company=kim.company, role=Role.MANAGER, user__is_active=False)  # cannot let anybody in
    for name, data in (("member", {"role": Role.CLERK}), ("leave", {"leave": "yes"})):
        args = [kim.user_id] if name == "member" else []
        page = client.post(url(name, kim, *args), data)
        assert page.status_code == 422
        assert "the last manager" in page.content.decode()
    page = client.post(url("member_remove", kim, kim.user_id), follow=True)
    assert "the last manager" in page.content.decode()
    kim.refresh_from_db()
    assert kim.role == Role.MANAGER
    assert not Event.objects.exists()


def test_a_manager_leaves_when_there_is_another(client, kim):
    MemberFactory(company=kim.company, role=Role.MANAGER)
    assert "You will not see this company any more" in client.post(url("leave", kim)).content.decode()
    assert Member.objects.filter(pk=kim.pk).exists()  # a press without its button only asks
    assert client.post(url("leave", kim), {"leave": "yes"})["Location"] == "/"
    assert not Member.objects.filter(pk=kim.pk).exists()
    assert Event.objects.latest("id").what == "member.left"


def test_whoever_was_removed_meanwhile_removes_nobody(kim):
    """The press was on its way when the role was taken: it is looked at again under the lock."""
    nina, third = (MemberFactory(company=kim.company, role=Role.MANAGER) for _each in range(2))
    people.remove(nina, by=kim.user)
    with pytest.raises(PermissionDenied):
        people.remove(kim, by=nina.user)
    with pytest.raises(PermissionDenied):
        people.change_role(third, Role.VIEWER, by=nina.user)


def test_a_link_is_not_asked_for_without_end(client, kim):
    client.post(url("invite", kim), NINA)
    nina = User.objects.get(email=NINA["email"])
    pages = [client.post(url("member_link", kim, nina.pk), follow=True) for _press in range(6)]
    assert "Too many attempts" in pages[-1].content.decode()
    assert OrmQ.objects.count() == 1 + 5


def test_who_has_a_password_gets_no_link(client, kim):
    nina = MemberFactory(company=kim.company)
    page = client.post(url("member_link", kim, nina.user_id), follow=True)
    assert "have chosen a password already" in page.content.decode()
    assert not OrmQ.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_as_often_for_one_as_for_three(client, kim, django_assert_num_queries, count):
    MemberFactory.create_batch(count - 1, company=kim.company)
    with django_assert_num_queries(QUERIES):
        client.get(url("members", kim))


QUERIES = 10


@pytest.fixture
def forgetful(transactional_db):
    """These tests empty the tables; SQLite's trigger would keep history from it."""
    yield
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER history_is_only_added_to_delete")
        Event.objects.all().delete()
        triggers._write(RULES, using="default", plan=True)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.usefixtures("forgetful")
def test_two_managers_who_remove_each_other_leave_one():
    """Two transactions at once, on both databases; without the lock both would go."""
    company = CompanyFactory()
    one, two = (MemberFactory(company=company, role=Role.MANAGER) for _each in range(2))
    start, answers = threading.Barrier(2), []

    def press(member, by):
        try:
            start.wait()
            people.remove(member, by=by)
            answers.append("removed")
        except (people.LastManager, PermissionDenied):
            answers.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press, args=args) for args in ((one, two.user), (two, one.user))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["refused", "removed"]
    assert company.members.count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer: nothing to wait for")
def test_who_demotes_waits_for_who_leaves():
    company = CompanyFactory()
    one, two = (MemberFactory(company=company, role=Role.MANAGER) for _each in range(2))
    answers = []

    def press():
        try:
            people.change_role(two, Role.CLERK, by=two.user)
        except people.LastManager:
            answers.append("refused")
        finally:
            connections.close_all()

    thread = threading.Thread(target=press)
    with transaction.atomic():
        people.remove(one, by=one.user)
        thread.start()
        thread.join(0.5)
        assert thread.is_alive()  # it waits for the company's row
    thread.join()
    assert answers == ["refused"]
    assert Company.objects.get(pk=company.pk).members.get().role == Role.MANAGER

"""A company's connections through HTTP: set up by a manager, tested by the queue, their secrets never seen again."""

import pytest
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from distribution import jobs
from distribution.actions import connecting
from distribution.models import Connection
from distribution.transports.sftp import fingerprint
from recipients.methods import Method
from recipients.models import Event, Role
from tests.factories import CompanyFactory, ConnectionFactory, MemberFactory
from tests.servers import planted
from tests.servers.real import keygen

SECRET = "hemligt lösenord"


@pytest.fixture
def manager(client, outbox):
    client.force_login(MemberFactory(company=outbox.company, role=Role.MANAGER, user__name="Mia Lund").user)
    return client


@pytest.fixture(autouse=True)
def house(settings, tmp_path):
    settings.ALLOW_PRIVATE_CONNECTIONS, settings.CONNECTION_FOLDERS = True, str(tmp_path)
    settings.SENDING = {**settings.SENDING, "test_timeout": 5}


def url(outbox, page="connections", row=None):
    return reverse(f"distribution:{page}", args=[outbox.company.slug, *([row.pk] if row else [])])


def new(outbox, kind):
    return f"{url(outbox, 'connection_new')}?kind={kind}"


def form(**changes):
    return {
        "name": "Tryckeriet", "method": "central_print", "host": "sftp.tryckeriet.example", "port": "22",
        "username": "fjordgym", "password": SECRET, "private_key": "", "profile": "neutral", "folder": "in",
        "temporary_folder": "", "authority": "",
    } | changes  # fmt: skip


def add(manager, outbox, kind="sftp", **changes):
    response = manager.post(new(outbox, kind), form(**changes))
    assert response.status_code == 302, response.context["form"].errors
    return Connection.objects.get(company=outbox.company)


def page(manager, outbox, row):
    return manager.get(url(outbox, "connection", row)).content.decode()


def steps_of(row):
    row.refresh_from_db()
    return [(name, ok, trouble) for name, ok, trouble, _words in row.test_steps]


def run_test(manager, outbox, row):
    """Press Test connection, and let the queue work."""
    manager.post(url(outbox, "connection_test", row))
    while queued := OrmQ.objects.first():
        task = queued.task
        assert task["func"] == "distribution.jobs.test_connection"
        jobs.test_connection(*task["args"])
        queued.delete()
    return steps_of(row)


def test_a_company_without_connections_is_told_what_they_are(manager, outbox):
    content = manager.get(url(outbox)).content.decode()
    assert "No connections yet" in content
    assert "New connection" in content


def test_a_manager_adds_one_and_its_password_is_never_seen_again(manager, outbox):
    row = add(manager, outbox)
    assert (row.company, row.kind, row.host, row.port, row.folder) == (
        outbox.company, "sftp", "sftp.tryckeriet.example", 22, "in",
    )  # fmt: skip
    assert row.password() == SECRET
    assert SECRET not in row.secret
    for address in (url(outbox), url(outbox, "connection", row), url(outbox, "connection_edit", row)):
        content = manager.get(address).content.decode()
        assert "Tryckeriet" in content
        assert SECRET not in content
        assert row.secret not in content
    event = Event.objects.get(about=row.pk)
    assert (event.what, event.by.name) == ("connection.added", "Mia Lund")
    assert SECRET not in str(event.data)


def test_a_private_key_is_stored_like_a_password_and_apart_from_it(manager, outbox, tmp_path):
    keygen(tmp_path / "key", "ed25519", "256")
    text = (tmp_path / "key").read_text()
    row = add(manager, outbox, password="", private_key=text.replace("\n", "\r\n"))
    assert (row.private_key(), row.password()) == (text, "")
    assert "BEGIN" not in row.key_secret
    row.secret = row.key_secret  # somebody who can write the table swaps the columns
    with pytest.raises(Exception, match="belongs to another"):
        row.password()


@pytest.mark.parametrize(
    "kind, changes, words",
    [
        ("sftp", {"host": "sftp://tryckeriet.example"}, "name alone"),
        ("sftp", {"host": "tryckeriet.example/in"}, "name alone"),
        ("sftp", {"host": "a b"}, "name alone"),
        ("sftp", {"host": ""}, "required"),
        ("sftp", {"port": "0"}, "greater than or equal to 1"),
        ("sftp", {"port": "65536"}, "less than or equal to 65535"),
        ("sftp", {"port": "x"}, "whole number"),
        ("sftp", {"name": ""}, "required"),
        ("sftp", {"username": "a\r\nDELE x"}, "one line"),
        ("sftp", {"folder": "in\r\nDELE x"}, "one line"),
        ("sftp", {"password": ""}, "Type a password, or paste a private key."),
        ("sftp", {"private_key": "-----BEGIN OPENSSH PRIVATE KEY-----\nx"}, "no private key"),
        ("sftp", {"method": "email"}, "Select a valid choice"),
        ("ftps", {"password": ""}, "Type the password."),
        ("ftps", {"authority": "not PEM"}, "no certificate"),
        ("ftp", {}, "Confirm it, or choose SFTP or FTPS instead."),
        ("folder", {"folder": "../other"}, "type it without “..”"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_stored(manager, outbox, kind, changes, words):
    response = manager.post(new(outbox, kind), form(**changes))
    assert response.status_code == 422
    assert words in str(response.context["form"].errors)
    content = response.content.decode()
    assert "Tryckeriet" in content or "name" in changes  # what was typed is kept
    assert SECRET not in content  # but not a secret
    assert "BEGIN OPENSSH" not in content
    assert not Connection.objects.filter(company=outbox.company).exists()


def test_the_kinds_that_cannot_be_had_are_shown_locked(manager, outbox, settings):
    assert "Locked" not in manager.get(url(outbox, "connection_new")).content.decode()
    settings.CONNECTION_FOLDERS = ""
    assert "Locked" in manager.get(url(outbox, "connection_new")).content.decode()
    for kind in ("folder", "smtp", "gopher"):
        assert manager.get(new(outbox, kind)).status_code == 404
        assert manager.post(new(outbox, kind), form()).status_code == 404


def test_ftp_shows_its_warning_and_the_database_insists_too(manager, outbox):
    assert "FTP is not encrypted." in manager.get(new(outbox, "ftp")).content.decode()
    row = add(manager, outbox, "ftp", port="21", is_confirmed_insecure="on")
    with pytest.raises(IntegrityError):
        Connection.objects.filter(pk=row.pk).update(is_confirmed_insecure=False)


def test_one_connection_for_a_method(manager, outbox):
    add(manager, outbox)
    response = manager.post(new(outbox, "https"), form(name="Another"))
    assert "has a connection already: Tryckeriet" in str(response.context["form"].errors)


def of_another_company(**changes):
    """A connection to the same server as form() has."""
    there = {"host": "sftp.tryckeriet.example", "port": 22, "username": "fjordgym", "folder": "in", "kind": "sftp"}
    company = CompanyFactory(name="Nabogym AS")
    return Connection.objects.create(company=company, method="central_print", name="Nabo", **there | changes)


@pytest.mark.parametrize(
    "theirs, ours",
    [
        ({}, {}),
        ({"folder": "/in/"}, {"folder": "./in"}),
        ({"host": "SFTP.tryckeriet.example."}, {}),
        ({"kind": "ftps"}, {}),  # one machine behind both doors
        ({}, {"folder": "in/answers"}),  # our letters among what they would read
        ({"folder": "in/answers"}, {}),
        ({"folder": ""}, {"folder": ""}),
    ],
)
def test_two_companies_do_not_share_a_folder(manager, outbox, theirs, ours):
    """Each would file away the answers of the other one."""
    of_another_company(**theirs)
    response = manager.post(new(outbox, "sftp"), form(**ours))
    assert response.status_code == 422
    assert "in use by another connection" in str(response.context["form"].errors["folder"])
    assert "Nabo" not in response.content.decode()
    assert not Connection.objects.filter(company=outbox.company).exists()


@pytest.mark.parametrize(
    "theirs", [{"folder": "in-2"}, {"username": "nabo"}, {"port": 2222}, {"host": "x.example"}, {"kind": "https"}]
)
def test_neighbours_on_one_server_are_no_trouble(manager, outbox, theirs):
    of_another_company(**theirs)
    add(manager, outbox)


def test_a_connection_is_not_moved_to_another_companys_folder(manager, outbox):
    row = add(manager, outbox, folder="out")
    of_another_company()
    response = manager.post(url(outbox, "connection_edit", row), form(password=""))
    assert "in use by another connection" in str(response.context["form"].errors["folder"])
    row.refresh_from_db()
    assert row.folder == "out"


def test_an_empty_password_keeps_the_stored_one(manager, outbox):
    row = add(manager, outbox)
    Connection.objects.filter(pk=row.pk).update(host_key="ssh-ed25519 AAAA")
    manager.post(url(outbox, "connection_edit", row), form(password="", folder="out"))
    row.refresh_from_db()
    assert (row.folder, row.password(), row.host_key) == ("out", SECRET, "ssh-ed25519 AAAA")
    event = Event.objects.get(about=row.pk, what="connection.changed")
    assert event.data == {"fields": "folder"}


@pytest.mark.parametrize("changes", [{"host": "sftp.elsewhere.example"}, {"port": "2222"}])
def test_a_stored_password_is_never_sent_to_another_server(manager, outbox, changes):
    row = add(manager, outbox)
    Connection.objects.filter(pk=row.pk).update(host_key="ssh-ed25519 AAAA", shown_key="x", tested_at=timezone.now())
    response = manager.post(url(outbox, "connection_edit", row), form(password="", **changes))
    assert response.status_code == 422
    assert "Type the password again" in str(response.context["form"].errors)
    manager.post(url(outbox, "connection_edit", row), form(password="a new one", **changes))
    row.refresh_from_db()
    assert (row.password(), row.host_key, row.shown_key, row.tested_at) == ("a new one", "", "", None)


def test_without_a_key_of_the_house_no_secret_is_stored(manager, outbox, settings):
    settings.SECRETS_KEYS = []
    response = manager.post(new(outbox, "sftp"), form())
    assert "SECRETS_KEYS is empty" in str(response.context["form"].errors)


def test_saving_without_a_change_is_no_event(manager, outbox):
    row = add(manager, outbox)
    response = manager.post(url(outbox, "connection_edit", row), form(password=""), follow=True)
    assert "Nothing was changed." in response.content.decode()
    assert Event.objects.filter(about=row.pk).count() == 1


# --- Test, key, pauses ------------------------------------------------------------------------------------------------


def test_from_a_new_key_to_a_connection_that_works(manager, outbox, tmp_path):
    with planted.Sftp(tmp_path / "server") as server:
        row = add(
            manager, outbox, host="127.0.0.1", port=server.port, username=server.username, folder="",
            password=server.password,
        )  # fmt: skip
        manager.post(url(outbox, "connection_test", row))
        assert 'hx-trigger="every 2s"' in page(manager, outbox, row)
        assert run_test(manager, outbox, row)[-1] == ("host_key", False, "new_host_key")
        content = page(manager, outbox, row)
        assert fingerprint(server.host_key()) in content
        assert "hx-trigger" not in content
        accept = url(outbox, "connection_accept", row)
        manager.post(accept, {"shown": "SHA256:of another key"})
        row.refresh_from_db()
        assert row.host_key == ""
        manager.post(accept, {"shown": fingerprint(server.host_key())})
        row.refresh_from_db()
        assert row.host_key == server.host_key()
        assert Event.objects.get(about=row.pk, what="connection.host_key").by.name == "Mia Lund"
        steps = run_test(manager, outbox, row)
        assert [name for name, ok, _trouble in steps if ok] == [
            "resolve", "connect", "host_key", "login", "folder", "write", "rename", "delete",
        ]  # fmt: skip
        assert "Works" in page(manager, outbox, row)


def test_a_changed_key_is_accepted_only_by_somebody_who_asked(manager, outbox, tmp_path):
    with planted.Sftp(tmp_path) as server:
        known = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA=="
        row = add(manager, outbox, host="127.0.0.1", port=server.port, password=server.password)
        Connection.objects.filter(pk=row.pk).update(host_key=known)
        assert run_test(manager, outbox, row)[-1] == ("host_key", False, "changed_host_key")
        content = page(manager, outbox, row)
        assert fingerprint(known) in content
        assert fingerprint(server.host_key()) in content
        shown = {"shown": fingerprint(server.host_key())}
        manager.post(url(outbox, "connection_accept", row), shown)
        row.refresh_from_db()
        assert row.host_key == known
        manager.post(url(outbox, "connection_accept", row), shown | {"asked": "on"})
        row.refresh_from_db()
        assert row.host_key == server.host_key()


def test_a_test_of_what_was_changed_meanwhile_says_nothing(manager, outbox):
    row = add(manager, outbox, host="127.0.0.1", port=1)
    connecting.ask_for_test(row)
    old = Connection.objects.get(pk=row.pk)
    manager.post(url(outbox, "connection_edit", row), form(host="127.0.0.1", port=2))
    connecting.test_connection(old)
    jobs.test_connection(str(row.pk))
    row.refresh_from_db()
    assert (row.test_steps, row.tested_at) == ([], None)


def test_a_queue_that_is_silent_is_said(manager, outbox):
    row = add(manager, outbox)
    manager.post(url(outbox, "connection_test", row))
    assert "Nobody tests just now." in page(manager, outbox, row)


def test_pause_and_resume(manager, outbox):
    row = add(manager, outbox)
    for name in ("connection_pause", "connection_pause"):
        manager.post(url(outbox, name, row))
    row.refresh_from_db()
    assert row.paused_until == connecting.UNTIL_RESUMED
    assert "Paused by a person." in page(manager, outbox, row)
    for name in ("connection_resume", "connection_resume"):
        manager.post(url(outbox, name, row))
    row.refresh_from_db()
    assert row.paused_until is None
    told = Event.objects.filter(about=row.pk).order_by("id").values_list("what", flat=True)
    assert list(told) == ["connection.added", "connection.paused", "connection.resumed"]


def test_removing_asks_once(manager, outbox):
    row = add(manager, outbox)
    assert "Remove Tryckeriet" in manager.get(url(outbox, "connection_remove", row)).content.decode()
    assert Connection.objects.filter(pk=row.pk).exists()
    manager.post(url(outbox, "connection_remove", row))
    assert not Connection.objects.filter(pk=row.pk).exists()
    assert Event.objects.filter(about=row.pk, what="connection.removed").exists()


def test_the_relay_is_nobodys_connection(manager, outbox):
    relay = Connection.objects.get(company=None)
    assert manager.get(url(outbox, "connection", relay)).status_code == 404
    assert relay.kind == "smtp"


def test_a_clerk_has_no_way_there(client, outbox):
    client.force_login(outbox.clerk)
    assert client.get(url(outbox)).status_code == 403
    assert (
        url(outbox) not in client.get(reverse("distribution:deliveries", args=[outbox.company.slug])).content.decode()
    )


def test_the_list_asks_the_same_number_of_questions_for_one_and_for_three(manager, outbox, django_assert_num_queries):
    for n, method in enumerate((Method.CENTRAL_PRINT, Method.EINVOICE, Method.AUTOGIRO), start=1):
        ConnectionFactory(company=outbox.company, method=method, name=method)
        ConnectionFactory(company=CompanyFactory(), method=method)
        with django_assert_num_queries(8):
            assert manager.get(url(outbox)).content.decode().count("Not tested") == n

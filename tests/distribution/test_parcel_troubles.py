"""What can be wrong with a provider's server, met by the sender with a real parcel in its hands.

Whatever it is, each letter is in exactly one state, and the pages say in a sentence what happened and what to do.
"""

import hashlib
import os
import time
from collections import Counter
from contextlib import ExitStack
from html import unescape

import pytest
from django.core.management import call_command
from django.urls import reverse
from django_q.models import OrmQ

from distribution import jobs
from distribution.actions import connecting
from distribution.models import Connection, Delivery, Parcel
from distribution.reasons import Reason
from distribution.states import State
from distribution.troubles import WHAT_TO_DO, Trouble
from recipients.models import Role
from tests.factories import MemberFactory
from tests.servers import planted
from tests.servers.real import OpenSsh, Vsftpd, keygen

from .test_posting import PrintHouse


class Provider:
    """The company's connection to a server that behaves, until something is done to one of them."""

    def __init__(self, house, kind, server, *, authority, clocks):
        self.house, self.kind, self.server = house, kind, server
        self.authority, self.clocks = authority, clocks
        self.row = Connection.objects.of(house.company).get()

    def set(self, **columns):
        for name, store in (("password", self.row.set_password), ("private_key", self.row.set_private_key)):
            if name in columns:
                store(columns.pop(name))
        for name, value in columns.items():
            setattr(self.row, name, value)
        self.row.save()

    def final(self):
        """What lies there for all to see."""
        return sorted(path.name for path in self.server.root.iterdir() if not path.name.startswith("."))


@pytest.fixture
def house(outbox, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(planted, "AFTER", 20_000)  # bytes, of the 40,000 or so of two letters
    settings.ALLOW_PRIVATE_CONNECTIONS = True
    settings.CONNECTION_FOLDERS = str(tmp_path / "folders")
    settings.SENDING = {**settings.SENDING, "command_timeout": 5}
    distribution = outbox.company.distribution
    distribution.active_methods, distribution.default_method = ["central_print"], "central_print"
    distribution.save()
    return PrintHouse(outbox.company, outbox.clerk, None)


@pytest.fixture
def provider(house, request, tmp_path, authority, clocks):
    """Makes a Provider of a kind: openssh, vsftpd, folder, asyncssh, pyftpdlib, web."""
    with ExitStack() as stack:

        def make(kind, plan=""):
            way = Connection(company=house.company, method="central_print", kind="sftp", name="Tryckeriet", folder="")
            if kind == "openssh":
                server = request.getfixturevalue("openssh")
                way.folder = "files"
                way.set_private_key(server.private_key)
            elif kind == "vsftpd":
                server = request.getfixturevalue("vsftpd")
                way.kind, way.folder, way.authority = "ftps", "in", authority.path.read_text()
            elif kind == "folder":
                server = Shared(tmp_path / "folders" / house.company.slug / "print")
                way.kind, way.folder = "folder", "print"
            elif kind == "asyncssh":
                server = stack.enter_context(planted.Sftp(tmp_path, plan))
            elif kind == "pyftpdlib":
                server = stack.enter_context(planted.Ftp(tmp_path, plan))
                way.kind, way.is_confirmed_insecure = "ftp", True
            else:
                server = stack.enter_context(planted.Web(tmp_path, authority.server_context(folder=tmp_path), plan))
                way.kind, way.authority, way.folder = "https", authority.path.read_text(), "in"
            way.host, way.port, way.username = "127.0.0.1", server.port, server.username
            if kind in ("asyncssh", "pyftpdlib"):
                way.set_password(server.password)
            if way.kind == "sftp":
                way.host_key = server.host_key()
            for path in server.root.iterdir():
                path.unlink()
            way.save()
            return Provider(house, kind, server, authority=authority, clocks=clocks)

        yield make


class Shared:
    """A folder of this machine."""

    port, username = 22, ""

    def __init__(self, root):
        self.root = root
        root.mkdir(parents=True)


# --- What is done to it -----------------------------------------------------------------------------------------------


def nothing(provider):
    """It was planted."""


def forget_key(provider):
    provider.set(host_key="")


def change_key(provider):
    provider.set(host_key="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==")


def wrong_password(provider):
    provider.set(password="wrong")


def wrong_private_key(provider):
    path = provider.server.folder / "unknown"
    keygen(path, "ed25519", "256")
    provider.set(private_key=path.read_text())


def no_folder(provider):
    provider.set(folder="nowhere")


def other_authority(provider):
    provider.set(authority="")


def expired(provider):
    """From now on it shows a certificate of the same authority that was good until yesterday."""
    folder = provider.server.root.parent
    provider.server.context.load_cert_chain(provider.authority.certificate(days=-1, folder=folder))


def stalls(provider):
    """Its clock is ours, shrunk: the upload stands still for thirty seconds."""
    provider.clocks(command_timeout=1.5)


def dead(provider):
    provider.set(port=1)


TROUBLES = [
    ("openssh", "", forget_key, Trouble.NEW_HOST_KEY),
    ("openssh", "", change_key, Trouble.CHANGED_HOST_KEY),
    ("openssh", "", wrong_private_key, Trouble.LOGIN),
    ("openssh", "", no_folder, Trouble.NO_FOLDER),
    ("openssh", "", dead, Trouble.UNREACHABLE),
    ("asyncssh", "", wrong_password, Trouble.LOGIN),
    ("asyncssh", planted.FULL, nothing, Trouble.NO_ROOM),
    ("asyncssh", planted.CUT, nothing, Trouble.UNREACHABLE),
    ("asyncssh", planted.SHORT, nothing, Trouble.INCOMPLETE),
    ("asyncssh", planted.SAYS_NO, nothing, Trouble.NO_PERMISSION),
    ("vsftpd", "", no_folder, Trouble.NO_FOLDER),
    ("vsftpd", "", other_authority, Trouble.CERTIFICATE),
    ("pyftpdlib", "", wrong_password, Trouble.LOGIN),
    ("pyftpdlib", planted.FULL, nothing, Trouble.NO_ROOM),
    ("pyftpdlib", planted.SAYS_NO, nothing, Trouble.NO_PERMISSION),
    ("folder", "", no_folder, Trouble.NO_FOLDER),
    ("asyncssh", planted.SLOW, stalls, Trouble.UNREACHABLE),
    ("pyftpdlib", planted.CUT, nothing, Trouble.UNREACHABLE),
    ("pyftpdlib", planted.SHORT, nothing, Trouble.INCOMPLETE),
    ("pyftpdlib", planted.SLOW, stalls, Trouble.UNREACHABLE),
    ("web", planted.CUT, nothing, Trouble.UNREACHABLE),
    ("web", "", dead, Trouble.UNREACHABLE),
    ("web", "", expired, Trouble.CERTIFICATE),
    ("web", 403, nothing, Trouble.LOGIN),
    ("web", 410, nothing, Trouble.NO_FOLDER),
    ("web", 401, nothing, Trouble.LOGIN),
    ("web", 404, nothing, Trouble.NO_FOLDER),
    ("web", "", other_authority, Trouble.CERTIFICATE),
]


def met(house, provider):
    """Two letters go as far as they can; what the sender does in one round."""
    batch = house.built(house.invoice(), house.invoice())
    house.close_window(batch)
    call_command("deliver")
    provider.row.refresh_from_db()
    return Counter(Delivery.objects.values_list("state", flat=True))


def pages(house, provider, client):
    """What a clerk reads at a delivery, and a manager at the connection."""
    slug = house.company.slug
    client.force_login(house.clerk)
    delivery = client.get(reverse("distribution:delivery", args=[slug, Delivery.objects.first().pk])).content.decode()
    client.force_login(MemberFactory(company=house.company, role=Role.MANAGER).user)
    connection = client.get(reverse("distribution:connection", args=[slug, provider.row.pk])).content.decode()
    return unescape(delivery), unescape(connection)


@pytest.mark.parametrize(
    "kind, plan, harm, trouble", TROUBLES, ids=[f"{t[0]} {t[1] or t[2].__name__}" for t in TROUBLES]
)
def test_what_is_wrong_with_the_connection_makes_its_letters_wait(house, provider, client, kind, plan, harm, trouble):
    way = provider(kind, plan)
    harm(way)
    assert met(house, way) == {State.WAITING: 2}
    assert (way.row.trouble, way.row.failures) == (trouble, 1)
    assert way.row.paused_until
    assert way.final() == []
    assert set(Delivery.objects.values_list("crashes", "reason", "attempts")) == {(0, "", 0)}
    sentence = f"{trouble.label}."
    for page in pages(house, way, client):
        assert page.count(sentence) == 1
        assert str(WHAT_TO_DO[trouble]).split("“")[0] in page


@pytest.mark.parametrize("kind", ["openssh", "vsftpd"])
def test_a_folder_where_one_may_not_write(house, provider, client, tmp_path, authority, kind):
    way = provider(kind)
    folder = tmp_path / "locked"
    with OpenSsh(folder, read_only=True) if kind == "openssh" else Vsftpd(folder, authority, read_only=True) as server:
        way.set(port=server.port)
        if kind == "openssh":
            way.set(host_key=server.host_key(), private_key=server.private_key)
        assert met(house, way) == {State.WAITING: 2}
    assert way.row.trouble == Trouble.NO_PERMISSION
    for page in pages(house, way, client):
        assert "No permission in the folder." in page


@pytest.mark.parametrize("kind", ["openssh", "vsftpd", "folder", "asyncssh", "pyftpdlib"])
def test_a_name_that_is_taken_by_other_bytes_is_a_refusal(house, provider, client, kind):
    way = provider(kind)
    batch = house.built(house.invoice(), house.invoice())
    parcel = Parcel.objects.get()
    (way.server.root / parcel.name).write_bytes(b"somebody else's")
    house.close_window(batch)
    call_command("deliver")
    assert set(Delivery.objects.values_list("state", "reason")) == {(State.FAILED, Reason.NAME_TAKEN)}
    assert (way.server.root / parcel.name).read_bytes() == b"somebody else's"
    delivery, _connection = pages(house, way, client)
    assert "Another file has this name there." in delivery
    assert "Nothing was overwritten." in delivery


@pytest.mark.parametrize("kind", ["openssh", "vsftpd", "folder", "asyncssh", "pyftpdlib"])
def test_a_name_that_is_taken_by_the_same_bytes_is_sent(house, provider, kind):
    """An earlier try got through, and nobody knew."""
    way = provider(kind)
    batch = house.built(house.invoice(), house.invoice())
    parcel = Parcel.objects.get()
    content = parcel.file.read()
    (way.server.root / parcel.name).write_bytes(content)
    written_at = (way.server.root / parcel.name).stat().st_mtime_ns
    house.close_window(batch)
    call_command("deliver")
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SENT}
    assert (way.server.root / parcel.name).stat().st_mtime_ns == written_at
    assert way.final() == [parcel.name]


@pytest.mark.parametrize(
    "kind, plan, state",
    [
        ("asyncssh", planted.DONE_AND_GONE, State.SENT),  # the next round asks, and the name is there
        ("pyftpdlib", planted.DONE_AND_GONE, State.SENT),
        ("asyncssh", planted.GONE, State.WAITING),  # the next round finds the temporary name, and takes it away
        ("pyftpdlib", planted.GONE, State.WAITING),
        ("web", planted.DONE_AND_GONE, State.IN_DOUBT),  # nobody can be asked
        ("web", 429, State.IN_DOUBT),  # this partner does not remove doubles
        ("web", 503, State.IN_DOUBT),
        ("web", 400, State.FAILED),
        ("web", 301, State.FAILED),
        ("web", 500, State.IN_DOUBT),
        ("web", 422, State.FAILED),
        ("web", 409, State.SENT),
    ],
)
def test_what_happens_past_the_gate(house, provider, kind, plan, state):
    way = provider(kind, plan)
    assert met(house, way) == {state: 2}
    there = way.server.posts if kind == "web" else way.final()
    assert len(there) == (plan != planted.GONE)  # once, whatever became of the answer


def test_when_it_is_mended_the_letters_leave_by_themselves(house, provider):
    way = provider("asyncssh", planted.FULL)
    assert met(house, way) == {State.WAITING: 2}
    way.server.plan = ""
    call_command("deliver")
    assert way.final() == []  # the breaker's pause
    Connection.objects.update(paused_until=None)
    call_command("deliver")
    way.row.refresh_from_db()
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SENT}
    assert (way.row.failures, way.row.trouble) == (0, "")
    (name,) = way.final()
    assert hashlib.sha256((way.server.root / name).read_bytes()).hexdigest() == Parcel.objects.get().file.sha256


# --- What dead senders left -------------------------------------------------------------------------------------------


def queued(name):
    """The arguments of what the queue was asked to run."""
    return [row.task["args"] for row in OrmQ.objects.all() if row.task["func"] == f"distribution.jobs.{name}"]


@pytest.mark.parametrize("kind", ["openssh", "vsftpd", "folder"])
def test_the_daily_sweep_deletes_our_old_unfinished_files(provider, kind):
    way = provider(kind)
    ours = f".print_1.zip.{'0' * 32}.part"
    for name in (ours, "theirs.zip", f".print_2.zip.{'1' * 32}.part"):
        (way.server.root / name).write_bytes(b"x")
    long_ago = time.time() - 25 * 3600
    for name in (ours, "theirs.zip"):
        os.utime(way.server.root / name, (long_ago, long_ago))
    jobs.sweep_connections()
    assert queued("sweep_connection") == [(str(way.row.pk),)]
    jobs.sweep_connection(str(way.row.pk))
    assert sorted(path.name for path in way.server.root.iterdir()) == sorted(
        ["theirs.zip", f".print_2.zip.{'1' * 32}.part"]
    )


def test_a_sweep_of_what_does_not_answer_or_is_paused_or_gone_does_nothing(house, provider):
    way = provider("asyncssh")
    wrong_password(way)
    assert connecting.sweep_connection(way.row) == 0
    way.set(host="no.such.host.invalid", paused_until=connecting.UNTIL_RESUMED)
    assert connecting.sweep_connection(way.row) == 0
    way.row.delete()
    jobs.sweep_connection("01a1e2c4-5b6d-7e8f-9a0b-1c2d3e4f5a6b")
    assert not Connection.objects.of(house.company).exists()

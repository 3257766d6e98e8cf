"""Files over the wire: each transport against each fault, and what is certain afterwards.

The truth comes from OpenSSH, vsftpd and the kernel; what they do not do on command, asyncssh and pyftpdlib do.
"""

import base64
import errno
import hashlib
import os
import time
import uuid
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.utils import timezone

from distribution import transports
from distribution.models import Connection
from distribution.reasons import Reason
from distribution.transports import Found, Refused, Unreachable
from distribution.transports.sftp import fingerprint
from distribution.troubles import Trouble
from recipients.models import Company
from tests.servers import planted
from tests.servers.real import OpenSsh, Vsftpd, keygen

from .smtp_server import Gate

NAME = "fjordgym_118_1f2e3d4c.xml"
MARK = "a" * 32
CONTENT = os.urandom(200_000)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def house(settings, tmp_path):
    settings.ALLOW_PRIVATE_CONNECTIONS = True
    settings.CONNECTION_FOLDERS = str(tmp_path / "folders")
    settings.SENDING = {**settings.SENDING, "command_timeout": 5}


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "document"
    path.write_bytes(CONTENT)
    return path


def row(server, **fields):
    """A connection to a server of ours; not stored, because a transport writes nothing."""
    company = Company(slug="fjordgym")
    company.pk = uuid.uuid4()
    private_key, password = fields.pop("private_key", ""), fields.pop("password", "")
    fields = {"host": "127.0.0.1", "port": server.port, "username": server.username} | fields
    made = Connection(company=company, **fields)
    made.set_private_key(private_key)
    made.set_password(password)
    return made


class Way:
    """A connection that works, and the folder behind it."""

    def __init__(self, connection, root):
        self.connection, self.root = connection, root

    def put(self, document, gate=None, **words):
        with transports.open(self.connection) as session:
            return session.put(NAME, document, gate or Gate(), **{"mark": MARK} | words)

    def find(self):
        with transports.open(self.connection) as session:
            return session.find(NAME)

    def withdraw(self):
        with transports.open(self.connection) as session:
            return session.withdraw(NAME, MARK)

    def there(self):
        return sorted(path.name for path in self.root.iterdir())

    def partials(self):
        return [name for name in self.there() if name.endswith(".part")]

    def is_whole(self):
        return self.there() == [NAME] and (self.root / NAME).read_bytes() == CONTENT


def sftp(server, **fields):
    fields = {"folder": "", "host_key": server.host_key()} | fields
    return Way(row(server, kind="sftp", **fields), server.root)


@pytest.fixture(params=["openssh", "vsftpd", "folder", "asyncssh", "pyftpdlib"])
def way(request, tmp_path, authority):
    """Each transport of files, with a server that behaves."""
    with ExitStack() as stack:
        if request.param == "openssh":
            server = request.getfixturevalue("openssh")
            made = sftp(server, folder="files", private_key=server.private_key)
        elif request.param == "vsftpd":
            server = request.getfixturevalue("vsftpd")
            trusted = authority.path.read_text()
            made = Way(row(server, kind="ftps", folder="in", authority=trusted), server.root)
        elif request.param == "folder":
            root = tmp_path / "folders" / "fjordgym" / "print"
            root.mkdir(parents=True)
            connection = Connection(company=Company(slug="fjordgym"), kind="folder", folder="print")
            made = Way(connection, root)
        elif request.param == "asyncssh":
            server = stack.enter_context(planted.Sftp(tmp_path))
            made = sftp(server, password=server.password)
        else:
            server = stack.enter_context(planted.Ftp(tmp_path))
            connection = row(server, kind="ftp", is_confirmed_insecure=True, password=server.password)
            made = Way(connection, server.root)
        for path in made.root.iterdir():
            path.unlink() if path.is_file() else os.system(f"rm -r {path}")
        yield made


# --- What goes well ---------------------------------------------------------------------------------------------------


def test_a_file_appears_whole_under_its_name_after_the_gate(way, document):
    seen = []
    words = way.put(document, lambda: seen.append(way.there()))
    ((partial,),) = seen  # one look, and only the temporary file was there
    assert partial.startswith(f".{NAME}.")
    assert partial.endswith(".part")
    assert way.is_whole()
    assert NAME in words


def test_the_same_file_again_is_taken_without_a_second_upload(way, document):
    way.put(document)
    before = (way.root / NAME).stat()
    gate = Gate()
    assert "same bytes" in way.put(document, gate)
    assert gate.calls == 1
    assert (way.root / NAME).stat().st_mtime_ns == before.st_mtime_ns
    assert way.is_whole()


@pytest.mark.parametrize("other", [b"short", bytes(len(CONTENT))], ids=["other size", "same size"])
def test_other_bytes_under_the_name_are_never_overwritten(way, document, other):
    (way.root / NAME).write_bytes(other)
    gate = Gate()
    with pytest.raises(Refused) as caught:
        way.put(document, gate)
    assert caught.value.reason == Reason.NAME_TAKEN
    assert gate.calls == 0
    assert way.there() == [NAME]
    assert (way.root / NAME).read_bytes() == other


def test_a_name_that_is_taken_during_the_upload(way, document, monkeypatch):
    """The last look is just before the gate."""
    monkeypatch.setattr("distribution.transports.base.BEAT_EVERY", -1)
    gate = Gate()
    with pytest.raises(Refused) as caught:
        way.put(document, gate, beat=lambda: (way.root / NAME).write_bytes(b"other"))
    assert (caught.value.reason, gate.calls) == (Reason.NAME_TAKEN, 0)
    assert way.there() == [NAME]
    assert (way.root / NAME).read_bytes() == b"other"


# FTP is not here: RNTO overwrites by its nature, so the look before the gate is all that it has.
@pytest.mark.parametrize("way", ["openssh", "folder", "asyncssh"], indirect=True)
@pytest.mark.parametrize("other", [b"short", CONTENT], ids=["other bytes", "ours"])
def test_a_name_that_is_taken_at_the_gate(way, document, other):
    """Somebody is quicker by a moment: the rename itself says so."""

    def gate():
        (way.root / NAME).write_bytes(other)

    if other == CONTENT:
        way.put(document, gate)
    else:
        with pytest.raises(Refused) as caught:
            way.put(document, gate)
        assert caught.value.reason == Reason.NAME_TAKEN
        assert caught.value.code  # an answer, not silence
    assert (way.root / NAME).read_bytes() == other
    assert way.partials() == []


def test_the_gate_that_is_shut_leaves_nothing(way, document):
    with pytest.raises(KeyError):
        way.put(document, Gate(shut=KeyError("undone")))
    assert way.there() == []


def test_a_long_upload_beats(way, document, monkeypatch):
    monkeypatch.setattr("distribution.transports.base.BEAT_EVERY", -1)
    beats = []
    way.put(document, beat=lambda: beats.append(1))
    assert len(beats) >= len(CONTENT) // 32768


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", "", "a\nb", "å.xml", "x" * 200])
def test_names_that_could_mean_something_else_are_ours_to_mend(way, document, name):
    with transports.open(way.connection) as session, pytest.raises(ValueError, match="not a name"):
        session.put(name, document, Gate())


# --- After a crash ----------------------------------------------------------------------------------------------------


def crash(way, document, mark=MARK):
    """A sender dies after the gate and before the rename: its temporary file stays."""

    class Dead(BaseException):
        pass

    with transports.open(way.connection) as session:
        session.forget = lambda path: False
        with pytest.raises(Dead):
            session.put(NAME, document, Gate(shut=Dead()), mark=mark)


def test_the_remote_name_decides(way, document):
    assert way.find() == Found.NOTHING
    assert way.withdraw() is False
    crash(way, document)
    assert way.find() == Found.TEMPORARY
    assert way.withdraw() is True
    assert way.withdraw() is False
    assert way.find() == Found.NOTHING
    way.put(document)
    assert way.find() == Found.FINAL
    assert way.withdraw() is False
    assert way.is_whole()


def test_a_new_try_takes_away_what_dead_ones_left(way, document):
    crash(way, document)
    assert len(way.partials()) == 1
    way.put(document)
    assert way.is_whole()


def test_what_an_earlier_try_left_proves_nothing_about_the_last(way, document):
    """The last one may have gone to another place, and been renamed and fetched there."""
    crash(way, document, mark="0" * 32)
    assert way.find() == Found.TEMPORARY
    assert way.withdraw() is False
    assert len(way.partials()) == 1


def test_a_file_withdrawn_before_the_rename_never_appears(way, document):
    """The sender slept past its lease: the sweep took its file away, so that somebody else may send."""
    with pytest.raises(Unreachable) as caught:
        way.put(document, lambda: way.withdraw() or pytest.fail("not withdrawn"))
    assert caught.value.reason == Reason.TRY_LATER
    assert caught.value.code  # the server said so: no doubt
    assert caught.value.slows == Unreachable.DELIVERY
    assert way.there() == []


def test_a_sender_that_wakes_up_does_not_rename_what_another_one_writes(way, document, tmp_path):
    half = tmp_path / "half"
    half.write_bytes(CONTENT[:100])

    def asleep():
        assert way.withdraw()
        crash(way, half, mark="0" * 32)  # the other sender is in the middle of its upload

    with pytest.raises(Unreachable):
        way.put(document, asleep)
    assert NAME not in way.there()
    assert len(way.partials()) == 1


def test_the_sweep_deletes_old_temporary_files_of_ours_alone(way, document):
    crash(way, document)
    (old,) = way.partials()
    others = [".theirs.part", "theirs.tmp", f".{NAME}.{'0' * 32}.part", f"{NAME}.part"]
    for name in others:
        (way.root / name).write_bytes(b"x")
    long_ago = time.time() - 25 * 3600
    for name in (old, ".theirs.part", "theirs.tmp", f"{NAME}.part"):
        os.utime(way.root / name, (long_ago, long_ago))
    with transports.open(way.connection) as session:
        assert session.sweep() == 1
    assert way.there() == sorted(others)


# --- Files that come --------------------------------------------------------------------------------------------------


def test_files_that_came_are_fetched_and_filed_away(way, tmp_path):
    (way.root / "answers").mkdir()
    (way.root / "answers" / "log.csv").write_bytes(b"posted")
    (way.root / "answers" / ".log.csv.part").write_bytes(b"half")
    with transports.open(way.connection) as session:
        (entry,) = session.names("answers")
        assert (entry.name, entry.size) == ("answers/log.csv", 6)
        assert abs(timezone.now() - entry.modified) < timedelta(minutes=5)
        session.fetch(entry.name, tmp_path / "fetched")
        session.file_away(entry.name, "done")
        assert (tmp_path / "fetched").read_bytes() == b"posted"
        assert session.names("answers") == []
    assert [path.name for path in (way.root / "answers" / "done").iterdir()] == ["log.csv"]
    (way.root / "answers" / "log.csv").write_bytes(b"posted, twice")
    with transports.open(way.connection) as session:
        session.file_away("answers/log.csv", "done")
    assert len(list((way.root / "answers" / "done").iterdir())) == 2


def test_a_name_in_another_coding_hides_no_other_file(way, document):
    """Old systems write names in Latin-1. Nobody waits for such a file, and it must not break the list."""
    (way.root / os.fsdecode(b"r\xe4kning.json")).write_bytes(b"x")
    (way.root / "answer.json").write_bytes(b"posted")
    with transports.open(way.connection) as session:
        assert "answer.json" in [entry.name for entry in session.names()]
        session.sweep()
    way.put(document)
    assert NAME in way.there()


# --- Faults -----------------------------------------------------------------------------------------------------------

SILENCE = "silence"  # nobody knows: the caller has a doubt
# plan of the server -> (what put raises: a reason, or SILENCE; calls of the gate; what find says afterwards)
FAULTS = {
    planted.CUT: (Trouble.UNREACHABLE, 0, Found.TEMPORARY),
    planted.SLOW: (Trouble.UNREACHABLE, 0, None),  # it may still do what it was told: delete
    planted.FULL: (Trouble.NO_ROOM, 0, Found.NOTHING),
    planted.SHORT: (Trouble.INCOMPLETE, 0, Found.NOTHING),
    planted.SAYS_NO: (Trouble.NO_PERMISSION, 1, Found.NOTHING),
    planted.DONE_AND_GONE: (SILENCE, 1, Found.FINAL),
    planted.GONE: (SILENCE, 1, Found.TEMPORARY),
}


@pytest.mark.parametrize("kind", ["sftp", "ftp"])
@pytest.mark.parametrize("plan", FAULTS)
def test_what_goes_wrong_and_what_is_certain_afterwards(tmp_path, document, settings, kind, plan):
    settings.SENDING = {**settings.SENDING, "command_timeout": 1.5}
    reason, passed, found = FAULTS[plan]
    with (planted.Sftp if kind == "sftp" else planted.Ftp)(tmp_path, plan) as server:
        if kind == "sftp":
            way = sftp(server, password=server.password)
        else:
            fields = {"is_confirmed_insecure": True, "password": server.password}
            way = Way(row(server, kind="ftp", **fields), server.root)
        gate = Gate()
        with pytest.raises(Exception) as caught:
            way.put(document, gate)
        assert gate.calls == passed
        if reason == SILENCE:
            assert not isinstance(caught.value, Refused | Unreachable)
        else:
            assert (caught.type, caught.value.reason) == (Unreachable, reason)
            assert caught.value.slows == Unreachable.CONNECTION
            assert bool(caught.value.code) >= bool(passed)
        server.plan = ""
        assert found in (None, way.find())
        if found == Found.TEMPORARY:
            assert way.withdraw()
        way.put(document)  # the same again is always safe
        assert way.is_whole()


# --- Keys, logins, folders: the table of what a connection may be told ------------------------------------------------


def trouble_of(connection):
    with pytest.raises(Unreachable) as caught:
        transports.open(connection)
    assert caught.value.slows == Unreachable.CONNECTION
    steps = list(transports.closed(connection).steps())
    assert not steps[-1].ok
    assert all(step.ok for step in steps[:-1])
    assert steps[-1].trouble == caught.value.reason
    return caught.value.reason, steps[-1].name


def test_nothing_is_said_to_a_server_whose_key_nobody_accepted(openssh):
    way = sftp(openssh, host_key="", private_key=openssh.private_key)
    assert trouble_of(way.connection) == (Trouble.NEW_HOST_KEY, "host_key")
    session = transports.closed(way.connection)
    list(session.steps())
    assert session.shown_key == openssh.host_key()


def test_a_changed_key_is_refused_before_the_login(tmp_path):
    with planted.Sftp(tmp_path) as server:
        pinned = server.host_key()
    with planted.Sftp(tmp_path) as impostor:
        way = sftp(impostor, host_key=pinned, password=impostor.password)
        assert trouble_of(way.connection) == (Trouble.CHANGED_HOST_KEY, "host_key")
        words = list(transports.closed(way.connection).steps())[-1].words
        assert fingerprint(pinned) in words
        assert fingerprint(impostor.host_key()) in words


def test_a_server_with_several_keys_is_asked_for_the_accepted_one(openssh, document):
    way = sftp(openssh, folder="files", host_key=openssh.host_key("rsa"), private_key=openssh.private_key)
    assert all(step.ok for step in transports.closed(way.connection).steps())


@pytest.mark.parametrize("kind", ["sftp", "ftp", "openssh"])
def test_a_wrong_login(tmp_path, openssh, kind):
    with planted.Sftp(tmp_path / "s") as ssh, planted.Ftp(tmp_path / "f") as ftp:
        if kind == "sftp":
            connection = sftp(ssh, password="wrong").connection
        elif kind == "ftp":
            connection = row(ftp, kind="ftp", is_confirmed_insecure=True, password="wrong")
        else:
            keygen(tmp_path / "unknown", "ed25519", "256")
            connection = sftp(openssh, private_key=(tmp_path / "unknown").read_text()).connection
        assert trouble_of(connection) == (Trouble.LOGIN, "login")


def test_a_folder_that_is_not_there(way, document):
    way.connection.folder = "nowhere"
    assert trouble_of(way.connection) == (Trouble.NO_FOLDER, "folder")


def test_a_folder_where_one_may_not_write(tmp_path, document, authority):
    with OpenSsh(tmp_path / "s", read_only=True) as ssh, Vsftpd(tmp_path / "v", authority, read_only=True) as ftp:
        trusted = authority.path.read_text()
        for way in (
            sftp(ssh, folder="files", private_key=ssh.private_key),
            Way(row(ftp, kind="ftps", folder="in", authority=trusted), ftp.root),
        ):
            gate = Gate()
            with pytest.raises(Unreachable) as caught:
                way.put(document, gate)
            assert (caught.value.reason, gate.calls) == (Trouble.NO_PERMISSION, 0)
            *good, bad = transports.closed(way.connection).steps()
            assert (bad.name, bad.trouble) == ("write", Trouble.NO_PERMISSION)
            assert all(step.ok for step in good)


def test_a_test_goes_step_by_step_and_leaves_nothing(way):
    steps = list(transports.closed(way.connection).steps())
    assert all(step.ok for step in steps)
    assert [step.name for step in steps][-4:] == ["folder", "write", "rename", "delete"]
    assert way.there() == []


def test_a_password_that_no_key_opens_is_said(tmp_path, settings):
    with planted.Sftp(tmp_path) as server:
        connection = sftp(server, password=server.password).connection
        settings.SECRETS_KEYS = ["b3RoZXIta2V5LW90aGVyLWtleS1vdGhlci1rZXktISE="]
        assert trouble_of(connection) == (Trouble.NO_SECRET, "login")


def test_ftp_without_encryption_says_nothing_until_it_is_confirmed(tmp_path):
    with planted.Ftp(tmp_path) as server:
        connection = row(server, kind="ftp", password=server.password)
        assert trouble_of(connection) == (Trouble.UNCONFIRMED, "resolve")


def test_ftps_verifies_the_certificate(vsftpd):
    assert trouble_of(row(vsftpd, kind="ftps", folder="in")) == (Trouble.CERTIFICATE, "tls")


@pytest.mark.parametrize("is_old", [False, True])
def test_ftps_resumes_the_session_under_each_version_of_tls(vsftpd, authority, document, is_old):
    """vsftpd insists on it: without it the data line would be cut."""
    trusted = authority.path.read_text()
    connection = row(vsftpd, kind="ftps", folder="in", authority=trusted, is_tls12_only=is_old)
    (step,) = (step for step in transports.closed(connection).steps() if step.name == "tls")
    assert step.words == ("TLSv1.2" if is_old else "TLSv1.3")
    Way(connection, vsftpd.root).put(document)
    (vsftpd.root / NAME).unlink()


# --- A folder of this machine -----------------------------------------------------------------------------------------


@pytest.fixture
def folders(tmp_path):
    folders = tmp_path / "folders"
    (folders / "fjordgym").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    return folders


def folder(path):
    return Connection(company=Company(slug="fjordgym"), kind="folder", folder=path)


@pytest.mark.parametrize("path", ["..", "../ours", "print/../../ours", "link", "link/below", "file"])
def test_a_folder_outside_the_companys_own_is_not_there(folders, path):
    (folders / "ours").mkdir()
    (folders / "fjordgym" / "link").symlink_to(folders / "ours")
    (folders / "fjordgym" / "file").write_bytes(b"")
    assert trouble_of(folder(path)) == (Trouble.NO_FOLDER, "folder")


def test_a_companys_folder_that_is_a_link_is_refused(folders):
    (folders / "fjordgym").rmdir()
    (folders / "fjordgym").symlink_to(folders.parent / "elsewhere")
    assert trouble_of(folder("")) == (Trouble.NO_FOLDER, "folder")


def test_a_link_with_our_name_is_not_followed(folders, document):
    (folders / "fjordgym" / NAME).symlink_to(document)
    with transports.open(folder("")) as session, pytest.raises(Refused):
        session.put(NAME, document, Gate())


def test_without_the_operators_folder_there_is_none(settings, folders):
    settings.CONNECTION_FOLDERS = ""
    assert trouble_of(folder("")) == (Trouble.NOT_ALLOWED, "folder")


def test_a_share_without_hard_links_gets_a_rename_that_looks_first(folders, document, monkeypatch):
    def link(*_words, **_more):
        raise PermissionError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", link)
    way = Way(folder(""), folders / "fjordgym")
    way.put(document)
    assert way.is_whole()
    (way.root / NAME).unlink()
    with pytest.raises(Refused):
        way.put(document, lambda: (way.root / NAME).write_bytes(b"other"))
    assert (way.root / NAME).read_bytes() == b"other"


def test_a_disk_that_fails_at_the_rename_leaves_a_doubt(folders, document, monkeypatch):
    def link(*_words, **_more):
        raise OSError(errno.EIO, "who knows")

    monkeypatch.setattr(os, "link", link)
    with pytest.raises(OSError, match="who knows"):
        Way(folder(""), folders / "fjordgym").put(document)


def test_a_full_disk(folders, document, monkeypatch):
    def fsync(_file):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    gate = Gate()
    with pytest.raises(Unreachable) as caught:
        Way(folder(""), folders / "fjordgym").put(document, gate)
    assert (caught.value.reason, gate.calls) == (Trouble.NO_ROOM, 0)
    assert list((folders / "fjordgym").iterdir()) == []


# --- HTTPS ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def web(tmp_path, authority):
    """Makes a partner with a plan: (server, connection)."""
    with ExitStack() as stack:

        def make(plan="", **fields):
            context = authority.server_context(folder=tmp_path)
            server = stack.enter_context(planted.Web(tmp_path, context, plan))
            fields = {"folder": "in/box", "authority": authority.path.read_text(), "password": "token"} | fields
            return server, row(server, kind="https", **{"username": ""} | fields)

        yield make


def post(connection, document, gate=None):
    with transports.open(connection) as session:
        return session.put(NAME, document, gate or Gate())


def test_a_post_carries_its_bytes_and_the_same_key_at_every_try(web, document):
    server, connection = web()
    connection.company.pk = connection.company_id = uuid.uuid4()
    assert post(connection, document) == "202 Accepted Order 17 received"
    post(connection, document)
    (first, body), (second, _body) = server.posts
    assert body == CONTENT
    assert first["Authorization"] == "Bearer token"
    assert first["X-Content-SHA256"] == hashlib.sha256(CONTENT).hexdigest()
    assert first["Idempotency-Key"] == second["Idempotency-Key"]
    connection.username = "us"
    with transports.open(connection) as session:
        session.put("other.xml", document, Gate())
    third, _body = server.posts[2]
    assert third["Idempotency-Key"] != first["Idempotency-Key"]
    assert base64.b64decode(third["Authorization"].removeprefix("Basic ")) == b"us:token"


def test_nothing_whole_has_been_posted_before_the_gate(web, document):
    server, connection = web()
    seen = []

    def gate():
        time.sleep(0.3)  # the server has all that was written
        seen.append(len(server.posts))

    post(connection, document, gate)
    assert (seen, len(server.posts)) == ([0], 1)


# answer -> what it means, from a partner that does not remove doubles, and from one that does
ANSWERS = {
    200: (None, None),
    409: (None, None),  # "already processed"
    400: (Reason.REFUSED_THERE, Reason.REFUSED_THERE),
    413: (Reason.REFUSED_THERE, Reason.REFUSED_THERE),
    302: (Reason.REFUSED_THERE, Reason.REFUSED_THERE),
    401: (Trouble.LOGIN, Trouble.LOGIN),
    404: (Trouble.NO_FOLDER, Trouble.NO_FOLDER),
    408: (SILENCE, Reason.TRY_LATER),
    429: (SILENCE, Reason.TRY_LATER),
    500: (SILENCE, Reason.TRY_LATER),
    503: (SILENCE, Reason.TRY_LATER),
    planted.SLOW: (SILENCE, Trouble.UNREACHABLE),
    planted.DONE_AND_GONE: (SILENCE, Trouble.UNREACHABLE),
    planted.DRIP: (SILENCE, Trouble.UNREACHABLE),
}


@pytest.mark.parametrize("is_idempotent", [False, True], ids=["once", "idempotent"])
@pytest.mark.parametrize("plan", ANSWERS)
def test_what_a_partner_answers_decides(web, document, settings, plan, is_idempotent):
    settings.SENDING = {**settings.SENDING, "command_timeout": 1.5}
    _server, connection = web(plan, is_idempotent=is_idempotent)
    meaning, gate = ANSWERS[plan][is_idempotent], Gate()
    if meaning is None:
        post(connection, document, gate)
    else:
        with pytest.raises(Exception) as caught:
            post(connection, document, gate)
        if meaning == SILENCE:
            assert not isinstance(caught.value, Refused | Unreachable)
        else:
            assert caught.value.reason == meaning
            assert caught.value.code
    assert gate.calls == 1


def test_a_body_that_is_cut_off_has_not_been_taken(web, document, tmp_path):
    large = tmp_path / "large"
    large.write_bytes(os.urandom(20_000_000))  # more than the buffers between the two hold
    _server, connection = web(planted.CUT)
    gate = Gate()
    with pytest.raises(Unreachable) as caught:
        post(connection, large, gate)
    assert (caught.value.reason, gate.calls) == (Trouble.UNREACHABLE, 0)


def test_a_test_of_https_posts_nothing(web):
    server, connection = web()
    steps = list(transports.closed(connection).steps())
    assert [(step.name, step.ok) for step in steps] == [
        ("resolve", True), ("connect", True), ("login", True), ("folder", True),
    ]  # fmt: skip
    for plan, trouble in ((401, Trouble.LOGIN), (404, Trouble.NO_FOLDER), (503, Trouble.REFUSES)):
        server.plan = plan
        assert list(transports.closed(connection).steps())[-1].trouble == trouble
    assert server.posts == []


def test_https_verifies_the_certificate(web):
    _server, connection = web(authority="")
    assert trouble_of(connection) == (Trouble.CERTIFICATE, "connect")


def test_of_a_post_nobody_can_look_afterwards(web):
    _server, connection = web()
    with transports.open(connection) as session:
        assert (session.find(NAME), session.withdraw(NAME, MARK), session.names(), session.sweep()) == (
            Found.NOTHING, False, [], 0,
        )  # fmt: skip

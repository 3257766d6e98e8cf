"""The sender against servers that behave in every way: what it makes of that, and what the server got."""

import time

import pytest

from distribution.channels.base import Refused, Stopped, Unreachable
from distribution.channels.verdict import verdict
from distribution.transports.smtp import Lost, Rejected, Session

from .smtp_server import HANG, RESET, TAKE_AND_HANG, TAKE_AND_RESET, Authority, Gate, Server

SENDER, EVA, OVE = "fjordgym@utskick.example", "eva@borg.test", "ove@borg.test"
MAIL = b"Subject: Invoice 10240\r\n\r\nDear Eva\r\n"
# More than the buffers between two sockets hold, so that the server can speak while the body is being written
LONG_MAIL = b"Subject: Invoice 10240\r\n\r\n" + (b"%" * 70 + b"\r\n") * 150_000


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority") / "authority.pem")


@pytest.fixture
def server_context(authority, tmp_path, monkeypatch):
    """Makes a server's SSLContext whose authority is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    return lambda *host, **words: authority.server_context(*host, folder=tmp_path, **words)


@pytest.fixture
def clocks(settings):
    """Shrinks the sender's clocks. Waiting is the point of few tests; the others get time enough on a busy machine."""

    def shrink(**seconds):
        settings.SENDING = {**settings.SENDING, "command_timeout": 10, "dot_timeout": 10, **seconds}

    shrink()
    return shrink


pytestmark = pytest.mark.usefixtures("clocks")


def session_with(server, security="none", **words):
    return Session("127.0.0.1", server.port, security, **words)


def hand_over(session, gate, data=MAIL, recipient=EVA):
    """As the e-mail channel does it."""
    try:
        return session.deliver(SENDER, recipient, data, gate)
    except (Rejected, Lost) as trouble:
        raise verdict(trouble) from trouble


def outcome_of(session, gate, data):
    """The outcome as the table below words it, and the code that came with it."""
    try:
        hand_over(session, gate, data)
    except Unreachable as error:
        return f"later/{error.slows}", error.code
    except Refused as error:
        return f"refused/{error.reason}", error.code
    except OSError:
        return "doubt", ""
    return "taken", ""


# What each stage can do, and what becomes of the delivery: the class of the outcome, and its reason or what it slows.
# "doubt" is any other exception: after the gate, nobody knows.
MATRIX = """
stage     454                    554                    421                    hang                   reset
greeting  later/connection       later/connection       later/connection       later/connection       later/connection
ehlo      later/connection       later/connection       later/connection       later/connection       later/connection
starttls  later/connection       later/connection       later/connection       later/connection       later/connection
tls       later/connection       later/connection       later/connection       later/connection       later/connection
auth      later/connection       later/connection       later/connection       later/connection       later/connection
mail      later/delivery         refused/refused        later/domain           later/delivery         later/delivery
rcpt      later/delivery         refused/refused        later/domain           later/delivery         later/delivery
data      later/delivery         refused/refused        later/domain           later/delivery         later/delivery
body      later/delivery         refused/refused        later/domain           later/delivery         later/delivery
dot       later/delivery         refused/refused        later/domain           doubt                  doubt
"""
HEAD, *ROWS = (line.split() for line in MATRIX.split("\n") if line)
CELLS = [(row[0], what, expected) for row in ROWS for what, expected in zip(HEAD[1:], row[1:], strict=True)]
BEHAVIOUR = {"454": "454 4.3.0 not now", "554": "554 5.3.0 no", "421": "421 4.3.2 bye", "hang": HANG, "reset": RESET}


@pytest.mark.parametrize("stage, what, expected", CELLS, ids=[f"{stage}-{what}" for stage, what, _ in CELLS])
def test_the_outcome_when(stage, what, expected, clocks, server_context):
    if what == "hang":
        clocks(command_timeout=0.5, dot_timeout=0.5)
    behaviour = BEHAVIOUR[what]
    if stage == "dot":
        behaviour = {HANG: TAKE_AND_HANG, RESET: TAKE_AND_RESET}.get(behaviour, behaviour)
    gate = Gate()
    server = Server({stage: behaviour}, gate=gate)
    login = {}
    if stage in ("starttls", "tls", "auth"):
        server.tls, server.context, server.features = "starttls", server_context(), ("AUTH PLAIN",)
        login = {"security": "starttls", "username": "us", "password": "secret"}
    with server:
        session = session_with(server, **login)
        started = time.monotonic()
        outcome, code = outcome_of(session, gate, LONG_MAIL if stage == "body" else MAIL)
        assert outcome == expected
        assert code == ("" if what in ("hang", "reset") or stage == "tls" else what)
        assert time.monotonic() - started < 5
        session.close()
        server.wait_until_left()
        assert gate.calls == (1 if stage == "dot" else 0)
        assert len(server.mails) == (1 if outcome == "doubt" else 0)
        assert all(mail.gate_passed for mail in server.mails)


def test_a_mail_is_taken_once_the_gate_was_passed(clocks):
    gate = Gate()
    with Server(gate=gate) as server:
        session = session_with(server)
        assert hand_over(session, gate) == (250, "2.0.0 queued as 17")
        session.close()
        server.wait_until_left()
        (mail,) = server.mails
        assert (mail.sender, mail.recipient, mail.data, mail.gate_passed) == (SENDER, EVA, MAIL, True)
        assert server.commands == [
            "ehlo utskick.example",
            f"MAIL FROM:<{SENDER}> SIZE={len(MAIL)}",
            f"RCPT TO:<{EVA}>",
            "DATA",
            "QUIT",
        ]
    assert gate.calls == 1


@pytest.mark.parametrize("security", ["none", "tls"])
def test_nothing_is_received_when_the_gate_is_shut(security, server_context):
    gate = Gate(shut=Stopped())
    with Server(gate=gate, tls=security, context=server_context()) as server:
        session = session_with(server, security)
        with pytest.raises(Stopped):
            hand_over(session, gate)
        server.wait_until_left()
        assert server.mails == []
        assert server.commands[-1] == "DATA"  # no RSET and no QUIT: in a message they would be its text
        gate.shut = None
        hand_over(session, gate, recipient=OVE)
        assert [mail.recipient for mail in server.mails] == [OVE]
        assert server.connections == 2
        session.close()


def test_any_error_at_the_gate_drops_the_connection():
    gate = Gate(shut=RuntimeError("the database went away"))
    with Server(gate=gate) as server:
        session = session_with(server)
        with pytest.raises(RuntimeError):
            hand_over(session, gate)
        server.wait_until_left()
        assert server.mails == []
        assert session.line is None

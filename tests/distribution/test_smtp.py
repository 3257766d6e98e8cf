"""The sender and one connection: what it makes of many mails, and what the server got. See test_sink_matrix.py."""

import socket
import time

import pytest
from aiosmtpd.controller import Controller

from distribution.channels.base import Stopped
from distribution.reasons import Reason
from distribution.transports.smtp import Session

from .handing_in import EVA, MAIL, OVE, SENDER, hand_over, outcome_of, session_with
from .smtp_server import CLOSE, HANG, RESET, TAKE_AND_RESET, Gate, Server

# More than the buffers between two sockets hold, so that the server can speak while the body is being written
LONG_MAIL = b"Subject: Invoice 10240\r\n\r\n" + (b"%" * 70 + b"\r\n") * 150_000

pytestmark = pytest.mark.usefixtures("clocks")


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
        # All of it but the dot, no RSET and no QUIT (they would be its text), and a break instead of an orderly end
        assert server.broken_off == [(MAIL, True)]
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


# --- One connection, many mails -------------------------------------------------------------------------------------


def test_two_mails_go_over_one_connection():
    gate = Gate()
    with Server(gate=gate) as server:
        session = session_with(server)
        hand_over(session, gate, recipient=EVA)
        hand_over(session, gate, recipient=OVE)
        session.close()
        server.wait_until_left()
        assert [(mail.recipient, mail.connection) for mail in server.mails] == [(EVA, 1), (OVE, 1)]
        assert server.commands[4] == "RSET"


def test_a_connection_carries_so_many_mails_and_not_more(settings):
    settings.SENDING = {**settings.SENDING, "mails_per_connection": 50}
    gate = Gate()
    with Server(gate=gate) as server:
        session = session_with(server)
        for _ in range(51):
            hand_over(session, gate)
        session.close()
        server.wait_until_left()
        assert [mail.connection for mail in server.mails] == [1] * 50 + [2]


def test_a_mail_follows_a_refused_one_over_the_same_connection():
    gate = Gate()
    with Server({"rcpt": ["550 5.1.1 unknown"], "dot": ["451 4.3.0 later"]}, gate=gate) as server:
        session = session_with(server)
        assert outcome_of(session, gate, MAIL) == (f"refused/{Reason.NO_MAILBOX}", "550")
        assert outcome_of(session, gate, MAIL) == ("later/delivery", "451")
        assert outcome_of(session, gate, MAIL) == ("taken", "")
        session.close()
        assert server.connections == 1


def test_the_clock_of_the_dot_is_not_that_of_the_next_mail(clocks):
    clocks(command_timeout=0.5, dot_timeout=10)
    gate = Gate()
    with Server({"rcpt": [None, HANG]}, gate=gate) as server:
        session = session_with(server)
        hand_over(session, gate)
        started = time.monotonic()
        assert outcome_of(session, gate, MAIL) == ("later/delivery", "")
        assert time.monotonic() - started < 5


class Closes(Server):
    """Ends each connection after its first mail."""

    def __init__(self, how, **words):
        super().__init__(**words)
        self.how = how

    def next(self, stage):
        if stage == "rset" and self.how == "silently":
            return CLOSE
        if stage == "rset" and self.how == "421 at rset":
            return "421 4.3.2 enough"
        if stage == "dot" and self.how == "farewell":
            return "250 2.0.0 queued\r\n421 4.4.2 enough"
        if stage == "dot" and self.how == "one answer too many":
            return "250 2.0.0 queued\r\n250 2.0.0 queued"
        return super().next(stage)


@pytest.mark.parametrize("how", ["silently", "421 at rset", "farewell", "one answer too many"])
def test_a_connection_that_the_server_closed_between_two_mails_is_quietly_replaced(how):
    gate = Gate()
    with Closes(how, gate=gate) as server:
        session = session_with(server)
        assert [hand_over(session, gate)[0] for _ in range(3)] == [250] * 3
        session.close()
        server.wait_until_left()
        assert [mail.connection for mail in server.mails] == [1, 2, 3]
        assert ("RSET" in server.commands) == (how in ("silently", "421 at rset"))
    assert gate.calls == 3


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
@pytest.mark.parametrize("what", ["421 4.7.0 enough over this connection", CLOSE, RESET])
def test_a_farewell_in_the_next_mail_does_not_blame_that_mail(stage, what):
    gate = Gate()
    with Server({stage: [None, what]}, gate=gate) as server:
        session = session_with(server)
        assert [hand_over(session, gate)[0] for _ in range(2)] == [250] * 2
        session.close()
        server.wait_until_left()
        assert [mail.connection for mail in server.mails] == [1, 2]
    assert gate.calls == 2


def test_a_farewell_that_is_repeated_is_believed():
    gate = Gate()
    enough = "421 4.7.0 too much for borg.test"
    with Server({"rcpt": [None, enough, enough]}, gate=gate) as server:
        session = session_with(server)
        hand_over(session, gate)
        assert outcome_of(session, gate, MAIL) == ("later/domain", "421")
        assert (gate.calls, server.connections) == (1, 2)


def test_a_mail_in_doubt_is_not_offered_again():
    gate = Gate()
    with Server({"dot": [None, TAKE_AND_RESET]}, gate=gate) as server:
        session = session_with(server)
        assert outcome_of(session, gate, MAIL) == ("taken", "")
        assert outcome_of(session, gate, MAIL) == ("doubt", "")
        assert outcome_of(session, gate, MAIL) == ("taken", "")
        session.close()
        server.wait_until_left()
        assert [mail.connection for mail in server.mails] == [1, 1, 2]


def test_a_connection_that_lay_idle_is_not_trusted(monkeypatch):
    gate = Gate()
    with Server(gate=gate) as server:
        session = session_with(server)
        hand_over(session, gate)
        monkeypatch.setattr("distribution.transports.smtp.IDLE", 0)
        hand_over(session, gate)
        session.close()
        server.wait_until_left()
        assert [mail.connection for mail in server.mails] == [1, 2]
        assert "RSET" not in server.commands


# --- What the server gets, byte for byte -----------------------------------------------------------------------------


class Keeper:
    def __init__(self):
        self.contents = []

    async def handle_DATA(self, server, session, envelope):
        self.contents.append(envelope.original_content)
        return "250 2.0.0 kept"


@pytest.fixture
def keeper():
    """A server by other hands, which unstuffs dots and finds line ends in its own way."""
    handler = Keeper()
    controller = Controller(handler, hostname="127.0.0.1", port=0, data_size_limit=2**24)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        controller.port = listener.getsockname()[1]
    controller.start()
    handler.port = controller.port
    yield handler
    controller.stop()


@pytest.mark.parametrize(
    "data, received",
    [
        (b"a\r\nb\r\n", b"a\r\nb\r\n"),
        (b".\r\n..\r\n.a\r\n...\r\n", b".\r\n..\r\n.a\r\n...\r\n"),
        (b"no end", b"no end\r\n"),
        (b"a\nb\rc\r\n", b"a\r\nb\r\nc\r\n"),
        (b"one\n.\nMAIL FROM:<x@y.z>\n", b"one\r\n.\r\nMAIL FROM:<x@y.z>\r\n"),  # smuggling of a second mail
        (b"one\r.\r\n", b"one\r\n.\r\n"),
        (b"a\r\r\nb\n\r\n", b"a\r\n\r\nb\r\n\r\n"),
        ("Hej Åsa Łódź\r\n".encode(), "Hej Åsa Łódź\r\n".encode()),
        (b"x" * 998 + b"\r\n", b"x" * 998 + b"\r\n"),
        (LONG_MAIL, LONG_MAIL),
        (b"", b"\r\n"),
    ],
)
def test_a_message_arrives_as_it_was(data, received, keeper):
    gate = Gate()
    session = Session("127.0.0.1", keeper.port, "none")
    assert hand_over(session, gate, data) == (250, "2.0.0 kept")
    assert hand_over(session, gate, data) == (250, "2.0.0 kept")
    session.close()
    assert keeper.contents == [received] * 2
    assert gate.calls == 2

"""Relays that are down, unsafe or talk nonsense: their trouble never becomes an invoice's failure."""

import socket
import time

import pytest

from distribution.channels.base import Unreachable
from distribution.reasons import Reason
from distribution.transports.smtp import Session

from .handing_in import EVA, MAIL, SENDER, hand_over, outcome_of, session_with
from .smtp_server import Gate, Server

pytestmark = pytest.mark.usefixtures("clocks")


def trouble_of(session):
    """The Unreachable that opening the connection ends in; no mail gets that far."""
    gate = Gate()
    with pytest.raises(Unreachable) as caught:
        hand_over(session, gate)
    assert gate.calls == 0
    assert (caught.value.reason, caught.value.slows) == (Reason.TRY_LATER, Unreachable.CONNECTION)
    return caught.value


def test_a_relay_that_is_not_there():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert trouble_of(Session("127.0.0.1", port, "none")).text == "Connection refused"


def test_a_relay_whose_name_is_unknown():
    assert "Name or service not known" in trouble_of(Session("relay.invalid", 25, "none")).text


def test_a_relay_whose_name_is_none():
    assert trouble_of(Session("relay..example", 25, "none")).code == ""


def test_a_relay_that_does_not_accept_in_time(clocks):
    clocks(command_timeout=0.5)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        with socket.create_connection(address):  # fills the queue of those that wait to be accepted
            assert trouble_of(Session(*address, "none")).text == "no answer within 0.5 s"


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize(
    "host, days, text",
    [
        ("127.0.0.1", -1, "certificate has expired"),
        ("10.0.0.1", 1, "IP address mismatch, certificate is not valid for '127.0.0.1'."),
        ("mx.test", 1, "IP address mismatch, certificate is not valid for '127.0.0.1'."),
    ],
)
def test_a_relay_with_a_wrong_certificate(security, host, days, text, server_context):
    with Server(tls=security, context=server_context(host, days=days), features=("AUTH PLAIN",)) as server:
        assert trouble_of(session_with(server, security, username="us", password="secret")).text == text
        server.wait_until_left()
        assert not [command for command in server.commands if command.startswith("AUTH")]


def test_a_relay_whose_authority_nobody_knows(server_context, monkeypatch):
    context = server_context()
    monkeypatch.delenv("SSL_CERT_FILE")
    with Server(tls="tls", context=context) as server:
        assert "unable to get local issuer certificate" in trouble_of(session_with(server, "tls")).text


@pytest.mark.parametrize("greeting", ["HTTP/1.1 400 Bad Request", "SSH-2.0-OpenSSH_9.2", "354 go on"])
def test_a_relay_that_is_something_else(greeting):
    with Server({"greeting": greeting}) as server:
        assert greeting[:3] in trouble_of(session_with(server)).text
        server.wait_until_left()
        assert server.commands == []


def test_a_relay_without_starttls_gets_no_password():
    with Server({"starttls": "502 5.5.1 no"}, features=("AUTH PLAIN",)) as server:
        assert trouble_of(session_with(server, "starttls", username="us", password="secret")).code == "502"
        server.wait_until_left()
        assert server.commands == ["ehlo utskick.example", "STARTTLS"]


def test_words_said_before_the_encryption_are_forgotten(server_context):
    forged = "220 go on\r\n250-mx.test\r\n250 AUTH PLAIN"  # an attacker's answer to the second EHLO
    gate = Gate()
    script = {"starttls": forged, "ehlo": ["250-mx.test\r\n250 DSN", "250-mx.test\r\n250 SIZE 9"]}
    with Server(script, gate=gate, tls="starttls", context=server_context()) as server:
        session = session_with(server, "starttls")
        hand_over(session, gate)
        assert session.line.esmtp_features == {"size": "9"}
        session.close()


def test_a_password_needs_tls():
    with Server(features=("AUTH PLAIN",)) as server:
        text = trouble_of(session_with(server, username="us", password="secret")).text
        assert text == "a password is never sent over a line without TLS"


def test_a_password_that_smtplib_cannot_write(server_context):
    with Server(tls="tls", context=server_context(), features=("AUTH PLAIN",)) as server:
        text = trouble_of(session_with(server, "tls", username="us", password="lösen")).text
        assert text == "user name and password must be ASCII"


def test_a_login_that_the_relay_refuses(server_context):
    refused = "535-5.7.8 Username and Password\r\n535 5.7.8 not accepted"
    with Server({"auth": refused}, tls="tls", context=server_context(), features=("AUTH PLAIN LOGIN",)) as server:
        error = trouble_of(session_with(server, "tls", username="us", password="secret"))
        assert (error.code, error.text) == ("535", "5.7.8 Username and Password 5.7.8 not accepted")


# --- What is said, and how -------------------------------------------------------------------------------------------


def test_an_answer_over_several_lines_is_kept_as_one():
    gate = Gate()
    script = {"dot": "250-2.0.0 Ok:\r\n250-queued\tas \x1b[31m17\r\n250 " + "x" * 600}
    with Server(script, gate=gate) as server:
        session = session_with(server)
        code, text = hand_over(session, gate)
        assert code == 250
        assert text.startswith("2.0.0 Ok: queued as [31m17 xxx")
        assert len(text) == 500
        session.close()


@pytest.mark.parametrize("reply", ["What do you want?", "25", "999999 x", "334 more?"])
def test_an_answer_that_makes_no_sense(reply):
    before, after = Gate(), Gate()
    with Server({"rcpt": reply}, gate=before) as server:
        session = session_with(server)
        assert outcome_of(session, before, MAIL) == ("later/delivery", "")
        assert (before.calls, session.line) == (0, None)
    with Server({"dot": reply}, gate=after) as server:
        session = session_with(server)
        assert outcome_of(session, after, MAIL) == ("doubt", "")
        assert (after.calls, session.line) == (1, None)


@pytest.mark.parametrize(
    "reply", ["250-never\r\n" * 20_000 + "250 ever", "250-\r\n" * 20_000 + "250 ever", "x" * 100_000]
)
def test_an_answer_without_an_end(reply):
    with Server({"greeting": reply}) as server:
        assert trouble_of(session_with(server)).text == "a reply without an end"


def test_a_second_answer_is_not_taken_for_one_to_the_next_message():
    """Else the "250" that was not asked for would be read as the answer to the dot."""
    gate = Gate()
    with Server({"data": "354 go on\r\n250 2.0.0 queued"}, gate=gate) as server:
        assert outcome_of(session_with(server), gate, MAIL) == ("later/delivery", "")
        server.wait_until_left()
        assert (gate.calls, server.mails) == (0, [])


def test_a_slow_server_is_waited_for(clocks):
    gate = Gate()
    with Server(gate=gate, drip=0.002) as server:
        session = session_with(server)
        assert hand_over(session, gate)[0] == 250
        session.close()


def test_a_server_that_drips_holds_nobody(clocks):
    clocks(command_timeout=0.5)
    with Server(drip=0.3) as server:
        started = time.monotonic()
        assert trouble_of(session_with(server)).text == "no answer within 0.5 s"
        assert time.monotonic() - started < 2


def test_a_dot_is_answered_within_its_own_time(clocks):
    clocks(command_timeout=0.5, dot_timeout=10)
    gate = Gate()
    answer = "250 2.0.0 queued as 17"
    with Server(gate=gate) as server:
        session = session_with(server)

        def begin_to_drip():
            gate()
            server.drip = 0.05  # 24 bytes of answer are then more than 0.5 s

        assert hand_over(session, begin_to_drip) == (250, answer[4:])
        server.drip = 0
        session.close()


@pytest.mark.parametrize(
    "address",
    ["", "eva@borg.test\r\nRCPT TO:<x@y.test>", "eva\n@borg.test", "e va@borg.test", "åsa@borg.test", "a>b@x.y"],
)
def test_what_is_no_address_is_refused_before_a_byte_is_sent(address):
    gate = Gate()
    with Server(gate=gate) as server:
        session = session_with(server)
        for pair in ((SENDER, address), (address, EVA)):
            with pytest.raises(ValueError, match="not an address that SMTP can carry"):
                session.deliver(*pair, MAIL, gate)
        assert (gate.calls, server.connections) == (0, 0)


@pytest.mark.parametrize(
    "features, data, options",
    [
        (("SIZE 99", "8BITMIME"), b"plain\r\n", " SIZE=7"),
        (("SIZE 99", "8BITMIME"), "åäö\r\n".encode(), " SIZE=8 BODY=8BITMIME"),
        (("8BITMIME",), b"plain\r\n", ""),
        (("PIPELINING",), "åäö\r\n".encode(), ""),
    ],
)
def test_the_size_and_kind_of_a_message_are_announced_where_the_server_asks(features, data, options):
    gate = Gate()
    with Server(gate=gate, features=features) as server:
        session = session_with(server)
        hand_over(session, gate, data)
        assert server.commands[1] == f"MAIL FROM:<{SENDER}>{options}"
        session.close()

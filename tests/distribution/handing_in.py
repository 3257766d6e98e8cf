"""Handing a mail in as the e-mail channel does it, without a database."""

from distribution.channels.base import Refused, Unreachable
from distribution.channels.verdict import verdict
from distribution.transports.smtp import Lost, Rejected, Session

SENDER, EVA, OVE = "fjordgym@utskick.example", "eva@borg.test", "ove@borg.test"
MAIL = b"Subject: Invoice 10240\r\n\r\nDear Eva\r\n"


def session_with(server, security="none", **words):
    return Session("127.0.0.1", server.port, security, **words)


def hand_over(session, gate, data=MAIL, recipient=EVA):
    """As the e-mail channel does it."""
    try:
        return session.deliver(SENDER, recipient, data, gate)
    except (Rejected, Lost) as trouble:
        raise verdict(trouble) from trouble


def outcome_of(session, gate, data):
    """The outcome in two words, and the code that came with it."""
    try:
        hand_over(session, gate, data)
    except Unreachable as error:
        return f"later/{error.slows}", error.code
    except Refused as error:
        return f"refused/{error.reason}", error.code
    except OSError:
        return "doubt", ""
    return "taken", ""

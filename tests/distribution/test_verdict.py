"""What an answer of a mail server means."""

import smtplib

import pytest

from distribution.channels.base import Refused, Unreachable
from distribution.channels.verdict import verdict
from distribution.reasons import Reason
from distribution.transports.smtp import Lost, Rejected


@pytest.mark.parametrize(
    "stage, reply, reason",
    [
        ("rcpt", "550 5.1.1 <x@y.z>: unknown", Reason.NO_MAILBOX),
        ("rcpt", "550 No such user here", Reason.NO_MAILBOX),
        ("rcpt", "550 5.4.1 Recipient address rejected: Access denied", Reason.NO_MAILBOX),
        ("rcpt", "550 5.1.10 Null MX", Reason.NO_MAILBOX),
        ("rcpt", "550 5.2.1 Mailbox disabled", Reason.NO_MAILBOX),
        ("dot", "550 5.1.1 unknown", Reason.NO_MAILBOX),
        ("rcpt", "550 5.1.8 Sender address rejected: Domain not found", Reason.REFUSED),
        ("mail", "553 5.1.7 bad sender", Reason.REFUSED),
        ("mail", "550 not you", Reason.REFUSED),
        ("dot", "550 no", Reason.REFUSED),
        ("dot", "554 Transaction failed", Reason.REFUSED),
        ("rcpt", "552 5.2.2 Over quota", Reason.MAILBOX_FULL),
        ("rcpt", "552 Mailbox has run out of space", Reason.MAILBOX_FULL),
        ("mail", "552 too much", Reason.TOO_LARGE),
        ("dot", "552 Message size exceeds fixed limit", Reason.TOO_LARGE),
        ("dot", "552 5.3.4 Message too big", Reason.TOO_LARGE),
        ("dot", "550 5.2.3 too long", Reason.TOO_LARGE),
        ("rcpt", "554 5.7.1 Service unavailable; blocked", Reason.POLICY),
        ("dot", "550 5.7.26 Unauthenticated mail", Reason.POLICY),
        ("rcpt", "550 Mail from 5.7.1.1 is not wanted", Reason.NO_MAILBOX),
    ],
)
def test_the_reason_of_a_refusal(stage, reply, reason):
    error = verdict(Rejected(stage, int(reply[:3]), reply[4:]))
    assert isinstance(error, Refused)
    assert (error.reason, error.code, error.text) == (reason, reply[:3], reply[4:])


@pytest.mark.parametrize(
    "stage, reply, slows",
    [
        ("rcpt", "450 4.2.0 Greylisted", Unreachable.DELIVERY),
        ("rcpt", "451 4.7.1 Greylisted for all", Unreachable.DOMAIN),
        ("rcpt", "450 4.7.1 too fast", Unreachable.DOMAIN),
        ("rcpt", "432 4.3.2 Concurrent connections limit", Unreachable.DOMAIN),
        ("rcpt", "421 4.7.0 too many", Unreachable.DOMAIN),
        ("dot", "452 4.2.2 Over quota", Unreachable.DELIVERY),
        ("greeting", "421 busy", Unreachable.CONNECTION),
        ("ehlo", "550 5.7.1 not from there", Unreachable.CONNECTION),
        ("auth", "535 5.7.8 wrong", Unreachable.CONNECTION),
        ("mail", "530 5.7.0 Authentication required", Unreachable.CONNECTION),
        ("rcpt", "530 5.7.57 Client not authenticated", Unreachable.CONNECTION),
    ],
)
def test_what_slows_down(stage, reply, slows):
    error = verdict(Rejected(stage, int(reply[:3]), reply[4:]))
    assert isinstance(error, Unreachable)
    assert (error.reason, error.slows, error.code) == (Reason.TRY_LATER, slows, reply[:3])


def test_an_error_after_the_gate_is_never_called_a_verdict():
    """The engine tells a doubt from an answer by this: neither class is an OSError, and smtplib's are."""
    assert not issubclass(Rejected, OSError)
    assert not issubclass(Lost, OSError)
    assert issubclass(smtplib.SMTPServerDisconnected, OSError)

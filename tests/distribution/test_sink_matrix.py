"""The real sender against mail servers that do everything wrong at every stage: what becomes of the deliveries.

The same for those who take files is in test_parcel_troubles.py.
"""

import threading
import time

import pytest

from distribution.actions import preparing
from distribution.management.commands.deliver import Sender, SlowDomains
from distribution.models import Connection, Delivery, Enclosure, Installation
from distribution.reasons import Reason
from distribution.rendering import Draft
from distribution.states import State
from tests.reliability.machine import document

from .smtp_server import HANG, RESET, SLOW, TAKE_AND_HANG, TAKE_AND_RESET, Server

# What the server does at a stage, and what is so afterwards (OUTCOMES). "mail-2" is the MAIL of the second mail over
# the same connection, "rset" what stands before it. "-": there is nothing to be slow with, or it is not known yet.
TABLE = """
stage     454     554     421     hang    reset   slow    nonsense
greeting  paused  paused  paused  paused  paused  paused  paused
ehlo      paused  paused  paused  paused  paused  paused  paused
starttls  paused  paused  paused  paused  paused  paused  paused
tls       paused  paused  paused  paused  paused  -       paused
auth      paused  paused  paused  paused  paused  paused  paused
mail      later   failed  domain  later   later   later   later
rcpt      later   failed  domain  later   later   later   later
data      later   failed  domain  later   later   later   later
body      later   failed  domain  later   later   -       later
dot       later   failed  domain  doubt   doubt   doubt   doubt
rset      sent    sent    sent    sent    sent    -       sent
mail-2    later   failed  sent    later   sent    later   sent
rcpt-2    later   failed  sent    later   sent    later   sent
data-2    later   failed  sent    later   sent    later   sent
dot-2     later   failed  domain  doubt   doubt   doubt   doubt
quit      sent    sent    sent    sent    sent    sent    sent
"""
# (state, reason, temporary refusals, the relay is paused, its domain is slowed down, mails that the server took)
OUTCOMES = {
    "paused": (State.WAITING, "", 0, True, False, 0),
    "later": (State.WAITING, Reason.TRY_LATER, 1, False, False, 0),
    "domain": (State.WAITING, Reason.TRY_LATER, 1, False, True, 0),
    "failed": (State.FAILED, Reason.REFUSED, 0, False, False, 0),
    "doubt": (State.IN_DOUBT, Reason.NO_ANSWER, 0, False, False, 1),
    "sent": (State.SENT, "", 0, False, False, 1),
}
WHAT = {
    "454": "454 4.3.0 not now", "554": "554 5.3.0 no", "421": "421 4.3.2 bye", "hang": HANG, "reset": RESET,
    "slow": SLOW, "nonsense": "HTTP/1.1 400 Bad Request",
}  # fmt: skip
TAKEN = {HANG: TAKE_AND_HANG, RESET: TAKE_AND_RESET, WHAT["nonsense"]: "take it; what?"}
HEAD, *ROWS = (line.split() for line in TABLE.split("\n") if line)
CELLS = [
    (row[0], what, outcome) for row in ROWS for what, outcome in zip(HEAD[1:], row[1:], strict=True) if outcome != "-"
]
WAITS = ("hang", "slow")


def long_document(delivery):
    """More than the buffers between two sockets hold, so that the server can speak while the body is being written."""
    pdf, *others = document(delivery)
    return [Draft(Enclosure.Role.PDF, pdf.name, pdf.media_type, pdf.content + b"%" * 6_000_000), *others]


@pytest.fixture
def relay(settings):
    """Points the installation's relay at a server, with a login over STARTTLS where the stage asks for it."""

    def point(server, *, security="none"):
        settings.DELIVERY_LIVE, settings.INSTANCE_ID = True, str(Installation.objects.this().instance_id)
        row = Connection.objects.get(company=None)
        row.host, row.port, row.security = "127.0.0.1", server.port, security
        if security != "none":
            row.username = "us"
            row.set_password("secret")
        row.save()

    return point


def go_round(outbox, mails):
    """The sender works until nothing is due; returns it, the deliveries, and the seconds that it took."""
    for _n in range(mails):
        outbox.close_window(outbox.sent_and_ready(outbox.invoice()))
    sender = Sender(threading.Event(), SlowDomains())
    began = time.monotonic()
    sender.work_until_idle()
    return sender, list(Delivery.objects.order_by("leaves_at", "position", "id")), time.monotonic() - began


def seen(row, sender, server):
    way = Connection.objects.get(company=None)
    assert (way.failures, bool(way.paused_until)) in ((0, False), (1, True))
    took = sum(mail.recipient == row.address for mail in server.mails)
    return row.state, row.reason, row.attempts, bool(way.paused_until), bool(sender.slow.now()), took


@pytest.mark.parametrize("stage, what, outcome", CELLS, ids=[f"{stage} {what}" for stage, what, _ in CELLS])
def test_the_table(stage, what, outcome, outbox, relay, clocks, server_context, monkeypatch):
    if what in WAITS:
        clocks(command_timeout=0.5, dot_timeout=0.5)
    monkeypatch.setattr(preparing, "enclosures", long_document if stage == "body" else document)
    at, _dash, second = stage.partition("-")
    does = TAKEN.get(WHAT[what], WHAT[what]) if at == "dot" else WHAT[what]
    server, security = Server({at: [None, does] if second else does}), "none"
    if stage in ("starttls", "tls", "auth"):
        security = server.tls = "starttls"
        server.context, server.features = server_context(), ("AUTH PLAIN",)
    with server:
        relay(server, security=security)
        sender, rows, seconds = go_round(outbox, 2 if second or stage == "rset" else 1)
        server.wait_until_left()
        ended = [seen(row, sender, server) for row in rows]
        assert seconds < 10  # nobody is held for longer than the clocks say; a busy machine needs some more
        others = (*OUTCOMES["sent"][:4], outcome == "domain", 1)
        assert sorted(ended) == sorted([others] * (len(rows) - 1) + [OUTCOMES[outcome]])
        assert all(row.crashes == 0 for row in rows)


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("host, days", [("127.0.0.1", -1), ("mx.test", 1)], ids=["expired", "another host's"])
def test_a_bad_certificate_pauses_the_relay(security, host, days, outbox, relay, server_context, monkeypatch):
    monkeypatch.setattr(preparing, "enclosures", document)
    with Server(tls=security, context=server_context(host, days=days), features=("AUTH PLAIN",)) as server:
        relay(server, security=security)
        sender, (row,), _seconds = go_round(outbox, 1)
        server.wait_until_left()
        assert seen(row, sender, server) == OUTCOMES["paused"]
        assert "certificate" in Connection.objects.get(company=None).pause_reason
        assert not [command for command in server.commands if command.startswith("AUTH")]

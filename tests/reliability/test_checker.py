"""The judge is judged: each of its lists is seen with something in it, and empty when all is well."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from distribution.channels.base import Refused
from distribution.reasons import Reason
from distribution.states import State
from invoicing.models import Invoice
from tests.fakes import RememberingChannel

from . import evidence
from .checker import Mail, Row, check, is_walk, unexplained, unrecorded

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
STEPS = ("claimed", "handing_over", "sent")
ROW = Row("a", State.SENT, "eva@borg.test", "CH000001", "5ba1", STEPS, leaves_at=NOON)
MAIL = Mail("a", ("eva@borg.test",), "5ba1", frozenset({"CH000001"}), NOON)


def found(*, confirmed=("a",), undone=(), rows=(ROW,), mails=(MAIL,)):
    """The lists that are not empty."""
    return {name: ids for name, ids in check(confirmed, undone, rows, mails).items() if ids}


def in_state(state, **changes):
    return replace(ROW, state=state, **changes)


def test_what_was_sent_and_arrived_once_is_well():
    assert found() == {}
    assert set(check([], [], [], [])) == {
        *("lost", "doubled", "undone_sent", "failed_sent", "unexpected", "vanished", "wrong", "undo_lie", "early")
    }


@pytest.mark.parametrize("mails", [(), (MAIL,)])
def test_what_is_in_doubt_may_have_arrived_or_not(mails):
    assert found(rows=[in_state(State.IN_DOUBT)], mails=mails) == {}


WRONG = [
    (replace(MAIL, recipients=("otto@borg.test",)), "somebody else"),
    (replace(MAIL, recipients=("eva@borg.test", "otto@borg.test")), "somebody else too"),
    (replace(MAIL, pdf="d1ff"), "another PDF"),
    (replace(MAIL, pdf=""), "no PDF"),
    (replace(MAIL, numbers=frozenset({"CH000002"})), "another's invoice"),
    (replace(MAIL, numbers=frozenset({"CH000001", "CH000002"})), "another's invoice as well"),
]
BROKEN = [
    ({"mails": ()}, {"lost"}),
    ({"mails": (), "rows": [in_state(State.RETURNED)]}, {"lost"}),
    ({"mails": (MAIL, MAIL)}, {"doubled"}),
    ({"mails": (MAIL, MAIL), "rows": [in_state(State.IN_DOUBT)]}, {"doubled"}),
    ({"rows": [in_state(State.UNDONE)]}, {"undone_sent", "unexpected"}),
    ({"rows": [in_state(State.FAILED)]}, {"failed_sent", "unexpected"}),
    ({"rows": [in_state(State.FAILED, closed_by_a_person=True)]}, {"unexpected"}),
    ({"rows": [in_state(State.CLAIMED)]}, {"unexpected", "vanished"}),
    ({"rows": []}, {"unexpected", "vanished"}),
    ({"mails": (), "rows": [in_state(State.WAITING)]}, {"vanished"}),
    ({"undone": ["a"]}, {"undo_lie"}),
    ({"undone": ["a"], "mails": (), "rows": [in_state(State.FAILED)]}, {"undo_lie"}),
    ({"mails": [replace(MAIL, at=NOON - timedelta(seconds=1))]}, {"early"}),
    *[({"mails": (mail,)}, {"wrong"}) for mail, _what in WRONG],
]


@pytest.mark.parametrize("case, names", BROKEN)
def test_each_broken_promise_is_named(case, names):
    assert {name: ["a"] for name in names} == found(**case)


def test_a_row_without_a_frozen_pdf_cannot_have_left_rightly():
    assert found(rows=[replace(ROW, pdf="")], mails=[replace(MAIL, pdf="")]) == {"wrong": ["a"]}


def test_a_doubt_is_explained_by_its_recipients_server_or_not_at_all():
    rows = [in_state(State.IN_DOUBT), in_state(State.IN_DOUBT, id="b", address="cut@borg.test"), replace(ROW, id="c")]
    assert unexplained(rows, lambda address: address.startswith("cut")) == ["a"]


WALKS = [
    ((), State.WAITING, True),
    (("claimed", "waiting", "claimed", "handing_over", "in_doubt", "sent"), State.SENT, True),
    (("claimed", "handing_over"), State.SENT, False),  # the last change has no line
    (("claimed", "sent"), State.SENT, False),  # the gate has none
    (("claimed", "handing_over", "sent", "sent"), State.SENT, False),  # one line too many
]


@pytest.mark.parametrize("steps, end, is_one", WALKS)
def test_history_is_a_walk_along_the_permitted_moves(steps, end, is_one):
    assert is_walk((State.WAITING, *steps), end) is is_one
    assert unrecorded([in_state(end, steps=steps)]) == ([] if is_one else ["a"])


def page_with(text):
    """A PDF that says so, made without our own renderer."""
    return (
        b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj "
        b"4 0 obj<</Length %d>>stream\n%s\nendstream endobj "
        b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj trailer<</Root 1 0 R>>"
    ) % (len(text) + 27, b"BT /F 9 Tf 20 90 Td (%s) Tj ET" % text)


def test_a_mail_is_read_as_the_recipient_would():
    document = page_with(b"Invoice CH000001, not CH000002")
    message = EmailMessage()
    message["Message-ID"] = "<a@utskick.test>"
    message.set_content("Hello")
    message.add_attachment(document, maintype="application", subtype="pdf", filename="invoice.pdf")
    content = message.as_bytes()
    line = {
        "at": NOON.isoformat(),
        "message_id": "<a@utskick.test>",
        "rcpt": ["eva@borg.test"],
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    digest = hashlib.sha256(document).hexdigest()
    assert evidence.mail(line, content) == replace(MAIL, pdf=digest, numbers=frozenset({"CH000001", "CH000002"}))
    assert evidence.mail(line, content + b" ") == replace(MAIL, pdf="", numbers=frozenset())


def test_what_is_no_pdf_says_nothing():
    assert evidence.numbers_on(b"not a PDF") == frozenset()


def test_the_database_gives_its_evidence(outbox):
    sent, refused = outbox.invoice(number="CH000001"), outbox.invoice(number="CH000002")
    batch = outbox.sent_and_ready(sent, refused)
    outbox.close_window(batch)

    def no(gate):
        raise Refused(Reason.REFUSED, 554, "no")

    outbox.deliver(RememberingChannel({refused.customer.email: no}))
    rows = {row.number: row for row in evidence.rows()}
    assert rows["CH000001"].steps == ("claimed", "handing_over", "sent")
    assert rows["CH000001"].address == sent.customer.email
    assert rows["CH000001"].pdf == outbox.delivery(sent).enclosures.get(role="pdf").file.sha256
    assert (rows["CH000002"].state, rows["CH000002"].steps) == ("failed", ("claimed", "failed"))
    assert unrecorded(rows.values()) == []


def test_an_invoice_whose_columns_differ_from_its_deliveries_is_named(outbox):
    invoices = [outbox.invoice(number=f"CH00000{n}") for n in range(3)]
    outbox.sent(*invoices)
    assert evidence.stale_invoices() == []
    Invoice.objects.filter(number="CH000001").update(in_flight="waiting")
    Invoice.objects.filter(number="CH000002").update(sent_at=None)
    assert evidence.stale_invoices() == ["CH000001", "CH000002"]

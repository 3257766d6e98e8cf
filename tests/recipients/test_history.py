"""Every code that is written has a sentence, and a clerk reads what happened, when, to whom and why."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from distribution import words
from distribution.actions import sending
from distribution.channels.base import Refused
from distribution.models import Delivery
from distribution.reasons import Reason
from distribution.states import State
from recipients import history
from recipients.models import Event
from tests.fakes import RememberingChannel

pytestmark = pytest.mark.django_db
RECORDED = re.compile(
    r"""history\.record\([^)]*?"([a-z_]+\.[a-z_]+)"(?:\s+if\s+\w+\s+else\s+"([a-z_]+\.[a-z_]+)")?""", re.S
)


def codes():
    """Every code that a call of history.record names, and one for each state that a delivery can get."""
    found = {f"delivery.{state}" for state in State}
    for app in ("recipients", "invoicing", "reminders", "distribution"):
        for path in Path(settings.BASE_DIR, app).rglob("*.py"):
            for names in RECORDED.findall(path.read_text()):
                found |= set(filter(None, names))
    return found


def test_every_code_has_a_sentence():
    assert {"invoice.imported", "invoice.email", "invoice.email_cleared", "delivery.queued", "card.changed"} <= codes()
    assert codes() - history.SENTENCES.keys() - history.TECHNICAL.keys() == set()


def test_every_reason_is_told_with_what_to_do():
    assert all(words.REASONS[str(reason)][1] for reason in Reason)


def told(invoice):
    events = Event.objects.filter(thread=invoice.pk).select_related("by").order_by("-id")
    return [line for day in history.story(events, words.REASONS) for line in day["events"]]


def test_a_sent_invoice_says_when_and_to_whom(outbox):
    invoice = outbox.invoice(customer__email="eva@borg.test")
    outbox.sent(invoice)
    sent, queued = told(invoice)
    assert (sent["text"], sent["detail"], sent["tone"]) == ("Sent by e-mail", "To eva@borg.test.", "success")
    assert sent["at"]
    assert (queued["who"], queued["text"]) == ("Kim Berg", "pressed Send")
    assert re.search(r"leaves at \d\d:\d\d", queued["detail"])
    # what the machine did on the way is in the detail of what came of it
    assert "taken in hand" in sent["raw"]
    assert "handing over" in sent["raw"]
    assert "2.0.0 Ok: queued" in sent["raw"]


def test_a_failure_says_why_and_what_to_do(outbox):
    def refuse(gate):
        raise Refused(Reason.NO_MAILBOX, "550", "5.1.1 User unknown")

    invoice = outbox.invoice(customer__email="eva@borg.test")
    outbox.close_window(outbox.sent_and_ready(invoice))
    outbox.deliver(RememberingChannel({"eva@borg.test": refuse}))
    failed = told(invoice)[0]
    assert failed["text"] == "Not sent; the invoice shows what it showed before"
    assert "The mailbox does not exist" in failed["detail"]
    assert "new address" in failed["todo"]
    assert "5.1.1 User unknown" in failed["raw"]


def test_undo_names_the_person(outbox):
    invoice = outbox.invoice()
    batch = outbox.send(invoice)
    sending.undo(Delivery.objects.filter(batch=batch), by=outbox.clerk)
    assert (told(invoice)[0]["who"], told(invoice)[0]["text"]) == ("Kim Berg", "undid the sending")

"""A sender with a fault planted in it, so that the checker is seen red. Nothing of it is in the product.

python -m tests.reliability.planted requeue|no-token|blind|pairs|clock|partial
"""

import sys
from datetime import timedelta

import django
from django.conf import settings
from django.core.management import call_command

django.setup()

from django.db.models import Value  # noqa: E402 - models exist from here on
from django.db.models.functions import Now  # noqa: E402
from django.utils import timezone  # noqa: E402

from config.clock import in_seconds  # noqa: E402
from distribution.actions import handing_over, posting  # noqa: E402
from distribution.channels.base import Stopped  # noqa: E402
from distribution.models import Delivery, delivery  # noqa: E402
from distribution.states import State  # noqa: E402
from distribution.transports.smtp import Session  # noqa: E402

AHEAD = timedelta(hours=1)
sweep = handing_over.sweep
ask = Session._ask


def requeue():
    """The usual design: what is stuck is tried again, also past the gate."""
    stuck = Delivery.objects.filter(state=State.HANDING_OVER, lease_until__lt=Now())
    stuck.move(State.WAITING, note="stuck: tried again")
    sweep()


def whoever_holds_it(gate):
    """The row, claimed and in time, by whatever sender."""
    return handing_over.rows_of(gate.load).filter(state=State.CLAIMED, lease_until__gt=Now())


def whatever_its_state(load, *states):
    """The row as the sender remembers it, undone or not."""
    return Delivery.objects.filter(pk=load.pk)


def open_gate(gate):
    """A gate that does not look whether somebody took the row back."""
    row = Delivery.objects.filter(pk=gate.load.pk)
    row.update(state=State.CLAIMED)
    row.move(State.HANDING_OVER)
    gate.passed = True


def partial_gate(gate):
    """A gate that lets a parcel go with those of its letters that are left."""
    if not gate.live().move(State.HANDING_OVER, lease_until=in_seconds(settings.SENDING["lease_handing_over"])):
        raise Stopped
    gate.passed = True


def ask_for_two(session, stage, wanted, question, *words):
    """One transaction for this recipient and the one before: half of the conversations are saved."""
    ask(session, stage, wanted, question, *words)
    if stage == "rcpt":
        before, session.recipient_before = getattr(session, "recipient_before", None), words
        if before:
            ask(session, stage, wanted, question, *before)


def by_our_clock(seconds=0):
    """Now, and so many seconds, by the clock of this machine, which is wrong."""
    return Value(timezone.now() + AHEAD + timedelta(seconds=seconds))


def plant(fault):
    if fault == "requeue":
        handing_over.sweep = requeue
    if fault == "no-token":
        handing_over.Gate.live = whoever_holds_it
    if fault == "blind":
        handing_over.held = whatever_its_state
        handing_over.Gate.__call__ = open_gate
    if fault == "pairs":
        Session._ask = ask_for_two
    if fault == "clock":
        for module in (handing_over, posting, delivery):
            module.Now = by_our_clock
        handing_over.in_seconds = posting.in_seconds = by_our_clock
    if fault == "partial":
        handing_over.Gate.__call__ = partial_gate


if __name__ == "__main__":
    plant(sys.argv[1])
    call_command("deliver", loop=True)

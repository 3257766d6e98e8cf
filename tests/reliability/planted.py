"""A sender with a fault planted in it, so that the checker is seen red. Nothing of it is in the product.

python -m tests.reliability.planted requeue|blind|partial
"""

import sys

import django
from django.conf import settings
from django.core.management import call_command

django.setup()

from django.db.models.functions import Now  # noqa: E402 - models exist from here on

from config.clock import in_seconds  # noqa: E402
from distribution.actions import handing_over  # noqa: E402
from distribution.channels.base import Stopped  # noqa: E402
from distribution.models import Delivery  # noqa: E402
from distribution.states import State  # noqa: E402

sweep = handing_over.sweep


def requeue():
    """The usual design: what is stuck is tried again, also past the gate."""
    stuck = Delivery.objects.filter(state=State.HANDING_OVER, lease_until__lt=Now())
    stuck.move(State.WAITING, note="stuck: tried again")
    sweep()


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


def plant(fault):
    if fault == "requeue":
        handing_over.sweep = requeue
    if fault == "blind":
        handing_over.held = whatever_its_state
        handing_over.Gate.__call__ = open_gate
    if fault == "partial":
        handing_over.Gate.__call__ = partial_gate


if __name__ == "__main__":
    plant(sys.argv[1])
    call_command("deliver", loop=True)

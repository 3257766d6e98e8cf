"""A sender with a fault planted in it, so that the checker is seen red. Nothing of it is in the product.

python -m tests.reliability.planted requeue
"""

import sys

import django
from django.core.management import call_command

django.setup()

from django.db.models.functions import Now  # noqa: E402 - models exist from here on

from distribution.actions import handing_over  # noqa: E402
from distribution.models import Delivery  # noqa: E402
from distribution.states import State  # noqa: E402

sweep = handing_over.sweep


def requeue():
    """The usual design: what is stuck is tried again, also past the gate."""
    stuck = Delivery.objects.filter(state=State.HANDING_OVER, lease_until__lt=Now())
    stuck.move(State.WAITING, note="stuck: tried again")
    sweep()


PLANTS = {"requeue": requeue}

if __name__ == "__main__":
    handing_over.sweep = PLANTS[sys.argv[1]]
    call_command("deliver", loop=True)

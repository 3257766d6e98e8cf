"""Any act after any other: the machine of machine.py, in short, and with faults planted in the product.

Run by hand (pytest with this file's path): it is not green yet, so nothing rests on it.
"""

import pytest
from hypothesis.errors import Flaky

from distribution.actions import handing_over
from distribution.transports import Folder

from . import planted
from .machine import drive

pytestmark = pytest.mark.django_db


def test_no_order_of_acts_breaks_a_promise():
    steps, moves = drive(steps=5000, seed_=5)
    assert steps >= 5000
    for move in ("claimed -> handing_over", "handing_over -> in_doubt", "in_doubt -> waiting", "sent -> returned"):
        assert moves[move]


def any_token(load, *states):
    """The rows of a load, in whosever hands."""
    return handing_over.rows_of(load).filter(state__in=states or handing_over.IN_THE_SENDERS_HANDS)


FAULTS = {
    "requeue": [(handing_over, "sweep", planted.requeue)],
    "gate without state": [
        (handing_over, "held", planted.whatever_its_state),
        (handing_over.Gate, "__call__", planted.open_gate),
    ],
    "gate without token": [(handing_over, "held", any_token)],
    "parcel without all or nothing": [(handing_over.Gate, "__call__", planted.partial_gate)],
    "proof that is none": [(Folder, "forget", lambda session, path: True)],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault, monkeypatch):
    for place, name, harm in FAULTS[fault]:
        monkeypatch.setattr(place, name, harm)
    with pytest.raises((AssertionError, Flaky)):
        drive(steps=5000, seed_=5)

"""Any act after any other: the machine of machine.py, in short, and with faults planted in the product."""

import pytest
from hypothesis.errors import Flaky

from distribution.actions import handing_over
from distribution.transports import Folder

from . import checker, planted
from .machine import drive

pytestmark = pytest.mark.django_db
LEGAL = {f"{source} -> {target}" for source, target in checker.LEGAL}
# Nothing parks yet, an own printer is not a sender's, and nobody reads bounces yet.
NOT_HERE = {
    "waiting -> parked", "parked -> waiting", "parked -> undone", "waiting -> sent", "in_doubt -> returned",
}  # fmt: skip


def test_no_order_of_acts_breaks_a_promise():
    steps, moves = drive(steps=5000, seed_=5)
    assert steps >= 5000
    assert {each for each in LEGAL if each not in moves} == NOT_HERE  # each permitted move was made


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

"""A house with its real processes and no browser."""

import pytest

from distribution.models import Delivery
from distribution.states import State
from tests.conftest import Outbox
from tests.factories import CompanyFactory, MemberFactory
from tests.journeys.house import House, eventually, new_database

PATIENCE = 240  # seconds; a batch takes its time on a machine that has other things to do


@pytest.fixture
def running(django_test_environment, django_db_blocker, tmp_path):
    """Starts the processes of a house over a new database, with these variables of the environment."""
    with django_db_blocker.unblock(), new_database(tmp_path):
        yield lambda **environment: House(tmp_path, **environment)


def soon(condition):
    """Returns what `condition` returns once that is true."""
    return eventually(condition, within=PATIENCE)


class Office(Outbox):
    """A clerk in a running house: its own queue and sender do the work."""

    def __init__(self, house, **company):
        company = CompanyFactory(**company)
        super().__init__(company, MemberFactory(company=company).user)
        self.house = house

    def ready(self, *invoices):
        """Sent; returns the batch when all that can be is prepared, and its window is still open."""
        batch = self.send(*invoices)
        open_ones = Delivery.objects.filter(batch=batch, state=State.WAITING, ready_at=None)
        soon(lambda: not open_ones.exists())
        return batch

    def states(self, batch):
        """{state: how many} of its deliveries."""
        states = list(Delivery.objects.filter(batch=batch).values_list("state", flat=True))
        return {state: states.count(state) for state in set(states)}

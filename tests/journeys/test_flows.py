"""The ways a clerk goes from the list to the outbox and back, in a real browser against real processes."""

import pytest

from distribution.models import Delivery
from distribution.states import State
from tests.factories import CompanyFactory, InvoiceFactory, MemberFactory

from .desk import Desk
from .house import eventually

pytestmark = pytest.mark.browser


@pytest.fixture
def clerk(house):
    return MemberFactory(company=CompanyFactory())


def invoices(company, count):
    return [InvoiceFactory(company=company) for _ in range(count)]


def states(batch):
    return sorted(Delivery.objects.filter(batch=batch).values_list("state", flat=True))


def test_from_login_to_the_mailbox(house, browse, clerk):
    one, two, three = invoices(clerk.company, 3)
    desk = Desk(browse(), house, clerk.company)
    desk.log_in(clerk.user, "demo")
    desk.tick(one, two)
    dialog = desk.open_sheet()
    dialog.get_by_role("heading", name="Send 2 invoices").wait_for()
    batch = desk.send()
    desk.open_list("waiting")
    assert set(desk.statuses()) == {one.number, two.number}
    house.close_window(batch)
    eventually(lambda: states(batch) == [State.SENT, State.SENT])
    desk.open_list("sent")
    assert desk.statuses() == {one.number: "Sent", two.number: "Sent"}
    desk.open_list()
    assert desk.statuses() == {three.number: "To send"}
    assert len(house.mails(one.customer.email, two.customer.email)) == 2

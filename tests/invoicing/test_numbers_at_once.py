"""Two processes issue from one series at the same time: consecutive numbers, none twice, none left out."""

import multiprocessing
from decimal import Decimal

import pytest
from django.db import connection, connections

from invoicing.actions import drafting, issuing
from invoicing.models import Invoice, Line, Series
from recipients.models import User
from tests.factories import CompanyFactory, CustomerFactory, MemberFactory

pytestmark = [
    # Put back what the migrations made: these tests empty the tables.
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]
EACH = 100
FORK = multiprocessing.get_context("fork")


def issue_all(pks, clerk, start, problems):
    """What one clerk's process does, with connections of its own."""
    user = User.objects.get(pk=clerk)
    start.wait()
    for pk in pks:
        try:
            issuing.issue(Invoice.objects.select_related("company").get(pk=pk), by=user)
        except Exception as error:  # told to the test, which fails on it
            problems.put(repr(error))
    connections.close_all()


@pytest.fixture
def forgetting(transactional_db):
    """Afterwards history is taken away, as PostgreSQL does when it empties its tables; SQLite's lock refuses it."""
    yield
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'recipients_event'"
            )
            locks = cursor.fetchall()
            for name, _sql in locks:
                cursor.execute(f"DROP TRIGGER {name}")
            cursor.execute("DELETE FROM recipients_event")
            for _name, sql in locks:
                cursor.execute(sql)


@pytest.mark.usefixtures("forgetting")
def test_two_processes_issue_two_hundred_invoices():
    company = CompanyFactory()
    customer = CustomerFactory(workspace=company.workspace)
    clerks = [MemberFactory(company=company).user for _clerk in range(2)]
    drafts = []
    for _n in range(2 * EACH):
        line = Line(
            name="x", quantity=1, price=Decimal(10), net=Decimal("10.00"), vat_category="S", vat_rate=Decimal(25)
        )
        draft = Invoice(company=company, customer=customer, currency="SEK")
        drafts.append(drafting.save_draft(draft, [line], issue_on=None, version=0, by=clerks[0]).pk)
    connections.close_all()  # a child must not talk over its parent's connection
    start, problems = FORK.Barrier(2), FORK.Queue()
    shares = drafts[::2], drafts[1::2]
    processes = [
        FORK.Process(target=issue_all, args=(share, clerk.pk, start, problems))
        for share, clerk in zip(shares, clerks, strict=True)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(300)
        assert process.exitcode == 0
    assert problems.empty(), problems.get()
    rows = Invoice.objects.of(company)
    assert sorted(map(int, rows.values_list("number", flat=True))) == list(range(1001, 1001 + 2 * EACH))
    assert rows.values("payment_reference").distinct().count() == 2 * EACH
    assert Series.objects.get(company=company).next_number == 1001 + 2 * EACH

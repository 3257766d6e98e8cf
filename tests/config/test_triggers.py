"""The rules of every app stand in the database, also after a migration has made a table anew."""

import pytest
from django.core.management import call_command
from django.db import connection

from distribution.rules import RULES as OF_DISTRIBUTION
from invoicing.rules import RULES as OF_INVOICING
from recipients.rules import RULES as OF_RECIPIENTS

EXPECTED = {
    name for rule in (*OF_RECIPIENTS, *OF_INVOICING, *OF_DISTRIBUTION) for name, _event in rule.triggers()
}  # fmt: skip


def in_the_database():
    table, column, only = (
        ("sqlite_master", "name", "type = 'trigger'")
        if connection.vendor == "sqlite"
        else ("pg_trigger", "tgname", "NOT tgisinternal")
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE {only}")
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.django_db
def test_every_rule_is_a_trigger():
    assert in_the_database() == EXPECTED


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_table_made_anew_keeps_its_rules():
    """On SQLite a changed column makes a new table: without care this migration fails, or its triggers are gone."""
    call_command("migrate", "distribution", "0003", verbosity=0)
    try:
        call_command("migrate", "distribution", verbosity=0)
        assert in_the_database() == EXPECTED
    finally:
        call_command("migrate", verbosity=0)

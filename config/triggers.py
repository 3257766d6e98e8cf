"""Rules that a constraint cannot express, as triggers on both databases. Each app has its own list in rules.py.

They are written after the migrations and not by one, since SQLite changes a table by making a new one: its triggers are
lost with the old one, and those of others that look at it stop the change.
"""

from functools import partial
from typing import NamedTuple

from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate


class Rule(NamedTuple):
    """Refuse, with `message`, a row of `table` for which `when` (SQL over NEW) is true.

    `events` are out of INSERT, UPDATE, DELETE; `columns` narrows UPDATE to changes of these.
    """

    name: str
    table: str
    events: tuple
    when: str
    message: str
    columns: str = ""

    def triggers(self):
        """(name, event with its columns) of each trigger."""
        for event in self.events:
            narrowed = f" OF {self.columns}" if event == "UPDATE" and self.columns else ""
            yield f"{self.name}_{event.lower()}", f"{event}{narrowed} ON {self.table}"


def keep(app, rules):
    """Keep these rules on every database that is migrated."""
    pre_migrate.connect(_make_way, sender=app, dispatch_uid=f"{app.name}.triggers")
    post_migrate.connect(partial(_write, rules), sender=app, weak=False, dispatch_uid=f"{app.name}.triggers")


def _make_way(using, plan=(), **_signal):
    connection = connections[using]
    if not plan or connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {name}")


def _write(rules, *, using, plan=(), **_signal):
    if not plan:
        return
    connection = connections[using]
    write = _on_sqlite if connection.vendor == "sqlite" else _on_postgresql
    with connection.cursor() as cursor:
        for rule in rules:
            for name, event in rule.triggers():
                write(cursor, rule, name, event)


def _on_sqlite(cursor, rule, name, event):
    cursor.execute(
        f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {event} WHEN {rule.when} "
        f"BEGIN SELECT RAISE(ABORT, '{rule.message}'); END"
    )


def _on_postgresql(cursor, rule, name, event):
    cursor.execute(
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {rule.when} THEN RAISE EXCEPTION '{rule.message}' USING ERRCODE = 'check_violation'; END IF; "
        f"IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
    )
    cursor.execute(f"CREATE OR REPLACE TRIGGER {name} BEFORE {event} FOR EACH ROW EXECUTE FUNCTION {name}()")

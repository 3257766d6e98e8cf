"""Rules that a constraint cannot express, as triggers on both databases. Used by migrations only."""

from django.db import migrations


def rule(name, table, timing, sql_condition, message, *, when_changed=""):
    """Refuse a row of `table` for which `sql_condition` (over NEW) is true.

    `timing` is a list out of INSERT, UPDATE, DELETE; `when_changed` narrows UPDATE to some columns.
    """

    def make(apps, schema_editor):
        vendor = schema_editor.connection.vendor
        for event in timing:
            columns = f" OF {when_changed}" if event == "UPDATE" and when_changed else ""
            trigger = f"{name}_{event.lower()}"
            if vendor == "sqlite":
                schema_editor.execute(
                    f"CREATE TRIGGER {trigger} BEFORE {event}{columns} ON {table} WHEN {sql_condition} "
                    f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
                )
            else:
                schema_editor.execute(
                    f"CREATE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                    f"IF {sql_condition} THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation'; END IF; "
                    f"IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
                )
                schema_editor.execute(
                    f"CREATE TRIGGER {trigger} BEFORE {event}{columns} ON {table} "
                    f"FOR EACH ROW EXECUTE FUNCTION {trigger}()"
                )

    def drop(apps, schema_editor):
        for event in timing:
            trigger = f"{name}_{event.lower()}"
            if schema_editor.connection.vendor == "sqlite":
                schema_editor.execute(f"DROP TRIGGER {trigger}")
            else:
                schema_editor.execute(f"DROP FUNCTION {trigger}() CASCADE")

    return migrations.RunPython(make, drop)

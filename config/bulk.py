"""Many rows in one statement: the number of queries does not depend on the number of rows."""

import json
from datetime import datetime

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce


class NewUUID(models.Func):
    """A random UUID made by the database, a fresh one for each row."""

    output_field = models.UUIDField()

    def as_postgresql(self, compiler, connection, **extra):
        return "gen_random_uuid()", ()

    def as_sqlite(self, compiler, connection, **extra):
        return "lower(hex(randomblob(16)))", ()  # Django keeps a UUID as 32 hex digits on SQLite


class Typed(Cast):
    """PostgreSQL wants to know the type of a literal in SELECT; SQLite would turn a date into a number."""

    def as_sqlite(self, compiler, connection, **extra):
        return compiler.compile(self.source_expressions[0])


def insert_select(model, source, columns, *, ignore_conflicts=False):
    """INSERT INTO model (columns) SELECT ... FROM source; returns the number of rows.

    `columns` maps field names to expressions over `source`, or to plain values.
    """
    fields = [model._meta.get_field(name) for name in columns]
    expressions = [
        value if isinstance(value, Combinable) else Typed(models.Value(value, output_field=field), field)
        for field, value in zip(fields, columns.values(), strict=True)
    ]
    try:
        sql, params = source.order_by().values_list(*expressions).query.sql_with_params()
    except EmptyResultSet:  # Django saw without asking that there is nothing to insert
        return 0
    names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    if ignore_conflicts:
        # SQLite reads "ON CONFLICT" after a bare SELECT as a join's ON. Its own INSERT OR IGNORE would pass over a
        # forgotten column as well.
        sql = f"SELECT * FROM ({sql}) AS picked WHERE true ON CONFLICT DO NOTHING"  # noqa: S608  # nosec B608 - compiled by Django
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({names}) {sql}", params)
        return cursor.rowcount


def insert_rows(model, names, rows):
    """INSERT many rows made in Python, with one JSON parameter: bulk_create needs a statement per 999 values on SQLite.

    `names` are field names, `rows` lists of values in that order: JSON values, datetimes, UUIDs.
    """
    fields = [model._meta.get_field(name) for name in names]
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    picks = ", ".join(_pick(field, position) for position, field in enumerate(fields))
    each = "json_each(%s)" if connection.vendor == "sqlite" else "jsonb_array_elements(%s::jsonb)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {picks} FROM {each} AS r",  # noqa: S608  # nosec B608 - names of the model
            [json.dumps([[_plain(value) for value in row] for row in rows], default=str)],
        )


def _plain(value):
    """Times keep their microseconds, in the text form that each database stores."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value) if connection.vendor == "sqlite" else value.isoformat()
    return value


def _pick(field, position):
    if connection.vendor == "sqlite":
        value = f"json_extract(r.value, '$[{position}]')"
        return f"replace({value}, '-', '')" if _is_uuid(field) else value
    if isinstance(field, models.JSONField):
        return f"r.value -> {position}"
    return (
        f"(r.value ->> {position})::{field.rel_db_type(connection) if field.is_relation else field.db_type(connection)}"
    )


def _is_uuid(field):
    return isinstance(field.target_field if field.is_relation else field, models.UUIDField)


def counted(rows):
    """The number of these rows of one company, as an expression: several counts in one query, each by its own index."""
    per_company = rows.order_by().values("company").annotate(n=models.Count("pk")).values("n")
    return Coalesce(models.Subquery(per_company, output_field=models.IntegerField()), 0)

"""Times that decide use the database's clock: workers on two machines need not agree about the time."""

from datetime import timedelta

from django.db.models import DateTimeField, ExpressionWrapper, Func, IntegerField
from django.db.models.functions import Now


def in_seconds(seconds):
    """The database's now, and so many seconds (they may be negative)."""
    return ExpressionWrapper(Now() + timedelta(seconds=seconds), output_field=DateTimeField())


class SecondsBetween(Func):
    """Whole seconds from one time to a later one, by the database: SQLite's own subtraction goes through Python."""

    output_field = IntegerField()
    arity = 2

    def as_sqlite(self, compiler, connection, **extra):
        template = "CAST(ROUND((julianday(%(later)s) - julianday(%(earlier)s)) * 86400) AS INTEGER)"
        return self._between(compiler, template)

    def as_postgresql(self, compiler, connection, **extra):
        return self._between(compiler, "CAST(EXTRACT(EPOCH FROM (%(later)s - %(earlier)s)) AS INTEGER)")

    def _between(self, compiler, template):
        (earlier, first), (later, second) = (compiler.compile(each) for each in self.source_expressions)
        return template % {"earlier": earlier, "later": later}, (*second, *first)

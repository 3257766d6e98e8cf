"""Questions to a column that Django has no word for."""

from django.db.models import CharField
from django.db.models.lookups import StartsWith

LAST = chr(0x10FFFF)


@CharField.register_lookup
class Prefix(StartsWith):
    """`number__prefix="2026-1"`: begins with it, by an index on both databases. Case counts.

    SQLite never uses an index for LIKE with a parameter, so it is asked for a range; it compares byte by byte.
    PostgreSQL uses one of varchar_pattern_ops for LIKE, and its range would follow the language's order instead.
    """

    lookup_name = "prefix"

    def get_rhs_op(self, connection, rhs):
        return connection.operators["startswith"] % rhs

    def as_sqlite(self, compiler, connection):
        column, params = self.process_lhs(compiler, connection)
        return f"({column} >= %s AND {column} < %s)", [*params, self.rhs, *params, self.rhs + LAST]

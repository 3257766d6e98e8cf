"""Times that decide use the database's clock: workers on two machines need not agree about the time."""

from datetime import timedelta

from django.db.models import DateTimeField, ExpressionWrapper
from django.db.models.functions import Now


def in_seconds(seconds):
    """The database's now, and so many seconds (they may be negative)."""
    return ExpressionWrapper(Now() + timedelta(seconds=seconds), output_field=DateTimeField())

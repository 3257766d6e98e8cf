"""The one writer of Event, and the sentences that its codes stand for."""

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Cast, JSONObject

from config.bulk import Typed, insert_select

from .models import Event


def record(about, what, *, by=None, **data):
    """Add one line of history about a row, or about each row of a queryset.

    The model's `HISTORY` says which fields hold the company, what the line is about and its thread (the invoice);
    without it: `company` and the row itself. `data` holds the sentence's parameters; over a queryset they may be
    expressions, else they are stored as they are.
    """
    where = {"company": "company", "about": "pk", "thread": "pk"} | getattr(about, "HISTORY", {})
    if isinstance(about, models.QuerySet):
        where |= getattr(about.model, "HISTORY", {})
        columns = {field: F(path) for field, path in where.items()}
        facts = Typed(_object(data), models.JSONField()) if data else {}
        return insert_select(Event, about, {**columns, "what": what, "by": by.pk if by else None, "data": facts})
    found = {field: getattr(about, path) for field, path in where.items()}
    for field in ("about", "thread"):
        found[field] = getattr(found[field], "pk", found[field])
    return Event.objects.create(**found, what=what, by=by, data=data)


def _object(data):
    return JSONObject(
        **{
            key: value if hasattr(value, "resolve_expression") else Cast(Value(str(value)), models.TextField())
            for key, value in data.items()
        }
    )

"""The one writer of Event, and the sentences that its codes stand for."""

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Cast, JSONObject

from config.bulk import Typed, insert_select

from .models import Event

# Which columns of a row hold its company, what the line is about, and its thread; a model's own HISTORY goes before.
WHERE = {"company": "company_id", "about": "pk", "thread": "pk"}


def record(about, what, *, by=None, company=None, **data):
    """Add one line of history about a row, or about each row of a queryset.

    `company` is for rows of the directory, which have none of their own. `data` holds the sentence's parameters; over a
    queryset they may be expressions, else they are stored as they are.
    """
    if isinstance(about, models.QuerySet):
        columns = {field: F(path) for field, path in (WHERE | getattr(about.model, "HISTORY", {})).items()}
        facts = Typed(_object(data), models.JSONField()) if data else {}
        return insert_select(Event, about, {**columns, "what": what, "by": by.pk if by else None, "data": facts})
    where = WHERE | getattr(about, "HISTORY", {})
    return Event.objects.create(
        company_id=company.pk if company else about.company_id,
        about=about.pk,
        thread=getattr(about, where["thread"]),
        what=what,
        by=by,
        data=data,
    )


def _object(data):
    return JSONObject(
        **{
            key: value if hasattr(value, "resolve_expression") else Cast(Value(str(value)), models.TextField())
            for key, value in data.items()
        }
    )

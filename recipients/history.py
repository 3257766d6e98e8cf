"""The one writer of Event, and the sentences that its codes stand for."""

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Cast, JSONObject

from config.bulk import Typed, insert_select

from .models import Event


def record(about, what, *, by=None, **data):
    """Add one line of history about a row, or about each row of a queryset.

    `about` has a `company`; its class may name the field that holds the invoice in `HISTORY_THREAD`.
    `data` holds the sentence's parameters; over a queryset they may be F() expressions.
    """
    thread = getattr(about.model if isinstance(about, models.QuerySet) else about, "HISTORY_THREAD", "pk")
    if isinstance(about, models.QuerySet):
        return insert_select(
            Event,
            about,
            {
                "company": F("company_id"),
                "about": F("pk"),
                "thread": F(thread),
                "what": what,
                "by": by.pk if by else None,
                "data": Typed(_object(data), models.JSONField()) if data else {},
            },
        )
    return Event.objects.create(
        company_id=about.company_id, about=about.pk, thread=getattr(about, thread), what=what, by=by, data=data
    )


def _object(data):
    return JSONObject(
        **{
            key: value if hasattr(value, "resolve_expression") else Cast(Value(str(value)), models.TextField())
            for key, value in data.items()
        }
    )

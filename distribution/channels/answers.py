"""What a print provider says became of letters: our neutral JSON, read with limits.

    {"batch_id": "…", "received": "…",
     "items": [{"id": "…", "status": "posted", "at": "2026-11-21T14:02:00+01:00", "code": "…", "message": "…"}]}

`id` is a delivery's, `status` one of STATUSES; what else stands there is kept in the archive and not looked at.
"""

import json
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from distribution.models import Answer
from distribution.transports.base import readable

MAX_BYTES = 5 * 1024 * 1024
MAX_LINES = 10_000
# In the order in which a letter meets them.
ACCEPTED, PRINTED, POSTED, REJECTED, RETURNED = STATUSES = ("accepted", "printed", "posted", "rejected", "returned")


class Unreadable(Exception):
    """Nothing of the file counts. `trouble` is an Answer.Trouble."""

    def __init__(self, trouble):
        super().__init__(trouble)
        self.trouble = trouble


class Line(NamedTuple):
    """What is said of one letter. `why` is empty, or an Answer.Why for which it cannot count."""

    id: UUID | str  # text where it is no UUID
    status: str
    at: datetime | None  # aware; None: not said, or in no form that we read
    words: str  # the provider's code and message on one line
    why: str = ""


def read(content):
    """[Line] of the bytes of an answer, in their order. Raises Unreadable."""
    if len(content) > MAX_BYTES:
        raise Unreadable(Answer.Trouble.TOO_LARGE)
    try:
        text = content.decode("utf-8-sig")
        told = json.loads(text, parse_constant=no_number, object_pairs_hook=without_doubles)
    except RecursionError:
        raise Unreadable(Answer.Trouble.TOO_DEEP) from None
    except UnicodeDecodeError as error:
        ends = error.end == len(content) and "unexpected end" in error.reason
        raise Unreadable(Answer.Trouble.NOT_WHOLE if ends else Answer.Trouble.NOT_JSON) from None
    except ValueError as error:  # json's own errors are ValueErrors
        raise Unreadable(Answer.Trouble.NOT_WHOLE if stops(error, text) else Answer.Trouble.NOT_JSON) from None
    items = told.get("items") if isinstance(told, dict) else None
    if not isinstance(items, list):
        raise Unreadable(Answer.Trouble.NO_LETTERS)
    if len(items) > MAX_LINES:
        raise Unreadable(Answer.Trouble.TOO_MANY)
    return [line(item) for item in items]


def no_number(name):
    raise ValueError(name)


def without_doubles(pairs):
    """A name twice in one object leaves open which of them is meant."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands there twice")
    return found


def stops(error, text):
    """Whether the parser met the end of the text, not something wrong before it."""
    if not isinstance(error, json.JSONDecodeError):
        return False
    return error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")


def line(item):
    if not isinstance(item, dict):
        return Line("", "", None, readable(item)[:200], Answer.Why.NOT_A_LINE)
    number, status = word(item, "id"), word(item, "status")
    said = readable(" ".join(filter(None, [word(item, "code"), word(item, "message")])))
    at = moment(item.get("at"))
    if status not in STATUSES:
        return Line(number[:100], status[:40], at, said, Answer.Why.BAD_STATUS)
    try:
        return Line(UUID(number), status, at, said)
    except ValueError:
        return Line(number[:100], status, at, said, Answer.Why.UNKNOWN)


def word(item, name):
    """A field as one harmless line; numbers as they are written, what is no word as nothing."""
    value = item.get(name)
    return readable(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def moment(value):
    """A point in time that says its time zone, else None."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo and 2000 < found.year < 2200 else None

"""What a line of the log holds: ids, numbers and our own words, and nothing about people.

The words of a line are a template that a programmer wrote. What fills its holes may be a name, an address, an amount or
what a mail server quoted, and so may the text of an exception. So the JSON formatter lets through by type what cannot
hold any of them, and writes HIDDEN for the rest: a line that somebody adds tomorrow is safe as well.
"""

import contextvars
import errno
import json
import logging
import re
import traceback
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from uuid import UUID

HIDDEN = "…"
ROOT = Path(__file__).resolve().parents[1]
OURS = {
    "config",
    "recipients",
    "invoicing",
    "reminders",
    "distribution",
}  # whose lines are templates: ruff's G holds it
# Columns that a line may have by `extra=`: words of ours, or numbers.
EXTRAS = ("view", "verb", "status", "seconds", "method", "outcome", "work", "incident")
ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# A string that is an id, or a mail server's code with its enhanced one.
SAFE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[2-5]\d\d( [245]\.\d{1,3}\.\d{1,3})?")
FRAMES = 12  # of a traceback, the innermost

_about = contextvars.ContextVar("about", default={})  # noqa: B039 - never changed, only replaced


@contextmanager
def about(**ids):
    """Each line that is logged inside has these columns: request, job, batch, delivery, parcel. Ids alone: a job may be
    given anything in the place of one."""
    ids = {name: str(value) for name, value in ids.items() if value is not None}
    shown = {name: value if ID.fullmatch(value) else HIDDEN for name, value in ids.items()}
    before = _about.set(_about.get() | shown)
    try:
        yield
    finally:
        _about.reset(before)


def columns(record):
    """What the line is about, as {name: str or number}."""
    extras = {name: getattr(record, name) for name in EXTRAS if hasattr(record, name)}
    return _about.get() | {name: str(each) if isinstance(each, str) else each for name, each in extras.items()}


class Json(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, at (file and line), message, its columns, and the exceptions,
    innermost cause last, each by its class, its code and where it came by."""

    def format(self, record):
        moment = datetime.fromtimestamp(record.created, UTC)
        line = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "at": f"{_short(record.pathname)}:{record.lineno}",
            "process": record.process,
            "message": _message(record),
            **columns(record),
        }
        if record.exc_info and record.exc_info[1]:
            line["exceptions"] = [_described(error) for error in _chain(record.exc_info[1])]
        return json.dumps(line, ensure_ascii=False)


class Plain(logging.Formatter):
    """For the eyes of a developer, with whatever the line says: never where there are people's data."""

    def __init__(self):
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s%(columns)s")

    def format(self, record):
        found = " ".join(f"{name}={value}" for name, value in columns(record).items())
        record.columns = f" [{found}]" if found else ""
        return super().format(record)


FORMATTERS = {"json": Json, "plain": Plain}


def configuration(form, level):
    """LOGGING in the form "json" or "plain"."""
    quiet = ("weasyprint", "fontTools", "django-q", "paramiko", "django.request")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"chosen": {"()": FORMATTERS[form]}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "chosen"}},
        "root": {"handlers": ["console"], "level": level},
        # One line a step of every page, one a queued job, one a login, one a missing page: nobody reads them.
        "loggers": {name: {"level": "ERROR"} for name in quiet},
    }


def _message(record):
    """The template with what may be shown. Another's line without arguments may have been filled in beforehand."""
    if record.name.partition(".")[0] not in OURS and not record.args:
        return HIDDEN
    shown = record.args
    if isinstance(shown, dict):
        shown = {name: _shown(each) for name, each in shown.items()}
    elif shown:
        shown = tuple(map(_shown, shown))
    try:
        return str(record.msg) % shown if shown else str(record.msg)
    except (TypeError, ValueError):  # %d for what is hidden
        return str(record.msg)


def _shown(value):
    if value is None or isinstance(value, (bool, int, float, UUID)):
        return value
    if isinstance(value, Enum):  # a closed set of our own words
        return value.value
    if isinstance(value, BaseException):
        return _named(value)
    return value if isinstance(value, str) and SAFE.fullmatch(value) else HIDDEN


def _named(error):
    """Class and code of an exception: its text may quote anything."""
    code = getattr(error, "code", None) or getattr(error, "smtp_code", None)
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    words = [name, errno.errorcode.get(getattr(error, "errno", None), "")]
    if isinstance(code, int) or (isinstance(code, str) and SAFE.fullmatch(code)):
        words.append(str(code))
    if type(error).__name__ == "OperationalError":  # a database that is down, full or locked: about no row
        words.append(str(error).partition("\n")[0])
    return " ".join(filter(None, words))


def _chain(error):
    seen = []
    while error is not None and error not in seen:
        seen.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return seen


def _described(error):
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return {
        "type": _named(error),
        "frames": [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames],
    }


def _short(path):
    return path.removeprefix(f"{ROOT}/").rpartition("site-packages/")[2]

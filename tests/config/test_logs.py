"""What the JSON log lets through, and what it does not, whoever writes the line."""

import json
import logging
import smtplib
import uuid

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError

from config.logs import HIDDEN, Json, Plain, about
from distribution.states import State

EVA = "eva.lund@borg.test"
ID = uuid.UUID(int=7)
REQUEST = uuid.UUID(int=7).hex


def line(message, *args, logger="distribution.actions", error=None, **extra):
    """What the formatter makes of one record, as a dict."""
    record = logging.getLogger(logger).makeRecord(
        logger, logging.ERROR, "/somewhere/file.py", 7, message, args, error and (type(error), error, None), extra=extra
    )
    return json.loads(Json().format(record))


@pytest.mark.parametrize(
    "value, shown",
    [
        (ID, str(ID)), (str(ID), str(ID)), (17, "17"), (0.25, "0.25"), (None, "None"), (State.SENT, "sent"),
        ("550 5.1.1", "550 5.1.1"), ("451", "451"), (EVA, HIDDEN), ("Eva", HIDDEN), ("19700101-1234", HIDDEN),
        ("1250", HIDDEN), (["Eva"], HIDDEN), (f"{ID} Eva", HIDDEN), (b"Eva", HIDDEN), ("550 5.1.1 <eva>", HIDDEN),
    ],
)  # fmt: skip
def test_only_what_cannot_hold_a_person_fills_a_hole(value, shown):
    assert line("so: %s", value)["message"] == f"so: {shown}"


def test_a_hole_for_a_number_that_gets_something_else_is_no_trouble():
    assert line("%d letters", "Eva")["message"] == "%d letters"
    assert line("%(who)s and %(count)s", {"who": "Eva", "count": 3})["message"] == f"{HIDDEN} and 3"


@pytest.mark.parametrize(
    "logger", ["django.security.DisallowedHost", "gunicorn.error", "django-q", "paramiko.transport"]
)
def test_a_strangers_line_that_was_filled_in_beforehand_is_not_shown(logger):
    assert line(f"Failed: {EVA}", logger=logger)["message"] == HIDDEN
    assert line("Booting worker with pid: %s", 17, logger=logger)["message"] == "Booting worker with pid: 17"


def caught(raises):
    try:
        raises()
    except Exception as error:
        return error


def refuse():
    try:
        raise smtplib.SMTPResponseException(550, f"<{EVA}>: no such mailbox".encode())
    except smtplib.SMTPException as error:
        raise IntegrityError(f"Key (address)=({EVA}) already exists.") from error


def test_an_exception_is_its_class_its_code_and_where_it_came_by():
    found = line("it broke", error=caught(refuse))
    first, cause = found["exceptions"]
    assert first["type"] == "django.db.utils.IntegrityError"
    assert cause["type"] == "smtplib.SMTPResponseException 550"
    assert first["frames"][-1].startswith("tests/config/test_logs.py:")
    assert first["frames"][-1].endswith(" refuse")
    assert EVA not in json.dumps(found)


@pytest.mark.parametrize(
    "error, shown",
    [
        (
            OperationalError("connection refused\nDETAIL: Key (Eva)"),
            "django.db.utils.OperationalError connection refused",
        ),
        (DatabaseError("Eva"), "django.db.utils.DatabaseError"),
        (OSError(28, "No space left on device", "/archive/eva.pdf"), "OSError ENOSPC"),
        (ValueError("Eva"), "ValueError"),
    ],
)
def test_what_an_operator_must_know_of_the_machine_is_said(error, shown):
    assert line("it broke: %s", error, error=error)["exceptions"][0]["type"] == shown
    assert line("it broke: %s", error)["message"] == f"it broke: {shown}"


def test_a_line_says_what_it_is_about_and_nothing_of_the_one_before():
    with about(request=REQUEST, batch=None, connection=EVA), about(delivery=ID):
        found = line("handed over", method="email", seconds=0.2, address=EVA)
        plain = Plain().format(logging.makeLogRecord({"msg": "handed over", "seconds": 0.2}))
    about_it = {"request": REQUEST, "connection": HIDDEN, "delivery": str(ID), "method": "email", "seconds": 0.2}
    assert about_it.items() <= found.items()
    assert EVA not in json.dumps(found)
    assert "batch" not in found
    end = f"handed over [request={REQUEST} connection={HIDDEN} delivery={ID} seconds=0.2]"
    assert plain.endswith(end)
    assert "request" not in line("later")

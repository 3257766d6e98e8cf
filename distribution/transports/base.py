"""What every transport of files answers. It writes no rows: what became of a file is recorded by the actions alone.

Two errors, named for what happens next; everything else that is raised after the gate means that nobody knows.
"""

import enum
import hashlib
import time
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

PIECE = 32 * 1024  # bytes: what one SFTP packet carries
BEAT_EVERY = 2  # seconds


class Refused(Exception):
    """They will not take it; final here. `reason` is a Reason, `code` and `text` the other side's words."""

    def __init__(self, reason, code="", text=""):
        super().__init__(f"{reason} {code} {text}".strip())
        self.reason, self.code, self.text = reason, str(code), text


class Unreachable(Exception):
    """Not now; try again later. `slows` says what should wait: this delivery, its domain, or the whole connection."""

    DELIVERY, DOMAIN, CONNECTION = "delivery", "domain", "connection"

    def __init__(self, reason, code="", text="", slows=DELIVERY):
        super().__init__(f"{reason} {code} {text}".strip())
        self.reason, self.code, self.text, self.slows = reason, str(code), text, slows


class Said(Exception):
    """The other side answered no. `trouble` is what it amounts to: a Trouble, GONE or TAKEN."""

    GONE, TAKEN = "gone", "taken"

    def __init__(self, trouble, code="", text=""):
        super().__init__(f"{trouble} {code} {text}".strip())
        self.trouble, self.code, self.text = trouble, str(code), readable(text)


class Found(enum.Enum):
    """What a remote name says after a crash."""

    FINAL = "final"
    TEMPORARY = "temporary"
    NOTHING = "nothing"


class Entry(NamedTuple):
    """A file on the other side. `name` is a path that fetch() and file_away() take; `modified` is aware."""

    name: str
    size: int
    modified: object


class Step(NamedTuple):
    """One step of a test: what was tried, whether it went well, a Trouble if not, and the other side's words."""

    name: str
    ok: bool
    trouble: str = ""
    words: str = ""


class Session:
    """A connection in use: one per sender thread, closed by `with`. After an error it is of no further use.

    `timeout` is in seconds, for each answer of the other side.
    """

    def __init__(self, connection, timeout=None):
        self.connection = connection
        self.timeout = timeout or settings.SENDING["command_timeout"]

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.close()

    def connect(self):
        """Do what stands between a row and a session that can carry. Raises Refused or Unreachable."""
        for _name, act in self.way():
            act()

    def way(self):
        """The steps of connecting: (name, function); the function returns words or None."""
        raise NotImplementedError

    def trial(self):
        """What is tried beyond connecting: (name, function)."""
        return ()

    def steps(self):
        """Test the connection; ends at the first step that fails."""
        for name, act in (*self.way(), *self.trial()):
            try:
                words = act()
            except (Refused, Unreachable) as error:
                yield Step(name, False, str(error.reason), " ".join(filter(None, [error.code, error.text])))
                return
            yield Step(name, True, words=words or "")

    def close(self):
        raise NotImplementedError


def pieces(path, beat):
    """The bytes of a local file; calls `beat` every few seconds, so that a long upload keeps its lease."""
    beaten_at = time.monotonic()
    with Path(path).open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
            if beat and time.monotonic() - beaten_at > BEAT_EVERY:
                beat()
                beaten_at = time.monotonic()


def digest_of(path):
    """SHA-256 of a local file, however large; bytes."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def readable(text):
    """Somebody else's words as one line of at most 500 characters that plays no tricks on a page or in a log."""
    text = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:500]


def in_words(error, timeout):
    """An error of the line in words."""
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout} s"
    if isinstance(error, EOFError):
        return "the server closed the connection"
    return readable(getattr(error, "verify_message", "") or getattr(error, "strerror", "") or error)

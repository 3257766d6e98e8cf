"""What must be true afterwards, from three witnesses: the database, the sink's log, and what the clerk was told.

Pure functions over plain data. `evidence.py` gathers the data.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from distribution.states import MOVES, State

ENDED = (State.SENT, State.RETURNED, State.FAILED, State.UNDONE, State.IN_DOUBT)
LEGAL = {(move.source, move.target) for move in MOVES}


@dataclass(frozen=True)
class Row:
    """One delivery as the database has it when everything is over."""

    id: str
    state: str
    address: str
    number: str  # of its invoice
    pdf: str  # SHA-256 of the frozen PDF, "" when none was made
    steps: tuple  # the states of its history, in order
    closed_by_a_person: bool = False
    leaves_at: datetime | None = None  # not before


@dataclass(frozen=True)
class Mail:
    """One message that the sink accepted."""

    id: str  # what stands before the @ of its Message-ID
    recipients: tuple
    pdf: str  # SHA-256 of the PDF in it, "" without
    numbers: frozenset  # every invoice number that stands on the PDF's pages
    at: datetime | None = None  # when it was taken


@dataclass(frozen=True)
class Letter(Mail):
    """One letter in a file that lies with a print provider: the same facts."""

    recipients: tuple = ()
    pdf: str = ""
    numbers: frozenset = frozenset()


def check(confirmed, undone, rows, mails):
    """Nine lists of ids, all empty when the promises hold.

    `confirmed` are the ids that Send answered for, `undone` those of which undo said that it stopped them.
    """
    rows = {row.id: row for row in rows}
    got = Counter(mail.id for mail in mails)
    of = {state: {row.id for row in rows.values() if row.state == state} for state in State}
    left = of[State.SENT] | of[State.RETURNED]
    by_machine = {each for each in of[State.FAILED] if not rows[each].closed_by_a_person}
    ended = {row.id for row in rows.values() if row.state in ENDED}
    found = {
        "lost": left - got.keys(),
        "doubled": {each for each, times in got.items() if times > 1},
        "undone_sent": of[State.UNDONE] & got.keys(),
        "failed_sent": by_machine & got.keys(),
        "unexpected": got.keys() - left - of[State.IN_DOUBT],
        "vanished": set(confirmed) - ended,
        "wrong": {mail.id for mail in mails if mail.id in rows and not is_right(mail, rows[mail.id])},
        "early": {mail.id for mail in mails if mail.id in rows and is_early(mail, rows[mail.id])},
        "undo_lie": {each for each in undone if each not in of[State.UNDONE]},
    }
    return {name: sorted(ids) for name, ids in found.items()}


def is_right(mail, row):
    """To the one recipient whom the clerk saw, with the PDF that was frozen, and that PDF is this invoice alone."""
    return mail.recipients == (row.address,) and mail.pdf == row.pdf != "" and mail.numbers == {row.number}


def is_early(mail, row):
    """Taken while its undo window was open."""
    return bool(mail.at and row.leaves_at) and mail.at < row.leaves_at


def unexplained(rows, is_explained):
    """Ids of doubts that no cut connection explains: each must have cost a killed or held sender."""
    return sorted(row.id for row in rows if row.state == State.IN_DOUBT and not is_explained(row.address))


def unrecorded(rows):
    """Ids whose history is not a walk from WAITING along the permitted moves to the state that they are in."""
    return sorted(row.id for row in rows if not is_walk((State.WAITING, *row.steps), row.state))


def is_walk(steps, end):
    return steps[-1] == end and all(step in LEGAL for step in pairwise(steps))

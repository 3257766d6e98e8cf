"""What the next party says became of letters: its answer files, fetched, understood once, and filed away over there.

An answer never makes a delivery. What it says is a fact about a SENT one, or brings it back.
"""

import logging
import posixpath
import tempfile
from datetime import timedelta
from itertools import islice
from pathlib import Path

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils import timezone
from django_q.tasks import async_task

from distribution import channels, transports
from distribution.channels import answers
from distribution.channels.base import Fate, Refused, Unreachable
from distribution.channels.print_profiles import PROFILES
from distribution.models import Answer, Connection, Delivery, Parcel
from distribution.models.delivery import Receipt
from distribution.reasons import Reason
from distribution.relay import Closed
from distribution.states import State
from distribution.troubles import Trouble
from recipients import history
from recipients.models import ArchivedFile

from .posting import conclude

log = logging.getLogger(__name__)

MOST_FILES = 100  # at one look
CHUNK = 200  # lines in one transaction
UNMATCHED_KEPT = 1000  # lines of a file
UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload")
READ, FAILED = "processed", "failed"  # folders beside the file

Why = Answer.Why
# What may still be said of a letter of which that was said last.
BEFORE = {
    answers.ACCEPTED: [""],
    answers.PRINTED: ["", Receipt.ACCEPTED],
    answers.POSTED: ["", Receipt.ACCEPTED, Receipt.PRINTED],
}
BACK = {answers.REJECTED: Reason.NOT_PRINTED, answers.RETURNED: Reason.RETURNED}


class Later(Exception):
    """A letter of this file is being handed over just now: it is read at the next look."""


def look_for_answers():
    """Ring for each connection over which something may be answered."""
    left = Parcel.objects.filter(company=OuterRef("company"), method=OuterRef("method"), file__isnull=False)
    ways = Connection.objects.filter(Exists(left), method__in=channels.TOGETHER).exclude(kind=Connection.Kind.HTTPS)
    for pk in ways.values_list("pk", flat=True):
        async_task("distribution.jobs.read_answers", str(pk))


def read_answers(connection):
    """Read what lies in the folder of answers, and file it away. Safe to run twice, and by two processes at once.

    Nobody there is no news: it is asked again soon, and what is sent over this connection tells of its trouble.
    """
    try:
        channels.open(connection.method)  # a copy of the database must not take the answers from the real one
        with transports.open(connection) as session:
            for entry in waiting(connection, session):
                read_one(connection, session, entry)
    except (Closed, Refused, Unreachable) as error:
        log.info("no answers over connection %s: %s", connection.pk, error)


def waiting(connection, session):
    """The files to look at, those with new names first: what can never be filed away must not stop the others."""
    try:
        entries = session.names(PROFILES[connection.profile].answers_folder)
    except Unreachable as error:
        if error.reason == Trouble.NO_FOLDER:
            return []  # nobody has answered yet
        raise
    whole = [entry for entry in entries if entry.size and not entry.name.lower().endswith(UNFINISHED)]
    names = [name_of(entry) for entry in whole]
    known = set(Answer.objects.filter(connection=connection, name__in=names).values_list("name", flat=True))
    return sorted(whole, key=lambda entry: (name_of(entry) in known, entry.modified))[:MOST_FILES]


def name_of(entry):
    return transports.base.readable(posixpath.basename(entry.name))[:200]


def read_one(connection, session, entry):
    """One file, from its bytes to its place among those that were read."""
    facts = {"connection": connection, "name": name_of(entry)}
    if entry.size > answers.MAX_BYTES:
        found = Answer.objects.filter(**facts, company=connection.company, file=None, filed_at=None).first()
        answer = found or Answer.objects.create(**facts, company=connection.company, trouble=Answer.Trouble.TOO_LARGE)
        return file_away(answer, session, entry)
    with tempfile.NamedTemporaryFile() as copy:
        session.fetch(entry.name, copy.name, most=answers.MAX_BYTES)
        content = Path(copy.name).read_bytes()
    if len(content) != entry.size:
        return None  # somebody is still writing it
    file = ArchivedFile.objects.keep(connection.company, content, media_type="application/json")
    answer = Answer.objects.filter(company=connection.company, file=file).first()
    if answer is None:
        try:
            found = understand(connection.company, content)
        except Later:
            log.info("an answer over connection %s waits: a letter of it is being handed over", connection.pk)
            return None
        answer, _made = Answer.objects.get_or_create(company=connection.company, file=file, defaults=facts | found)
        if answer.trouble == Answer.Trouble.NOT_WHOLE:
            return None  # perhaps somebody is still writing it: at the next look it has grown, or is given up
    # The halves of it that were seen before.
    Answer.objects.filter(**facts, trouble=Answer.Trouble.NOT_WHOLE, filed_at=None).exclude(pk=answer.pk).delete()
    return file_away(answer, session, entry)


def file_away(answer, session, entry):
    session.file_away(entry.name, FAILED if answer.trouble else READ)
    Answer.objects.filter(pk=answer.pk, filed_at=None).update(filed_at=Now())


def understand(company, content):
    """Do what the bytes of an answer say; returns what came of it as columns of an Answer. Raises Later.

    A crash in the middle costs nothing: what is said twice changes nothing the second time.
    """
    try:
        lines = answers.read(content)
    except answers.Unreadable as error:
        return {"trouble": error.trouble}
    matched, unmatched, left = 0, [], iter(lines)
    while chunk := list(islice(left, CHUNK)):
        refused = apply(company, chunk)
        unmatched += refused
        matched += len(chunk) - len(refused)
    kept = [
        {"id": str(line.id), "status": line.status, "message": line.words, "why": str(why)}
        for line, why in unmatched[:UNMATCHED_KEPT]
    ]
    return {"matched_count": matched, "unmatched_count": len(unmatched), "unmatched": kept}


def letters(company):
    """What an answer to this company may be about."""
    return Delivery.objects.of(company).filter(method__in=channels.TOGETHER)


@transaction.atomic
def apply(company, lines):
    """Do what these lines say; returns [(line, Why)] of those that count for nothing. Raises Later."""
    mine = letters(company).filter(pk__in={line.id for line in lines if not line.why})
    prove_arrival(mine.filter(state=State.IN_DOUBT))
    # Locked, so that each fact is recorded for the rows that it is new for.
    rows = mine.select_for_update(of=("self",)).only("state", "reason", "receipt")
    rows, unmatched, doings = {row.pk: row for row in rows}, [], {}
    if any(row.state == State.HANDING_OVER for row in rows.values()):
        raise Later
    for place, line in sorted(enumerate(lines), key=in_the_order_of_a_letter):
        row = rows.get(line.id)
        if why := line.why or objection(row, line):
            unmatched.append((place, line, why))
        elif row.state == State.SENT and is_news(row, line):
            doings.setdefault((line.status, line.at, line.words), []).append(row.pk)
            remember(row, line)
    provider = provider_of(company)
    for (status, at, words), pks in doings.items():
        tell = bring_back if status in BACK else note
        tell(Delivery.objects.filter(pk__in=pks, state=State.SENT), status, at=at, words=words, provider=provider)
    return [(line, why) for _place, line, why in sorted(unmatched)]


def in_the_order_of_a_letter(placed):
    """One file may say that a letter was posted before it says that it was accepted."""
    _place, line = placed
    return answers.STATUSES.index(line.status) if not line.why else -1


def prove_arrival(doubts):
    """Somebody answers about a letter in doubt: the file that it was in arrived, and so did all letters in it."""
    for parcel in Parcel.objects.filter(pk__in=doubts.values("parcel")):
        conclude(parcel, Fate.ARRIVED)


def objection(row, line):
    """Why a line cannot be about this letter, or ""."""
    if row is None:
        return Why.UNKNOWN
    if row.state not in (State.SENT, State.RETURNED):
        return Why.NOT_SENT
    was_refused = row.state == State.RETURNED and row.reason == Reason.NOT_PRINTED
    was_posted = row.receipt == Receipt.POSTED or (row.state == State.RETURNED and not was_refused)
    if line.status == answers.REJECTED:
        return Why.CONTRADICTS if was_posted else ""
    return Why.CONTRADICTS if was_refused and line.status != answers.ACCEPTED else ""


def is_news(row, line):
    return line.status in BACK or row.receipt in BEFORE[line.status]


def remember(row, line):
    """For the lines after it in the same file."""
    if line.status in BACK:
        row.state, row.reason = State.RETURNED, BACK[line.status]
    else:
        row.receipt = line.status


def note(rows, status, *, at, words, provider):
    """A fact about what is sent; the last one that is waited for ends the waiting."""
    at = said_at(at)
    over = {"receipt_due_at": None} if status == answers.POSTED else {}
    rows.update(receipt=status, receipt_at=at or Now(), **over)
    told_at = at.isoformat() if at else ""
    history.record(rows, f"delivery.receipt_{status}", provider=provider, told_at=told_at, note=words)


def bring_back(rows, status, *, at, words, provider):
    """It was not printed after all, or came back: the invoice shows what it showed before, with a mark."""
    rows.move(
        State.RETURNED, note=words, reason=BACK[status], finished_at=Now(), reply_code="", reply_text=words[:500],
        receipt_at=said_at(at) or Now(), receipt_due_at=None,
    )  # fmt: skip


def said_at(at):
    """When they say that it was; None, where their clock is wrong or they do not say it."""
    return at if at and at < timezone.now() + timedelta(hours=1) else None


def provider_of(company):
    """What the company calls them."""
    names = Connection.objects.of(company).filter(method__in=channels.TOGETHER).values_list("name", flat=True)
    return names.first() or ""

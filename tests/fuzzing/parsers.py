"""Every parser that takes bytes from outside: what good files there are, how they are spoilt, and what reading is.

`read(data)` takes the way that the product takes, up to the rows that it would write. It returns the sentences that a
person would read, none where all is well; anything that it raises is a fault.
"""

import contextlib
import http.client
import io
import json
import socket
import uuid
import zipfile
from collections.abc import Callable
from email import message_from_bytes, policy
from functools import cache
from types import SimpleNamespace
from typing import NamedTuple

from django.core.mail import EmailMessage
from django.db import models
from PIL import Image

from config import cage
from distribution import placeholders
from distribution.actions.importing import _as_data
from distribution.channels import answers, envelope, envelope_picture
from distribution.channels.base import Refused, Unreachable
from distribution.channels.email import in_ascii
from distribution.channels.print_profiles import PROFILES
from distribution.channels.verdict import verdict
from distribution.envelope_words import sentence as words_of
from distribution.findings import sentence
from distribution.forms.mail_texts import MailTextForm
from distribution.models import Connection, MailText
from distribution.reasons import Reason
from distribution.rendering import one_line
from distribution.transports.base import readable
from distribution.transports.ftp import Ftp
from distribution.transports.ftp import Line as FtpLine
from distribution.transports.https import Https
from distribution.transports.line import Line
from distribution.transports.smtp import Lost, Rejected, Session
from distribution.troubles import Trouble
from invoicing import attachments
from invoicing.actions.importing import refuse_what_does_not_fit
from invoicing.documents import from_core
from invoicing.formats import checks, picture, ubl
from invoicing.formats.findings import Unreadable
from invoicing.formats.svg import Refusal
from invoicing.forms.looks import REFUSALS
from invoicing.models import Invoice
from invoicing.windows import WINDOWS
from tests.conformance import FOLDER

from . import monsters, mutations

SAMPLES = cage.ROOT / "tests" / "samples"
MOST_GOOD = 60_000  # bytes of a good file: larger ones only take time


class Parser(NamedTuple):
    good: Callable  # () -> [bytes]
    spoil: tuple  # of mutations, one is chosen
    monsters: Callable  # ([bytes]) -> {name: bytes}
    read: Callable


def samples(kind, ending="*"):
    """The files in our own samples of a kind, and the official ones where they are."""
    folders = (SAMPLES / kind, FOLDER / kind / "examples", FOLDER / kind)
    files = (path for folder in folders if folder.is_dir() for path in sorted(folder.glob(ending)) if path.is_file())
    return [content for content in (path.read_bytes() for path in files) if len(content) <= MOST_GOOD]


def found_by(kind):
    """What the fuzzing found, kept for ever."""
    return samples(f"fuzz/{kind}")


def fits(row):
    """A row as both databases would take it."""
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if isinstance(field, models.DecimalField) and value is not None:
            assert abs(round(value, field.decimal_places)) < 10 ** (field.max_digits - field.decimal_places), field
        if isinstance(value, str):
            assert "\x00" not in value, field
            value.encode()
            assert not field.max_length or len(value) <= field.max_length, field


def harmless(text):
    """Somebody else's words, as they stand on a page."""
    assert text.isprintable()
    assert len(text) <= 600


# --- E-invoices -------------------------------------------------------------------------------------------------------


def read_ubl(data):
    """As actions.importing.take_file, up to the rows."""
    try:
        core, noticed = ubl.read(data)
        wrong = checks.findings(core)
        if not wrong:
            refuse_what_does_not_fit(core)
            invoice, lines, cut = from_core(core)
            for row in (invoice, *lines):
                fits(row)
            noticed = [*noticed, *cut]
    except Unreadable as error:
        wrong = [error.finding]
    found = wrong or noticed
    return [" ".join(map(str, sentence(each))) for each in json.loads(json.dumps(_as_data(found)))]


# --- Print providers, mail servers, FTP and HTTPS servers -------------------------------------------------------------


def read_answer(data):
    try:
        lines = answers.read(data)
    except answers.Unreadable as error:
        return [str(error.trouble.label)]
    for line in lines:
        for kept in (str(line.id), line.status, line.words):
            assert "\x00" not in kept, "PostgreSQL stores no NUL"
            kept.encode()  # half a character raises
        assert line.why or isinstance(line.id, uuid.UUID)
    return [str(line.why.label) for line in lines if line.why]


def good_answers():
    def answer(*items):
        return json.dumps({"batch_id": "1", "received": "2026-11-21T14:02:00Z", "items": list(items)}).encode()

    ids = [str(uuid.UUID(int=n)) for n in range(3)]
    lines = [
        {"id": ids[n % 3], "status": status, "at": "2026-11-21T14:02:00+01:00", "code": "A1", "message": "Klart, tack"}
        for n, status in enumerate(answers.STATUSES)
    ]
    return [answer(), answer(lines[0]), answer(*lines), b"\xef\xbb\xbf" + answer(*lines)]


@contextlib.contextmanager
def wire(data, later=None):
    """(a line over which `data` comes, a function that brings `later`); then its end."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)

        def bring():
            theirs.sendall(later[:75_000])
            theirs.shutdown(socket.SHUT_WR)

        theirs.sendall(data[:75_000])
        if later is None:
            theirs.shutdown(socket.SHUT_WR)
        yield ours, bring


def read_smtp(data):
    """A whole dialogue, as a server might hold it."""
    session = Session("127.0.0.1", 25, "none")
    # What stands behind the invitation to send the mail is the answer to its dot.
    before, invitation, dot = data.partition(b"\r\n354 go on\r\n")
    with wire(before + invitation, dot if invitation else None) as (line, bring):
        Line.reach, reach = (lambda self, host, port: setattr(self, "sock", line)), Line.reach
        passed = []
        try:
            _code, text = session.deliver(
                "us@a.example", "eva@b.example", b"x\r\n", lambda: (passed.append(1), bring())
            )
        except (Rejected, Lost) as trouble:
            judged = verdict(trouble)
            assert len(judged.text) <= 500
            assert judged.text.isprintable()
            return [str(Reason(judged.reason).label)]
        except OSError:
            assert passed, "nobody knows, and the gate was not passed"
            return []
        finally:
            Line.reach = reach
            session.close()
        assert len(text) <= 500
        assert text.isprintable()
        return []


GOOD_SMTP = (
    b"220 mx.test\r\n250-mx.test\r\n250 SIZE 20000000\r\n250 ok\r\n250 ok\r\n354 go on\r\n250 2.0.0 queued as 17\r\n",
    b"220-mx.test\r\n220 ready\r\n250-mx.test\r\n250-AUTH=LOGIN PLAIN\r\n250 8BITMIME\r\n250 ok\r\n550 5.1.1 no\r\n",
    b"220 x\r\n250 x\r\n452 4.2.2 full\r\n",
    b"220 x\r\n250 x\r\n250 ok\r\n432 4.7.0 \xe5\xe4\xf6\r\n",
    b"554 no\r\n",
)


def connection(kind):
    return Connection(kind=kind, host="127.0.0.1", folder="in", company_id=uuid.UUID(int=1))


class FtpWords(FtpLine):
    """ftplib over words that were said already: `control` are its answers, `listing` what comes over each data line."""

    def __init__(self, control, listing):
        super().__init__()
        self.sock = SimpleNamespace(sendall=lambda data: None, close=lambda: None)
        self.sock.makefile = lambda mode, **words: io.TextIOWrapper(io.BytesIO(control), **words)
        self.listen()
        self.listing = listing

    def transfercmd(self, cmd, rest=None):
        self.sendcmd(cmd)
        ours, theirs = socket.socketpair()
        with theirs:
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
            theirs.sendall(self.listing[:150_000])
        return ours


def read_ftp(data):
    """Answers, an empty line, and a listing: as the job that reads answers looks at a folder."""
    control, _empty, listing = data.partition(b"\r\n\r\n")
    said = []
    session = Ftp(connection("ftps"), timeout=1)
    for act in (session.names, session.sweep, lambda: session.find("a.zip")):
        session.line = FtpWords(control, listing)
        try:
            found = act()
        except (Unreachable, Refused) as no:
            harmless(no.text)
            said.append(str(Trouble(no.reason).label))
        else:
            for entry in found if isinstance(found, list) and act == session.names else ():
                entry.name.encode()
                assert entry.size >= 0
                assert entry.modified.tzinfo
        finally:
            session.close()
    return said


FTP_LISTS = tuple(
    b"200 ok\r\n" * 2 + b"150 here\r\n226 done\r\n200 ok\r\n213 12\r\n213 20261121220000\r\n\r\n" + listing
    for listing in (
        b"type=file;size=12;modify=20261121220000; a.json\r\ntype=dir;modify=20261121220000; processed\r\n",
        b"size=5000000000;modify=20261121220000.123;type=file; \xe5\xe4\xf6.json\r\n",
        b".a.zip.0123456789abcdef0123456789abcdef.part\r\na.json\r\nb\xc3\xa5.json\r\n",
    )
)
GOOD_FTP = (
    *FTP_LISTS,
    b"500 what?\r\n200 ok\r\n150 here\r\n226 done\r\n200 ok\r\n213 12\r\n213 20261121220000\r\n\r\na.json\r\n",
)


def read_https(data):
    """What a partner answers to a POST, in two kinds of connection."""
    said = []
    for is_idempotent in (False, True):
        session = Https(connection("https"), timeout=5)
        session.connection.is_idempotent = is_idempotent
        with wire(data) as (line, _bring):
            session.line = http.client.HTTPConnection("127.0.0.1")
            session.line.sock = line
            session.line.putrequest("POST", "/")
            session.line.endheaders()
            try:
                words = session.judged(*session.answer())
            except (Refused, Unreachable) as no:
                harmless(no.text)
                said.append(str((Reason if no.reason in Reason else Trouble)(no.reason).label))
            except (OSError, http.client.HTTPException):
                pass  # a doubt, or "not now"
            else:
                assert words.isprintable()
            session.close()
    return said


GOOD_HTTPS = (
    b"HTTP/1.1 202 Accepted\r\nContent-Length: 17\r\n\r\nOrder 17 received",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"HTTP/1.0 409 Conflict\r\n\r\nalready \xe5",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Later\r\nRetry-After: 10\r\n\r\n",
    b"HTTP/1.1 422 No\r\nContent-Type: application/json\r\n\r\n{}",
)

# --- Pictures, PDFs, files that go along ------------------------------------------------------------------------------


def read_picture(data):
    try:
        content, media_type, notes = picture.clean(data)
    except Refusal as refusal:
        return [str(REFUSALS[refusal.code] % refusal.params)]
    assert content
    json.dumps([media_type, [note._asdict() for note in notes]])
    return []


@cache
def good_pictures():
    found = []
    for form, size, mode in (("PNG", (60, 40), "RGBA"), ("PNG", (300, 90), "P"), ("JPEG", (200, 60), "RGB")):
        out = io.BytesIO()
        Image.new(mode, size, 1).save(out, form)
        found.append(out.getvalue())
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("L", (80, 30), 9).save(out := io.BytesIO(), "JPEG", exif=exif)
    return [*found, out.getvalue()]


GOOD_SVG = (
    (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 14"><style>.a{fill:#123}</style><defs>'
        b'<linearGradient id="g"><stop offset="0" stop-color="#fff"/><stop offset="1" stop-color="rgb(1,2,3)"/>'
        b'</linearGradient></defs><g transform="scale(2)"><path class="a" d="M0 0L5 5z"/><rect fill="url(#g)"'
        b' width="3" height="3"/></g><text x="1" y="2">AB</text></svg>'
    ),
    (
        b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="60" height="14">'
        b'<symbol id="s"><circle r="2" style="fill:red;stroke:url(#x)"/></symbol><use xlink:href="#s"/></svg>'
    ),
)


def read_pdf(data):
    """As a letter is looked at before it is posted, and drawn for the clerk."""
    window = next(iter(WINDOWS.values()))
    found = envelope.inspect(data, lines=["Eva Lund", "Solv\u00e4gen 4"], window=window, profile=PROFILES["neutral"])
    if not any(each.kind in (envelope.Kind.UNREADABLE, envelope.Kind.LOCKED) for each in found):
        with contextlib.suppress(ValueError):
            envelope_picture.picture(data, window=window, findings=found)
    return [" ".join(map(str, words_of(each))) for each in found]


def read_attachment(data):
    """Under each name that a person might give it."""
    said = []
    packed = ("a.docx", "a.odt")
    for name in packed if data.startswith(b"PK") else ("a.pdf", "a.png", "a.jpg", "a.csv", "a.xlsx", "a"):
        try:
            attachments.look(name, data)
        except attachments.Unfit as error:
            said.append(str(error))
    return said


@cache
def good_attachments():
    def packed(names, method=zipfile.ZIP_DEFLATED):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", method) as archive:
            for name, content in names.items():
                archive.writestr(name, content)
        return out.getvalue()

    kinds = {"mimetype": attachments.OPEN_DOCUMENT["odt"], "content.xml": "<a/>"}
    return [
        packed({"[Content_Types].xml": "<Types/>", "word/document.xml": "<a/>"}),
        packed({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<a/>", "xl/vbaProject.bin": "x"}),
        packed(kinds),
        packed(kinds, zipfile.ZIP_STORED),
        packed(kinds, zipfile.ZIP_LZMA),
        packed(kinds, zipfile.ZIP_BZIP2),
        "Räkning;1\r\n".encode(),
    ]


# --- What people type -------------------------------------------------------------------------------------------------


def read_words(data):
    """A mail text as the form takes it, and filled."""
    text = data.decode("utf-8", "replace")
    said = []
    for kind in Invoice.Kind.values:
        form = MailTextForm(
            {"subject": text[:300], "body": text}, instance=MailText(kind=kind, language="sv"), shipped=("", "")
        )
        form.instance._state.adding = False
        if not form.is_valid():
            said += [each for errors in form.errors.values() for each in errors]
            continue
        values = dict.fromkeys(placeholders.NAMES, "{{ number }}\r\nBcc: x@y.example")
        subject = one_line(placeholders.fill(form.cleaned_data["subject"], values))
        mail = EmailMessage(
            subject, placeholders.fill(form.cleaned_data["body"], values), "a@b.example", ["c@d.example"]
        )
        made = message_from_bytes(mail.message().as_bytes(), policy=policy.default)
        assert "Bcc" not in made
    return said


GOOD_WORDS = (
    "Faktura {{ number }} från {{company}}\nHej {{ customer }},\n\n{{amount}} senast {{ due }}".encode(),
    b"Hi",
)


def read_name(data):
    """The name of a file, as it goes into an archive, a mail header and a page."""
    name = data.decode("utf-8", "replace")
    shown = attachments.safe_name(name)
    assert 0 < len(shown) <= 90
    assert not set(shown) & set('/\\<>:"|?*\r\n\x00')
    mail = EmailMessage("x", "y", "a@b.example", ["c@d.example"])
    mail.attach(shown, b"%PDF-", "application/pdf")
    (part,) = message_from_bytes(mail.message().as_bytes(), policy=policy.default).iter_attachments()
    assert part.get_filename()
    assert readable(name).isprintable()
    with contextlib.suppress(attachments.Unfit):
        attachments.look(name, b"x")
    return []


GOOD_NAMES = ("Räkning 2026-118.pdf".encode(), b"a.tar.gz", b"C:\\Users\\eva\\faktura.PDF", b"x" * 200 + b".docx")


def read_address(data):
    try:
        made = in_ascii(data.decode("utf-8", "replace"))
    except ValueError:
        return [str(Reason.BAD_EMAIL.label)]
    assert made.isascii()
    assert made.count("@") == 1
    assert len(made) <= 254
    assert not set(made) & set(" \r\n<>,;")
    return []


GOOD_ADDRESSES = (b"eva@borg.example", "eva.lund+faktura@åäö.example".encode(), b"o'hara@[127.0.0.1]", b"a@b.se")

BYTES, TEXT, LINES = (mutations.by_bytes,), (mutations.by_text,), (mutations.by_lines, mutations.by_bytes)
ELEMENTS = (mutations.by_elements, mutations.by_elements, mutations.by_bytes)
VALUES = (mutations.by_values, mutations.by_values, mutations.by_bytes)


def with_found(kind, good):
    """The good files and what was found earlier, as a function."""
    return lambda: [*good(), *found_by(kind)]


PARSERS = {
    kind: Parser(with_found(kind, good), spoil, named, read)
    for kind, good, spoil, named, read in (
        ("ubl", lambda: samples("ubl", "*.xml"), ELEMENTS, monsters.of_xml, read_ubl),
        ("answer", good_answers, VALUES, monsters.of_json, read_answer),
        ("smtp", lambda: GOOD_SMTP, LINES, monsters.of_lines, read_smtp),
        ("ftp", lambda: GOOD_FTP, LINES, monsters.of_lines, read_ftp),
        ("https", lambda: GOOD_HTTPS, LINES, monsters.of_lines, read_https),
        ("svg", lambda: GOOD_SVG, ELEMENTS, monsters.of_svg, read_picture),
        ("picture", good_pictures, BYTES, monsters.of_pictures, read_picture),
        ("pdf", lambda: [*monsters.GOOD_PDFS, *samples("facturx-pdf", "*.pdf")], BYTES, monsters.of_pdf, read_pdf),
        ("attachment", good_attachments, BYTES, monsters.of_zip, read_attachment),
        ("words", lambda: GOOD_WORDS, TEXT, monsters.of_text, read_words),
        ("name", lambda: GOOD_NAMES, TEXT, monsters.of_text, read_name),
        ("address", lambda: GOOD_ADDRESSES, TEXT, monsters.of_text, read_address),
    )
}

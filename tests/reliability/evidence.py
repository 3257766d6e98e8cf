"""Gathers what the checker judges: from the database, and from the mail that the sink took."""

import contextlib
import hashlib
import json
import re
import zipfile
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pypdfium2

from distribution.models import Delivery, Enclosure
from distribution.models.delivery import shown_on_invoice
from invoicing.models import Invoice
from recipients.models import Event

from .checker import Letter, Mail, Row

NUMBER = re.compile(r"CH\d{6}")


def rows():
    """Every delivery with its frozen PDF and its history."""
    pdfs = dict(Enclosure.objects.filter(role=Enclosure.Role.PDF).values_list("delivery", "file__sha256"))
    steps = {}
    states = Event.objects.filter(what__startswith="delivery.").exclude(
        what__in=("delivery.queued", "delivery.handled")
    )
    for about, what in states.order_by("id").values_list("about", "what"):
        steps.setdefault(about, []).append(what.removeprefix("delivery."))
    return [
        Row(
            id=str(row.pk),
            state=row.state,
            # The clerk ticked this address; the route is set a moment later, and not at all for what was undone before.
            address=row.address or row.invoice.customer.email,
            number=row.invoice.number,
            pdf=pdfs.get(row.pk, ""),
            steps=tuple(steps.get(row.pk, ())),
            closed_by_a_person=row.closed_by_id is not None,
            leaves_at=row.leaves_at,
        )
        for row in Delivery.objects.select_related("invoice__customer")
    ]


def mails(world):
    """Every message of the sink's log, opened."""
    return [mail(line, (world.folder / line["path"]).read_bytes()) for line in world.accepted()]


def delivery_of(line):
    """Whose mail a line of the sink's log is: what stands before the @ of the Message-ID."""
    return (line["message_id"] or "").strip("<>").partition("@")[0]


def mail(line, content):
    message = message_from_bytes(content, policy=policy.default)
    documents = [
        part.get_content() for part in message.iter_attachments() if part.get_content_type() == "application/pdf"
    ]
    is_whole = hashlib.sha256(content).hexdigest() == line["sha256"] and len(documents) == 1
    return Mail(
        id=delivery_of(line),
        recipients=tuple(line["rcpt"]),
        pdf=hashlib.sha256(documents[0]).hexdigest() if is_whole else "",
        numbers=numbers_on(documents[0]) if is_whole else frozenset(),
        at=datetime.fromisoformat(line["at"]),
    )


def letters(path):
    """Every letter of a provider's file, as its manifest and its hashes say; one of no row when it is no such file."""
    try:
        with zipfile.ZipFile(path) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        manifest = json.loads(files["manifest.json"])
        sums = dict(line.split("  ")[::-1] for line in files.pop("SHA256SUMS").decode().splitlines())
        items = {item["file"]: item for item in manifest["items"]}
    except (zipfile.BadZipFile, KeyError, ValueError):
        return [Letter(path.name)]
    is_whole = (
        sums == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        and len(items) == len(manifest["items"]) == manifest["totals"]["documents"]
        and files.keys() == {"manifest.json", *items}
    )
    at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return [letter(item, files.get(name, b"") if is_whole else b"", at) for name, item in items.items()]


def letter(item, document, at):
    to = item["recipient"]
    address = "\n".join([to["name"], *to["lines"], to["postcode"], to["city"], to["country"]])
    digest = hashlib.sha256(document).hexdigest()
    is_right = digest == item["sha256"] and item["document_no"] in numbers_on(document)
    return Letter(item["id"], (address,), digest if is_right else "", numbers_on(document), at)


def numbers_on(document):
    """Every invoice number that a reader of this PDF sees; none when no reader opens it."""
    try:
        pdf = pypdfium2.PdfDocument(document)
    except pypdfium2.PdfiumError:
        return frozenset()
    with contextlib.closing(pdf):
        return frozenset(number for page in pdf for number in NUMBER.findall(page.get_textpage().get_text_range()))


def stale_invoices():
    """Numbers of invoices whose own columns do not say what their deliveries say."""
    shown = shown_on_invoice()
    now = {f"now_{name}": expression for name, expression in shown.items()}
    return sorted(
        row["number"]
        for row in Invoice.objects.annotate(**now).values("number", "reminder_count", *shown, *now)
        if row["reminder_count"] or any(row[name] != row[f"now_{name}"] for name in shown)
    )

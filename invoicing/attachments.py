"""Files that go along with an invoice: which ones may, by what they hold and not by what they are called."""

import io
import re
import unicodedata
import zipfile

from django.utils.translation import gettext as _

from config.template_tags import count

MOST = 10  # files of one invoice
# Together with the PDF and the coding of mail (4/3) this stays below settings.SENDING["mail_max_bytes"].
MOST_BYTES = 6 * 1024 * 1024
OFFICE = {
    "docx": ("word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xlsx": ("xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "pptx": ("ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
}
OPEN_DOCUMENT = {
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}
ACCEPT = ".pdf,.png,.jpg,.jpeg,.txt,.csv,.docx,.xlsx,.pptx,.odt,.ods"


class Unfit(Exception):
    """A file that may not go along; its text says why and what to do."""


def look(name, content):
    """(name as the recipient sees it, media type) of a file. Raises Unfit."""
    shown = safe_name(name)
    ending = shown.rpartition(".")[2].lower()
    if not content:
        raise Unfit(_("%s is empty.") % shown)
    media_type = media_type_of(content, ending)
    if not media_type:
        words = _("%s cannot go along: a PDF, a picture (PNG, JPEG), a text or an Office file without macros can.")
        raise Unfit(words % shown)
    return shown, media_type


def check_size(sizes, stored):
    """Whether files of so many bytes fit beside the stored InvoiceFiles. Raises Unfit."""
    if len(sizes) + len(stored) > MOST:
        raise Unfit(_("At most %s files go along with an invoice.") % MOST)
    size = sum(sizes) + sum(each.file.size for each in stored)
    if size > MOST_BYTES:
        said = {"size": count(-(-size // 1024)), "most": MOST_BYTES // 1024**2}
        raise Unfit(_("The files are %(size)s kB together. At most %(most)s MB can go along in a mail.") % said)


def media_type_of(content, ending):
    """The media type when the bytes are what the ending says, else ""."""
    if content.startswith(b"%PDF-"):
        return "application/pdf" if ending == "pdf" else ""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png" if ending == "png" else ""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg" if ending in ("jpg", "jpeg") else ""
    if content.startswith(b"PK\x03\x04"):
        return _of_a_zip(content, ending)
    if ending in ("txt", "csv") and _is_text(content):
        return "text/csv" if ending == "csv" else "text/plain"
    return ""


def _of_a_zip(content, ending):
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if ending in OPEN_DOCUMENT:
                kind = archive.open("mimetype").read(100).decode("ascii") if "mimetype" in names else ""
                has_macros = any(name.startswith(("Basic/", "Scripts/")) for name in names)
                return kind if kind == OPEN_DOCUMENT[ending] and not has_macros else ""
    except Exception:
        # What breaks the unpacking is no Office file. zipfile lets through what zlib, lzma, bz2 and struct raise.
        return ""
    if ending not in OFFICE or "[Content_Types].xml" not in names:
        return ""
    folder, media_type = OFFICE[ending]
    has_macros = any(name.lower().endswith("vbaproject.bin") for name in names)
    return media_type if any(name.startswith(folder) for name in names) and not has_macros else ""


def _is_text(content):
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character in "\r\n\t\ufeff" for character in text)


def safe_name(name):
    """The last part of a path without what could end a header or turn its reading direction, at most 90 characters."""
    last = re.split(r"[/\\]", name)[-1]
    plain = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C")
    plain = re.sub(r'[<>:"|?*]', "_", plain).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    return f"{stem[:80]}{dot}{ending[:8]}" if stem else plain[:80] or "file"

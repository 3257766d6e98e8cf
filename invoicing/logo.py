"""A company's logo as it goes on paper: a small PNG, or an SVG that reaches for nothing outside itself."""

import io
import re
from functools import lru_cache
from typing import NamedTuple

from lxml import etree
from PIL import Image

from config import cage
from invoicing.formats import safexml
from invoicing.formats.findings import Unreadable
from invoicing.formats.svg import Note, Refusal
from recipients.models import ArchivedFile

SVG = "{http://www.w3.org/2000/svg}"
MAX_PIXELS = 20_000_000
PRINTED = (1000, 300)  # pixels; 60 x 14 mm at more than 300 dpi
OUTWARD = re.compile(r"""@import|url\(\s*["']?(?!#)""", re.IGNORECASE)


class Picture(NamedTuple):
    """A cleaned logo, and what was done to it."""

    content: bytes
    media_type: str
    notes: list  # of Note


def cleaned(data):
    """The Picture of a file that somebody handed in, taken apart in a cage. Raises Refusal."""
    try:
        facts, content = cage.run("invoicing.formats.picture", data)
    except cage.Broke as error:
        raise Refusal("too-heavy", text=str(error)) from error
    if "refused" in facts:
        raise Refusal(facts["refused"], **facts["params"])
    return Picture(content, facts["media_type"], [Note(**note) for note in facts["notes"]])


def logo(company):
    """(bytes, media type), or None when there is none or its bytes are no picture: then the name stands there."""
    return drawable(company.logo_id) if company.logo_id else None


@lru_cache(maxsize=32)
def drawable(pk):
    """logo() of an archived file, by its primary key."""
    # By primary key: an archived file never changes, so a process reads and shrinks each logo once.
    content = ArchivedFile.objects.get(pk=pk).read()
    return _svg(content) if b"<svg" in content[:1000] else _png(content)


def _svg(content):
    try:
        root = safexml.parse(content)
    except Unreadable:
        return None
    if root.tag != f"{SVG}svg" or any(_reaches_out(element) for element in root.iter()):
        return None
    return content, "image/svg+xml"


def _reaches_out(element):
    """Whether drawing it would fetch something or run something."""
    if element.tag in (f"{SVG}script", f"{SVG}foreignObject") or OUTWARD.search(element.text or ""):
        return True
    for name, value in element.attrib.items():
        if etree.QName(name).localname in ("href", "src") and not value.startswith(("#", "data:image/")):
            return True
        if OUTWARD.search(value):
            return True
    return False


def _png(content):
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                return None
            picture.thumbnail(PRINTED)
            out = io.BytesIO()
            picture.convert("RGBA" if picture.has_transparency_data else "RGB").save(out, "PNG")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return out.getvalue(), "image/png"

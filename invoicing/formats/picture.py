"""A logo as it may go on paper: what somebody handed in, taken apart and written anew. Plain Python, run in a cage.

A PNG or JPEG is decoded, turned upright, scaled to what print needs and written as a PNG without its metadata. An SVG
is rewritten with the elements and attributes of a list (svg.py); what would run or fetch anything is refused.
"""

import io

from PIL import Image, ImageOps

from . import svg
from .svg import Note, Refusal

MAX_BYTES = 2 * 1024 * 1024
MAX_PIXELS = 20_000_000
PRINTED = (1000, 300)  # pixels; 60 x 14 mm at more than 300 dpi
PLACE = (60, 14)  # mm, at most
COARSE = 150  # dpi


def caged(data):
    """The facts {"media_type", "notes"} and the bytes of the cleaned picture; or {"refused", "params"} and nothing."""
    try:
        content, media_type, notes = clean(data)
    except Refusal as refusal:
        return {"refused": refusal.code, "params": refusal.params}, b""
    return {"media_type": media_type, "notes": [note._asdict() for note in notes]}, content


def clean(data):
    """(bytes, media type, notes) of a picture. What it is shows in its content, never in its name. Raises Refusal."""
    if len(data) > MAX_BYTES:
        raise Refusal("too-large", size=len(data), limit=MAX_BYTES)
    if data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        return pixels(data)
    if b"<svg" in data[:4096]:
        content, notes = svg.clean(data)
        return content, "image/svg+xml", notes
    raise Refusal("no-picture")


def pixels(data):
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
            size = picture.size
            if size[0] * size[1] > MAX_PIXELS:
                raise Refusal("too-many-pixels", width=size[0], height=size[1], limit=MAX_PIXELS // 1_000_000)
            picture.draft("RGB", (PRINTED[0] * 2, PRINTED[1] * 2))  # a JPEG is decoded no larger than it is needed
            upright = ImageOps.exif_transpose(picture)
            plain = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    except Refusal:
        raise
    except Image.DecompressionBombError as error:
        raise Refusal("bomb", limit=MAX_PIXELS // 1_000_000) from error
    except (OSError, ValueError, SyntaxError) as error:
        raise Refusal("broken") from error
    plain.thumbnail(PRINTED, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    plain.save(out, "PNG", optimize=True)
    notes = []
    if size[0] > PRINTED[0] * 1.01 or size[1] > PRINTED[1] * 1.01:
        notes.append(Note("scaled", {"width": size[0], "height": size[1], "to": f"{plain.width} × {plain.height}"}))
    dots = round(max(plain.width / PLACE[0], plain.height / PLACE[1]) * 25.4)
    if dots < COARSE:
        notes.append(Note("coarse", {"dpi": dots}))
    return out.getvalue(), "image/png", notes

"""A company's logo as it goes on paper: a small PNG or an SVG that reaches for nothing outside itself."""

import io
import re
from functools import lru_cache

from PIL import Image

from recipients.models import ArchivedFile

MAX_PIXELS = 20_000_000
PRINTED = (1000, 300)  # pixels; 60 x 14 mm at more than 300 dpi
# A picture of the house may not fetch, import or declare: those SVGs are refused whole.
OUTWARD = re.compile(
    rb"""<!DOCTYPE|<!ENTITY|<script|<foreignObject|@import|url\(\s*["']?(?!#)|(?:href|src)\s*=\s*["'](?!\#|data:image/)""",
    re.IGNORECASE,
)


def logo(company):
    """(bytes, media type), or None when there is none or its bytes are no picture: then the name stands there."""
    return _drawable(company.logo_id) if company.logo_id else None


@lru_cache(maxsize=32)
def _drawable(pk):
    # By primary key: an archived file never changes, so a process reads and shrinks each logo once.
    content = ArchivedFile.objects.get(pk=pk).read()
    if b"<svg" in content[:1000]:
        return None if OUTWARD.search(content) else (content, "image/svg+xml")
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

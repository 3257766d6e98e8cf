"""A letter's first page as a picture: in its envelope, with what is wrong marked where it stands."""

import io

from PIL import Image, ImageDraw, ImageFont

from .envelope import NO_PRINT
from .pdfium import MM, opened

DOTS = 5  # in a millimetre
VEIL = (21, 32, 27, 46)  # over what the envelope covers
FRAME = (11, 106, 97)
ZONE = (119, 73, 0)
WRONG = (160, 26, 26)


def picture(content, *, window, findings):
    """PNG of page one. Each finding that has a place there is framed and bears its number in the list, from 1."""
    with opened(content) as document:
        page = document[0].render(scale=DOTS / MM).to_pil().convert("RGB")
    covered = Image.alpha_composite(page.convert("RGBA"), Image.new("RGBA", page.size, VEIL)).convert("RGB")
    hole = dots(window.box)
    covered.paste(page.crop(hole), hole[:2])
    pen = ImageDraw.Draw(covered)
    pen.rectangle(hole, outline=FRAME, width=3)
    for zone in NO_PRINT if findings else ():
        hatch(covered, dots(zone))
    font = ImageFont.load_default(size=3 * DOTS)
    for number, finding in enumerate(findings, 1):
        if finding.box and finding.page == 1:
            left, top, right, bottom = dots(finding.box.grown(0.8))
            pen.rectangle((left, top, right, bottom), outline=WRONG, width=4)
            tag = (right, top, right + 4 * DOTS, top + 4 * DOTS)
            pen.rectangle(tag, fill=WRONG)
            pen.text((right + 2 * DOTS, top + 2 * DOTS), str(number), fill="white", font=font, anchor="mm")
    out = io.BytesIO()
    covered.save(out, "PNG", optimize=True)
    return out.getvalue()


def dots(box):
    return tuple(round(edge * DOTS) for edge in box)


def hatch(image, box):
    """Slanted lines, so that the zone is seen without its colour."""
    zone = image.crop(box)
    pen = ImageDraw.Draw(zone)
    for offset in range(0, zone.width + zone.height, 2 * DOTS):
        pen.line((offset, 0, offset - zone.height, zone.height), fill=ZONE, width=1)
    pen.rectangle((0, 0, zone.width - 1, zone.height - 1), outline=ZONE, width=2)
    image.paste(zone, box[:2])

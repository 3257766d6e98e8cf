"""Whether a letter can be printed and put into its envelope: looked at before anything is posted.

Rules, and who published them: A4, fonts in the file, no password, at most 3 MB (PostNord eBREV, 21grams iMail); 10 mm
of white around the address (grafiskdigital.no); the printers' own zones (Digipost). Letter text begins 70 mm from the
top or lower, so that it stays out of sight when the page moves in its envelope: each window ends there or lower, and
nothing but the address may stand in it.
"""

import ctypes
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import groupby

import pypdfium2.raw as raw
from PIL import ImageDraw
from pypdfium2 import PdfiumError

from distribution.reasons import Reason
from invoicing.windows import Box

from .pdfium import MM, opened

A4 = (210, 297)  # mm
WHITE = 10  # mm around the address
# What a printer puts there itself. Digipost: its bar code, on the margin of every sheet.
NO_PRINT = (Box(0, 95, 15, 175),)
DOTS = 3  # of the picture in which we look for lines and images, in a millimetre
PALE = 250  # of 255: lighter is paper
NEARLY = 1  # mm: pages of other programs are rounded


class Kind(StrEnum):
    """What can be wrong, worst first."""

    UNREADABLE = "unreadable"
    LOCKED = "locked"
    TOO_LARGE = "too_large"
    TOO_MANY_SHEETS = "too_many_sheets"
    NOT_A4 = "not_a4"
    FONT_MISSING = "font_missing"
    WRONG_ADDRESS = "wrong_address"
    ADDRESS_OUTSIDE = "address_outside"
    IN_WINDOW = "in_window"
    TOO_NEAR = "too_near"
    IN_NO_PRINT = "in_no_print"


REASONS = {
    **dict.fromkeys(
        (Kind.UNREADABLE, Kind.LOCKED, Kind.TOO_LARGE, Kind.NOT_A4, Kind.FONT_MISSING), Reason.NOT_PRINTABLE
    ),
    Kind.TOO_MANY_SHEETS: Reason.TOO_MANY_SHEETS,
    Kind.WRONG_ADDRESS: Reason.WRONG_IN_WINDOW,
    Kind.ADDRESS_OUTSIDE: Reason.OUTSIDE_WINDOW,
    Kind.IN_WINDOW: Reason.WINDOW_NOT_CLEAR,
    Kind.TOO_NEAR: Reason.WINDOW_NOT_CLEAR,
    Kind.IN_NO_PRINT: Reason.IN_NO_PRINT_ZONE,
}


@dataclass(frozen=True)
class Finding:
    """`text`: the words of the page, the name of the font, a size or a number; "" for a line or an image."""

    kind: Kind
    text: str = ""
    page: int = 1
    box: Box | None = None  # on the page, mm

    @property
    def reason(self):
        return REASONS[self.kind]


@dataclass(frozen=True)
class Run:
    """Words that stand together on one line."""

    text: str
    box: Box


class Sheet:
    """One page as it will be seen: its runs of text, and a small picture of what is no text."""

    def __init__(self, page):
        self.page = page
        self.width, self.height = page.get_size()

    @cached_property
    def runs(self):
        """In the order of the file: the letters that one drawing order sets, and the box of their ink."""
        layer, found = self.page.get_textpage(), []
        for _order, letters in groupby(range(layer.count_chars()), lambda index: order_of(layer, index)):
            letters = list(letters)
            text = readable("".join(chr(raw.FPDFText_GetUnicode(layer, index)) for index in letters))
            if text:
                found.append(Run(text, self.box_around([layer.get_charbox(index) for index in letters])))
        return found

    def box_around(self, boxes):
        """In millimetres, of what is in points from the lower left corner. A space has no size."""
        lefts, bottoms, rights, tops = zip(*[box for box in boxes if box[0] < box[2]] or boxes, strict=True)
        return Box(min(lefts) / MM, (self.height - max(tops)) / MM, max(rights) / MM, (self.height - min(bottoms)) / MM)

    @cached_property
    def drawn(self):
        """A grey picture without the text. Looked at rather than read: clips and white fills are as they will be."""
        image = self.page.render(scale=DOTS / MM, grayscale=True).to_pil().copy()
        for run in self.runs:
            blank(image, run.box.grown(0.5))
        return image

    def ink(self, area):
        """The Box of the lines and images in `area`, or None. What was found once is not found again."""
        dots = [round(edge * DOTS) for edge in area]
        marks = self.drawn.crop(dots).point(lambda shade: 255 if shade < PALE else 0).getbbox()
        blank(self.drawn, area)
        if marks is None:
            return None
        left, top, right, bottom = (edge / DOTS for edge in marks)
        return Box(area.left + left, area.top + top, area.left + right, area.top + bottom)


def order_of(layer, index):
    return ctypes.cast(raw.FPDFText_GetTextObject(layer, index), ctypes.c_void_p).value


def blank(image, box):
    ImageDraw.Draw(image).rectangle([round(edge * DOTS) for edge in box], fill=255)


def inspect(content, *, lines, window, profile):
    """What is wrong with the PDF of a letter: Findings, worst first; none when it may be posted.

    `lines` are the address as it must stand in `window` (an invoicing.windows.Window); `profile` says what the printer
    takes.
    """
    try:
        with opened(content) as document:
            return of_the_file(content, document, profile) or of_the_pages(document, lines, window)
    except PdfiumError as error:
        return [Finding(Kind.LOCKED if error.err_code == raw.FPDF_ERR_PASSWORD else Kind.UNREADABLE)]


def of_the_file(content, document, profile):
    """What makes it useless to look at its pages."""
    pages = len(document)
    if raw.FPDF_GetSecurityHandlerRevision(document) != -1:
        return [Finding(Kind.LOCKED)]
    if profile.max_bytes and len(content) > profile.max_bytes:
        return [Finding(Kind.TOO_LARGE, f"{len(content) / 1_000_000:.1f} MB")]
    if profile.max_sheets and profile.sheets(pages) > profile.max_sheets:
        return [Finding(Kind.TOO_MANY_SHEETS, str(profile.sheets(pages)))]
    return []


def of_the_pages(document, lines, window):
    found, fonts = [], set()
    for number, page in enumerate(document, 1):
        size = [edge / MM for edge in page.get_size()]
        if any(abs(edge - wanted) > NEARLY for edge, wanted in zip(size, A4, strict=True)):
            found.append(Finding(Kind.NOT_A4, "{:.0f} × {:.0f} mm".format(*size), number))
            continue
        for name in missing_fonts(page) - fonts:
            fonts.add(name)
            found.append(Finding(Kind.FONT_MISSING, name, number))
        sheet = Sheet(page)
        address = []
        if number == 1:
            address, seen = in_the_window(sheet, lines, window)
            found += seen
        found += in_no_print(sheet, number, but=address)
    return sorted(found, key=lambda finding: list(Kind).index(finding.kind))


def missing_fonts(page):
    fonts = [each.get_font() for each in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT])]
    return {font.get_base_name() for font in fonts if not font.is_embedded}


def in_the_window(sheet, lines, window):
    """(runs of the address, Findings) of the first page."""
    address = runs_of(sheet.runs, lines, window)
    others = [run for run in sheet.runs if run not in address]
    seen = [run for run in others if run.box.meets(window.box)]
    if not address:
        return seen, [Finding(Kind.WRONG_ADDRESS, " ".join(run.text for run in seen), box=window.box)]
    found = [Finding(Kind.ADDRESS_OUTSIDE, run.text, box=run.box) for run in address if not window.box.holds(run.box)]
    found += of_an_area(sheet, others, window.box, Kind.IN_WINDOW)
    around = surrounding(address)
    others = [run for run in others if run not in seen]
    return [*address, *seen], found + of_an_area(sheet, others, around, Kind.TOO_NEAR)


def surrounding(address):
    """The white that belongs to the address, as far as there is paper."""
    boxes = [run.box for run in address]
    left, top = min(box.left for box in boxes), min(box.top for box in boxes)
    right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
    left, top, right, bottom = Box(left, top, right, bottom).grown(WHITE)
    return Box(max(left, 0), max(top, 0), min(right, A4[0]), min(bottom, A4[1]))


def in_no_print(sheet, number, *, but):
    others = [run for run in sheet.runs if run not in but]
    return [
        finding for zone in NO_PRINT for finding in of_an_area(sheet, others, zone, Kind.IN_NO_PRINT, number=number)
    ]


def of_an_area(sheet, runs, area, kind, *, number=1):
    """A Finding for each of these runs that reaches into `area`, and one for the lines and images in it."""
    found = [Finding(kind, run.text, number, run.box) for run in runs if run.box.meets(area)]
    drawn = sheet.ink(area)
    return [*found, Finding(kind, "", number, drawn)] if drawn else found


def runs_of(runs, lines, window):
    """The runs that spell the address from its first letter to its last, or []: rather those in the window."""
    wanted, spellings = letters("".join(lines)), []
    for start in range(len(runs)):
        spelled = ""
        for end, run in enumerate(runs[start:], start + 1):
            spelled += letters(run.text)
            if spelled == wanted:
                spellings.append(runs[start:end])
            if not wanted.startswith(spelled) or spelled == wanted:
                break
    return max(spellings, key=lambda found: sum(run.box.meets(window.box) for run in found), default=[])


def readable(text):
    """Whole characters, and no control characters: PDFium writes a hyphen at the end of a line as one."""
    text = text.replace("\x02", "-").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return "".join(each for each in text if unicodedata.category(each) != "Cc").strip()


def letters(text):
    """What is compared: no spaces, no hyphens (a line may end in one of its own), nothing invisible."""
    return "".join(
        each
        for each in unicodedata.normalize("NFKC", text)
        if unicodedata.category(each) not in ("Zs", "Pd", "Cc", "Cf")
    )

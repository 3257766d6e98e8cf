"""An invoice as a document: the HTML of its page, and the PDF that WeasyPrint prints of it."""

import re
import unicodedata
from functools import lru_cache

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import pgettext

from invoicing.colour import brand, readable
from invoicing.logo import logo
from invoicing.models import DocumentTemplate
from invoicing.page import page, title
from invoicing.payment_code import payload, png

PAPER = "#ffffff"
BOX = "#f1f4f1"  # the payment box of document.css


# layout -> (the page, the style sheets that it needs beside document.css)
LAYOUTS = {
    DocumentTemplate.Layout.WINDOW: ("documents/invoice.html", ()),
    DocumentTemplate.Layout.COMPACT: ("documents/compact.html", ("css/document_compact.css",)),
}


def render(invoice, *, template, language, letter_to=(), is_test=False):
    """The invoice as a PDF: tagged (PDF/UA-1), in `language`, with the texts of `template` (or None).

    `letter_to`: lines of the address to which it is posted; they alone stand in the window then, whatever address the
    document has. `is_test`: marked all over, and with nothing that money could be paid to.
    """
    from invoicing.press import print_pdf  # slow import: a process that prints nothing should not pay for it

    content = _markup(invoice, template=template, language=language, letter_to=letter_to, is_test=is_test)
    _page, sheets = layout_of(template)
    return print_pdf(content, css=stylesheet(invoice.company), files=files(invoice), sheets=sheets)


def html(invoice, *, template, language, folder=""):
    """The same page for a preview on screen. `folder` is the address below which files() are found."""
    return _markup(invoice, template=template, language=language, screen=True, folder=folder)


def layout_of(template):
    return LAYOUTS[template.layout if template else DocumentTemplate.Layout.WINDOW]


def files(invoice):
    """What the page shows beside its text, by the name that it uses: name -> (bytes, media type)."""
    found = {"company.css": (stylesheet(invoice.company).encode(), "text/css")}
    if picture := logo(invoice.company):
        found["logo"] = picture
    if text := payload(invoice):
        found["code.png"] = (png(text), "image/png")
    return found


def stylesheet(company):
    """The company's colour for the page: on the rule, and on text as far as it can be read."""
    colour = brand(company)
    return (
        f".brand{{color:{readable(colour, on=PAPER)}}}"
        f".payment{{border-color:{colour}}}"
        f".due strong{{color:{readable(colour, on=BOX)}}}"
    )


def file_name(invoice):
    """Faktura-10240.pdf: safe in every mail program and file system, whatever the number holds."""
    plain = (
        unicodedata.normalize("NFKD", f"{title(invoice)}-{invoice.number or pgettext('document', 'Draft')}")
        .encode("ascii", "ignore")
        .decode()
    )
    return re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip("-.")[:96] + ".pdf"


def missing_glyphs(text):
    """The characters of `text` that no shipped font has: they would be printed as boxes, or by luck of the machine."""
    return {character for character in text if character.isprintable() and ord(character) not in _covered()} - {" "}


@lru_cache(maxsize=1)
def _covered():
    from fontTools.ttLib import TTFont  # slow import

    folder = finders.find("fonts/documents")
    names = ("Inter-Regular.ttf", "Inter-Medium.ttf", "Inter-SemiBold.ttf")
    inter = [set(TTFont(f"{folder}/{name}", lazy=True).getBestCmap()) for name in names]
    return set.intersection(*inter) | set(TTFont(f"{folder}/DejaVuSans.ttf", lazy=True).getBestCmap())


def _markup(invoice, *, template, language, screen=False, folder="", letter_to=(), is_test=False):
    document, sheets = layout_of(template)
    with translation.override(language):
        context = page(invoice, template=template, language=language, letter_to=letter_to, is_test=is_test)
        context["has_logo"] = logo(invoice.company) is not None
        context["has_code"] = bool(payload(invoice)) and not is_test
        context["sheets"] = sheets
        context["screen"] = screen
        context["folder"] = folder
        return render_to_string(document, context)

"""The printing press: WeasyPrint with our fonts and our style sheet, set up once a process.

Importing this takes half a second and some 60 MB, so `invoicing.pdf` does it when the first page is to be printed.
"""

from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders
from weasyprint import CSS, HTML
from weasyprint.logger import PROGRESS_LOGGER
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

# Its INFO is a dozen lines a page.
PROGRESS_LOGGER.setLevel("WARNING")
# Nothing answers at this address (RFC 2606): all that a page may name is in memory under it.
BASE = "https://document.invalid/"
STYLE = "css/document.css"  # of every layout; a layout may have one more
FONT_FOLDER = "fonts/documents"


class Outward(Exception):
    """A document wanted something from outside."""


class Memory(URLFetcher):
    """Gives out the files it was made with, by name; anything else ends the printing. It opens no file, no socket."""

    def __init__(self, files):
        super().__init__(allowed_protocols=())
        self.files = files

    def fetch(self, url, headers=None):
        name = url.removeprefix(BASE)
        if name not in self.files:
            raise FatalURLFetchingError(f"a document may not fetch {url[:200]!r}")
        content, media_type = self.files[name]
        return URLFetcherResponse(url, content, {"Content-Type": media_type})


def static(name):
    return Path(finders.find(name))


SHIPPED = {f"{FONT_FOLDER}/{path.name}": (path.read_bytes(), "font/ttf") for path in static(FONT_FOLDER).glob("*.ttf")}
# A font's glyphs are found once; with a configuration a document they would be looked for on every page.
FONTS = FontConfiguration()
DOCUMENT = CSS(string=static(STYLE).read_text(), base_url=BASE + STYLE, url_fetcher=Memory(SHIPPED), font_config=FONTS)


@lru_cache(maxsize=64)
def parsed(css):
    return CSS(string=css, base_url=BASE, url_fetcher=Memory({}))


@lru_cache
def shipped(name):
    """A style sheet of ours, by its name among the static files."""
    return parsed(static(name).read_text())


def print_pdf(html, *, css, files, sheets=()):
    """PDF/UA-1 of `html`. `files`: name -> (bytes, media type), all that the page can show beside our fonts.

    `sheets` are static files that go between our style sheet and `css`. Raises Outward when the page names anything
    else.
    """
    try:
        return HTML(string=html, base_url=BASE, url_fetcher=Memory(files)).write_pdf(
            stylesheets=[DOCUMENT, *map(shipped, sheets), parsed(css)], font_config=FONTS, pdf_variant="pdf/ua-1"
        )
    except FatalURLFetchingError as error:  # a BaseException: it would take a worker down with the one document
        raise Outward(str(error)) from error

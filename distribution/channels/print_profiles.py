"""How each print provider wants its files: data, with where we have it from.

The layouts are ours (docs/print-batch.md). Of a provider we know the limits that it publishes, and nothing more: its
own file format is not guessed.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

JSON, CSV, XML = "json", "csv", "xml"
ZIP, MARKER = "zip", ".ok"
MB = 1_000_000  # bytes: the smaller of its two meanings, since nobody says which is meant


@dataclass(frozen=True)
class PrintProfile:
    """What one provider takes. `source` says who published it.

    `name` is a pattern of {company}, {stamp} (YYYYMMDDhhmmss), {digest} (8 hex of the content) and {part}: each file
    that differs has a name of its own. `manifest` is the form that they read; JSON is always there. The limits are
    None where none is published.
    """

    label: str
    source: str
    name: str = "print_{company}_{stamp}_{part:06}_{digest}"
    manifest: str = JSON
    is_zip: bool = True  # else loose files: the manifest is the last of them
    has_marker: bool = False  # an .ok file behind all others says that they are whole
    postage: str = "economy"  # or "first"
    duplex: bool = True
    colour: bool = False
    answers_folder: str = "answers"  # below the connection's folder: where it puts what became of letters
    answer_within: int = 48  # hours after the hand-over until a letter should be known as posted
    max_c5: int | None = None  # sheets in the small envelope
    max_c4: int | None = None  # sheets in the large one
    max_bytes: int | None = None  # of a document
    has_return_window: bool = False  # beside the recipient's: the sender's address shows as well

    @property
    def max_sheets(self):
        """Of a letter, in the largest envelope they have."""
        return self.max_c4 or self.max_c5

    @property
    def most_megabytes(self):
        return self.max_bytes and self.max_bytes // MB

    @property
    def is_published(self):
        """The source is a page of the provider, not of ours."""
        return self.source != OURS

    @property
    def is_one_file(self):
        """It can be posted to an address: what goes in several files needs a folder."""
        return self.is_zip and not self.has_marker

    @property
    def ending(self):
        """Of the file that counts, the last one. It tells by itself how a parcel travels: see print_files."""
        return f".{ZIP if self.is_zip else self.manifest}{MARKER if self.has_marker else ''}"

    def sheets(self, pages):
        """Of paper, for so many pages."""
        return (pages + 1) // 2 if self.duplex else pages


OURS = "docs/print-batch.md"
EBREV = "https://www.postnord.se/en/business/sending/domestic/letters/digital/ebrev-webb/ebrev-webb-help"
PROFILES = {
    "neutral": PrintProfile(_("Utskick: a ZIP with a JSON list"), OURS),
    "zip_csv": PrintProfile(_("Utskick: a ZIP with a CSV list"), OURS, manifest=CSV),
    "zip_xml": PrintProfile(_("Utskick: a ZIP with an XML list"), OURS, manifest=XML),
    "zip_marker": PrintProfile(_("Utskick: a ZIP, then an .ok file"), OURS, has_marker=True),
    "files_json": PrintProfile(_("Utskick: loose files, then a JSON list"), OURS, is_zip=False),
    "files_csv": PrintProfile(_("Utskick: loose files, then a CSV list"), OURS, is_zip=False, manifest=CSV),
    "files_xml_marker": PrintProfile(
        _("Utskick: loose files and an XML list, then an .ok file"), OURS, is_zip=False, manifest=XML, has_marker=True
    ),
    "ebrev": PrintProfile(
        _("PostNord Strålfors eBREV: their limits, our ZIP"), EBREV, max_c5=6, max_bytes=3 * MB
    ),
    "imail": PrintProfile(
        _("21grams iMail, Finland and Denmark: their limits, our ZIP"),
        "https://www.21grams.com/imail-template-finland/",
        max_c5=8, max_c4=40, max_bytes=3 * MB, has_return_window=True,
    ),
    "ipost": PrintProfile(
        _("Posti iPost: their limits, our ZIP"), "https://www.ipost.fi/", max_c5=9, max_c4=59
    ),
}  # fmt: skip

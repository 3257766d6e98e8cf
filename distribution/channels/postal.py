"""Postal addresses: which of them a letter goes to, and whether it is whole."""

import re
from dataclasses import dataclass

from invoicing.page import COUNTRIES

# Universal Postal Union, addressing systems by country, where the form is fixed. Sweden begins at 100, nobody has only
# zeros; the country's letters before it are an old habit that the posts still read.
POSTCODE = {
    country: re.compile(rf"(?:{letters}[- ])?(?!0+$){digits}", re.ASCII)
    for country, letters, digits in (
        ("SE", "SE?", r"[1-9]\d\d ?\d\d"),
        ("FI", "FIN?", r"\d{5}"),
        ("AX", "(?:AX|FI)", r"22\d{3}"),
        ("NO", "NO?", r"\d{4}"),
        ("DK", "DK", r"\d{4}"),
        ("IS", "IS", r"\d{3}"),
        ("DE", "DE?", r"\d{5}"),
        ("EE", "EE", r"\d{5}"),
    )
}
# The same source: these have no postcodes at all, so none is missing there.
WITHOUT_POSTCODES = {"AE", "AG", "AO", "BO", "BS", "BZ", "CM", "GH", "GM", "HK", "MO", "QA", "UG", "ZW"}


@dataclass(frozen=True)
class PostalAddress:
    """BG-8 with the name that stands above it."""

    name: str
    lines: tuple  # of str: street, then what else there is
    postcode: str
    city: str
    country: str

    @property
    def is_empty(self):
        return not (self.lines or self.postcode or self.city)

    @property
    def is_whole(self):
        """A letter needs a name, a line above the town, and a town with a postcode that its country knows."""
        pattern = POSTCODE.get(self.country)
        postcode = pattern.fullmatch(self.postcode) if pattern else self.postcode
        return bool(self.name and self.lines and self.city and (postcode or self.country in WITHOUT_POSTCODES))

    def on_paper(self, home):
        """The lines in the window. Abroad the last one is the country; `home` is where it is posted."""
        town = f"{self.postcode} {self.city}".strip()
        abroad = COUNTRIES.get(self.country, self.country) if self.country != home else ""
        return [line for line in (self.name, *self.lines, town, abroad) if line]

    def __str__(self):
        """As it is frozen on a delivery: one part a line, so that it can be read back whole."""
        return "\n".join([self.name, *self.lines, self.postcode, self.city, self.country])

    @classmethod
    def read(cls, text):
        """The address that `str` wrote."""
        name, *lines, postcode, city, country = text.split("\n")
        return cls(name, tuple(lines), postcode, city, country)


def of_invoice(invoice):
    """As the document names the buyer."""
    country = invoice.buyer_country or invoice.company.country
    return _address(
        invoice.buyer_name, invoice.buyer_street, invoice.buyer_street_2, invoice.buyer_postcode, invoice.buyer_city,
        country=country,
    )  # fmt: skip


def of_card(card, name):
    return _address(name, card.street, card.street_2, card.postcode, card.city, country=card.country)


def _address(*parts, country):
    """Each part on one line with single spaces: an imported one may hold line breaks, and `str` has a part a line."""
    name, street, street_2, postcode, city = (" ".join(part.split()) for part in parts)
    return PostalAddress(name, tuple(filter(None, (street, street_2))), postcode, city, country)


def candidates(recipient):
    """(PostalAddress, source): the one on the document, then those of the cards, best first."""
    invoice = recipient.invoice
    yield of_invoice(invoice), "document"
    for level, card in recipient.levels:
        # A reference's own name is a person's: the letter goes to the organisation, for that person.
        yield of_card(card, invoice.buyer_name or card.name), level


def best(recipient):
    """(PostalAddress, source) of the one that counts; (None, "") where nobody has one.

    The document's if it is whole: it cannot be corrected any more. Then the first of the cards that has one, even when
    it is wrong: a card is corrected, not passed over.
    """
    on_document, *on_cards = candidates(recipient)
    if on_document[0].is_whole:
        return on_document
    return next((found for found in (*on_cards, on_document) if not found[0].is_empty), (None, ""))

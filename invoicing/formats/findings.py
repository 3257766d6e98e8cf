"""What a reader or a check has to say about a document: a code and its parameters. The sentence is made by the page."""

from dataclasses import dataclass, field
from enum import StrEnum


class Code(StrEnum):
    """Everything that can be found, a closed list. Behind each: the parameters that its sentence needs.

    Where an element is named, `element` is its path in the file, `line` its line and `term` its business term (BT-1).
    """

    # The file cannot be read at all (Unreadable).
    EMPTY = "empty"
    TOO_LARGE = "too-large"  # size, limit: bytes
    IS_PDF = "is-pdf"
    IS_ZIP = "is-zip"  # Excel and Word files too
    NOT_XML = "not-xml"  # line, column, reason: the parser's own English words
    DOCTYPE = "doctype"
    TEXT_TOO_LARGE = "text-too-large"  # line, limit: one text, as a rule an attachment, is over 10 MB
    TOO_DEEP = "too-deep"  # line
    WRONG_NAMESPACE = "wrong-namespace"  # element, namespace
    UNKNOWN_FORMAT = "unknown-format"  # element, profile (may be empty)

    # One element makes the document useless (Unreadable). All: element, line, term.
    MISSING = "missing"
    BAD_DATE = "bad-date"  # value
    BAD_NUMBER = "bad-number"  # value
    BAD_CURRENCY = "bad-currency"  # value
    TOO_LONG = "too-long"  # length, limit: characters

    # Read, with something to tell (Finding). All: element, line.
    NOT_KEPT = "not-kept"  # value: an element with no place in the core invoice
    CLEANED = "cleaned"  # term, characters: ("U+000A", ...) that were taken out
    OTHER_CURRENCY = "other-currency"  # term, currency, expected
    TWO_ADDRESSES = "two-addresses"  # term, value: left out
    BAD_ADDRESS = "bad-address"  # term, value: left out

    # Totals that do not add up: the ids of EN 16931-1 section 6.4.3. All: given (Decimal or None), expected (Decimal).
    BR_CO_10 = "BR-CO-10"
    BR_CO_11 = "BR-CO-11"
    BR_CO_12 = "BR-CO-12"
    BR_CO_13 = "BR-CO-13"
    BR_CO_14 = "BR-CO-14"
    BR_CO_15 = "BR-CO-15"
    BR_CO_16 = "BR-CO-16"
    BR_CO_17 = "BR-CO-17"  # also category, rate


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `params` holds str, int, Decimal, None or a tuple of str."""

    code: Code
    params: dict = field(default_factory=dict)


class Unreadable(Exception):
    """This document cannot become an invoice; `finding` says why."""

    def __init__(self, code, **params):
        super().__init__(f"{code}: {params}")
        self.finding = Finding(code, params)

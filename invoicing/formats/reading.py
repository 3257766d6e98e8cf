"""Tables of business terms, and the reader that walks them over an XML document.

A `Rule` says: this term goes into this field, stands at this path, and is of this kind. A kind is a function
(reader, node, rule) -> value; None, "" and () mean that nothing stands there.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from lxml import etree

from . import safexml
from .core import ELECTRONIC_MAIL, Identifier
from .findings import Code, Finding, Unreadable
from .texts import NotOneAddress, clean_text, one_address, unwanted

MAX_FINDINGS = 100  # a report is read by a person
MAX_VALUE = 100  # characters of a value that a finding repeats
MAX_NUMBER = 100  # characters of BT-1
MAX_TEXT = 1_000
MAX_LINES = 50_000
XS_DECIMAL = re.compile(r"[+-]?(?:0*(\d+)(?:\.\d*)?|\.\d+)", re.ASCII)  # xs:decimal: no exponent, no comma, no NaN
XS_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
MAX_DIGITS = 15  # before the decimal point
MAX_DECIMAL = 40  # characters


class Rule(NamedTuple):
    term: str  # BT-9, BG-25; "" for what the standard has no term for
    field: str
    path: str
    find: etree.XPath
    kind: Callable
    needed: bool = False
    many: bool = False
    sole: bool = False  # two that differ cancel each other: neither is taken


class Reader:
    """Reads one document; collects `findings` on the way and remembers which elements were `taken`."""

    def __init__(self):
        self.findings = []
        self.taken = set()
        # Once read; a path may ask for them as $currency and $tax_currency.
        self.currency = ""  # BT-5
        self.tax_currency = ""  # BT-6

    def values(self, rules, element):
        """{field: value} for what is there; `Unreadable` where a needed term is not."""
        values = {}
        for rule in rules:
            value = self.all(rule, element) if rule.many else self.first(rule, element)
            if not is_nothing(value):
                values[rule.field] = value
            elif rule.needed:
                raise Unreadable(Code.MISSING, **self.missing(rule, element))
        return values

    def find(self, rule, element):
        return rule.find(element, currency=self.currency, tax_currency=self.tax_currency)

    def all(self, rule, element):
        values = ((node, rule.kind(self, node, rule)) for node in self.find(rule, element))
        return tuple(self.take(node, value) for node, value in values if not is_nothing(value))

    def first(self, rule, element):
        """The first value. The same text once more is no loss; anything else stays untaken and is reported."""
        nodes = self.find(rule, element)
        for index, node in enumerate(nodes):
            value = rule.kind(self, node, rule)
            if is_nothing(value):
                continue
            twins = [twin for twin in nodes[index + 1 :] if is_leaf(twin) and written(twin) == written(node)]
            if rule.sole and len(twins) < len(nodes) - index - 1:
                return None
            for each in (node, *twins):
                self.take(each, value)
            return value
        return None

    def take(self, node, value):
        self.taken.add(owner(node))
        return value

    def note(self, code, node, rule, **params):
        # Counted first: a path costs a walk over all siblings, and a hostile file has thousands.
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(Finding(code, {**self.place(node, rule), **params}))

    def place(self, node, rule):
        element = owner(node)
        term = {"term": rule.term} if rule else {}
        return {"element": safexml.path(element), "line": element.sourceline, **term}

    def missing(self, rule, element):
        wanted = re.sub(r"\[.*?\]", "", rule.path.split(" | ")[0])
        inside = f"{safexml.path(element)}/" if element.getparent() is not None else ""
        return {"element": inside + wanted, "line": element.sourceline, "term": rule.term}

    def note_what_is_left(self, root, known):
        """Report every text that no rule has taken; `known` finds the elements that only steer."""
        self.taken.update(known(root))
        for element in root.iter(etree.Element):
            if len(self.findings) >= MAX_FINDINGS:
                return
            if is_leaf(element) and element not in self.taken and (value := written(element)):
                self.note(Code.NOT_KEPT, element, None, value=clean_text(value[:MAX_VALUE]))


def owner(node):
    """The element of a node: itself, or the one whose attribute it is."""
    return node if isinstance(node, etree._Element) else node.getparent()


def is_leaf(node):
    return isinstance(node, etree._Element) and len(node) == 0


def written(node):
    return ((node.text or "") if isinstance(node, etree._Element) else str(node)).strip()


def is_nothing(value):
    return value is None or value in ("", ())


# --- Kinds ------------------------------------------------------------------------------------------------------------


def group(cls, rules):
    """A kind: the element's own terms, as a `cls`."""

    def read(reader, node, rule):
        return cls(**reader.values(rules, node))

    return read


def text(reader, node, rule, *, limit=MAX_TEXT, lines=False):
    """One line of cleaned text."""
    raw = written(node)
    if len(raw) > limit:
        raise Unreadable(Code.TOO_LONG, **reader.place(node, rule), length=len(raw), limit=limit)
    if characters := unwanted(raw, lines=lines):
        reader.note(Code.CLEANED, node, rule, characters=characters)
    return clean_text(raw, lines=lines)


def lines(reader, node, rule):
    """Text whose line ends mean something: notes, terms, descriptions."""
    return text(reader, node, rule, limit=MAX_LINES, lines=True)


def invoice_number(reader, node, rule):
    return text(reader, node, rule, limit=MAX_NUMBER)


def identifier(reader, node, rule):
    """A text with its `schemeID`; for classification codes (BT-158) `listID` and `listVersionID`."""
    value = text(reader, node, rule)
    scheme = node.get("schemeID") or node.get("listID") or ""
    return Identifier(value, clean_text(scheme), clean_text(node.get("listVersionID", ""))) if value else None


def endpoint(reader, node, rule):
    """An electronic address (BT-34, BT-49); one that should be an e-mail address and is none is reported."""
    found = identifier(reader, node, rule)
    if found and found.scheme == ELECTRONIC_MAIL:
        email(reader, node, rule)
    return found


def email(reader, node, rule):
    """One e-mail address; what is none, or more than one, is reported and left out."""
    value = clean_text(written(node)[:MAX_TEXT])
    try:
        return one_address(value) if value else ""
    except NotOneAddress as problem:
        reader.note(problem.code, node, rule, value=value[:MAX_VALUE])
        reader.take(node, None)
        return ""


def document_currency(reader, node, rule):
    """BT-5: three letters. Sets the currency that all other amounts are held against."""
    reader.currency = text(reader, node, rule)
    if reader.currency and not re.fullmatch(r"[A-Z]{3}", reader.currency):
        raise Unreadable(Code.BAD_CURRENCY, **reader.place(node, rule), value=reader.currency[:MAX_VALUE])
    return reader.currency


def tax_currency(reader, node, rule):
    """BT-6."""
    reader.tax_currency = text(reader, node, rule)
    return reader.tax_currency


def number(reader, node, rule):
    raw = written(node)
    if not raw:
        return None
    match = XS_DECIMAL.fullmatch(raw) if len(raw) <= MAX_DECIMAL else None
    if not match or len(match[1] or "") > MAX_DIGITS:
        raise Unreadable(Code.BAD_NUMBER, **reader.place(node, rule), value=raw[:MAX_VALUE])
    return Decimal(raw)


def amount(reader, node, rule):
    """A number in the invoice's currency. The standard has one currency (BT-5); another one beside it is reported."""
    named = node.get("currencyID", "").strip()
    if named and named != reader.currency:
        reader.note(Code.OTHER_CURRENCY, node, rule, currency=named, expected=reader.currency)
    return number(reader, node, rule)


def day(reader, node, rule):
    """xs:date; a time zone is passed over, since the standard's dates have none."""
    raw = written(node)
    if not raw:
        return None
    match = XS_DATE.fullmatch(raw)
    try:
        return date.fromisoformat(match[1] if match else "")
    except ValueError:
        raise Unreadable(Code.BAD_DATE, **reader.place(node, rule), value=raw[:MAX_VALUE]) from None


def flag(reader, node, rule):
    """xs:boolean; the schema makes it mandatory, so anything else counts as missing."""
    return {"true": True, "1": True, "false": False, "0": False}.get(written(node))

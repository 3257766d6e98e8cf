"""The manifest of a print batch as CSV and as XML, for providers who read one of these: the same facts."""

import csv
import io
import re

from lxml import etree

from .print_profiles import CSV, XML

NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 section 2.2
ONE_OF = {"items": "item", "lines": "line"}  # a list -> its elements


def as_csv(facts):
    """RFC 4180 in UTF-8 with a header, a letter a row; bytes.

    The fields stand as they are, also one that a spreadsheet would take for a formula: a machine reads this.
    """
    rows = [row(item, facts["defaults"]) for item in facts["items"]]
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


COLUMNS = [
    "id", "file", "sha256", "document_type", "document_no", "customer_no", "pages", "sheets",
    "postage", "duplex", "colour",
    "name", "line_1", "line_2", "postcode", "city", "country",
    "currency", "amount", "due", "account_type", "account", "reference",
]  # fmt: skip


def row(item, defaults):
    to = item["recipient"]
    first, *others = to["lines"]
    flat = item | to | item["payment"] | {"line_1": first, "line_2": ", ".join(others)}
    flat |= {"postage": defaults["postage"]} | {name: str(defaults[name]).lower() for name in ("duplex", "colour")}
    return {name: flat.get(name, "") for name in COLUMNS}


def as_xml(facts):
    """The same tree as the JSON: a key is an element, a list one element for each of its members; bytes."""
    root = element("print-batch", facts)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def element(name, value):
    made = etree.Element(name)
    if isinstance(value, dict):
        made.extend(element(key, each) for key, each in value.items())
    elif isinstance(value, list):
        made.extend(element(ONE_OF[name], each) for each in value)
    else:
        made.text = NOT_IN_XML.sub(" ", str(value).lower() if isinstance(value, bool) else str(value))
    return made


WRITERS = {CSV: as_csv, XML: as_xml}

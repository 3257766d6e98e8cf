"""The only place that parses XML. Pure: bytes in, root element out, or `Unreadable`."""

import re

from lxml import etree

from .findings import Code, Unreadable

MAX_BYTES = 25 * 1024 * 1024
MAX_WORDS = 200  # characters of the parser's words or of an element's name that a refusal repeats
MAX_TEXT = 10_000_000  # characters in one text or attribute: libxml2's own limit while huge_tree is off

# What may stand before the root element. Possessive, so a hostile prolog costs one pass.
PROLOG_WITH_DOCTYPE = re.compile(rb"(?:\s++|\xef\xbb\xbf|<\?(?>.*?\?>)|<!--(?>.*?-->))*+<!DOCTYPE", re.DOTALL)


def parse(data):
    """The root element, without comments and processing instructions.

    Refused: what is no XML, any DOCTYPE (no e-invoice has one, and entities need it), more than 25 MB, texts over
    10 MB and more than 256 levels. Nothing is ever fetched from disk or net.
    """
    refuse_by_size_and_magic(data)
    if PROLOG_WITH_DOCTYPE.match(data):
        raise Unreadable(Code.DOCTYPE)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        # A comment inside a text would cut it in two for every reader.
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise refusal(error) from None
    if root.getroottree().docinfo.internalDTD is not None:  # in an encoding that the pattern above cannot see, UTF-16
        raise Unreadable(Code.DOCTYPE)
    return root


def refuse_by_size_and_magic(data):
    if len(data) > MAX_BYTES:
        raise Unreadable(Code.TOO_LARGE, size=len(data), limit=MAX_BYTES)
    if not data.strip():
        raise Unreadable(Code.EMPTY)
    if b"%PDF-" in data[:1024]:  # the header may stand anywhere in the first 1024 bytes
        raise Unreadable(Code.IS_PDF)
    if data.startswith(b"PK\x03\x04"):
        raise Unreadable(Code.IS_ZIP)


def refusal(error):
    """`Unreadable` for an XMLSyntaxError. libxml2 has one code for all its limits, so its words tell the depth."""
    line, column = error.position
    if error.code != etree.ErrorTypes.ERR_RESOURCE_LIMIT:
        reason = error.msg.rsplit(", line ", 1)[0].strip()[:MAX_WORDS]
        return Unreadable(Code.NOT_XML, line=line, column=column, reason=reason)
    if "depth" in error.msg:
        return Unreadable(Code.TOO_DEEP, line=line)
    return Unreadable(Code.TEXT_TOO_LARGE, line=line, limit=MAX_TEXT)


def path(element):
    """Where an element stands, as a person can find it: `cac:InvoiceLine[2]/cbc:ID`. The root is left out."""
    steps = []
    while (parent := element.getparent()) is not None:
        name = etree.QName(element).localname[:MAX_WORDS]
        prefix = f"{element.prefix}:" if element.prefix else ""
        twins = parent.findall(element.tag)
        steps.append(f"{prefix}{name}[{twins.index(element) + 1}]" if len(twins) > 1 else f"{prefix}{name}")
        element = parent
    return "/".join(reversed(steps)) or etree.QName(element).localname[:MAX_WORDS]

"""Good files made bad: by their bytes, and by their parts. All chance comes from the Random that is handed in."""

import copy
import json

from lxml import etree

NASTY = (
    "", " ", "0", "-0", "-0.00", "1e308", "NaN", "INF", "9" * 400, "99999999999999.99", "0." + "0" * 60 + "1", "1,5",
    "1900-01-00", "0000-00-00", "2026-02-30", "9999-12-31", "10000-01-01", "2026-11-20Z", "2026-11-20+99:99",
    "../../etc/passwd", "CON", "a" * 300, "x" * 1100, "x\r\nBcc: a@b.example", "\u202efdp.exe", "\ufeff", "é" * 40,
    "👨\u200d👩\u200d👧", "=1+1", "{{ number }}", "{{", "}}", "%(x)s", "%s%n", "{0.__class__}", "<script>", "]]>",
    "a@b.example, c@d.example", "a@" + "b" * 250 + ".example", "@", "ä@ö.example", "a@xn--.example", "\x1b[31m",
    "true", "SEK", "sek", "381", "380", "posted", "S", "AE", "25", "100000", "0007", "EM",
)  # fmt: skip
PIECES = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3", b"\xed\xa0\x80", b"\xe5", b"<", b">", b"&", b"&#0;", b'"', b"\r\n",
    b"\r", b"\n.\r\n", b"<!--", b"<![CDATA[", b"{", b"[", b",", b"\\u0000", b"\\ud800", b"\x7f", b"\x80" * 9, b"%",
    b"9" * 30, b"-", b" ",
)  # fmt: skip
CODINGS = ("utf-8", "utf-8", "utf-8", "utf-16", "utf-16be", "utf-32", "iso-8859-1", "us-ascii", "windows-1252")
MOST = 300_000  # bytes: what is larger is a monster's part


def by_bytes(rng, data, other):
    """A few changes to the bytes; `other` is another good file to take a piece from."""
    for _n in range(rng.randint(1, 4)):
        at, end = rng.randint(0, len(data)), rng.randint(0, len(data))
        change = rng.randrange(7)
        if change == 0 and data:
            at = min(at, len(data) - 1)
            data = data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
        elif change == 1:
            data = data[: min(at, end)] + data[max(at, end) :] if rng.random() < 0.5 else data[:at] + data[at + 9 :]
        elif change == 2:
            data = data[:at] + rng.choice(PIECES) * rng.choice((1, 1, 2, 300)) + data[at:]
        elif change == 3:
            data = data[:at]
        elif change == 4:
            piece = data[at : at + rng.randint(1, 200)]
            data = data[:end] + piece * rng.choice((1, 2, 20)) + data[end:]
        elif change == 5:
            start = rng.randint(0, len(other))
            data = data[:at] + other[start : start + rng.randint(1, 400)] + data[at:]
        else:
            data = data[:at] + rng.randbytes(rng.randint(1, 12)) + data[at:]
    return data[:MOST]


def by_text(rng, data, other):
    """Characters instead of bytes."""
    text, more = data.decode("utf-8", "replace"), other.decode("utf-8", "replace")
    for _n in range(rng.randint(1, 4)):
        at, length = rng.randint(0, len(text)), rng.randint(0, 30)
        new = rng.choice((rng.choice(NASTY), chr(rng.choice((0x20, 0x3000, 0x2028, 0x85, 0xE000, 0x1F600))), more[at:]))
        text = text[:at] + new[:2000] + text[at + (length if rng.random() < 0.5 else 0) :]
    return text.encode("utf-8", "surrogatepass")[:MOST]


def by_elements(rng, data, other):
    """Elements of an XML document taken away, doubled, moved, renamed, filled with something else."""
    try:
        root, strange = etree.fromstring(data), etree.fromstring(other)
    except (etree.XMLSyntaxError, ValueError):
        return by_bytes(rng, data, other)
    for _n in range(rng.randint(1, 4)):
        elements = list(root.iter(etree.Element))
        one, two = rng.choice(elements), rng.choice(elements)
        parent = one.getparent()
        change = rng.randrange(9)
        if change <= 2 and len(one) == 0:
            one.text = "".join(c for c in rng.choice(NASTY) if c.isprintable() or c in "\r\n\t")
        elif change == 3 and parent is not None:
            parent.remove(one)
        elif change == 4 and parent is not None:
            for _copy in range(rng.choice((1, 2, 50))):
                parent.insert(rng.randint(0, len(parent)), copy.deepcopy(one))
        elif change == 5 and one not in two.iterancestors() and one is not two and parent is not None:
            two.append(one)
        elif change == 6:
            one.tag = rng.choice((two.tag, etree.QName(one).localname, "{urn:x}" + etree.QName(one).localname))
        elif change == 7:
            name = rng.choice(("schemeID", "currencyID", "unitCode", "listID", "mimeCode", "{urn:x}a", "href", "id"))
            one.set(name, "".join(c for c in rng.choice(NASTY) if c.isprintable()))
        elif change == 8:
            two.append(copy.deepcopy(rng.choice(list(strange.iter(etree.Element)))))
    coding = rng.choice(CODINGS)
    return etree.tostring(root, encoding=coding, xml_declaration=rng.random() < 0.8 or coding != "utf-8")[: MOST * 10]


def by_values(rng, data, other):
    """The same for JSON."""
    try:
        told = json.loads(data)
    except ValueError:
        return by_bytes(rng, data, other)
    nasty = (*NASTY, None, True, 0, -1, 1e300, 10**30, [], {}, [[]], {"a": {"b": []}}, "\ud800", "\x00")
    for _n in range(rng.randint(1, 4)):
        places = list(places_in(told))
        holder, key = rng.choice(places) if places else ([told], 0)
        change = rng.randrange(5)
        if change <= 2:
            holder[key] = copy.deepcopy(rng.choice(nasty))
        elif change == 3:
            del holder[key]
        elif isinstance(holder, list):
            holder += [copy.deepcopy(holder[key])] * rng.choice((1, 3, 200))
        else:
            holder[str(rng.choice(NASTY))] = holder[key]
    return json.dumps(told, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")[:MOST]


def places_in(value):
    """(container, key) of everything inside."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inside in pairs:
        yield value, key
        yield from places_in(inside)


def by_lines(rng, data, other):
    """Lines of a dialogue or a list."""
    lines, more = data.split(b"\r\n"), other.split(b"\r\n")
    for _n in range(rng.randint(1, 3)):
        at = rng.randrange(len(lines))
        change = rng.randrange(5)
        if change == 0:
            del lines[at]
            lines = lines or [b""]
        elif change == 1:
            lines.insert(at, rng.choice(more))
        elif change == 2:
            lines[at] = by_bytes(rng, lines[at], rng.choice(more))
        elif change == 3:
            lines[at] = lines[at][:4] + rng.choice(NASTY).encode("utf-8", "replace")
        else:
            lines[at:at] = [lines[at]] * rng.choice((1, 5, 100))
    return b"\r\n".join(lines)[:MOST]

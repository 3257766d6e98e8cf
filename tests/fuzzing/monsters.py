"""The named monsters: files that somebody has already broken a program with. Each is met in every run."""

import io
import json
import struct
import zipfile
import zlib

from PIL import Image

from .mutations import NASTY

DOCTYPES = {
    "billion laughs": b'<!DOCTYPE a [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]>",
    "quadratic": b'<!DOCTYPE a [<!ENTITY a "' + b"x" * 100_000 + b'">]>',
    "doctype file": b'<!DOCTYPE a SYSTEM "file:///etc/passwd">',
    "doctype http": b'<!DOCTYPE a PUBLIC "x" "http://127.0.0.1:1/x.dtd">',
    "doctype ftp": b'<!DOCTYPE a [<!ENTITY % x SYSTEM "ftp://127.0.0.1:1/x"> %x;]>',
    "entity file": b'<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
}


FILLED = ("PayableAmount", "LineExtensionAmount", "IssueDate", "Percent", "InvoicedQuantity", "PriceAmount")
ODD_NAMES = (
    "CON", "NUL.pdf", "..", ".", "...", "/", "\\", "a/b\\c", ".htaccess", "~", "a" * 300 + ".pdf", " .pdf",
    "x.pdf\r\nContent-Type: text/html", "a\x00.pdf", "\u202efdp.exe", "å\u0308.pdf", "．．／x", "a.", "-rf",
)  # fmt: skip


def cuts(good):
    """The first good file, cut at every hundredth of it."""
    return {f"cut at {n} %": good[0][: len(good[0]) * n // 100] for n in range(100)}


def of_xml(good):
    first = next(each for each in good if b"<cbc:ID>" in each)
    body = first.partition(b"?>")[2]
    text = first.decode()
    number = text.partition("<cbc:ID>")[2].partition("<")[0]

    def with_number(value):
        return text.replace(f"<cbc:ID>{number}<", f"<cbc:ID>{value}<", 1).encode()

    entity = body.replace(f"<cbc:ID>{number}<".encode(), b"<cbc:ID>&a;<", 1)
    found = {name: b'<?xml version="1.0"?>' + doctype + entity for name, doctype in DOCTYPES.items()}
    found["100,000 deep"] = b"<a>" * 100_000
    found["100,000 deep, closed"] = b"<a>" * 100_000 + b"</a>" * 100_000
    found["a text of 11 MB"] = with_number("x" * 11_000_000)
    found["an attribute of 11 MB"] = text.replace("<cbc:ID>", f'<cbc:ID schemeID="{"x" * 11_000_000}">', 1).encode()
    found["100,000 attributes"] = b"<a " + b" ".join(b'a%d=""' % n for n in range(100_000)) + b"/>"
    found["100,000 siblings"] = text.replace(
        "<cbc:Note>", "<cbc:Note>x</cbc:Note>" * 100_000 + "<cbc:Note>", 1
    ).encode()
    found["50,000 lines"] = doubled(text, "InvoiceLine", 50_000 // 25)
    found["10,000 namespaces"] = b"<a " + b" ".join(b'xmlns:a%d="urn:%d"' % (n, n) for n in range(10_000)) + b"/>"
    found["26 MB"] = b"<a>" + b" " * (26 * 1024**2) + b"</a>"
    for coding in ("utf-7", "utf-16", "utf-16-be", "utf-32", "utf-8-sig", "cp1252", "cp037"):
        found[coding] = text.replace("UTF-8", coding).encode(coding, "replace")
        found[f"{coding}, said to be UTF-8"] = text.encode(coding, "replace")
    found["a doctype in utf-16"] = (DOCTYPES["entity file"] + entity).decode().encode("utf-16")
    found["nul"] = with_number("2026\x00118")
    for name in ("&#0;", "&#x1F;", "&#xD800;", "\u202e811-6202", "=1+1", "../../x", "a" * 101, "{{ number }}"):
        found[f"the number {name[:20]}"] = with_number(name)
    for value in NASTY:
        harmless = "".join(c for c in value if c.isprintable()).replace("<", "").replace("&", "")
        for element in (
            "PayableAmount",
            "LineExtensionAmount",
            "IssueDate",
            "Percent",
            "InvoicedQuantity",
            "PriceAmount",
        ):
            found[f"{element} {value[:20]!r}"] = filled(text, element, harmless)
    found["xinclude"] = b'<a xmlns:x="http://www.w3.org/2001/XInclude"><x:include href="/etc/passwd"/></a>'
    found["a packed one"] = b"PK\x03\x04" + b"\x00" * 100
    found["comments"] = with_number("<!--" + "x" * 1_000_000 + "-->2026")
    found["pis"] = b"<?a b?>" * 100_000 + body
    return found | cuts([first])


def filled(text, element, value):
    """Every element of this name with another text."""
    start, *rest = text.split(f"<cbc:{element}")
    parts = (part.partition(">") for part in rest)
    return (start + "".join(f"<cbc:{element}{a}>{value}<{b.partition('<')[2]}" for a, _gt, b in parts)).encode()


def doubled(text, element, times):
    head, _tag, rest = text.partition(f"<cac:{element}>")
    one, end, tail = rest.rpartition(f"</cac:{element}>")
    return (head + f"<cac:{element}>{one}{end}" * times + tail).encode()


def of_json(good):
    item = json.loads(good[1])["items"][0]

    def answer(**changes):
        return json.dumps({"items": [item | changes]}).encode()

    found = {f"{key} {value[:20]!r}": answer(**{key: value}) for key in item for value in NASTY}
    found["100,000 deep"] = b"[" * 100_000
    found["100,000 objects deep"] = b'{"items":' * 100_000
    found["deep inside a line"] = good[1].replace(b'"A1"', b"[" * 900 + b"]" * 900)
    found["5 MB and one byte"] = b" " * (5 * 1024**2 + 1)
    found["5 MB of one text"] = answer(message="x" * (5 * 1024**2 - 1000))
    found["5 MB of numbers"] = b'{"items":[' + b"1," * (5 * 1024**2 // 2 - 20) + b"1]}"
    found["10,000 lines"] = json.dumps({"items": [item] * 10_000}).encode()
    found["10,001 lines"] = json.dumps({"items": [{}] * 10_001}).encode()
    found["a number of 5,000 digits"] = b'{"items":[{"id":' + b"9" * 5000 + b"}]}"
    found["a number of 4,000 digits"] = b'{"items":[{"id":' + b"9" * 4000 + b',"status":"posted"}]}'
    found["1e999"] = b'{"items":[{"id":1e999,"status":-1e999,"at":1e999}]}'
    found["nan"] = b'{"items":[{"id":NaN}]}'
    found["a name twice"] = b'{"items":[],"items":[]}'
    found["half a character"] = answer(message="\ud800", id="\udfff")
    found["nul"] = answer(message="a\x00b", status="\x00posted")
    for coding in ("utf-7", "utf-16", "utf-16-le", "utf-32", "cp1252"):
        found[coding] = good[1].decode().encode(coding)
    found["half of UTF-8"] = good[1] + b"\xc3"
    return found | cuts(good[2:])


def of_lines(good):
    found = {f"good {n}": each for n, each in enumerate(good)}
    found["nothing"] = b""
    found["nul"] = b"\x00" * 1000
    found["one line without an end"] = b"2" * 150_000
    found["an answer without an end"] = b"250-x\r\n" * 20_000
    found["binary"] = bytes(range(256)) * 100
    found["latin-1"] = b"220 v\xe4lkommen\r\n" + good[0]
    found["only ends"] = b"\r\n" * 50_000
    found["numbers"] = b"".join(b"%d x\r\n" % n for n in range(1000))
    for number, each in enumerate(good):
        found |= {f"{name} of {number}": cut for name, cut in cuts([each]).items()}
        found |= {
            f"line {at} of {number} is {v!r}": replaced(each, at, v)
            for at in range(4)
            for v in (b"", b"-1", b"999999999999 x", b"\xff")
        }
    return found


def replaced(data, at, value):
    lines = data.split(b"\r\n")
    if at < len(lines):
        lines[at] = value
    return b"\r\n".join(lines)


def of_text(good):
    found = {f"{value[:20]!r}": value.encode("utf-8", "replace") for value in NASTY}
    for name in ODD_NAMES:
        found[f"the name {name[:20]!r}"] = name.encode()
    found["500,000 braces"] = b"{" * 500_000
    found["100,000 names"] = b"{{ number }}" * 100_000
    found["an open name"] = b"{{ " + b" " * 100_000
    found["spaces in braces"] = b"{{" + b" " * 50_000 + b"x" + b" " * 50_000 + b"}}"
    found["100,000 lines"] = b"a\n" * 100_000
    found["100,000 @"] = b"@" * 100_000
    found["100,000 dots"] = b"a@" + b"a." * 100_000
    found["combining"] = b"a" + "\u0301".encode() * 100_000
    found["bytes"] = bytes(range(256))
    return found | cuts(good)


def of_svg(good):
    def svg(inside, more=b""):
        space = b'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9"'
        return b"<svg " + space + more + b">" + inside + b"</svg>"

    found = {name: doctype + svg(b"<text>&a;</text>") for name, doctype in DOCTYPES.items()}
    found["a bomb of use"] = svg(
        b'<g id="a0"><rect/></g>'
        + b"".join(b'<g id="a%d">%s</g>' % (n + 1, b'<use xlink:href="#a%d"/>' % n * 10) for n in range(20))
    )
    for length in (100, 300, 900, 1900):
        chain = b"".join(b'<g id="a%d"><use xlink:href="#a%d"/></g>' % (n, n + 1) for n in range(length))
        found[f"a chain of {length}"] = svg(chain + b'<rect id="a%d"/>' % length)
    found["a ring"] = svg(b'<g id="a"><use href="#b"/></g><g id="b"><use xlink:href="#a"/></g><rect/>')
    found["itself"] = svg(b'<use id="a" xlink:href="#a"/><rect/>')
    found["200 deep"] = svg(b"<g>" * 200 + b"<rect/>" + b"</g>" * 200)
    found["255 deep"] = svg(b"<g>" * 255 + b"<rect/>" + b"</g>" * 255)
    found["100,000 deep"] = svg(b"<g>" * 100_000)
    found["100,000 shapes"] = svg(b"<rect/>" * 100_000)
    found["100,000 rules"] = svg(b"<style>" + b".a,.b{fill:red}" * 50_000 + b"</style>" + b"<rect class='a b'/>" * 500)
    found["100,000 selectors"] = svg(
        b"<style>" + b",".join(b".a%d" % n for n in range(100_000)) + b"{fill:red}</style><rect/>"
    )
    found["an open comment"] = svg(b"<style>" + b"/*" * 100_000 + b"</style><rect/>")
    found["an open rule"] = svg(b"<style>" + b"a{" * 100_000 + b"</style><rect/>")
    found["url(#)"] = svg(b'<rect fill="url(#' + b" " * 100_000 + b'"/>')
    found["gradients in a ring"] = svg(
        b'<linearGradient id="a" href="#b"/><linearGradient id="b" href="#a"/><rect fill="url(#a)"/>'
    )
    found["script"] = svg(b"<script>alert(1)</script><rect/>")
    found["handler"] = svg(b"<rect/>", b' onload="alert(1)"')
    found["data"] = svg(b'<image href="data:image/png;base64,AAAA"/><rect/>')
    found["a path of 1 MB"] = svg(b'<path d="' + b"M0 0" * 250_000 + b'"/>')
    found["utf-16"] = good[0].decode().encode("utf-16")
    found["utf-7"] = good[0].decode().encode("utf-7")
    for value in NASTY:
        plain = "".join(c for c in value if c.isprintable() and c not in '<&"').encode()
        found[f"width {value[:20]!r}"] = svg(b"<rect/>", b' width="' + plain + b'" height="' + plain + b'"')
        found[f"fill {value[:20]!r}"] = svg(b'<rect fill="' + plain + b'" style="' + plain + b":" + plain + b'"/>')
        found[f"id {value[:20]!r}"] = svg(b'<g id="' + plain + b'"><use href="#' + plain + b'"/></g><rect/>')
    return found | cuts(good)


def of_pictures(good):
    def png(*chunks):
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
            for kind, data in chunks
        )

    def header(width, height, bits=8, colour=2):
        return b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)

    flat = zlib.compress(b"\x00" * 20_000_000, 9)
    found = {
        "50,000 x 50,000": png(header(50_000, 50_000), (b"IDAT", flat), (b"IEND", b"")),
        "20 million pixels": png(
            header(4472, 4472, 1, 0), (b"IDAT", zlib.compress(b"\x00" * (4472 * 560))), (b"IEND", b"")
        ),
        "20 million true ones": png(
            header(4472, 4472), (b"IDAT", zlib.compress(b"\x00" * (4472 * 13417))), (b"IEND", b"")
        ),
        "one line": png(header(20_000_000, 1, 1, 0), (b"IDAT", zlib.compress(b"\x00" * 2_500_001)), (b"IEND", b"")),
        "no pixels": png(header(0, 0), (b"IEND", b"")),
        "2**31": png(header(2**31 - 1, 2**31 - 1), (b"IEND", b"")),
        "a text bomb": png(
            header(9, 9), (b"zTXt", b"a\x00\x00" + flat), (b"IDAT", zlib.compress(b"\x00" * 252)), (b"IEND", b"")
        ),
        "an icc bomb": png(
            header(9, 9), (b"iCCP", b"a\x00\x00" + flat), (b"IDAT", zlib.compress(b"\x00" * 252)), (b"IEND", b"")
        ),
        "10,000 texts": png(header(9, 9), *[(b"tEXt", b"a\x00b")] * 10_000, (b"IDAT", b""), (b"IEND", b"")),
        "an early end": png(header(9, 9), (b"IEND", b"")),
        "a bad check sum": good[0][:40] + b"\x00\x00\x00\x00" + good[0][44:],
        "jpeg, 65,535": good[2].replace(struct.pack(">HH", 60, 200), struct.pack(">HH", 65_535, 65_535)),
        "jpeg, no size": good[2].replace(struct.pack(">HH", 60, 200), struct.pack(">HH", 0, 0)),
        "two megabytes": good[0] + b"x" * (2 * 1024**2),
        "a gif": b"GIF89a" + b"\x00" * 100,
        "html": b"<html><svg",
    }
    out = io.BytesIO()
    frames = [Image.new("RGBA", (300, 100), (n, 0, 0, 255)) for n in range(40)]
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    found["moving"] = out.getvalue()
    return found | cuts(good) | {f"{name}, jpeg": cut for name, cut in cuts(good[2:]).items()}


def pdf(*objects, version="1.7", trailer="<</Root 1 0 R>>"):
    """A PDF of these objects, without a table: PDFium builds one."""
    numbered = (
        f"{n} 0 obj\n".encode() + (o if isinstance(o, bytes) else o.encode()) + b"\nendobj\n"
        for n, o in enumerate(objects, 1)
    )
    return f"%PDF-{version}\n".encode() + b"".join(numbered) + f"trailer{trailer}\n%%EOF".encode()


def stream(content, more=""):
    return f"<</Length {len(content)}{more}>>stream\n".encode() + content + b"\nendstream"


FONT = "<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
CATALOG, PAGES = "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>"
PAGE = f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources{FONT}/Contents 4 0 R>>"
WORDS = b"BT /F1 12 Tf 330 680 Td (Eva Lund) Tj 0 -14 Td (Solv\xe4gen 4) Tj ET 0 0 1 rg 50 50 100 100 re f"
LOCKED = "<</Root 1 0 R/Encrypt<</Filter/Standard/V 2/R 3/O(x)/U(y)/P -4>>/ID[(a)(b)]>>"
ACTION = "<</Type/Catalog/Pages 2 0 R/OpenAction<<{}>>>>"
GOOD_PDFS = (
    pdf(CATALOG, PAGES, PAGE, stream(WORDS)),
    pdf(CATALOG, PAGES, PAGE, stream(zlib.compress(WORDS * 20), "/Filter/FlateDecode"), version="1.4"),
)


def of_pdf(good):
    """Not among them: pages without number, drawings without end. Only a cage could stop these, and the PDFs that are
    looked at are our own; what comes from outside is known by its first bytes alone (see `attachment`)."""

    def page(content, more=""):
        return pdf(CATALOG, PAGES, PAGE, stream(content, more))

    found = {
        "a ring of pages": pdf(CATALOG, "<</Type/Pages/Kids[2 0 R]/Count 1>>"),
        "a parent in a ring": pdf(CATALOG, "<</Type/Pages/Parent 2 0 R/Kids[3 0 R]/Count 1>>", PAGE, stream(WORDS)),
        "a lying count": pdf(CATALOG, "<</Type/Pages/Kids[3 0 R]/Count 2000000000>>", PAGE, stream(b"")),
        "no pages": pdf(CATALOG, "<</Type/Pages/Kids[]/Count 0>>"),
        "no size": pdf(CATALOG, PAGES, PAGE.replace("595 842", "0 0"), stream(WORDS)),
        "nan": pdf(CATALOG, PAGES, PAGE.replace("595 842", "nan 1e308"), stream(WORDS)),
        "100,000 deep": pdf(CATALOG, PAGES, "[" * 100_000 + "]" * 100_000),
        "100,000 dictionaries deep": pdf("<</a" * 100_000, PAGES),
        "a bomb": page(zlib.compress(b" " * 50_000_000, 9), "/Filter/FlateDecode"),
        "two bombs": page(zlib.compress(zlib.compress(b"0 g " * 5_000_000)), "/Filter[/FlateDecode/FlateDecode]"),
        "a lying length": page(WORDS).replace(b"/Length", b"/Length 2147483647 /x"),
        "deep q": page(b"q " * 100_000),
        "locked": pdf(CATALOG, PAGES, PAGE, stream(WORDS), trailer=LOCKED),
        "javascript": pdf(ACTION.format("/S/JavaScript/JS(app.alert(1))"), PAGES, PAGE, stream(b"")),
        "launch": pdf(ACTION.format("/S/Launch/F(/bin/sh)"), PAGES, PAGE, stream(b"")),
        "nothing": b"",
        "only a head": b"%PDF-1.7",
        "nul": b"%PDF-1.7" + b"\x00" * 100_000,
        "a table in a ring": b"%PDF-1.7\nxref\n0 1\n0 f\ntrailer<</Size 1/Prev 9/Root 1 0 R>>\nstartxref\n9\n%%EOF",
    }  # fmt: skip
    return found | cuts(good)


def of_zip(good):
    def packed(names, method=zipfile.ZIP_DEFLATED):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", method) as archive:
            for name, content in names:
                archive.writestr(name, content)
        return out.getvalue()

    odt = "application/vnd.oasis.opendocument.text"
    bomb = packed([("mimetype", b"\x00" * 50_000_000), ("content.xml", b"\x00" * 1_000_000)])
    found = {
        "a flat bomb": bomb,
        "nested": packed([("[Content_Types].xml", bomb), ("word/a.zip", bomb)]),
        "overlapping": overlapping(),
        "65,000 names": packed([(f"word/{n}", b"") for n in range(65_000)], zipfile.ZIP_STORED),
        "names upwards": packed([("[Content_Types].xml", b""), ("../../word/x", b"")]),
        "two of a name": packed([("mimetype", odt), ("mimetype", b"x")]),
        "locked": good[2]
        .replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")
        .replace(b"PK\x03\x04\x14\x00\x00", b"PK\x03\x04\x14\x00\x01"),
        "an unknown method": good[2].replace(b"\x08\x00", b"\x61\x00"),
        "a method that is not installed": good[2].replace(b"\x08\x00", b"\x09\x00"),
        "a broken stream": spoilt(good[2]),
        "a broken lzma": spoilt(good[4]),
        "a broken bzip2": spoilt(good[5]),
        "lying sizes": good[2].replace(struct.pack("<I", len(odt)), struct.pack("<I", 2**31)),
        "a table at the end of the world": good[2][:-6] + struct.pack("<I", 2**32 - 2) + b"\x00\x00",
        "a pdf": b"%PDF-1.7",
        "a png": b"\x89PNG\r\n\x1a\n",
        "utf-16": "abc".encode("utf-16"),
    }
    return found | cuts([good[2]]) | {f"{name}, docx": cut for name, cut in cuts(good).items()}


def spoilt(data):
    """The packed bytes of its first file are others."""
    at = data.index(b"mimetype") + len(b"mimetype")
    return data[:at] + b"\xff" * 12 + data[at + 12 :]


def overlapping():
    """Many names in the table for the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", b"\x00" * 1_000_000)
        (one,) = archive.filelist
        archive.filelist += [one] * 1000
    return out.getvalue()

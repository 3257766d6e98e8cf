"""A logo that somebody hands in: what is taken, what is done to it, and what is refused with a reason."""

import io
import struct
import zlib
from collections import namedtuple

import pytest
from lxml import etree
from PIL import Image

from config import cage
from invoicing.formats.picture import MAX_BYTES, caged, clean
from invoicing.formats.svg import Refusal

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 60 14">%s</svg>'
NS = {"s": "http://www.w3.org/2000/svg"}
Cleaned = namedtuple("Cleaned", "content media_type notes")


def cleaned(content):
    made = Cleaned(*clean(content.encode() if isinstance(content, str) else content))
    return made._replace(notes=[note.code for note in made.notes])


def drawing(inside):
    return cleaned(SVG % inside)


def find(made, path):
    return etree.fromstring(made.content).xpath(path, namespaces=NS)


def raster(size=(900, 200), form="PNG", mode="RGB", **more):
    out = io.BytesIO()
    Image.new(mode, size, "red").save(out, form, **more)
    return out.getvalue()


def refusal(content):
    with pytest.raises(Refusal) as refused:
        clean(content.encode() if isinstance(content, str) else content)
    return refused.value.code


# --- Pixels -----------------------------------------------------------------------------------------------------------


def test_a_large_picture_is_made_as_small_as_paper_needs():
    made = cleaned(raster((4000, 1000)))
    assert (Image.open(io.BytesIO(made.content)).size, made.media_type, made.notes) == (
        (1000, 250),
        "image/png",
        ["scaled"],
    )


def test_what_a_camera_wrote_into_it_is_gone_and_it_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010E] = "Karin Holm, Solvägen 4"
    made = cleaned(raster((300, 600), "JPEG", exif=exif))
    picture = Image.open(io.BytesIO(made.content))
    assert (picture.size, picture.getexif(), picture.info) == ((600, 300), {}, {})
    assert b"Karin" not in made.content


def test_a_picture_keeps_its_transparency():
    made = cleaned(raster(mode="RGBA"))
    assert Image.open(io.BytesIO(made.content)).mode == "RGBA"


def test_a_picture_of_few_pixels_is_taken_with_a_word_of_warning():
    assert cleaned(raster((120, 30))).notes == ["coarse"]


@pytest.mark.parametrize("side, code", [(5_000, "too-many-pixels"), (50_000, "bomb")])
def test_a_bomb_is_refused_before_it_is_unpacked(side, code):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    assert refusal(bomb) == code


@pytest.mark.parametrize(
    "content, code",
    [
        (b"", "no-picture"),
        (b"GIF89a" + b"\0" * 50, "no-picture"),
        (b"%PDF-1.7", "no-picture"),
        (b"<html><body>logo</body></html>", "no-picture"),
        (b"\x89PNG\r\n\x1a\n" + b"no picture at all", "broken"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * MAX_BYTES, "too-large"),
    ],
)
def test_what_is_no_picture_is_refused_whatever_it_is_called(content, code):
    assert refusal(content) == code


# --- Drawings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "inside, code",
    [
        ("<script>alert(1)</script><rect/>", "script"),
        ('<rect onload="alert(1)"/>', "handler"),
        ('<rect ONclick="alert(1)"/>', "handler"),
        ("<foreignObject><p/></foreignObject>", "foreign"),
        ('<image href="data:image/png;base64,AAAA"/>', "embedded"),
        ('<a href="#x"><rect/></a>', "link"),
        ('<use href="https://evil.test/a.svg#b"/>', "outward"),
        ('<use xlink:href="file:///etc/passwd"/>', "outward"),
        ('<rect fill="url(https://evil.test/a)"/>', "outward"),
        ('<rect style="fill:URL( https://evil.test/a )"/>', "outward"),
        (r'<rect style="fill:\75rl(https://evil.test/a)"/>', "outward"),
        ("<style>@import 'https://evil.test/a.css';</style><rect/>", "outward"),
        ("<metadata/>", "empty"),
        ('<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g><rect/>', "ring"),
        ("<rect/>" * 2001, "too-detailed"),
    ],
)
def test_a_drawing_that_runs_or_fetches_is_refused(inside, code):
    assert refusal(SVG % inside) == code


def test_a_few_lines_that_repeat_each_other_a_million_times_are_refused():
    levels = "".join(f'<g id="g{n + 1}">{f"""<use href="#g{n}"/>""" * 10}</g>' for n in range(6))
    assert refusal(SVG % f'<g id="g0"><rect/></g>{levels}') == "too-detailed"


def test_entities_are_refused_and_the_doctype_of_drawing_programs_is_not():
    public = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    assert b"DOCTYPE" not in cleaned(public + SVG % "<rect/>").content
    assert refusal('<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + SVG % "<text>&a;</text>") == "doctype"
    assert refusal(SVG.replace(' viewBox="0 0 60 14"', "") % "<rect/>") == "no-size"
    assert refusal("<svg") == "broken"


def test_a_gradient_becomes_the_colour_between_its_stops():
    stops = '<stop stop-color="#000000"/><stop offset="1" style="stop-color:#ff8040"/>'
    made = drawing(
        f'<defs><linearGradient id="a">{stops}</linearGradient><radialGradient id="b" xlink:href="#a"/></defs>'
        '<rect id="one" fill="url(#a)"/><rect style="fill: url(\'#b\'); stroke:url(#b)"/>'
    )
    assert find(made, "//s:rect/@fill") == ["#804020", "#804020"]
    assert (find(made, "//s:rect/@stroke"), made.notes) == (["#804020"], ["flattened"])
    assert b"radient" not in made.content


def test_a_style_sheet_becomes_attributes():
    made = drawing(
        "<style>path{fill:#111} .a, .b{fill:#222} #c{fill:#333} g > path{fill:#444}</style>"
        '<path d="M0 0"/><path class="x b" d="M0 0"/><path id="c" class="a" d="M0 0"/>'
        '<path class="a" style="fill:#555" d="M0 0"/>'
    )
    assert (find(made, "//s:path/@fill"), made.notes) == (["#111", "#222", "#333", "#555"], ["left-out"])
    assert find(made, "//s:style|//@class|//@style") == []


def test_only_what_is_on_the_lists_is_left():
    made = drawing(
        '<metadata>who</metadata><filter id="f"><feBlend/></filter><x:y xmlns:x="urn:x">z</x:y>'
        '<rect filter="url(#f)" data-name="q" width="3" clip-path="url(#k)"/><rect fill="url(#pattern)"/>'
    )
    assert find(made, "//s:rect[1]/@*") == ["3", "url(#k)"]
    assert find(made, "//*/@fill") == []
    assert [each.tag for each in etree.fromstring(made.content)] == [f"{{{NS['s']}}}rect"] * 2
    assert made.notes == ["left-out"]


def test_text_is_kept_with_a_word_about_its_font():
    made = drawing("<text>Fjordgym</text>")
    assert (b"Fjordgym" in made.content, made.notes) == (True, ["text"])


# --- The cage ---------------------------------------------------------------------------------------------------------


def test_the_cage_gives_what_the_cleaning_gives():
    facts, content = cage.run("invoicing.formats.picture", (SVG % "<rect/>").encode())
    assert (facts, content) == caged((SVG % "<rect/>").encode())
    assert cage.run("invoicing.formats.picture", raster()[:90]) == ({"refused": "broken", "params": {}}, b"")
    assert cage.run("invoicing.formats.picture", b"no") == ({"refused": "no-picture", "params": {}}, b"")


@pytest.fixture
def prisoner(tmp_path, monkeypatch):
    """A module that does as its data says, found by the cage."""

    def release(code):
        (tmp_path / "config").mkdir()
        (tmp_path / "config" / "__init__.py").touch()
        (tmp_path / "config" / "cage.py").write_text((cage.ROOT / "config" / "cage.py").read_text())
        (tmp_path / "prisoner.py").write_text(f"import os, subprocess, time\ndef caged(data):\n    {code}\n")
        monkeypatch.setattr(cage, "ROOT", tmp_path)
        return cage.run("prisoner", b"")

    return release


def test_memory_is_limited(prisoner):
    with pytest.raises(cage.Broke, match="MemoryError"):
        prisoner("bytearray(2 * 1024**3)")


def test_time_is_limited(prisoner, monkeypatch):
    monkeypatch.setattr(cage, "WALL", 2)
    with pytest.raises(cage.Broke, match="no answer"):
        prisoner("time.sleep(60)")


def test_nothing_is_written(prisoner, tmp_path):
    with pytest.raises(cage.Broke):
        prisoner(f"open({str(tmp_path / 'out')!r}, 'w').write('x')")
    assert not (tmp_path / "out").exists() or (tmp_path / "out").read_text() == ""


def test_it_knows_no_secret(prisoner, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "verysecret")
    facts, _content = prisoner('return {"environment": dict(os.environ)}, b""')
    assert "SECRET_KEY" not in facts["environment"]


def test_a_crash_is_a_sentence(prisoner):
    with pytest.raises(cage.Broke, match="ended with"):
        prisoner("os.abort()")

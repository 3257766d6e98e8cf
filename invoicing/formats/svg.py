"""An SVG picture rewritten so that nothing in it runs, fetches or is drawn differently by two programs.

Gradients become one colour: a gradient vanishes from the paper in some viewers, and costs the printer time. Style
sheets become attributes. Filters, masks, patterns and what a drawing program keeps for itself are left out.
"""

import re
from typing import NamedTuple

from lxml import etree

from . import safexml
from .findings import Code, Unreadable

NAMESPACE = "http://www.w3.org/2000/svg"
SVG = f"{{{NAMESPACE}}}"
HREF = "{http://www.w3.org/1999/xlink}href"
MOST_ELEMENTS = 2000  # drawn ones: what <use> repeats counts each time
MOST_DEEP = 100  # elements inside each other, or behind each other by <use>

SHAPES = {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon"}
KEPT = SHAPES | {"svg", "g", "defs", "symbol", "use", "clipPath", "text", "tspan", "title", "desc"}
REFUSED = {"script": "script", "foreignObject": "foreign", "image": "embedded", "iframe": "foreign", "a": "link"}
PAINT = {"fill", "stroke"}
LOOKS = PAINT | {
    "fill-opacity", "fill-rule", "stroke-opacity", "stroke-width", "stroke-linecap", "stroke-linejoin",
    "stroke-miterlimit", "stroke-dasharray", "stroke-dashoffset", "opacity", "color", "display", "visibility",
    "clip-rule", "clip-path", "font-family", "font-size", "font-weight", "font-style", "text-anchor", "letter-spacing",
}  # fmt: skip
GEOMETRY = {
    "id", "viewBox", "preserveAspectRatio", "width", "height", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx",
    "ry", "d", "points", "transform", "dx", "dy", "clipPathUnits",
}  # fmt: skip
# A backslash is how CSS writes any of these words otherwise.
OUTWARD = re.compile(r"""@import|expression\(|javascript:|\\|url\(\s*["']?\s*(?!["']?\s*#)""", re.IGNORECASE)
# What drawing programs write first. It names a file on the net that nobody fetches; one with entities is refused.
PUBLIC_DOCTYPE = re.compile(rb"""<!DOCTYPE\s+svg(?:\s+PUBLIC\s+"[^"<>\[]*"\s+"[^"<>\[]*")?\s*>""")
REFERENCE = re.compile(r"""url\(\s*["']?#([^"')\s]+)["']?\s*\)\s*(.*)""", re.DOTALL)
RULE = re.compile(r"(?<![^{}])([^{}]+)\{([^{}]*)\}")
COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)  # one that is not closed goes to the end, as in CSS
SIMPLE = re.compile(r"[.#]?[A-Za-z_][\w-]*")


class Refusal(Exception):
    """It is not taken. `code` and `params` say why; the page makes the sentence."""

    def __init__(self, code, **params):
        super().__init__(code)
        self.code, self.params = code, params


class Note(NamedTuple):
    """What was done to a picture that was taken."""

    code: str
    params: dict


def clean(data):
    """(bytes, notes) of an SVG rewritten. Raises Refusal."""
    try:
        root = safexml.parse(PUBLIC_DOCTYPE.sub(b"", data, count=1))
    except Unreadable as problem:
        raise Refusal("doctype" if problem.finding.code == Code.DOCTYPE else "broken") from problem
    if root.tag != f"{SVG}svg":
        raise Refusal("no-picture")
    for number, element in enumerate(root.iter()):
        refuse(element)
        if number > 5 * MOST_ELEMENTS:  # with what is left out below
            raise Refusal("too-detailed", limit=MOST_ELEMENTS)
    measure(root)
    notes = {}
    apply_styles(root, notes)
    flatten(root, gradients(root), notes)
    strip(root, notes)
    if not any(name_of(element) in SHAPES | {"text"} for element in root.iter()):
        raise Refusal("empty")
    weigh(root)
    if root.find(f".//{SVG}text") is not None:
        notes["text"] = {}
    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="utf-8"), [Note(code, params) for code, params in notes.items()]


def name_of(element):
    """The local name, or "" for another namespace's element."""
    return element.tag.removeprefix(SVG) if element.tag.startswith(SVG) else ""


def refuse(element):
    """What would run something, or reach out of the file."""
    local = etree.QName(element).localname
    if local in REFUSED:
        raise Refusal(REFUSED[local])
    if local == "style" and OUTWARD.search("".join(element.itertext())):
        raise Refusal("outward", what="style")
    for name, value in element.attrib.items():
        attribute = etree.QName(name).localname
        if attribute.lower().startswith("on"):
            raise Refusal("handler", what=attribute)
        if attribute in ("href", "src") and not value.strip().startswith("#"):
            raise Refusal("outward", what=value.strip()[:60])
        if attribute != "d" and etree.QName(name).namespace is None and OUTWARD.search(value):
            raise Refusal("outward", what=value.strip()[:60])


def measure(root):
    """A size in per cent is that of the page around it, so only its proportions say something."""
    for name in ("width", "height"):
        if (root.get(name) or "").strip().endswith("%"):
            del root.attrib[name]
    if root.get("viewBox") is None and not (root.get("width") and root.get("height")):
        raise Refusal("no-size")


def apply_styles(root, notes):
    """Rules with simple selectors, and style attributes, as attributes of the elements that they mean."""
    rules, place = {}, 0  # selector: {look: (place of the rule, value)}
    for style in root.iter(f"{SVG}style"):
        for selectors, body in RULE.findall(COMMENT.sub("", "".join(style.itertext()))):
            looks, place = declarations(body), place + 1
            for selector in (each.strip() for each in selectors.split(",")):
                if SIMPLE.fullmatch(selector):
                    rules.setdefault(selector, {}).update({name: (place, value) for name, value in looks.items()})
                else:
                    notes["left-out"] = {}
    for element in root.iter():
        classes = (f".{each}" for each in dict.fromkeys((element.get("class") or "").split()))
        found = {}
        # an id goes before a class, a class before a name; among classes the later rule
        for selectors in ((name_of(element),), classes, (f"#{element.get('id')}",)):
            last = {}
            for selector in selectors:
                for name, rule in rules.get(selector, {}).items():
                    last[name] = max(last.get(name, rule), rule)
            found |= {name: value for name, (_place, value) in last.items()}
        for name, value in (found | declarations(element.get("style") or "")).items():
            element.set(name, value)


def declarations(text):
    """{"fill": "#123"} of the looks that we keep."""
    pairs = (each.partition(":") for each in text.split(";"))
    found = {name.strip().lower(): value.replace("!important", "").strip() for name, _colon, value in pairs}
    return {name: value for name, value in found.items() if name in LOOKS | {"stop-color", "stop-opacity"} and value}


def gradients(root):
    """id -> the one colour of each gradient; what it inherits by href is looked up."""
    found = {each.get("id"): each for each in root.iter(f"{SVG}linearGradient", f"{SVG}radialGradient")}
    return {key: mean(stops_of(each, found)) for key, each in found.items() if key}


def stops_of(gradient, known):
    for _step in range(8):  # a chain of references, which may be a ring
        stops = gradient.findall(f"{SVG}stop")
        reference = gradient.get("href") or gradient.get(HREF) or ""
        if stops or reference.lstrip("#") not in known:
            return stops
        gradient = known[reference.lstrip("#")]
    return []


def mean(stops):
    """The colour halfway: of hex colours the mean, else the middle stop's own word."""
    colours = [stop.get("stop-color") or "#000000" for stop in stops]
    values = [hex_of(colour) for colour in colours]
    if not colours:
        return "none"  # SVG 2 section 14: a gradient without stops paints nothing
    if not all(values):
        return colours[len(colours) // 2]
    return "#" + "".join(f"{round(sum(each[at] for each in values) / len(values)):02x}" for at in range(3))


def hex_of(colour):
    """(red, green, blue) of #abc, #aabbcc or rgb(1, 2, 3); None for another form."""
    if match := re.fullmatch(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", colour):
        digits = match[1] if len(match[1]) == 6 else "".join(digit * 2 for digit in match[1])
        return tuple(int(digits[at : at + 2], 16) for at in (0, 2, 4))
    if match := re.fullmatch(r"rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)", colour):
        return tuple(min(int(value), 255) for value in match.groups())
    return None


def flatten(root, colours, notes):
    """A gradient's one colour where it was used; a pattern, which has none, becomes what the element inherits."""
    for element in root.iter():
        for name in PAINT:
            match = REFERENCE.match(element.get(name) or "")
            if not match:
                continue
            if match[1] in colours:
                element.set(name, colours[match[1]])
                notes["flattened"] = {}
            else:
                element.attrib.pop(name)
                notes["left-out"] = {}


def strip(root, notes):
    """Keep the elements and attributes of the lists."""
    forgotten = {"style", "metadata", "linearGradient", "radialGradient", "stop", "switch"}
    for element in list(root.iter()):
        if element is not root and name_of(element) not in KEPT:
            # what a drawing program keeps for itself says nothing to anybody
            if name_of(element) and name_of(element) not in forgotten:
                notes["left-out"] = {}
            parent = element.getparent()
            if parent is not None:
                remove(element, parent)
    for element in root.iter():
        reference = element.get("href") or element.get(HREF)
        for name in list(element.attrib):
            if name not in GEOMETRY | LOOKS or (name == "clip-path" and not REFERENCE.fullmatch(element.get(name))):
                del element.attrib[name]
        if reference and name_of(element) == "use":
            element.set(HREF, reference.strip())


def remove(element, parent):
    """Take it out, but leave the text that stands behind it."""
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def weigh(root):
    """Refuse what would take the printer long: many elements, or few that repeat each other."""
    by_id = {each.get("id"): each for each in root.iter() if each.get("id")}
    known = {}

    def size(element, above):
        if element in above:
            raise Refusal("ring")
        if len(above) > MOST_DEEP:
            raise Refusal("too-detailed", limit=MOST_ELEMENTS)
        if element not in known:
            total = 1 + sum(size(child, (*above, element)) for child in element)
            target = by_id.get((element.get(HREF) or "").lstrip("#"))
            if target is not None:
                total += size(target, (*above, element))
            known[element] = total
        if known[element] > MOST_ELEMENTS:
            raise Refusal("too-detailed", limit=MOST_ELEMENTS)
        return known[element]

    size(root, ())

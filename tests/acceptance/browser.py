"""A browser without JavaScript, and a person before it who can do only what stands on the page.

A link is followed and a button is pressed by the words on it; one that is not there, or that needs a script, is an
AssertionError. Forms are sent with exactly the values that they hold, with their CSRF token.
"""

import re
from urllib.parse import urlencode, urljoin

import lxml.html
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client


def with_class(name):
    return f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"


# What nobody sees: drawings, what a script would show, and what is not open.
UNSEEN = (
    "//head|//script|//template|//noscript|//svg|//dialog[not(@open)]|//*[@hidden]|//*[@aria-hidden='true']"
    f"|//*[@id='keys']|//kbd|//*[{with_class('needs-js')}]"
)
BESIDE_A_NAME = f".//*[{with_class('count')} or {with_class('help')}]"
SENTENCE_FOR_A_PERSON = (409, 422)  # pages too: something is to be corrected or looked at again


def words(element):
    """The text of an element as one line; each space of typography is an ordinary one."""
    line = " ".join(" ".join(element.itertext()).split())
    return re.sub(r" (?=[.,;:?!)])|(?<=\() ", "", line)


def name_of(element):
    """What a link, a button or a label is called."""
    if named := element.get("aria-label") or (element.tag == "input" and element.get("value")):
        return named
    beside = {text for each in element.xpath(BESIDE_A_NAME) for text in each.itertext()}
    return " ".join(" ".join(text for text in element.itertext() if text not in beside).split())


class Browser:
    def __init__(self):
        self.client = Client(enforce_csrf_checks=True)
        self.url = ""
        self.page = None  # an lxml tree of what is seen
        self.file = None  # the bytes of what was downloaded last
        self.status = None
        self.attached = {}  # field -> the files that were chosen

    # --- Looking ------------------------------------------------------------------------------------------------------

    @property
    def text(self):
        return words(self.page)

    def part(self, named):
        """A part of the page by its id or its label, or by the heading it stands under; the whole page for None."""
        if named is None:
            return self.page
        parts = self.page.xpath("//*[@id=$name]|//nav[@aria-label=$name]", name=named)
        for part in self.page.xpath("//section|//details"):
            heading = part.xpath("(.//h1|.//h2|./summary)[1]")
            if heading and words(heading[0]).startswith(named):
                parts.append(part)
        assert parts, f"no part {named!r}"
        return parts[0]

    def rows(self):
        """Each table row and list item as a line."""
        return [words(row) for row in self.page.xpath(".//tr|.//li")]

    def row(self, text):
        """The one row that holds these words."""
        rows = [row for row in self.rows() if text in row]
        assert len(rows) == 1, f"{len(rows)} rows with {text!r}: {rows or self.text}"
        return rows[0]

    def links(self, within=None):
        return [name_of(link) for link in self.part(within).xpath(".//a[@href]")]

    def buttons(self, within=None):
        return [name_of(button) for button in self._buttons(within)]

    def _buttons(self, within=None):
        found = self.part(within).xpath(".//button[ancestor::form]|.//input[@type='submit']")
        return [
            button for button in found if button.get("type", "submit") == "submit" and "disabled" not in button.attrib
        ]

    def labels(self, within=None):
        return [name_of(label) for label in self.part(within).xpath(".//label")]

    def field(self, label, within=None):
        """The control that a label belongs to."""
        found = [each for each in self.part(within).xpath(".//label") if name_of(each) == label]
        assert len(found) == 1, f"{len(found)} fields {label!r}: {self.labels(within)}"
        (found,) = found
        if found.get("for"):
            return self.page.get_element_by_id(found.get("for"))
        return found.xpath(".//input|.//select|.//textarea")[0]

    def value(self, label, within=None):
        """What a field holds: a text, the words of the chosen option, or whether it is ticked."""
        control = self.field(label, within)
        if control.tag == "select":
            return next(words(option) for option in control.iter("option") if option.get("value") == control.value)
        return control.checked if control.get("type") in ("checkbox", "radio") else control.value or ""

    def options(self, label, within=None):
        return [words(option) for option in self.field(label, within).iter("option")]

    def current(self, within=None):
        """The links that are marked as where one is."""
        return [name_of(link) for link in self.part(within).xpath(".//a[@aria-current='page']")]

    # --- Doing --------------------------------------------------------------------------------------------------------

    def open(self, url):
        return self._show(self.client.get(urljoin(self.url, url), follow=True, headers={"referer": self.url}))

    def follow(self, link, within=None):
        found = {a.get("href") for a in self.part(within).xpath(".//a[@href]") if name_of(a) == link}
        assert len(found) == 1, f"{len(found)} links {link!r}: {self.links(within)}"
        return self.open(found.pop())

    def type(self, label, text, within=None):
        control = self._enabled(label, within)
        assert control.tag in ("input", "textarea"), f"nothing can be typed into {label!r}"
        control.value = text
        return self

    def choose(self, label, option, within=None):
        control = self._enabled(label, within)
        values = [each.get("value") for each in control.iter("option") if words(each) == option]
        assert len(values) == 1, f"{len(values)} options {option!r}: {self.options(label, within)}"
        control.value = values[0]
        return self

    def tick(self, label, on=True):
        control = self._enabled(label)
        if control.get("type") == "radio":
            for other in control.xpath("ancestor::form[1]//input[@type='radio'][@name=$name]", name=control.name):
                other.checked = False
        control.checked = on
        return self

    def attach(self, label, *files):
        """Choose files, pairs of name and content."""
        self.attached = {self._enabled(label).name: [SimpleUploadedFile(name, content) for name, content in files]}
        return self

    def press(self, button, within=None):
        found = [each for each in self._buttons(within) if name_of(each) == button]
        assert len(found) == 1, f"{len(found)} buttons {button!r}: {self.buttons(within)}"
        (pressed,) = found
        return self._submit(pressed.xpath("ancestor::form[1]")[0], pressed)

    def _enabled(self, label, within=None):
        control = self.field(label, within)
        assert "disabled" not in control.attrib, f"{label!r} cannot be changed"
        return control

    def _submit(self, form, pressed):
        pairs = [*values_of(form), *([(pressed.get("name"), pressed.get("value", ""))] if pressed.get("name") else [])]
        url = urljoin(self.url, pressed.get("formaction") or form.get("action") or "")
        how = {"follow": True, "headers": {"referer": self.url}}
        if form.get("method", "get").lower() == "get":
            return self._show(self.client.get(f"{url.partition('?')[0]}?{urlencode(pairs)}", **how))
        if form.get("enctype") == "multipart/form-data":
            data = {}
            for name, value in pairs:
                data.setdefault(name, []).append(value)
            return self._show(self.client.post(url, data | self.attached, **how))
        return self._show(self.client.post(url, urlencode(pairs), "application/x-www-form-urlencoded", **how))

    def _show(self, response):
        self.status = response.status_code
        asked = response.request["PATH_INFO"]
        assert self.status < 400 or self.status in SENTENCE_FOR_A_PERSON, f"{self.status} for {asked}"
        if "html" not in response["Content-Type"]:
            self.file = response.getvalue()
            return self
        query = response.request.get("QUERY_STRING", "")
        self.url = f"{asked}?{query}" if query else asked
        self.page = lxml.html.document_fromstring(response.content.decode())
        for unseen in self.page.xpath(UNSEEN):
            unseen.drop_tree()
        return self


def values_of(form):
    """(name, value) of what a form would send, in its order."""
    for control in form.inputs:
        if not control.name or "disabled" in control.attrib:
            continue
        if control.tag == "select":
            yield from ((control.name, value) for value in (control.value if control.multiple else [control.value]))
        elif control.tag == "textarea":
            yield control.name, control.value
        elif control.type in ("checkbox", "radio"):
            if control.checked:
                yield control.name, control.get("value", "on")
        elif control.type not in ("submit", "image", "reset", "file"):
            yield control.name, control.value or ""

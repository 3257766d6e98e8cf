"""What keeps a letter from being posted, in the reader's words."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from distribution.channels.envelope import Kind

# The first with the words of the page in %s, the second about a line or an image.
SENTENCES = {
    Kind.UNREADABLE: (gettext_lazy("The PDF has no page that can be read."),) * 2,
    Kind.LOCKED: (gettext_lazy("The PDF is locked by a password."),) * 2,
    Kind.TOO_LARGE: (gettext_lazy("The PDF is larger than the printer takes: %s."),) * 2,
    Kind.TOO_MANY_SHEETS: (gettext_lazy("More sheets than an envelope takes: %s."),) * 2,
    Kind.NOT_A4: (gettext_lazy("The page is not A4, upright: %s."),) * 2,
    Kind.FONT_MISSING: (gettext_lazy("The font %s is not in the PDF."),) * 2,
    Kind.WRONG_ADDRESS: (
        gettext_lazy("The window shows “%s”, not the address of the delivery."),
        gettext_lazy("The window does not show the address of the delivery."),
    ),
    Kind.ADDRESS_OUTSIDE: (gettext_lazy("“%s” does not fit in the window."),) * 2,
    Kind.IN_WINDOW: (
        gettext_lazy("“%s” shows in the window."),
        gettext_lazy("A line or an image shows in the window."),
    ),
    Kind.TOO_NEAR: (
        gettext_lazy("“%s” stands within 10 mm of the address."),
        gettext_lazy("A line or an image stands within 10 mm of the address."),
    ),
    Kind.IN_NO_PRINT: (
        gettext_lazy("“%s” stands where the printer prints its own code."),
        gettext_lazy("A line or an image stands where the printer prints its own code."),
    ),
}


def sentence(finding):
    """“Solvägen 4” does not fit in the window."""
    with_words, without = SENTENCES[finding.kind]
    said = with_words % finding.text if finding.text else str(without)
    if finding.page == 1:
        return said
    return _("Page %(page)s: %(what)s") % {"page": finding.page, "what": said}


def description(sentences):
    """What the picture shows, for those who do not see it."""
    return " ".join([_("Page one of the letter in its envelope."), *sentences])

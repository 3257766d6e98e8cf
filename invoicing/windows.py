"""Where an envelope shows the address: the windows of the countries in which our companies post.

Millimetres from the upper left corner of the first page (A4, folded to C5). The page is set for them, and
distribution.channels.envelope looks through them.
"""

from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle in millimetres, from the upper left corner of a page."""

    left: float
    top: float
    right: float
    bottom: float

    def holds(self, other):
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    def meets(self, other):
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def grown(self, by):
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)


class Window(NamedTuple):
    """`is_right`: the address stands in the right half of the page."""

    name: str
    source: str
    box: Box
    is_right: bool = False


NORWAY = Window("C5, left", "officeconsult.no", Box(15, 44, 120, 79))
FINLAND = Window("C5, left", "usual; Posti's design guide was not to be had", Box(20, 45, 100, 70))
GERMANY = Window("DIN 5008 B", "swspedia", Box(20, 45, 105, 90))
WINDOWS = {
    # Envelopes with the window on the left (V2) exist too: the inner box of the other one is safe where it lies.
    "SE": Window("C5, right (H2)", "harrykuvert.se names it; the inner box is ours", Box(115, 45, 195, 73), True),
    "NO": NORWAY,
    "DK": NORWAY,  # M65 and C5 there lie inside it
    "FI": FINLAND,
    "AX": FINLAND,
    "DE": GERMANY,
}


def window_of(company):
    """The window of the envelopes in the company's country. Elsewhere in Europe they are near the German one."""
    return WINDOWS.get(company.country, GERMANY)

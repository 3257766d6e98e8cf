"""A company's colour, and whether it can be read."""

import re

INK = "#15201b"
READABLE = 4.5  # WCAG 2.2, success criterion 1.4.3


def brand(company):
    """The company's colour "#rrggbb"; ink where it is no colour, so that nothing else gets into a style sheet."""
    return company.colour.lower() if re.fullmatch(r"#[0-9a-fA-F]{6}", company.colour) else INK


def readable(colour, *, on):
    """`colour` as far as text in it can be read `on` that background, else ink."""
    return colour if contrast(colour, on) >= READABLE else INK


def contrast(one, other):
    """WCAG 2.2 contrast ratio of two colours "#rrggbb": 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour):
    """WCAG 2.2 relative luminance, 0 to 1."""
    shares = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

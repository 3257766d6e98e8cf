"""How money, days, states and methods look on a screen. Built in to every template (settings.TEMPLATES)."""

from django import template
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

register = template.Library()

NARROW_SPACE = "\u202f"
SYMBOLS = {"SEK": "kr", "NOK": "kr", "DKK": "kr", "EUR": "€"}
DAY_FORMATS = {"nb": "d.m.Y", "fi": "j.n.Y"}  # the others write 2026-12-20

# code -> (label, look, icon). The codes are those of Invoice.shown() and of distribution's State, in lower case.
# The look is a class of pill.css; every state has an icon of its own, so that colour never stands alone.
PILLS = {
    # what an invoice shows
    "draft": (_("Draft"), "dashed", "pencil"),
    "to_send": (_("To send"), "outline", "circle"),
    "waiting": (_("Waiting to be sent"), "info", "hourglass"),
    "waiting_credits": (_("Waiting for credits"), "warning", "coins"),
    "doubt": (_("In doubt"), "warning", "circle-question-mark"),
    "sent": (_("Sent"), "success", "check"),
    "reminder": (_("Reminder"), "warning", "bell"),
    "paid": (_("Paid"), "done", "circle-check-big"),
    "credited": (pgettext_lazy("state", "Credited"), "struck", "circle-minus"),
    "books_only": (_("Books only"), "neutral", "file-text"),
    # what a delivery is; waiting and sent are the same words
    "parked": (_("Waiting for credits"), "warning", "coins"),
    "claimed": (_("Waiting to be sent"), "info", "hourglass"),
    "handing_over": (_("Sending"), "info", "loader-circle"),
    "in_doubt": (_("In doubt"), "warning", "circle-question-mark"),
    "returned": (_("Returned"), "warning", "undo-2"),
    "failed": (_("Failed"), "danger", "octagon-alert"),
    "undone": (_("Undone"), "neutral", "rotate-ccw"),
}

# code of recipients.Method -> (name, icon): one icon per method everywhere
METHODS = {
    "email": (_("E-mail"), "mail"),
    "central_print": (_("Central print"), "mailbox"),
    "einvoice": (_("E-invoice"), "file-code"),
    "autogiro": (_("Autogiro"), "landmark"),
    "own_printer": (_("Own printer"), "printer"),
    "outside": (pgettext_lazy("method", "Outside the system"), "external-link"),
}


@register.simple_tag
def icon(name, size=16):
    """A Lucide icon of static/icons.svg, 12, 14, 16, 20 or 24 px. Always decoration: the words stand beside it."""
    return format_html(
        '<svg class="icon icon--{}{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        size,
        " icon--spin" if name == "loader-circle" else "",
        static("icons.svg"),
        name,
    )


@register.filter
def count(number):
    """1003 -> 1 003, with a narrow no-break space."""
    return f"{number or 0:,}".replace(",", NARROW_SPACE)


@register.filter
def money(amount, currency=""):
    """Decimal("12480"), "SEK" -> 12 480,00 kr. Nordic form in every language: these are Nordic books."""
    if amount is None or amount == "":
        return ""
    digits = f"{amount:,.2f}".replace(",", NARROW_SPACE).replace(".", ",").replace("-", "\u2212")
    return f"{digits}\u00a0{SYMBOLS.get(currency, currency)}" if currency else digits


def day_format():
    return DAY_FORMATS.get((get_language() or "")[:2], "Y-m-d")


def _local(moment):
    return timezone.localtime(moment) if hasattr(moment, "hour") and timezone.is_aware(moment) else moment


@register.filter
def on_one_line(address, home):
    """Where something goes, as a page writes it. A postal address is stored with a part a line (name, what else there
    is, postcode, town, country) -> Eva Lund, Storgatan 1, 123 45 Täby. Its country is named unless it is `home`.
    """
    if "\n" not in address:
        return address
    *lines, postcode, city, country = address.split("\n")
    parts = [*lines, f"{postcode} {city}", "" if country == home else country]
    return ", ".join(filter(None, (part.strip() for part in parts)))


@register.filter
def day(value):
    """A date or a datetime -> <time>2026-12-20</time>, as the user's language writes it."""
    if not value:
        return ""
    value = _local(value)
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), formats.date_format(value, day_format()))


@register.filter
def short_day(value):
    """For cards on a phone: 20 Dec."""
    return formats.date_format(_local(value), "j M") if value else ""


@register.filter
def moment(value):
    """A datetime -> day and clock: <time>2026-11-18 <span class="muted">09:12</span></time>."""
    if not value:
        return ""
    value = _local(value)
    return format_html(
        '<time class="nowrap" datetime="{}">{} <span class="muted">{}</span></time>',
        value.isoformat(),
        formats.date_format(value, day_format()),
        formats.date_format(value, "H:i"),
    )


@register.filter
def clock(value):
    """A datetime -> <time title="2026-11-18 09:12">09:12</time>."""
    if not value:
        return ""
    value = _local(value)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(),
        formats.date_format(value, day_format() + " H:i"),
        formats.date_format(value, "H:i"),
    )


@register.filter
def iso(value):
    """A datetime for data-leaves-at and data-now."""
    return value.isoformat() if value else ""


@register.filter
def initials(name):
    """Kim Berg -> KB, Fjordgym AB -> FJ: a company's form (AB, AS, Oy) says nothing."""
    words = [word for word in str(name).split() if word not in {"AB", "AS", "ASA", "Oy", "Oyj", "HB", "KB"}]
    letters = [word[0] for word in words[:2]] if len(words) > 1 else list("".join(words)[:2])
    return "".join(letters).upper()


@register.inclusion_tag("ui/_pill.html")
def pill(code, leaves_at=None, now=None, number=None):
    """The pill of a state; a waiting one counts down to leaves_at, a reminder carries its number."""
    label, look, icon_name = PILLS[str(code)]
    return {"label": label, "look": look, "icon_name": icon_name, "leaves_at": leaves_at, "now": now, "number": number}


@register.inclusion_tag("ui/_method.html")
def method(code, look=""):
    """Icon and name of a method. look: "" in rows, "tile" in sheets, "icon" (24 px) or "icon32" for the tile alone."""
    name, icon_name = METHODS[str(code)]
    return {"name": name, "icon_name": icon_name, "look": look}


@register.filter
def method_name(code):
    """The name alone, where the icon stands in a tile of its own."""
    return METHODS[str(code)][0]


@register.filter
def method_icon(code):
    return METHODS[str(code)][1]


@register.simple_tag
def meter(parts, total=None):
    """SVG rects for a bar in parts: [{"count": 794, "tone": "1"}, …]; tone is a fill-… class of progress.css.
    The tone "rest" is not drawn: it is the track that shows through.

    Widths are percent of total (default: the sum). A part that is there is never thinner than 0.6 %.
    """
    total = total or sum(part["count"] for part in parts) or 1
    x, rects = 0.0, []
    for part in parts:
        if not part["count"] or part["tone"] == "rest":
            continue
        width = max(100 * part["count"] / total, 0.6)
        if x:
            rects.append(("gap", f"{x:.2f}%", "2"))
        rects.append((part["tone"], f"{x:.2f}%", f"{width:.2f}%"))
        x += width
    # a gap is drawn after the part that it cuts into
    rects.sort(key=lambda rect: rect[0] == "gap")
    return format_html_join("", '<rect class="fill-{}" x="{}" width="{}" height="100%"/>', rects)

"""Charts as SVG, drawn on the server: {% load charts %}. Widths are percent and heights px, so that words keep their
size on a phone. The title that states the finding stands on the page; the chart names its id.
"""

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from config.template_tags import count

register = template.Library()

HEIGHT, ABOVE = 150, 20  # px of the highest bar, and room for its number
BAR = 0.66  # of the place that a day has
SPARK = (200, 40)


@register.inclusion_tag("ui/_bars.html")
def bars(days, title_id):
    """A bar a day, what failed hatched on top. days: objects with date, sent, failed and total; the last is today."""
    highest = max(day.total for day in days) or 1
    place = 100 / len(days)
    drawn = []
    for number, day in enumerate(days):
        failed = max(HEIGHT * day.failed / highest, 3) if day.failed else 0
        sent = max(HEIGHT * day.sent / highest, 1.5) if day.sent else 0
        gap = 1.5 if failed and sent else 0
        top = HEIGHT - sent - gap - failed
        is_today = number == len(days) - 1
        drawn.append({
            "x": f"{place * (number + (1 - BAR) / 2):.2f}%",
            "width": f"{place * BAR:.2f}%",
            "middle": f"{place * (number + 0.5):.2f}%",
            "sent": {"y": f"{ABOVE + HEIGHT - sent:.1f}", "height": f"{sent:.1f}"} if sent else None,
            "failed": {"y": f"{ABOVE + top:.1f}", "height": f"{failed:.1f}"} if failed else None,
            "label": day.date.day,
            "number": count(day.total) if day.total and (day.total == highest or is_today) else "",
            "number_y": f"{ABOVE + top - 6:.1f}",
            "is_today": is_today,
            "tip": _("%(day)s: %(sent)s sent, %(failed)s failed")
            % {"day": date_format(day.date, "j F"), "sent": count(day.sent), "failed": count(day.failed)},
        })  # fmt: skip
    lines = [(count(value), f"{ABOVE + HEIGHT * (1 - value / highest):.1f}") for value in steps(highest)]
    bottom = ABOVE + HEIGHT
    return {"bars": drawn, "lines": lines, "title_id": title_id, "bottom": bottom, "height": bottom + 22}


def steps(highest):
    """0 and at most four round numbers up to the highest: 0, 100, 200 for 203."""
    size = 1
    while highest > 4 * size:
        size = size * 5 // 2 if str(size).startswith("2") else size * 2  # 1, 2, 5, 10, ...
    return range(0, highest + 1, size)


@register.inclusion_tag("ui/_spark.html")
def spark(values, title_id):
    """A line through the values that there are, oldest first; None is a day without one."""
    (width, height), room = SPARK, 4
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    highest = max((value for _place, value in known), default=0) or 1
    across, up = (width - 2 * room) / max(len(values) - 1, 1), height - 2 * room
    points = [(room + place * across, height - room - up * value / highest) for place, value in known]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    last = {"x": f"{points[-1][0]:.1f}", "y": f"{points[-1][1]:.1f}"} if points else None
    return {
        "is_line": len(points) > 1,
        "line": line,
        "last": last,
        "width": width,
        "height": height,
        "title_id": title_id,
    }


@register.filter
def duration(seconds):
    """252 -> 4 min 12 s"""
    if seconds is None:
        return ""
    hours, minutes = divmod(seconds // 60, 60)
    if hours:
        return _("%(h)s h %(m)s min") % {"h": count(hours), "m": minutes}
    if minutes:
        return _("%(m)s min %(s)s s") % {"m": minutes, "s": seconds % 60}
    return _("%(s)s s") % {"s": seconds}

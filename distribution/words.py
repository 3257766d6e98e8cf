"""Routes, states and events of deliveries in the reader's words. The rows hold codes; no page shows one."""

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import pgettext_lazy as words

from config.template_tags import METHODS, PILLS
from distribution.reasons import WHAT_TO_DO, Reason
from distribution.states import State

RUNGS = {"default": gettext_lazy("Default method"), "reserve": gettext_lazy("Reserve method")}
CHOSEN_BY = {
    "reference": gettext_lazy("Choice of the invoice reference"),
    "organisation": gettext_lazy("Choice of the organisation"),
    "customer": gettext_lazy("Choice of the customer"),
}
SOURCES = {
    "typed": gettext_lazy("typed on the invoice"),
    "document": gettext_lazy("from the invoice file"),
    "reference": gettext_lazy("from the invoice reference"),
    "organisation": gettext_lazy("from the organisation"),
    "customer": gettext_lazy("from the customer"),
}
EVENTS = {
    "delivery.queued": (words("event", "Put in line"), "hourglass", "info"),
    "delivery.handled": (words("event", "Marked as handled"), "check", "neutral"),
    "delivery.outside": (words("event", "Sent outside the system before it came here"), "external-link", "neutral"),
    "delivery.printed_again": (words("event", "Downloaded once more"), "printer", "neutral"),
    "delivery.waiting": (words("event", "Put back in line"), "hourglass", "warning"),
    "delivery.claimed": (words("event", "Taken in hand by a sender"), "hourglass", "info"),
    "delivery.handing_over": (words("event", "Handed over; from here it cannot be stopped"), "send", "info"),
}


def steps(because, address=""):
    """A route's trace for ui/_chain.html; `address` is where the rung that was used leads."""
    return [
        {
            "title": CHOSEN_BY[step["level"]] if step["rung"] == "chosen" else RUNGS[step["rung"]],
            "method": step["method"],
            "state": {"used": "chosen", "not_needed": "unused"}.get(step["verdict"], "passed"),
            "text": _verdict(step, address),
        }
        for step in because
    ]


def _verdict(step, address):
    if step["verdict"] == "not_needed":
        return _("Not needed.")
    if step["verdict"] != "used":
        return Reason(step["verdict"]).label
    return _("Used: %s") % place(address, step["source"]) if address else _("Used")


def place(address, source):
    """anna@borg.example, from the organisation"""
    return f"{address}, {SOURCES[source]}" if source in SOURCES else address


def way(route):
    """A route as a sentence: E-mail to anna@borg.example, from the organisation."""
    if not route.method:
        return _("No way: %s.") % Reason(route.reason).label
    name = METHODS[route.method][0]
    if not route.address:
        return f"{name}."
    source = next((step["source"] for step in route.because if step["verdict"] == "used"), "")
    return _("%(method)s to %(place)s.") % {"method": name, "place": place(route.address, source)}


def note(delivery):
    """What stands beside the pill: why, and when it is tried again."""
    reason = Reason(delivery.reason).label if delivery.reason else ""
    if delivery.state == State.WAITING and delivery.refused_since:
        at = date_format(localtime(delivery.leaves_at), "H:i")
        return _("%(reason)s, next try %(at)s") % {"reason": reason, "at": at}
    return "" if delivery.state == State.SENT else reason


def todo(reason):
    return WHAT_TO_DO.get(reason, "")


def timeline(events):
    """Events of one delivery for ui/_timeline.html, newest day first. Codes without a word of their own are states."""
    days = {}
    for event in events:
        day = localtime(event.at).date()
        days.setdefault(day, []).append(_event(event))
    return [{"title": date_format(day, "Y-m-d"), "events": lines} for day, lines in days.items()]


def _event(event):
    known = EVENTS.get(event.what)
    if known is None:
        label, look, icon = PILLS[event.what.removeprefix("delivery.")]
        known = (label, icon, look if look in ("info", "success", "warning", "danger") else "neutral")
    text, icon, tone = known
    data = event.data
    to = data.get("address", "") if event.what in ("delivery.sent", "delivery.failed", "delivery.in_doubt") else ""
    return {
        "icon_name": icon,
        "tone": tone,
        "who": str(event.by) if event.by else "",
        "text": f"{text}: {to}" if to else text,
        "detail": Reason(data["reason"]).label if data.get("reason") else "",
        "todo": todo(data.get("reason", "")),
        "raw": data.get("note", ""),
        "at": event.at,
    }

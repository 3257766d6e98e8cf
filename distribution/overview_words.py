"""The overview's numbers in the reader's words: what a chart found, what became of a batch, what failed."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from config.template_tags import METHODS, count
from distribution import overview
from distribution.notices import outcome
from distribution.reasons import Reason
from distribution.states import State
from distribution.tally import TONES
from distribution.words import clock
from recipients.history import in_a_sentence

# group of distribution.tally -> tone of a bar; what was not even tried is the track
TONE_OF = {
    "sent": "1", "sending": "2", "failed": "danger", "returned": "danger", "in_doubt": "warning",
    "waiting": "rest", "undone": "neutral", "cannot": "rest", "left_out": "rest",
}  # fmt: skip


def kinds(trouble):
    """2 failed, 1 came back, 1 refused for now"""
    said = {
        State.FAILED: _("%s failed"),
        State.RETURNED: _("%s came back"),
        State.IN_DOUBT: _("%s in doubt"),
        State.WAITING: _("%s refused for now"),
    }
    return ", ".join(text % count(trouble[state]) for state, text in said.items() if state in trouble)


def finding(fortnight):
    """812 of 826 sent in the last 14 days"""
    said = {"sent": count(fortnight.sent), "all": count(fortnight.sent + fortnight.failed), "days": overview.DAYS}
    if not fortnight.sent + fortnight.failed:
        return _("Nothing was sent in the last %(days)s days") % said
    if not fortnight.failed:
        return (
            ngettext(
                "%(sent)s sent in the last %(days)s days", "All %(sent)s sent in the last %(days)s days", fortnight.sent
            )
            % said
        )
    return _("%(sent)s of %(all)s sent in the last %(days)s days") % said


def mix(fortnight):
    """[{"method", "count", "percent", "tone"}], most first."""
    return [
        {"method": method, "count": n, "percent": round(100 * n / fortnight.sent), "tone": TONES[min(place, 3)]}
        for place, (method, n) in enumerate(fortnight.methods.items())
    ]


def mix_finding(fortnight):
    """75 % went by e-mail"""
    if not fortnight.methods:
        return _("No method was used")
    most, n = next(iter(fortnight.methods.items()))
    name = in_a_sentence(METHODS[most][0])
    if len(fortnight.methods) == 1:
        return _("All went by %s") % name
    return _("%(percent)s %% went by %(method)s") % {"percent": round(100 * n / fortnight.sent), "method": name}


def failed_today(company):
    """2 × The mailbox does not exist · 1 × Refused by the mail server"""
    rows = overview.failed_today(company)
    return " · ".join(f"{count(n)} × {Reason(reason).label}" for reason, n in rows if reason)


def batch_line(batch, groups):
    """{"batch", "when", "outcome", "whole" (the same in full), "parts"} of a row of the latest batches."""
    groups = groups | {"cannot": batch.cannot_count, "left_out": batch.left_out_count}
    at = timezone.localtime(batch.confirmed_at)
    is_today = at.date() == timezone.localdate()
    going = sum(groups.values()) - groups["cannot"] - groups["left_out"]
    if groups["sent"] == going:
        said = _("all sent")
    elif groups["waiting"] == going and batch.leaves_at > timezone.now():
        said = _("leaves %s") % clock(batch.leaves_at)
    else:
        said = outcome({name: n for name, n in groups.items() if name != "left_out"})
    return {
        "batch": batch,
        "when": pgettext("a day", "Today %s") % clock(at) if is_today else date_format(at, "j M H:i"),
        "outcome": said,
        "whole": outcome(groups),
        "parts": [{"count": groups[name], "tone": tone} for name, tone in TONE_OF.items()],
    }


def sum_line(today):
    """{"text": "1 003 chosen today = 801 sent + 127 waiting + 75 left out", "adds_up"}; None when nothing was."""
    if not today.batches:
        return None
    parts = [outcome({name: n}) for name, n in today.parts.items() if n]
    said = {"n": count(today.selected), "parts": " + ".join(parts)}
    return {"text": _("%(n)s chosen today = %(parts)s") % said, "adds_up": today.adds_up}

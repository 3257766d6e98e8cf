"""What notifications say, where they lead and how they look. The rows hold a kind and numbers; no page shows a code."""

from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.template_tags import count
from distribution import connection_words
from distribution.models import Notification
from distribution.words import clock

Kind = Notification.Kind
LOOKS = {  # kind -> (icon, tone)
    Kind.BATCH_DONE: ("check", "success"),
    Kind.FAILURES: ("octagon-alert", "danger"),
    Kind.DOUBTS: ("circle-question-mark", "warning"),
    Kind.PRINT_WAITS: ("printer", "warning"),
    Kind.RELAY_PAUSED: ("pause", "warning"),
    Kind.BRAKED: ("octagon-alert", "danger"),
    Kind.SENDER_SILENT: ("triangle-alert", "danger"),
    Kind.ANSWERS_OVERDUE: ("clock-alert", "warning"),
    Kind.ANSWER_PUZZLES: ("circle-question-mark", "warning"),
    Kind.CHECK_FOUND: ("triangle-alert", "danger"),
}


def tell(notification):
    """{"icon", "tone", "title", "text", "url"} of a notification, in the reader's language."""
    kind = Kind(notification.kind)
    title, text = SENTENCES[kind](notification.data)
    icon, tone = LOOKS[kind]
    if kind == Kind.BATCH_DONE and notification.data["failed"] + notification.data["in_doubt"]:
        icon, tone = "triangle-alert", "warning"
    return {"icon": icon, "tone": tone, "title": title, "text": text, "url": goal(notification)}


def goal(notification):
    """The page where something can be done about it."""
    slug, kind = notification.company.slug, notification.kind
    deliveries = reverse("distribution:deliveries", args=[slug])
    if kind in (Kind.BATCH_DONE, Kind.PRINT_WAITS):
        return reverse("distribution:batch", args=[slug, notification.data.get("batch", notification.about)])
    if kind in (Kind.FAILURES, Kind.DOUBTS):
        tab = "doubt" if kind == Kind.DOUBTS else "attention"
        return f"{deliveries}?tab={tab}&batch={notification.about}"
    if kind == Kind.ANSWERS_OVERDUE:
        return f"{deliveries}?tab=overdue&batch={notification.about}"
    if kind == Kind.ANSWER_PUZZLES and notification.data["connection"]:
        return reverse("distribution:answers", args=[slug, notification.data["connection"]])
    if kind == Kind.BRAKED:
        return reverse("distribution:connection", args=[slug, notification.about])
    if kind == Kind.CHECK_FOUND:
        return reverse("invoicing:invoices", args=[slug]) + "?tab=all"
    return f"{deliveries}?tab=waiting"


def outcome(groups):
    """986 sent, 2 failed, 5 could not be sent"""
    words = {
        "sent": _("%(n)s sent"),
        "sending": _("%(n)s being sent"),
        "waiting": _("%(n)s waiting"),
        "to_print": _("%(n)s to print yourself"),
        "failed": _("%(n)s failed"),
        "returned": _("%(n)s came back"),
        "in_doubt": _("%(n)s in doubt"),
        "undone": _("%(n)s undone"),
        "cannot": _("%(n)s could not be sent"),
        "left_out": _("%(n)s left out"),
    }
    return ", ".join(words[name] % {"n": count(groups[name])} for name in words if groups.get(name))


def _batch_done(data):
    n = data["selected"]
    title = ngettext("Your batch of %(n)s invoice is done", "Your batch of %(n)s invoices is done", n)
    return title % {"n": count(n)}, f"{outcome(data)}."


def _failures(data):
    n = data["n"]
    title = ngettext("%(n)s invoice could not be sent", "%(n)s invoices could not be sent", n) % {"n": count(n)}
    shown = {"selected": count(data["selected"]), "by": data["by"]}
    return title, _("Out of %(selected)s that %(by)s sent. Each stands in Needs attention with its reason.") % shown


def _doubts(data):
    n = data["n"]
    title = ngettext("%(n)s delivery is in doubt", "%(n)s deliveries are in doubt", n) % {"n": count(n)}
    return title, _("The answer was lost after the hand-over. Nothing is sent twice by itself: find out, then decide.")


def _print_waits(data):
    title = _("A print file has waited for two days")
    return title, _("%(name)s has not been downloaded, so its invoices have not been sent.") % {"name": data["name"]}


def _relay_paused(data):
    said = {"n": count(data["waiting"]), "reason": data["reason"].rstrip(".")}
    text = ngettext(
        "%(n)s e-mail waits. The mail server said: %(reason)s. It is tried again by itself.",
        "%(n)s e-mails wait. The mail server said: %(reason)s. It is tried again by itself.",
        data["waiting"],
    )
    return _("The mail server does not take any e-mail"), text % said


def _braked(data):
    title = _("%(name)s paused by itself") % data
    label, _todo = connection_words.trouble(data["trouble"])
    waits = ngettext(
        "%(n)s delivery waits until you resume it.", "%(n)s deliveries wait until you resume it.", data["waiting"]
    ) % {"n": count(data["waiting"])}
    why, words = connection_words.braked(data), connection_words.said(data["said"])
    return title, connection_words.sentences(why, label and f"{label}.", words, waits)


def _sender_silent(data):
    title = _("Nothing is being sent")
    if data["since"]:
        title = _("Nothing has been sent since %(at)s") % {"at": clock(parse_datetime(data["since"]))}
    return title, _("The sender is not running. Your deliveries are safe; tell whoever runs this installation.")


def _answers_overdue(data):
    n = data["n"]
    title = ngettext(
        "%(n)s letter has not been reported as posted", "%(n)s letters have not been reported as posted", n
    ) % {"n": count(n)}
    return title, _(
        "The print provider should have answered by now. Ask them what became of it. Nothing is sent again."
    )


def _answer_puzzles(data):
    n, name = data["n"], {"name": data["name"]}
    if not n:
        title = _("An answer file could not be read")
        return title, _(
            "%(name)s has been put aside. Nothing was changed. Ask the print provider for a new one."
        ) % name
    title = ngettext(
        "%(n)s line of an answer file matches no letter", "%(n)s lines of an answer file match no letter", n
    ) % {"n": count(n)}
    return title, _("%(name)s: the other lines have counted. Ask the print provider what is meant.") % name


def _check_found(data):
    n = data["n"]
    title = ngettext(
        "The nightly check found %(n)s invoice that shows the wrong status",
        "The nightly check found %(n)s invoices that show the wrong status",
        n,
    )
    return title % {"n": count(n)}, _("Nothing was changed. Tell whoever runs this installation.")


SENTENCES = {
    Kind.BATCH_DONE: _batch_done,
    Kind.FAILURES: _failures,
    Kind.DOUBTS: _doubts,
    Kind.PRINT_WAITS: _print_waits,
    Kind.RELAY_PAUSED: _relay_paused,
    Kind.BRAKED: _braked,
    Kind.SENDER_SILENT: _sender_silent,
    Kind.ANSWERS_OVERDUE: _answers_overdue,
    Kind.ANSWER_PUZZLES: _answer_puzzles,
    Kind.CHECK_FOUND: _check_found,
}

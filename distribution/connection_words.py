"""Connections, their states and the steps of their tests in the reader's words. The rows hold codes."""

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.template_tags import count
from distribution import reasons
from distribution.channels import TOGETHER
from distribution.models import Connection
from distribution.models.connection import UNTIL_RESUMED
from distribution.reasons import Reason
from distribution.states import State
from distribution.troubles import WHAT_TO_DO, Trouble

Kind, Brake = Connection.Kind, Connection.Brake
# kind -> (icon, what to know before one chooses it)
KINDS = {
    Kind.SFTP: ("lock", gettext_lazy("Files over SSH, encrypted. You accept the server's key once.")),
    Kind.FTPS: ("lock", gettext_lazy("FTP with TLS, encrypted. The server's certificate is verified.")),
    Kind.HTTPS: ("send", gettext_lazy("Each file as a POST to an address, encrypted.")),
    Kind.FOLDER: ("folder", gettext_lazy("A folder of this machine or network. Another program fetches the files.")),
    Kind.FTP: ("triangle-alert", gettext_lazy("Not encrypted: anybody on the way can read it. The last resort.")),
}
STEPS = {
    "resolve": gettext_lazy("Look up the server's name"),
    "connect": gettext_lazy("Connect"),
    "host_key": gettext_lazy("Check the server's key"),
    "tls": gettext_lazy("Encrypt the line"),
    "login": gettext_lazy("Log in"),
    "folder": gettext_lazy("Open the folder"),
    "write": gettext_lazy("Write a file"),
    "rename": gettext_lazy("Rename it"),
    "delete": gettext_lazy("Delete it"),
}


def waits_for_a_manager(connection):
    return connection.paused_until == UNTIL_RESUMED


def is_paused(connection, now):
    return bool(connection.paused_until and connection.paused_until > now)


def state(connection, now):
    """What a connection is now, for ui/_pill.html: label, look and icon_name."""
    if connection.brake:
        return {"label": _("Paused by itself"), "look": "danger", "icon_name": "octagon-alert"}
    if waits_for_a_manager(connection):
        return {"label": _("Paused"), "look": "warning", "icon_name": "pause"}
    if is_paused(connection, now):
        words = _("Does not answer, next try %(at)s") % {"at": date_format(localtime(connection.paused_until), "H:i")}
        return {"label": words, "look": "danger", "icon_name": "clock-alert"}
    return tested(connection)


def pause(connection, now):
    """Why nothing leaves over it: {"title", "text"}, or None when it is not paused."""
    if connection.brake:
        return {"title": _("It paused by itself, until a manager resumes it."), "text": why(connection)}
    if waits_for_a_manager(connection):
        text = _("What is sent over it waits until somebody resumes. Nothing fails meanwhile.")
        return {"title": _("Paused by a person."), "text": text}
    if is_paused(connection, now):
        words = _("Next try %(at)s.") % {"at": date_format(localtime(connection.paused_until), "H:i:s")}
        return {"title": _("Nothing leaves over it just now."), "text": f"{why(connection)} {words}"}
    return None


def holding(delivery, now):
    """What keeps a delivery waiting that goes over a connection: {"title", "text"}, or None when nothing does."""
    if delivery.state != State.WAITING or delivery.method not in TOGETHER:
        return None
    way = Connection.objects.of(delivery.company).filter(method=delivery.method).first()
    if way is None:
        return {"title": f"{Reason.NO_CONNECTION.label}.", "text": reasons.WHAT_TO_DO[Reason.NO_CONNECTION]}
    if not is_paused(way, now):
        return None
    title = (
        _("It waits: %(name)s takes nothing just now.")
        if not waits_for_a_manager(way)
        else _("It waits: %(name)s is paused until a manager resumes it.")
    )
    return {"title": title % {"name": way}, "text": why(way)}


def why(connection):
    """What went wrong, what the other side said, what to do: as far as each is known."""
    label, todo = trouble(connection.trouble)
    return sentences(braked(connection.brake), label and f"{label}.", said(connection.pause_reason), todo)


def waits(n):
    return ngettext("%(n)s delivery waits.", "%(n)s deliveries wait.", n) % {"n": count(n)}


def sentences(*facts):
    """Those that there are, as a text."""
    return " ".join(str(fact) for fact in facts if fact)


def braked(brake):
    """The brake's reason and its numbers as a sentence; "" when it is off."""
    if not brake:
        return ""
    if brake["why"] == Brake.REFUSALS:
        numbers = {"refused": count(brake["refused"]), "answered": count(brake["answered"])}
        return _("%(refused)s of %(answered)s letters were refused within a day.") % numbers
    return f"{Brake(brake['why']).label}."


def trouble(code):
    """(what it is, what to do) of a connection's trouble; empty for none."""
    if not code:
        return "", ""
    if code in Trouble.values:
        return Trouble(code).label, WHAT_TO_DO[code]
    return Reason(code).label, reasons.WHAT_TO_DO[code]


def said(words):
    return _("It said: %(words)s.") % {"words": words.rstrip(".")} if words else ""


REASONS = {str(reason): (reason.label, "") for reason in Brake}  # for recipients.history.story


def tested(connection):
    """What its last test says, for the same."""
    if is_being_tested(connection):
        return {"label": _("Being tested"), "look": "info", "icon_name": "loader-circle"}
    if not connection.tested_at:
        return {"label": _("Not tested"), "look": "dashed", "icon_name": "circle"}
    if works(connection):
        return {"label": _("Works"), "look": "success", "icon_name": "check"}
    return {"label": _("Test failed"), "look": "danger", "icon_name": "octagon-alert"}


def works(connection):
    """Whether its last test has ended well."""
    return bool(connection.tested_at) and all(ok for _name, ok, _trouble, _words in connection.test_steps)


def is_being_tested(connection):
    return bool(connection.test_asked_at) and not connection.tested_at


def where(connection):
    """The other end in one line."""
    if connection.kind == Kind.FOLDER:
        return f"{connection.company.slug}/{connection.folder}"
    server = f"{connection.host}:{connection.port}"
    return f"https://{server}/{connection.folder.lstrip('/')}" if connection.kind == Kind.HTTPS else server


def steps(connection):
    """The steps of the last test, as far as it has come."""
    return [
        {
            "name": STEPS[name],
            "ok": ok,
            "trouble": Trouble(trouble).label if trouble else "",
            "todo": WHAT_TO_DO[trouble] if trouble else "",
            "words": words,
        }
        for name, ok, trouble, words in connection.test_steps
    ]

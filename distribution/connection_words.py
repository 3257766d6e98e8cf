"""Connections, their states and the steps of their tests in the reader's words. The rows hold codes."""

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from distribution.actions.connecting import UNTIL_RESUMED
from distribution.models import Connection
from distribution.troubles import WHAT_TO_DO, Trouble

Kind = Connection.Kind
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


def is_paused_by_hand(connection):
    return connection.paused_until == UNTIL_RESUMED


def is_paused(connection, now):
    return bool(connection.paused_until and connection.paused_until > now)


def state(connection, now):
    """What a connection is now, for ui/_pill.html: label, look and icon_name."""
    if is_paused_by_hand(connection):
        return {"label": _("Paused"), "look": "warning", "icon_name": "pause"}
    if is_paused(connection, now):
        words = _("Does not answer, next try %(at)s") % {"at": date_format(localtime(connection.paused_until), "H:i")}
        return {"label": words, "look": "danger", "icon_name": "clock-alert"}
    return tested(connection)


def tested(connection):
    """What its last test says, for the same."""
    if is_being_tested(connection):
        return {"label": _("Being tested"), "look": "info", "icon_name": "loader-circle"}
    if not connection.tested_at:
        return {"label": _("Not tested"), "look": "dashed", "icon_name": "circle"}
    if all(ok for _name, ok, _trouble, _words in connection.test_steps):
        return {"label": _("Works"), "look": "success", "icon_name": "check"}
    return {"label": _("Test failed"), "look": "danger", "icon_name": "octagon-alert"}


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

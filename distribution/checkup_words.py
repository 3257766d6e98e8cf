"""The parts of the house in words: what is the matter, what it means, what to do."""

from typing import NamedTuple

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.template_tags import count
from distribution.checkup import Part

NAMES = {
    "sender": gettext_lazy("Sender"),
    "queue": gettext_lazy("Queue"),
    "jobs": gettext_lazy("Jobs"),
    "due": gettext_lazy("What is due"),
    "mode": gettext_lazy("Real deliveries"),
    "relay": gettext_lazy("Mail relay"),
    "connections": gettext_lazy("Connections of companies"),
    "doubts": gettext_lazy("In doubt"),
    "archive": gettext_lazy("Archive"),
    "backup": gettext_lazy("Backup"),
    "schedules": gettext_lazy("Periodic jobs"),
    "clocks": gettext_lazy("Clocks"),
    "migrations": gettext_lazy("Database schema"),
}
# (part, why) -> what it means, what to do
MEANINGS = {
    ("sender", "never"): (
        gettext_lazy("Nothing leaves, and nothing is lost."),
        gettext_lazy("Start utskick-deliver, and look into its log if it ends again."),
    ),
    ("sender", "silent"): (
        gettext_lazy("Nothing leaves, and nothing is lost: what is due leaves when it is back."),
        gettext_lazy("Look at utskick-deliver: systemctl status, then its log. Restart it."),
    ),
    ("queue", "never"): (
        gettext_lazy("The sender does its work as well, slowly. Uploads and tests of connections wait."),
        gettext_lazy("Start utskick-qcluster."),
    ),
    ("queue", "silent"): (
        gettext_lazy("The sender does its work as well, slowly. Uploads and tests of connections wait."),
        gettext_lazy("Restart utskick-qcluster: a frozen one looks alive."),
    ),
    ("jobs", "old"): (
        gettext_lazy("Documents are made late, uploads wait."),
        gettext_lazy("If the queue is alive it has too much to do: see Q_WORKERS. Else restart it."),
    ),
    ("due", "late"): (
        gettext_lazy("Something should have left and has not."),
        gettext_lazy("Look at the sender, the queue and the relay on this page, in this order."),
    ),
    ("mode", "test"): (
        gettext_lazy("Everything works, and nothing leaves to real recipients."),
        gettext_lazy("If this is the real installation: INSTANCE_ID and DELIVERY_LIVE in its environment."),
    ),
    ("mode", "copy"): (
        gettext_lazy("The database is not the one that the environment names, so nothing leaves."),
        gettext_lazy(
            "After a restore: compare with the relay's log, then type the new INSTANCE_ID. A copy: leave it so."
        ),
    ),
    ("relay", "paused"): (
        gettext_lazy("Mail waits, and none fails by that."),
        gettext_lazy("The banner says what the relay answered. Mend it, or its password in the admin."),
    ),
    ("relay", "none"): (
        gettext_lazy("No mail can leave."),
        gettext_lazy("Set up the mail relay in the admin, under Connections."),
    ),
    ("connections", "paused"): (
        gettext_lazy("What goes over them waits."),
        gettext_lazy("Each company's managers see why, and resume it when it is mended."),
    ),
    ("doubts", "some"): (
        gettext_lazy("A process or a line died at the moment of hand-over: nobody knows whether these arrived."),
        gettext_lazy("Look for their Message-ID in the relay's log, then decide them under Deliveries."),
    ),
    ("archive", "unwritable"): (
        gettext_lazy("No document can be made and no file taken in."),
        gettext_lazy("Look at ARCHIVE_DIR: is it mounted, and may the user utskick write there?"),
    ),
    ("archive", "full"): (
        gettext_lazy("When the disk is full, no document can be made. Nothing is lost by that."),
        gettext_lazy("Make the disk larger. Nothing in the archive may be deleted."),
    ),
    ("backup", "never"): (
        gettext_lazy("Nobody knows whether there is one."),
        gettext_lazy("Let the backup end with manage.py note_backup."),
    ),
    ("backup", "old"): (
        gettext_lazy("A loss would cost all that happened since."),
        gettext_lazy("Look at the log of the backup."),
    ),
    ("schedules", "missing"): (
        gettext_lazy("Answers of print providers are not read, and the nightly checks do not run."),
        gettext_lazy("Run manage.py sync_schedules, as after every upgrade."),
    ),
    ("clocks", "apart"): (
        gettext_lazy("The database's clock decides what leaves when; the pages show another one."),
        gettext_lazy("Let both machines follow the same time server."),
    ),
    ("migrations", "pending"): (
        gettext_lazy("The program is newer than its database, and cannot work on it."),
        gettext_lazy("Run manage.py migrate."),
    ),
}


class Told(NamedTuple):
    """A row of the page. `meaning` and `cure` are empty when all is well."""

    part: Part
    name: str
    state: str
    meaning: str = ""
    cure: str = ""


def told(part):
    return Told(part, NAMES[part.code], state(part), *MEANINGS.get((part.code, part.why), ()))


def state(part):
    """What is the matter, in one short sentence."""
    code, _level, why, figure = part
    if why == "never":
        return _("Never seen.")
    if code in ("sender", "queue"):
        words = _("Silent for %(span)s.") if why else _("Seen %(span)s ago.")
        return words % {"span": span(figure)}
    if code == "jobs" and why:
        return _("The oldest job has waited for %(span)s.") % {"span": span(figure)}
    if code == "jobs":
        return ngettext("%(count)s job waits.", "%(count)s jobs wait.", figure) % {"count": count(figure)}
    if code == "due":
        return _("Due for %(span)s.") % {"span": span(figure)} if why else _("Nothing is late.")
    if code == "mode":
        return {"test": _("Test mode."), "copy": _("This is a copy.")}.get(why) or _("They leave.")
    if code == "relay":
        return {"paused": _("It is paused."), "none": _("There is none.")}.get(why) or _("Nothing against it.")
    if code == "connections":
        return ngettext("%(count)s is paused.", "%(count)s are paused.", figure or 0) % {"count": count(figure)}
    if code == "doubts":
        words = ngettext("%(count)s delivery is in doubt.", "%(count)s deliveries are in doubt.", figure or 0)
        return words % {"count": count(figure)}
    if code == "archive":
        if why == "unwritable":
            return _("It cannot be written.")
        return _("%(size)s are free.") % {"size": filesizeformat(figure)}
    if code == "backup":
        return _("The last one was %(span)s ago.") % {"span": span(figure)}
    if code == "clocks":
        return _("%(span)s apart.") % {"span": span(abs(round(figure)))} if why else _("They agree.")
    if code == "schedules":
        words = ngettext("%(count)s is missing.", "%(count)s are missing.", figure or 0)
        return words % {"count": count(figure)} if why else _("All are there.")
    return _("It is older than the program.") if why else _("It fits the program.")


def span(seconds):
    """17 s, 4 min, 3 h or 5 days."""
    if seconds < 120:
        return _("%(count)s s") % {"count": seconds}
    if seconds < 2 * 3600:
        return _("%(count)s min") % {"count": seconds // 60}
    if seconds < 2 * 24 * 3600:
        return _("%(count)s h") % {"count": seconds // 3600}
    return _("%(count)s days") % {"count": seconds // (24 * 3600)}

"""Why a connection cannot be used: a closed list, each with what to do about it. It is the connection's, never a
document's: what waits goes on waiting."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Trouble(models.TextChoices):
    TEST_MODE = "test_mode", _("Test mode: nothing leaves this machine")
    COPY = "copy", _("This is a copy of the database: nothing is sent")
    NOT_ALLOWED = "not_allowed", _("This address may not be used here")
    UNKNOWN_HOST = "unknown_host", _("No server has this name")
    UNREACHABLE = "unreachable", _("The server does not answer")
    CERTIFICATE = "certificate", _("The server's certificate is not valid")
    NEW_HOST_KEY = "new_host_key", _("The server's key has not been accepted yet")
    CHANGED_HOST_KEY = "changed_host_key", _("The server shows another key than the accepted one")
    UNCONFIRMED = "unconfirmed", _("FTP without encryption has not been confirmed")
    LOGIN = "login", _("The server refuses the login")
    NO_SECRET = "no_secret", _("The stored password or key cannot be opened")
    NO_FOLDER = "no_folder", _("The folder is not there")
    NO_PERMISSION = "no_permission", _("No permission in the folder")
    NO_ROOM = "no_room", _("The file could not be stored: the disk there may be full")
    INCOMPLETE = "incomplete", _("Only a part of the file arrived")
    REFUSES = "refuses", _("The server refuses")


WHAT_TO_DO = {
    Trouble.TEST_MODE: _("Ask the operator when the installation goes live. Then test again."),
    Trouble.COPY: _("Use the real one."),
    Trouble.NOT_ALLOWED: _("Type the address of a server outside, or ask the operator to allow this one."),
    Trouble.UNKNOWN_HOST: _("Correct the server's name."),
    Trouble.UNREACHABLE: _("Check name and port, and ask the other side whether their server runs and lets us in."),
    Trouble.CERTIFICATE: _("Ask the other side for a valid one, or for the authority that issued it, and enter that."),
    Trouble.NEW_HOST_KEY: _("Compare it with the one that the other side gave you, then accept it."),
    Trouble.CHANGED_HOST_KEY: _(
        "Nothing was sent, not even a password. Ask the other side, by phone, whether they have a new key. "
        "Accept it only then."
    ),
    Trouble.UNCONFIRMED: _("Confirm it in the connection, or better: ask the other side for SFTP or FTPS."),
    Trouble.LOGIN: _("Correct user name and password, or the key."),
    Trouble.NO_SECRET: _("Type it again, or ask the operator for the key that it was encrypted with."),
    Trouble.NO_FOLDER: _("Correct the folder, or ask the other side to make it."),
    Trouble.NO_PERMISSION: _("Ask the other side to let this user write, rename and delete there."),
    Trouble.NO_ROOM: _("Ask the other side to make room."),
    Trouble.INCOMPLETE: _("Test again. If it happens again, ask the other side about their disk and their limits."),
    Trouble.REFUSES: _("Read what it says, and ask the other side."),
}

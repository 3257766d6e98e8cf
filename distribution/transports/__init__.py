"""What moves bytes. A transport knows its protocol and tells a channel what was said; the channel judges it."""

from distribution.models import Connection

from .base import Found, Refused, Session, Step, Unreachable
from .folder import Folder
from .ftp import Ftp
from .https import Https
from .sftp import Sftp

KINDS = {
    Connection.Kind.FOLDER: Folder,
    Connection.Kind.SFTP: Sftp,
    Connection.Kind.FTPS: Ftp,
    Connection.Kind.FTP: Ftp,
    Connection.Kind.HTTPS: Https,
}

__all__ = ["Found", "Refused", "Session", "Step", "Unreachable", "closed", "open"]


def closed(connection, timeout=None):
    """A session that has not spoken yet: for its steps()."""
    return KINDS[connection.kind](connection, timeout)


def open(connection):  # noqa: A001 - always called as transports.open()
    """A session that has logged in and stands in its folder; end it with close(). Raises Refused or Unreachable."""
    session = closed(connection)
    try:
        session.connect()
    except BaseException:
        session.close()
        raise
    return session

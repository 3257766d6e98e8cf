"""Where mail goes now: the installation's relay, the local sink of test mode, or nowhere."""

from dataclasses import dataclass

from django.conf import settings

from config.sealing import NoKey
from distribution.models import Connection, Installation
from recipients.methods import Method


class Closed(Exception):
    """Nothing may leave, or there is nowhere to go. `reason`: "copy", "no_sink", "no_relay" or "no_key"."""

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Relay:
    """What a Session needs."""

    host: str
    port: int
    security: str
    username: str = ""
    password: str = ""


def nothing_leaves_a_copy():
    """A restored backup that sends would send everything a second time. Raises Closed."""
    if Installation.objects.this().mode() == "copy":
        raise Closed("copy")


def relay():
    """The Relay to use. Raises Closed.

    A copy of a live database (its instance id is not the environment's) gets none.
    """
    nothing_leaves_a_copy()
    if Installation.objects.this().mode() == "test":
        return _sink()
    row = Connection.objects.filter(company=None, method=Method.EMAIL).exclude(host="").first()
    if row is None:
        raise Closed("no_relay")
    try:
        password = row.password()
    except NoKey as error:
        raise Closed("no_key") from error
    return Relay(row.host, row.port, row.security, row.username, password)


def _sink():
    host, _colon, port = settings.MAIL_SINK.rpartition(":")
    if not host:
        raise Closed("no_sink")
    return Relay(host.strip("[]"), int(port), Connection.Security.NONE)

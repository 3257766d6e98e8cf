"""The ways out that exist here, one class a Method. See base.py for what each answers."""

from .email import Email
from .own_printer import OwnPrinter

CHANNELS = {channel.method: channel for channel in (Email(), OwnPrinter())}


def open(method):  # noqa: A001 - always called as channels.open()
    """A channel of one's own that can hand over; end it with close(). Raises distribution.relay.Closed."""
    return CHANNELS[method].open()

"""What every channel answers. A channel writes nothing: outcomes are recorded by `actions.handing_over` alone."""

from dataclasses import dataclass
from functools import cached_property

from distribution.transports.base import Refused as Refused
from distribution.transports.base import Unreachable as Unreachable
from invoicing.models import Invoice
from recipients.methods import Method


class Stopped(Exception):
    """The gate is shut: undone meanwhile, or the lease is over. Raised by `gate()`; drop the connection."""


class Objection(Exception):
    """This document cannot go this way; `reason` is a Reason."""

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Address:
    """Where a channel would send, and which source said so (a level's name, "typed" or "document")."""

    text: str
    source: str


@dataclass(frozen=True)
class Receipt:
    """The other side's words when it took the document."""

    text: str
    code: str = ""


@dataclass(frozen=True)
class Recipient:
    """One invoice seen as somebody to reach. `levels` are (name, card) pairs, best first, of the cards that count."""

    invoice: Invoice
    uses_document_address: bool
    organisation_first: bool

    @cached_property
    def levels(self):
        """Invoice reference before organisation before person; the person alone where companies do not link them."""
        return self.invoice.levels(organisation_first=self.organisation_first)


class Channel:
    """One way out. `together`: several deliveries travel in one Parcel."""

    method: Method
    together = False

    def address(self, recipient):
        """Where it would go: an Address. Raises Objection when it cannot."""
        raise NotImplementedError

    def open(self):
        """A channel of the caller's own that can hand over, perhaps over a kept connection; `close()` ends it."""
        raise NotImplementedError

    def hand_over(self, deliveries, gate):
        """Bring these deliveries (one, unless `together`) to the next party; returns its Receipt.

        Calls `gate()` exactly once, just before the byte that cannot be taken back. Raises Refused or Unreachable when
        the other side said so; any other exception after the gate means that nobody knows.
        """
        raise NotImplementedError

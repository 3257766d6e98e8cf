"""What every channel answers. A channel writes nothing: outcomes are recorded by `actions.handing_over` alone."""

from dataclasses import dataclass
from enum import Enum
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
    prints: int = 0  # letters of this invoice so far that count against the limit

    @cached_property
    def levels(self):
        """Invoice reference before organisation before person; the person alone where companies do not link them."""
        return self.invoice.levels(organisation_first=self.organisation_first)


class Fate(Enum):
    """What the other side's names say of a parcel whose hand-over broke off."""

    ARRIVED = "arrived"  # the final name is there
    NEVER = "never"  # it was not, and can not be any more
    UNKNOWN = "unknown"  # neither: fetched, or never there


class Channel:
    """One way out.

    `together`: several deliveries travel in one Parcel, which `pack(parcel, deliveries, file)` writes to an open file
    of `media_type` and `parcel_name(parcel, digest)` names by what is in it. `is_fetched`: a person comes for it, no
    sender carries it.
    """

    method: Method
    together = False
    is_fetched = False
    media_type = ""

    def address(self, recipient):
        """Where it would go: an Address. Raises Objection when it cannot."""
        raise NotImplementedError

    def inspect(self, delivery, pdf):
        """What keeps these bytes of its document from going this way: Findings (envelope.py), worst first."""
        return []

    def open(self):
        """A channel of the caller's own that can hand over, perhaps over a kept connection; `close()` ends it."""
        raise NotImplementedError

    def hand_over(self, load, gate):
        """Bring a Delivery, or a Parcel where they travel `together`, to the next party; returns its Receipt.

        Calls `gate()` exactly once, just before the byte that cannot be taken back, and `gate.beat()` every few
        seconds of a long way to it. Raises Refused or Unreachable when the other side said so; any other exception
        after the gate means that nobody knows.
        """
        raise NotImplementedError

    def fate(self, parcel):
        """What became of a parcel whose hand-over broke off past the gate: a Fate. Raises Unreachable or Refused."""
        raise NotImplementedError

    def answer_within(self, company):
        """Hours until an answer about what was handed over should have come; None where nobody answers later."""
        return

    def close(self):
        """End what open() began."""

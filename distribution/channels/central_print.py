from datetime import UTC, timedelta

from distribution import transports
from distribution.models import Connection
from distribution.reasons import Reason
from distribution.relay import nothing_leaves_a_copy
from distribution.states import State
from distribution.transports import Found, Unreachable
from invoicing.windows import window_of
from recipients.methods import Method
from recipients.models import Event

from . import envelope, postal, print_files
from .base import Address, Channel, Fate, Objection, Receipt
from .print_batch import pack
from .print_profiles import PROFILES

MOST_PRINTS = 3  # of one invoice, by agreement with the providers (BRP-06)


class CentralPrint(Channel):
    """Letters: a print provider fetches a file of documents, prints, folds, franks and posts them."""

    method = Method.CENTRAL_PRINT
    together = True
    media_type = "application/zip"

    def address(self, recipient):
        """The postal address on the document, else on the cards: whole, or the letter does not go."""
        if recipient.prints >= MOST_PRINTS:
            raise Objection(Reason.PRINTED_ENOUGH)
        address, source = postal.best(recipient)
        if address is None:
            raise Objection(Reason.NO_POSTAL_ADDRESS)
        if not address.is_whole:
            raise Objection(Reason.BAD_POSTAL_ADDRESS)
        return Address(str(address), source)

    def inspect(self, delivery, pdf):
        company = delivery.company
        lines = postal.PostalAddress.read(delivery.address).on_paper(company.country)
        return envelope.inspect(pdf, lines=lines, window=window_of(company), profile=profile_of(company))

    def parcel_name(self, parcel, digest):
        opened = parcel.batch.opened_at.astimezone(UTC)
        profile = profile_of(parcel.company)
        stem = profile.name.format(
            company=parcel.company.slug, stamp=f"{opened:%Y%m%d%H%M%S}", digest=digest[:8], part=parcel.part
        )
        return stem + profile.ending

    def pack(self, parcel, deliveries, file):
        pack(parcel, deliveries, file, profile_of(parcel.company))

    def open(self):
        nothing_leaves_a_copy()
        return self  # each parcel has a session of its own: they are few

    def hand_over(self, parcel, gate):
        way = connection_of(parcel.company)
        with transports.open(way) as session:
            words = print_files.put(session, parcel, gate)
        return Receipt(f"{way}, {way.get_kind_display()}: {words}")

    def answer_within(self, company):
        """Over HTTPS nothing can be fetched, so nothing is waited for."""
        over_https = Connection.objects.of(company).filter(method=Method.CENTRAL_PRINT, kind=Connection.Kind.HTTPS)
        return None if over_https.exists() else profile_of(company).answer_within

    def fate(self, parcel):
        """Its final name is there: it arrived. Our temporary file was, and is gone now: it never did."""
        row = connection_of(parcel.company)
        if row.is_idempotent:
            # They remove doubles by our key, so that it is safe to say it again: to them, not to another.
            return Fate.UNKNOWN if has_changed(row, since=parcel) else Fate.NEVER
        with transports.open(row) as session:
            found = session.find(parcel.name)
            if found == Found.FINAL:
                return Fate.ARRIVED
            gone = found == Found.TEMPORARY and session.withdraw(parcel.name, parcel.token.hex)
            return Fate.NEVER if gone else Fate.UNKNOWN


def connection_of(company):
    """Where this company's letters go. Raises Unreachable when it was taken away."""
    try:
        return Connection.objects.of(company).get(method=Method.CENTRAL_PRINT)
    except Connection.DoesNotExist:
        raise Unreachable(Reason.NO_CONNECTION, slows=Unreachable.CONNECTION) from None


def has_changed(connection, since):
    """Whether this may be another place than the one that the last claim of the parcel `since` went to."""
    rows = since.deliveries.filter(token=since.token).values("pk")
    claimed = Event.objects.filter(about__in=rows, what=f"delivery.{State.CLAIMED}").latest("id")
    changes = Event.objects.filter(about=connection.pk, what__in=("connection.added", "connection.changed"))
    # A change that was being made while the sender looked began earlier.
    return changes.filter(at__gt=claimed.at - timedelta(minutes=1)).exists()


def profile_of(company):
    """How the provider of this company wants its files."""
    row = Connection.objects.of(company).filter(method=Method.CENTRAL_PRINT).first()
    return PROFILES[row.profile if row else "neutral"]

"""Invoices by e-mail: whose address, which bytes, and what the relay said."""

import io
import json
import re
import unicodedata
from email.errors import HeaderParseError
from email.generator import BytesGenerator
from email.utils import format_datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email

from distribution.models import Enclosure
from distribution.reasons import Reason
from distribution.relay import relay
from distribution.transports.smtp import Lost, Rejected, Session
from recipients.methods import Method
from recipients.models.archived_file import Damaged

from .base import Address, Channel, Objection, Receipt, Refused
from .verdict import verdict

ADDRESS_MAX = 254  # RFC 5321 section 4.5.3.1.3, less the angle brackets
NAME_MAX = 75
BYTES = "application/octet-stream"
# Mail readers and spam filters read an address, or a second one, into a name that holds these.
TRICKY_IN_A_NAME = re.compile(r'[@:;,"\\<>()\[\]]')


class Email(Channel):
    method = Method.EMAIL

    def __init__(self, session=None):
        self.session = session

    def open(self):
        """An Email with a session of its own, which connects at its first mail. Raises relay.Closed."""
        way = relay()
        return Email(Session(way.host, way.port, way.security, way.username, way.password))

    def close(self):
        self.session.close()

    def address(self, recipient):
        """The first one that somebody gave, even when it is wrong: a wrong address is corrected, not passed over."""
        for text, source in candidates(recipient):
            if text:
                try:
                    in_ascii(text)
                except ValueError as error:
                    raise Objection(Reason.BAD_EMAIL) from error
                return Address(text, source)
        raise Objection(Reason.NO_EMAIL)

    def hand_over(self, delivery, gate):
        """One recipient a mail, so that each has an answer of its own."""
        try:
            recipient = in_ascii(delivery.address)
        except ValueError as error:
            raise Refused(Reason.BAD_EMAIL, text=str(error)) from error
        data = message(delivery)
        if len(data) > settings.SENDING["mail_max_bytes"]:
            raise Refused(Reason.TOO_LARGE, text=f"{len(data)} bytes")
        try:
            code, text = self.session.deliver(sender(delivery.company), recipient, data, gate)
        except (Rejected, Lost) as trouble:
            raise verdict(trouble) from trouble
        return Receipt(text, str(code))


def candidates(recipient):
    """(text, source), best first; the text may be empty."""
    invoice = recipient.invoice
    yield invoice.email, "typed"
    if recipient.uses_document_address:
        yield invoice.document_email, "document"
    for level, card in recipient.levels:
        yield card.invoice_email or card.email, level


def in_ascii(address):
    """The one address in this text as SMTP carries it, its domain in IDNA. Raises ValueError: it is not one."""
    try:
        validate_email(address)
    except ValidationError as error:
        raise ValueError(f"not an e-mail address: {address!r}") from error
    mailbox, _at, domain = address.rpartition("@")
    encoded = domain.encode("idna").decode()
    # Python knows IDNA of 2003, which turns "straße" into "strasse": today that is somebody else's domain.
    if not domain.isascii() and encoded.encode().decode("idna") != unicodedata.normalize("NFC", domain).lower():
        raise ValueError(f"a domain that may be read in two ways: {domain!r}")
    if len(address) > ADDRESS_MAX or len(mailbox) + 1 + len(encoded) > ADDRESS_MAX or '"' in mailbox:
        raise ValueError(f"too long or quoted: {address!r}")
    return f"{mailbox}@{encoded}"


def message_id(delivery):
    return f"<{delivery.pk}@{settings.SENDING_DOMAIN}>"


def sender(company):
    return f"{company.distribution.sender_prefix}@{settings.SENDING_DOMAIN}"


def sender_name(company):
    """The name before the address, without what mail readers could take for an address."""
    name = company.distribution.sender_name or company.name
    printable = "".join(c if c.isprintable() else " " for c in name)
    return " ".join(TRICKY_IN_A_NAME.sub(" ", printable).split())[:NAME_MAX].strip()


def message(delivery):
    """The mail as bytes with CRLF, made of the frozen enclosures: the same bytes at every try.

    Raises Refused when an enclosure is missing, damaged or cannot stand in a mail: a message never leaves without the
    document that it speaks of.
    """
    everything = delivery.enclosures.select_related("file").order_by("pk")
    enclosures = {enclosure.role: enclosure for enclosure in everything}
    along = [enclosure for enclosure in everything if enclosure.role == Enclosure.Role.ATTACHMENT]
    try:
        pdf = enclosures[Enclosure.Role.PDF]
        document = pdf.file.read()
        words = json.loads(enclosures[Enclosure.Role.MAIL].file.read())
        files = [(pdf.name, document, "application/pdf")]
        files += [(each.name, each.file.read(), each.file.media_type) for each in along]
        return mime(delivery, words, files)
    except KeyError as error:
        raise Refused(Reason.UNPRINTABLE, text=f"the mail lacks its {error.args[0]}") from error
    except (Damaged, ValueError, HeaderParseError) as error:
        raise Refused(Reason.UNPRINTABLE, text=str(error)) from error


def mime(delivery, words, files):
    """The message as bytes. `delivery` is whatever has a company, an address, a primary key and a moment `ready_at`;
    `files` are (name, bytes, media type), the invoice first.
    """
    company = delivery.company
    name_before, address = sender_name(company), sender(company)
    reply_to = company.distribution.reply_to or company.email
    mail = EmailMultiAlternatives(
        subject=words["subject"],
        body=words["text"],
        from_email=f'"{name_before}" <{address}>' if name_before else address,
        to=[in_ascii(delivery.address)],
        reply_to=[reply_to] if reply_to else None,
        headers={
            # The same at every try, so that whoever removes doubles can, and a bounce finds its row.
            "Message-ID": message_id(delivery),
            "Date": format_datetime(delivery.ready_at),
            "Auto-Submitted": "auto-generated",  # RFC 3834
            "X-Auto-Response-Suppress": "OOF, AutoReply",
            "Content-Language": words["language"],
        },
    )
    if words["html"]:
        mail.attach_alternative(words["html"], "text/html")
    for name, content, media_type in files:
        # A text as bytes too: as text its line ends and its coding would be written anew.
        mail.attach(name, content, BYTES if media_type.startswith("text/") else media_type)
    made = mail.message()
    multiparts = (part for part in made.walk() if part.is_multipart())
    for number, part in enumerate(multiparts):
        part.set_boundary(f"=_{delivery.pk.hex}_{number}")  # else a new one at random each time
    buffer = io.BytesIO()
    # maxheaderlen: Django has folded the headers; folded again, they would begin with an empty line.
    BytesGenerator(buffer, mangle_from_=False, maxheaderlen=0).flatten(made, linesep="\r\n")
    return buffer.getvalue()

"""What a mail relay's answer means for a delivery: tried again, and what slows down meanwhile, or never."""

import re

from distribution.reasons import Reason
from distribution.transports.smtp import Rejected

from .base import Refused, Unreachable

# Before any recipient has been named the relay speaks about itself: its trouble is never an invoice's failure.
OF_THE_RELAY = ("connect", "tls", "greeting", "ehlo", "starttls", "auth")
# RFC 4954 section 6: it wants a log-in, or another one. Asked for at MAIL by relays that did not insist earlier.
LOG_IN = (530, 534, 535, 538)
ENHANCED = re.compile(r"[245]\.(\d{1,3}\.\d{1,3})\b")  # RFC 3463: class.subject.detail


def verdict(trouble):
    """The Refused or Unreachable that a transport's Rejected or Lost amounts to."""
    if not isinstance(trouble, Rejected):
        slows = Unreachable.CONNECTION if trouble.stage in OF_THE_RELAY else Unreachable.DELIVERY
        return Unreachable(Reason.TRY_LATER, text=trouble.text, slows=slows)
    status = ENHANCED.match(trouble.text)
    status = status[1] if status else ""
    if trouble.stage in OF_THE_RELAY or trouble.code in LOG_IN or trouble.code < 500:
        return Unreachable(Reason.TRY_LATER, trouble.code, trouble.text, slows=slowed(trouble, status))
    return Refused(reason_of(trouble, status), trouble.code, trouble.text)


def slowed(trouble, status):
    """What should wait. 421, 432 and x.7.x say "too much from you at once" for all mail to that domain."""
    if trouble.stage in OF_THE_RELAY or trouble.code in LOG_IN:
        return Unreachable.CONNECTION
    if trouble.code in (421, 432) or status.startswith("7."):
        return Unreachable.DOMAIN
    return Unreachable.DELIVERY


def reason_of(trouble, status):
    """RFC 3463 section 3 where the server gives an enhanced status, else RFC 5321 section 4.2.3."""
    if status in ("3.4", "2.3"):
        return Reason.TOO_LARGE
    if status == "2.2":
        return Reason.MAILBOX_FULL
    if status.startswith("7."):
        return Reason.POLICY
    about_the_sender = trouble.stage == "mail" or status in ("1.7", "1.8")
    if (status.startswith("1.") or status == "2.1") and not about_the_sender:
        return Reason.NO_MAILBOX
    if trouble.code == 552:
        # One code for two things (RFC 1870 section 6.1, RFC 5321): the mail is too large, or the mailbox is full.
        speaks_of_size = trouble.stage == "mail" or "size" in trouble.text.lower()
        return Reason.TOO_LARGE if speaks_of_size else Reason.MAILBOX_FULL
    if trouble.code == 550 and trouble.stage == "rcpt" and not about_the_sender:
        return Reason.NO_MAILBOX
    return Reason.REFUSED

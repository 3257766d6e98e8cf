"""Our sender: one connection to a mail relay, one recipient a mail, and a gate before the byte that nothing takes back.

RFC 5321. As long as the final dot has not been written, a lost connection is certainly not a delivery (4.1.1.10);
once it has been, only the server's answer tells (RFC 1047). Django's backend knows neither side of that line.
"""

import contextlib
import re
import smtplib
import ssl
import time

from django.conf import settings

from .base import readable
from .line import Line

IDLE = 30  # seconds after which a kept connection is not trusted: firewalls forget them without a word
NOT_AN_ADDRESS = re.compile(r"[^!-~]|[<>]")  # control characters, blanks, what is not ASCII: injection or nonsense
STRAY_LINE_END = re.compile(rb"(?<!\r)\n|\r(?!\n)")
OVER_THE_SAME_LINE = ("mail", "rcpt", "data", "dot")  # a no at these leaves the connection good for the next mail


class Rejected(Exception):
    """The server answered `stage` with 4xx or 5xx (an int) and its words: it has not taken the message."""

    def __init__(self, stage, code, text):
        super().__init__(f"{stage}: {code} {text}")
        self.stage, self.code, self.text = stage, code, text


class Lost(Exception):
    """Nobody answered `stage`, or nothing that makes sense: the message has certainly not been taken."""

    def __init__(self, stage, text):
        super().__init__(f"{stage}: {text}")
        self.stage, self.text = stage, text


class Session:
    """One connection to a relay: opened when a mail needs it, kept for the next ones.

    `security` is "tls", "starttls" or "none". Certificates are always verified, against the system's authorities (the
    variable SSL_CERT_FILE names others). One thread at a time.
    """

    def __init__(self, host, port, security, username="", password=""):
        self.host, self.port, self.security = host, port, security
        self.username, self.password = username, password
        self.line = None
        self.mails = 0  # tried over this line

    def deliver(self, sender, recipient, data, gate):
        """Bring one message (bytes) to the relay; returns its answer (code, text) when it took it.

        Calls `gate()` when all but the final dot has been written. What `gate` raises goes on to the caller, and the
        connection is dropped with the dot unwritten.

        Raises Rejected and Lost as they say; ValueError, before a byte is written, for an address that could not
        stand in a command; after the gate any OSError: then nobody knows.
        """
        for address in (sender, recipient):
            if not address or NOT_AN_ADDRESS.search(address):
                raise ValueError(f"not an address that SMTP can carry: {address!r}")
        data = with_whole_line_ends(data)
        kept = self._is_usable()
        try:
            self._offer(sender, recipient, data)
        except (Lost, Rejected) as trouble:
            if not (kept and was_a_farewell(trouble)):
                raise
            # The server closed a connection that had carried its share or lain idle: not this mail's fault.
            self._drop()
            self._offer(sender, recipient, data)
        return self._hand_in(data, gate)

    def close(self):
        """Say good-bye without waiting for the answer, which would change nothing."""
        if self.line:
            with contextlib.suppress(OSError):
                self.line.putcmd("QUIT")
            self.line.close()
            self.line = None

    def _is_usable(self):
        """Whether the line of an earlier mail is still good; if not, it is quietly given up."""
        if self.line is None:
            return False
        if self.mails >= settings.SENDING["mails_per_connection"]:
            self.close()
            return False
        if time.monotonic() - self.line.heard_at < IDLE:
            with contextlib.suppress(OSError):
                if self.line.is_quiet() and self.line.docmd("RSET")[0] == 250:
                    return True
        self._drop()
        return False

    def _open(self):
        """Connect, greet, encrypt, log in."""
        self.line = Line(timeout=settings.SENDING["command_timeout"])
        self.mails = 0
        with self._at("connect"):
            self.line.reach(self.host, self.port)
        if self.security == "tls":
            self._encrypt()
        self._ask("greeting", 2, self.line.getreply)
        self._greet()
        if self.security == "starttls":
            self._ask("starttls", 2, self.line.docmd, "STARTTLS")
            self._encrypt()
            self._greet()  # again: what was announced in clear may be forged
        if self.username:
            with self._at("auth"):
                if self.security == "none":
                    raise OSError("a password is never sent over a line without TLS")
                if not (self.username + self.password).isascii():
                    raise OSError("user name and password must be ASCII")
                self.line.login(self.username, self.password)

    def _encrypt(self):
        with self._at("tls"):
            self.line.encrypt(ssl.create_default_context(), self.host)

    def _greet(self):
        # By our sending domain: the machine's own name is nobody's business and costs a look-up.
        self._ask("ehlo", 2, self.line.ehlo, settings.SENDING_DOMAIN)

    def _offer(self, sender, recipient, data):
        """Up to the server's invitation to send the message."""
        if self.line is None:
            self._open()
        self.mails += 1
        options = ""
        if self.line.has_extn("size"):
            options += f" SIZE={len(data)}"  # RFC 1870
        if self.line.has_extn("8bitmime") and not data.isascii():
            options += " BODY=8BITMIME"  # RFC 6152
        self._ask("mail", 2, self.line.docmd, f"MAIL FROM:<{sender}>{options}")
        self._ask("rcpt", 2, self.line.docmd, f"RCPT TO:<{recipient}>")
        self._ask("data", 3, self.line.docmd, "DATA")

    def _hand_in(self, data, gate):
        """The body, the gate, the dot. Whatever breaks in here, the line is of no use afterwards."""
        try:
            with self._at("body"):
                self._write(dot_stuffed(data))
            gate()
            self.line.timeout = settings.SENDING["dot_timeout"]
            code, text = self.line.docmd(".")
            if not (200 <= code <= 299 or 400 <= code <= 599):
                raise smtplib.SMTPException(f"an answer that is neither yes nor no: {code} {readable(text)}")
        except BaseException:
            self._drop()
            raise
        self.line.timeout = settings.SENDING["command_timeout"]
        if code >= 400:
            self._reject("dot", code, text)
        return code, readable(text)

    def _write(self, body):
        """Write the body. A server that speaks meanwhile has refused it, and its words say more than a broken pipe."""
        interrupted = False
        try:
            self.line.send(body)
        except TimeoutError:
            raise
        except OSError:
            interrupted = True
        if interrupted or not self.line.is_quiet():
            self._reject("body", *self.line.getreply())

    def _ask(self, stage, wanted, question, *words):
        """One question, and an answer whose first digit (RFC 5321 section 4.2.1) is the one that lets us go on."""
        with self._at(stage):
            code, text = question(*words)
            if code // 100 != wanted:
                self._reject(stage, code, text)

    @contextlib.contextmanager
    def _at(self, stage):
        """What goes wrong in here went wrong at `stage`, before the gate."""
        try:
            yield
        except smtplib.SMTPResponseException as error:
            self._reject(stage, error.smtp_code, error.smtp_error)
        except (OSError, ValueError) as error:  # ValueError: a host name or a challenge that is none
            self._drop()
            raise Lost(stage, in_words(error)) from error

    def _reject(self, stage, code, text):
        if stage not in OVER_THE_SAME_LINE or code == 421 or not 400 <= code <= 599:
            self._drop()
        if 400 <= code <= 599:
            raise Rejected(stage, code, readable(text))
        raise Lost(stage, f"an answer that makes no sense here: {code} {readable(text)}")

    def _drop(self):
        if self.line:
            self.line.cut()
            self.line = None


def was_a_farewell(trouble):
    """The server went away, as it may between two mails. Silence is something else: it would only be met again."""
    if isinstance(trouble, Rejected):
        return trouble.code == 421
    return not isinstance(trouble.__cause__, TimeoutError)


def with_whole_line_ends(data):
    """CRLF and nothing else: a server that takes a bare LF for a line end could be made to see a second message."""
    if not data.count(b"\r\n") == data.count(b"\n") == data.count(b"\r"):
        data = STRAY_LINE_END.sub(b"\r\n", data)
    return data if data.endswith(b"\r\n") else data + b"\r\n"


def dot_stuffed(data):
    """RFC 5321 section 4.5.2."""
    return (b"." if data.startswith(b".") else b"") + data.replace(b"\r\n.", b"\r\n..")


def in_words(error):
    if isinstance(error, TimeoutError):
        return f"no answer within {settings.SENDING['command_timeout']} s"
    return readable(getattr(error, "verify_message", "") or getattr(error, "strerror", "") or str(error))

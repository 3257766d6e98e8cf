"""HTTPS POST of one file: the last byte of the body is the one that cannot be taken back.

There is no name, so after a crash nobody can look; the partner who removes doubles by `Idempotency-Key` may be asked
again. Redirects are not followed: they would lead past the judged address.
"""

import base64
import contextlib
import http.client
import mimetypes
import socket
import ssl
import threading
import uuid
from pathlib import Path

from config.sealing import NoKey
from distribution.reasons import Reason
from distribution.troubles import Trouble

from .base import Found, Refused, Session, Unreachable, digest_of, in_words, pieces, readable
from .reach import dial, resolve, tls_context

WORDS_MAX = 4096  # bytes of an answer that are read
TRY_LATER = (408, 425, 429)
SILENCE = (OSError, http.client.HTTPException)


class Line(http.client.HTTPSConnection):
    """http.client over a line of ours."""

    def __init__(self, row, timeout, addresses):
        super().__init__(row.host, row.port, timeout=timeout, context=tls_context(row))
        self.addresses = addresses

    def connect(self):
        self.sock = self._context.wrap_socket(dial(self.addresses, self.timeout), server_hostname=self.host)


class Https(Session):
    line = None

    def way(self):
        return [("resolve", self.resolve), ("connect", self.open_line), ("login", self.prepare_login)]

    def trial(self):
        return [("folder", self.look_at_address)]

    def resolve(self):
        self.addresses = resolve(self.connection.host, self.connection.port)
        return ", ".join(address[0] for _family, address in self.addresses)

    def open_line(self):
        self.line = Line(self.connection, self.timeout, self.addresses)
        try:
            self.line.connect()
        except ssl.SSLCertVerificationError as error:
            raise trouble(Trouble.CERTIFICATE, in_words(error, self.timeout)) from error
        except SILENCE as error:
            raise trouble(Trouble.UNREACHABLE, in_words(error, self.timeout)) from error
        return self.line.sock.version()

    def prepare_login(self):
        """User name and password go as Basic, a password alone as a bearer token; they are checked with the request."""
        row = self.connection
        try:
            password = row.password()
        except NoKey as error:
            raise trouble(Trouble.NO_SECRET, str(error)) from error
        self.headers = {"User-Agent": "Utskick", "Connection": "close"}
        if row.username:
            self.headers["Authorization"] = f"Basic {base64.b64encode(f'{row.username}:{password}'.encode()).decode()}"
        elif password:
            self.headers["Authorization"] = f"Bearer {password}"

    def look_at_address(self):
        """A question without an effect; what it cannot find out is whether a POST is taken."""
        try:
            self.line.request("HEAD", self.address(), headers=self.headers)
            answer = self.line.getresponse()
        except SILENCE as error:
            raise trouble(Trouble.UNREACHABLE, in_words(error, self.timeout)) from error
        words = f"{answer.status} {readable(answer.reason)}"
        if answer.status in (401, 403):
            raise trouble(Trouble.LOGIN, words)
        if answer.status in (404, 410) or 300 <= answer.status < 400:
            raise trouble(Trouble.NO_FOLDER, words)
        if answer.status >= 500 and answer.status != 501:
            raise trouble(Trouble.REFUSES, words)
        return words

    def address(self):
        return f"/{self.connection.folder.lstrip('/')}"

    def put(self, name, path, gate, beat=None, mark=""):
        """Post the file at `path`; returns the partner's words. See FileSession.put for gate, beat and errors.

        409 is taken: "already processed". What may mean "not now" is asked again only of a partner who removes doubles
        by the key; from another one it is a doubt.
        """
        size, digest = Path(path).stat().st_size, digest_of(path)
        self.line.putrequest("POST", self.address(), skip_accept_encoding=True)
        for header, value in self.headers.items():
            self.line.putheader(header, value)
        self.line.putheader("Content-Type", mimetypes.guess_type(name)[0] or "application/octet-stream")
        self.line.putheader("Content-Length", str(size))
        self.line.putheader("Content-Disposition", f'attachment; filename="{name}"')
        # The same at every try of this name, and nobody else's.
        self.line.putheader("Idempotency-Key", str(uuid.uuid5(self.connection.company_id, name)))
        self.line.putheader("Digest", f"sha-256={base64.b64encode(digest).decode()}")
        self.line.putheader("X-Content-SHA256", digest.hex())
        last = b""
        try:
            self.line.endheaders()
            for piece in pieces(path, beat):
                self.line.send(last + piece[:-1])
                last = piece[-1:]
        except SILENCE as error:
            raise self.interrupted(error) from error
        gate()
        try:
            self.line.send(last)
            status, words = self.answer()
        except SILENCE as error:
            if self.connection.is_idempotent:
                raise Unreachable(Trouble.UNREACHABLE, "no answer", in_words(error, self.timeout)) from error
            raise
        return self.judged(status, words)

    def interrupted(self, error):
        """Who hangs up in the middle of a body has refused it, and may say why. It was not taken."""
        try:
            status, words = self.answer()
        except SILENCE:
            return trouble(Trouble.UNREACHABLE, in_words(error, self.timeout))
        if 400 <= status < 500 and status not in TRY_LATER:
            return Refused(Reason.REFUSED_THERE, status, words)
        return trouble(Trouble.REFUSES, words)

    def answer(self):
        """The status and the words. Once there is a status, a broken rest changes nothing."""
        with cut_after(self.line.sock, self.timeout):
            answer = self.line.getresponse()
            words = b""
            with contextlib.suppress(*SILENCE):
                while len(words) < WORDS_MAX and (piece := answer.read1(WORDS_MAX)):
                    words += piece
        return answer.status, readable(f"{answer.status} {answer.reason} {words.decode(errors='replace')}")

    def judged(self, status, words):
        if 200 <= status < 300 or status == 409:
            return words
        if status in TRY_LATER or status >= 500:
            if self.connection.is_idempotent:
                raise Unreachable(Reason.TRY_LATER, status, words, slows=Unreachable.CONNECTION)
            raise http.client.HTTPException(words)  # nobody knows
        if status in (401, 403, 404, 410):
            kind = Trouble.LOGIN if status < 404 else Trouble.NO_FOLDER
            raise Unreachable(kind, status, words, slows=Unreachable.CONNECTION)
        raise Refused(Reason.REFUSED_THERE, status, words)

    def find(self, name):
        return Found.NOTHING

    def withdraw(self, name, mark):
        return False

    def names(self, folder=""):
        return []

    def sweep(self):
        return 0

    def close(self):
        if self.line:
            self.line.close()


@contextlib.contextmanager
def cut_after(line, seconds):
    """For a whole answer: a socket's own timeout begins anew with each byte that a server drips."""

    def cut():
        with contextlib.suppress(OSError):
            socket.socket.shutdown(line, socket.SHUT_RDWR)  # the line's own would take TLS away from who reads it

    timer = threading.Timer(seconds, cut)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def trouble(kind, words):
    return Unreachable(kind, text=words, slows=Unreachable.CONNECTION)

"""The wire under an SMTP session."""

import contextlib
import smtplib
import socket
import ssl
import struct
import time

REPLY_MAX = 64 * 1024  # bytes
AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER, 0 s: what is cut in mid-mail must not look like an orderly end


class Line(smtplib.SMTP):
    """smtplib's dialogue with `timeout` seconds for a whole reply.

    smtplib waits that long for each piece of one, so a server that drips bytes could hold a sender for hours.
    """

    def __init__(self, timeout):
        # A name is given only so that smtplib does not look up the machine's own.
        super().__init__(local_hostname="localhost", timeout=timeout)
        self.unread = b""
        self.heard_at = 0.0

    def reach(self, host, port):
        self.sock = socket.create_connection((host, port), self.timeout)
        # The dot is a small packet behind a large one: it must not wait for the acknowledgement (Nagle).
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def encrypt(self, context, host):
        self.unread = b""  # what was said in clear behind the greeting may be forged
        self.sock.settimeout(self.timeout)
        self.sock = context.wrap_socket(self.sock, server_hostname=host)

    def send(self, s):
        self.sock.settimeout(self.timeout)
        self.sock.sendall(s if isinstance(s, bytes) else s.encode("ascii"))

    def getreply(self):
        """The next reply: its code, and its text as bytes with a line each. Raises OSError."""
        deadline = time.monotonic() + self.timeout
        texts, more, size = [], b"-", 0
        while more == b"-":
            line = self._read_line(deadline)
            size += len(line)
            code, more = line[:3], line[3:4]
            if not code.isdigit() or len(code) < 3 or more not in (b"", b" ", b"-"):
                raise smtplib.SMTPException(f"not a reply of a mail server: {line[:80]!r}")
            texts.append(line[4:].strip())
            if size > REPLY_MAX:
                raise smtplib.SMTPException("a reply without an end")
        self.heard_at = time.monotonic()
        return int(code), b"\n".join(texts)

    def is_quiet(self):
        """Nothing has come that nobody asked for: no early answer, no farewell, no end of the connection."""
        if self.unread:
            return False
        self.sock.settimeout(0)
        try:
            self.unread = self.sock.recv(4096)
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        return False

    def cut(self):
        """End it so that the other side sees a break, whatever had been written."""
        if self.sock:
            with contextlib.suppress(OSError):
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        self.close()

    def _read_line(self, deadline):
        while b"\n" not in self.unread:
            self.sock.settimeout(max(deadline - time.monotonic(), 0.001))
            piece = self.sock.recv(4096)
            if not piece:
                raise smtplib.SMTPServerDisconnected("the server closed the connection")
            self.unread += piece
            if len(self.unread) > REPLY_MAX:
                raise smtplib.SMTPException("a reply without an end")
        line, _end, self.unread = self.unread.partition(b"\n")
        return line.rstrip(b"\r")

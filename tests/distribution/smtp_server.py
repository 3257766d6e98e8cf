"""A mail server that follows a script: it can answer anything at any stage, fall silent, or go away."""

import contextlib
import datetime
import ipaddress
import socket
import ssl
import struct
import threading
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HANG, RESET, CLOSE = "hang", "reset", "close"  # what a stage can do besides answering
TAKE_AND_HANG, TAKE_AND_RESET = "take and hang", "take and reset"  # at the dot
SLOW = "take slowly"  # the usual answer, a byte each tenth of a second
ANSWERS = {
    "greeting": "220 mx.test ready",
    "starttls": "220 go on",
    "auth": "235 2.7.0 welcome",
    "mail": "250 2.1.0 ok",
    "rcpt": "250 2.1.5 ok",
    "data": "354 go on",
    "body": None,  # as it should be: silence until the dot
    "dot": "250 2.0.0 queued as 17",
    "rset": "250 2.0.0 ok",
    "quit": "221 2.0.0 bye",
}


@dataclass
class Mail:
    """One message that this server took: dots unstuffed, and whether the gate had been passed by then."""

    sender: str
    recipient: str
    data: bytes
    connection: int
    gate_passed: bool


class Gate:
    """Stands for the engine's gate: counts, and can be shut."""

    def __init__(self, shut=None):
        self.calls, self.shut = 0, shut

    def __call__(self):
        self.calls += 1
        if self.shut:
            raise self.shut


class Server:
    """`script` maps a stage to what it does instead of answering well: a reply, HANG ..., or a list of these, one for
    each time (None: as usual). `drip` is the pause in seconds between two bytes of an answer.
    """

    def __init__(self, script=(), *, gate=None, tls=None, context=None, features=("SIZE 20000000", "8BITMIME"), drip=0):
        self.script = {stage: list(v) if isinstance(v, list) else v for stage, v in dict(script).items()}
        self.gate, self.tls, self.context, self.features, self.drip = gate or Gate(), tls, context, features, drip
        self.mails, self.commands, self.connections = [], [], 0
        self.broken_off = []  # what came of messages that never ended, and whether the client cut the connection
        self.stopping = threading.Event()
        self.threads = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def __enter__(self):
        self.acceptor = threading.Thread(target=self._accept, daemon=True)
        self.acceptor.start()
        return self

    def __exit__(self, *_exception):
        self.stopping.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.acceptor.join(5)
        self.wait_until_left()

    def wait_until_left(self):
        """Until it has noticed that its clients are gone, so that what it took is all that it will ever take."""
        for thread in self.threads:
            thread.join(5)
            assert not thread.is_alive()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _address = self.listener.accept()
                self.connections += 1
                self.threads.append(threading.Thread(target=self._serve, args=(client, self.connections), daemon=True))
                self.threads[-1].start()

    def _serve(self, client, number):
        client.settimeout(0.05)
        with contextlib.suppress(OSError, Gone):
            Conversation(self, client, number).hold()

    def greeting_back(self):
        """The answer to EHLO: what this server can do."""
        words = ["mx.test", *self.features]
        return "\r\n".join(f"250{'-' if word != words[-1] else ' '}{word}" for word in words)

    def next(self, stage):
        """What the script has for this stage now; else the usual answer."""
        planned = self.script.get(stage)
        if isinstance(planned, list):
            planned = planned.pop(0) if planned else None
        return planned or ANSWERS.get(stage)


class Gone(Exception):
    """The conversation is over."""


class Conversation:
    def __init__(self, server, client, number):
        self.server, self.client, self.number, self.unread = server, client, number, b""

    def hold(self):
        try:
            if self.server.tls == "tls":
                self._encrypt()
            self._act("greeting")
            while True:
                self._command(self._line().decode("latin-1").rstrip("\r\n"))
        finally:
            self.client.close()

    def _command(self, line):
        self.server.commands.append(line)
        stage = line.partition(" ")[0].lower()
        if stage == "mail":
            self.sender = line[len("MAIL FROM:<") :].partition(">")[0]
        if stage == "rcpt":
            self.recipient = line[len("RCPT TO:<") :].partition(">")[0]
        said = self._act(stage)
        if stage == "starttls" and said.startswith("2"):
            self._encrypt()
        if stage == "data" and said.startswith("354"):
            self._take_message()
        if stage == "quit":
            raise Gone

    def _act(self, stage):
        planned = self.server.next(stage)
        if planned == SLOW:
            return self._drip(ANSWERS.get(stage) or self.server.greeting_back())
        if planned is None:
            planned = self.server.greeting_back() if stage == "ehlo" else "500 5.5.1 what?"
        return self._do(planned)

    def _do(self, planned):
        """Carry out one entry of the script; returns it when the conversation goes on."""
        if planned in (HANG, TAKE_AND_HANG):
            self._wait_until_left()
        if planned in (RESET, TAKE_AND_RESET):
            self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if planned in (RESET, TAKE_AND_RESET, CLOSE):
            raise Gone
        self._say(planned)
        if planned.startswith("421"):
            raise Gone
        return planned

    def _drip(self, text):
        self.server.drip = 0.1
        self._say(text)
        return text

    def _say(self, text):
        data = f"{text}\r\n".encode("latin-1")
        self.client.settimeout(5)
        if self.server.drip:
            for byte in data:
                self.client.sendall(bytes([byte]))
                self.server.stopping.wait(self.server.drip)
        else:
            self.client.sendall(data)

    def _take_message(self):
        body = self.server.next("body")
        if body == HANG:  # and reads no more
            self.server.stopping.wait(1.5)
            raise Gone
        lines = []
        try:
            while (line := self._line()) != b".\r\n":
                if body:
                    self._interrupt(body)
                lines.append(line.removeprefix(b"."))
        except (Gone, OSError) as error:
            is_break = isinstance(error, (ConnectionResetError, ssl.SSLEOFError))
            self.server.broken_off.append((b"".join(lines) + self.unread, is_break))
            raise
        planned = self.server.next("dot")
        if planned.startswith(("2", "take")):
            mail = Mail(self.sender, self.recipient, b"".join(lines), self.number, self.server.gate.calls > 0)
            self.server.mails.append(mail)
        self._drip(ANSWERS["dot"]) if planned == SLOW else self._do(planned)

    def _interrupt(self, planned):
        if planned not in (RESET, CLOSE):
            self._say(planned)
            self._wait_until_left()
        self._do(planned)

    def _wait_until_left(self):
        """Silent, but reading: what comes is thrown away."""
        while self._receive():
            pass
        raise Gone

    def _line(self):
        while b"\n" not in self.unread:
            piece = self._receive()
            if not piece:
                raise Gone
            self.unread += piece
        line, end, self.unread = self.unread.partition(b"\n")
        return line + end

    def _receive(self):
        """The next bytes; b"" when the client has gone."""
        self.client.settimeout(0.05)
        while not self.server.stopping.is_set():
            with contextlib.suppress(TimeoutError):
                return self.client.recv(65536)
        return b""

    def _encrypt(self):
        planned = self.server.next("tls")
        if planned:
            self._do(planned)
            self._wait_until_left()
        self.client.settimeout(5)
        self.client = self.server.context.wrap_socket(self.client, server_side=True, suppress_ragged_eofs=False)


class Authority:
    """Makes certificates; its own is in the PEM file `path`. SSL_CERT_FILE makes a client trust it."""

    def __init__(self, path):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of the tests")])
        self.path = path
        certificate = self._certificate(self.name, self.key.public_key(), x509.BasicConstraints(True, None))
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def server_context(self, host="127.0.0.1", *, days=1, folder):
        """An SSLContext of a server called `host`, with a certificate that is good until so many days from now."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate(host, days=days, folder=folder))
        return context

    def certificate(self, host="127.0.0.1", *, days=1, folder):
        """The PEM file of such a server's key and certificate."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        try:
            alternative = x509.IPAddress(ipaddress.ip_address(host))
        except ValueError:
            alternative = x509.DNSName(host)
        certificate = self._certificate(name, key.public_key(), x509.SubjectAlternativeName([alternative]), days=days)
        file = folder / f"{host}{days}.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        return file

    def _certificate(self, name, public_key, extension, *, days=1):
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self.name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=30))
            .not_valid_after(now + datetime.timedelta(days=days))
            .add_extension(extension, critical=False)
            .sign(self.key, hashes.SHA256())
        )

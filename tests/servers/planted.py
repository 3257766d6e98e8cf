"""Servers that misbehave as they are told: SFTP with asyncssh, FTP with pyftpdlib, HTTPS with the standard library.

`plan` names the one fault of a server: see each class. Without one they behave.
"""

import asyncio
import contextlib
import http.server
import logging
import os
import threading

import asyncssh
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import DTPHandler, FTPHandler
from pyftpdlib.ioloop import IOLoop
from pyftpdlib.servers import FTPServer

CUT = "cut"  # the line breaks in the middle of the upload
SLOW = "slow"  # the upload stands still
FULL = "full"  # the disk is full in the middle of the upload
SHORT = "short"  # some bytes of the upload are lost without a word
SAYS_NO = "says no"  # the rename is refused
DONE_AND_GONE = "done and gone"  # the rename is done, and the line breaks before the answer
LATE = "late"  # the upload takes a second, and the answer to the rename comes a second after it
DRIP = "drip"  # HTTPS: the answer comes byte by byte, each in time, for five seconds
GONE = "gone"  # the line breaks instead of the rename
AFTER = 40_000  # bytes, after which the upload goes wrong

USERNAME, PASSWORD = "print", "hemligt lösenord"


class Planted:
    username, password = USERNAME, PASSWORD

    def __init__(self, folder, plan=""):
        self.root = folder / "files"
        self.root.mkdir(parents=True, exist_ok=True)
        self.plan = plan
        self.hits = 0  # times that the plan went wrong for somebody
        self.cuts = 0  # of those: renames after which the line broke
        self.ready, self.stopping = threading.Event(), threading.Event()

    def __enter__(self):
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        assert self.ready.wait(10)
        return self

    def __exit__(self, *_exception):
        self.stopping.set()
        self.thread.join(10)
        assert not self.thread.is_alive()


class Sftp(Planted):
    def __init__(self, folder, plan=""):
        super().__init__(folder, plan)
        self.key = asyncssh.generate_private_key("ssh-ed25519")

    def host_key(self):
        return " ".join(self.key.export_public_key().decode().split()[:2])

    def serve(self):
        asyncio.run(self.listen())

    async def listen(self):
        async with await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[self.key],
            server_factory=PasswordServer,
            sftp_factory=lambda channel: SftpFiles(channel, self),
        ) as server:
            self.port = server.get_port()
            self.ready.set()
            while not self.stopping.is_set():
                await asyncio.sleep(0.02)


class PasswordServer(asyncssh.SSHServer):
    def password_auth_supported(self):
        return True

    def validate_password(self, username, password):
        return (username, password) == (USERNAME, PASSWORD)


class SftpFiles(asyncssh.SFTPServer):
    def __init__(self, channel, server):
        super().__init__(channel, chroot=str(server.root))
        self.server = server
        self.short = set()  # open files of which bytes are lost, to their end: else a hole would have the right size

    def hang_up(self):
        self.channel.get_connection().abort()

    async def write(self, file_obj, offset, data):
        if self.server.plan == LATE and not offset:
            await asyncio.sleep(1)
        if offset >= AFTER:
            self.server.hits += self.server.plan in (CUT, SLOW, FULL, SHORT)
            if self.server.plan == CUT:
                self.hang_up()
            if self.server.plan == SLOW:
                await asyncio.sleep(30)
            if self.server.plan == FULL:
                raise asyncssh.SFTPFailure("Failure")
            if self.server.plan == SHORT:
                self.short.add(file_obj)
        if file_obj in self.short:
            return len(data)
        return super().write(file_obj, offset, data)

    async def rename(self, oldpath, newpath):
        self.server.hits += self.server.plan in (SAYS_NO, DONE_AND_GONE, GONE)
        if self.server.plan == SAYS_NO:
            raise asyncssh.SFTPPermissionDenied("not now")
        if self.server.plan == DONE_AND_GONE:
            super().rename(oldpath, newpath)
        if self.server.plan in (DONE_AND_GONE, GONE):
            self.server.cuts += 1
            self.hang_up()
            await asyncio.sleep(1)
            return
        super().rename(oldpath, newpath)
        if self.server.plan == LATE:
            await asyncio.sleep(1)


class Ftp(Planted):
    """Without TLS: what breaks does not depend on it, and vsftpd has it."""

    def serve(self):
        authorizer = DummyAuthorizer()
        authorizer.add_user(USERNAME, PASSWORD, str(self.root), perm="elradfmwMT")
        handler = type("Handler", (FtpHandler,), {"planted": self, "authorizer": authorizer})
        loop = IOLoop()
        server = FTPServer(("127.0.0.1", 0), handler, ioloop=loop)
        self.port = server.address[1]
        self.ready.set()
        while not self.stopping.is_set():
            loop.loop(timeout=0.02, blocking=False)
        server.close_all()


class FtpData(DTPHandler):
    def handle_read(self):
        plan, wrong = self.cmd_channel.planted.plan, self.tot_bytes_received >= AFTER
        self.cmd_channel.planted.hits += wrong and plan in (CUT, SLOW, FULL, SHORT)
        if wrong and plan == CUT:
            self.cmd_channel.close()
        elif wrong and plan == FULL:
            self._resp = ("452 Not enough space on the disk.", logging.getLogger("pyftpdlib").debug)
            self.close()
        elif wrong and plan == SHORT:
            with contextlib.suppress(BlockingIOError):
                if not self.recv(65536):
                    self.transfer_finished = True
        elif not (wrong and plan == SLOW):
            super().handle_read()

    handle_read_event = handle_read  # what its loop calls


class FtpHandler(FTPHandler):
    dtp_handler = FtpData
    use_sendfile = False

    def ftp_RNTO(self, path):
        plan = self.planted.plan
        self.planted.hits += plan in (SAYS_NO, DONE_AND_GONE, GONE)
        if plan == SAYS_NO:
            self.respond("553 not now.")
        elif plan in (DONE_AND_GONE, GONE):
            if plan == DONE_AND_GONE:
                os.rename(self._rnfr, path)
            self.planted.cuts += 1
            self.close()
        else:
            super().ftp_RNTO(path)


class Web(Planted):
    """A partner's HTTPS address. `plan` is a status to answer, or CUT, SLOW, or DONE_AND_GONE: taken, and no answer."""

    def __init__(self, folder, context, plan=""):
        super().__init__(folder, plan)
        self.context = context
        self.posts = []  # (headers, body) of what came whole

    def serve(self):
        handler = type("Handler", (WebHandler,), {"planted": self})
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            server.socket = self.context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
            server.timeout = 0.05
            self.port = server.server_port
            self.ready.set()
            while not self.stopping.is_set():
                server.handle_request()


class WebHandler(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.send_response(self.planted.plan or 405)
        self.end_headers()

    def do_POST(self):
        plan, length = self.planted.plan, int(self.headers["Content-Length"])
        if plan == CUT:
            self.rfile.read(length // 2)
            self.connection.close()
            return
        body = self.rfile.read(length)
        if len(body) < length:
            return
        self.planted.posts.append((dict(self.headers), body))
        if plan == SLOW:
            self.planted.stopping.wait(20)
        if plan in (SLOW, DONE_AND_GONE):
            return
        if plan == DRIP:
            for byte in b"HTTP/1.1 202 Accepted":
                self.wfile.write(bytes([byte]))
                self.planted.stopping.wait(0.25)
            self.wfile.write(b"\r\n\r\n")
            return
        self.send_response(plan or 202)
        if plan and 300 <= plan < 400:
            self.send_header("Location", f"https://127.0.0.1:{self.planted.port}/elsewhere")
        self.end_headers()
        self.wfile.write(b"Order 17 received")

    def log_message(self, *_words):
        pass

"""FTPS, and FTP for those who have nothing else: RFC 959, RFC 3659 (SIZE, MDTM, MLSD), RFC 4217 (AUTH TLS)."""

import contextlib
import ftplib  # nosec B402 - plain FTP is for those who confirmed it in the form
import posixpath
import re
import ssl
from datetime import UTC, datetime

from config.sealing import NoKey
from distribution.models import Connection
from distribution.troubles import Trouble

from .base import PIECE, Entry, Said, Unreachable, in_words, readable
from .files import FileSession
from .reach import dial, resolve, tls_context

SPEAKS_OF_ROOM = re.compile(r"space|quota|full|storage|writing to local file", re.IGNORECASE)
NOT_THERE = (450, 550)  # RFC 959 section 4.2.2: file unavailable
NOT_KNOWN = (500, 501, 502, 504)


class Line(ftplib.FTP_TLS):
    """ftplib over an address that has been judged already, with the TLS session of the control line on each data line.

    vsftpd asks for that by default (522 otherwise), because it shows that both lines have one owner. Passive data
    lines go to the peer of the control line, whatever the server says: ftplib's default.
    """

    def dial(self, addresses, host):
        self.host = host
        self.sock = dial(addresses, self.timeout)
        self.af = self.sock.family
        self.listen()
        self.welcome = self.getresp()
        return self.welcome

    def listen(self):
        """Read on over the socket. Old servers speak in Latin-1: their words are shown as far as they can be read."""
        self.file = self.sock.makefile("r", encoding=self.encoding, errors="replace")

    def auth(self):
        answer = super().auth()
        self.listen()
        return answer

    def ntransfercmd(self, cmd, rest=None):
        line, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321 - beneath FTP_TLS on purpose
        if self._prot_p:
            line = self.context.wrap_socket(line, server_hostname=self.host, session=self.sock.session)
        return line, size

    def retrlines(self, cmd, callback):
        """As ftplib's. A name that is not UTF-8 comes with U+FFFD in it instead of breaking the whole list."""
        self.sendcmd("TYPE A")
        with self.transfercmd(cmd) as line, line.makefile("r", encoding=self.encoding, errors="replace") as file:
            while text := file.readline(self.maxline + 1):
                if len(text) > self.maxline:
                    raise ftplib.error_proto(  # noqa: S321 - FTP is spoken already
                        f"a line of more than {self.maxline} characters"
                    )
                callback(text.rstrip("\r\n"))
            if isinstance(line, ssl.SSLSocket):
                with contextlib.suppress(OSError):
                    line.unwrap()
        return self.voidresp()


class Ftp(FileSession):
    silence = (OSError, EOFError, ftplib.Error)  # what ask() lets through of the last is no answer
    line = None

    @property
    def is_encrypted(self):
        return self.connection.kind == Connection.Kind.FTPS

    def way(self):
        yield "resolve", self.resolve
        yield "connect", self.open_line
        if self.is_encrypted:
            yield "tls", self.encrypt
        yield "login", self.log_in
        yield "folder", self.told(self.look_at_folder)

    def resolve(self):
        if not self.is_encrypted and not self.connection.is_confirmed_insecure:
            raise Unreachable(Trouble.UNCONFIRMED, slows=Unreachable.CONNECTION)
        self.addresses = resolve(self.connection.host, self.connection.port)
        return ", ".join(address[0] for _family, address in self.addresses)

    def open_line(self):
        with self.at_work():
            context = tls_context(self.connection) if self.is_encrypted else None
            self.line = Line(timeout=self.timeout, context=context)
            return readable(self.ask(self.line.dial, self.addresses, self.connection.host))

    def encrypt(self):
        with self.at_work():
            try:
                self.ask(self.line.auth)
                self.ask(self.line.prot_p)
            except ssl.SSLCertVerificationError as error:
                words = in_words(error, self.timeout)
                raise Unreachable(Trouble.CERTIFICATE, text=words, slows=Unreachable.CONNECTION) from error
        return self.line.sock.version()

    def log_in(self):
        try:
            password = self.connection.password()
        except NoKey as error:
            raise Unreachable(Trouble.NO_SECRET, text=str(error), slows=Unreachable.CONNECTION) from error
        with self.at_work():
            try:
                self.ask(ftplib.FTP.login, self.line, self.connection.username, password)
            except Said as no:
                raise Said(Trouble.LOGIN, no.code, no.text) from no
            self.ask(self.line.voidcmd, "TYPE I")

    def look_at_folder(self):
        try:
            if self.connection.folder:
                self.ask(self.line.cwd, self.connection.folder)
            return self.ask(self.line.pwd)
        except Said as no:
            raise Said(Trouble.NO_FOLDER, no.code, no.text) from no

    def path_of(self, name):
        return name  # the folder has been entered

    def close(self):
        if self.line:
            self.line.close()

    def ask(self, question, *words):
        """What a function of ftplib answers; its errors are answers of the server. 421 is a farewell, not one."""
        try:
            return question(*words)
        except (ftplib.error_perm, ftplib.error_temp, ftplib.error_reply) as error:
            text = readable(error)
            code = int(text[:3]) if re.match(r"[0-9]{3}", text) else 0
            if code == 421:
                raise EOFError(text) from error
            raise Said(meaning(code, text), code, text[4:]) from error

    # --- The verbs of FileSession -------------------------------------------------------------------------------------

    def _size(self, path):
        try:
            return count(self.ask(self.line.sendcmd, f"SIZE {path}")[4:])
        except Said as no:
            if int(no.code) in NOT_THERE:
                return None
            raise

    def _read(self, path):
        received = self.ask(self.line.transfercmd, f"RETR {path}")
        with received:
            while piece := received.recv(PIECE):
                yield piece
        self.ask(self.line.voidresp)

    def _write(self, path, data):
        try:
            sent = self.ask(self.line.transfercmd, f"STOR {path}")
        except Said as no:
            raise Said(no.trouble if no.trouble == Trouble.NO_ROOM else Trouble.NO_PERMISSION, no.code, no.text) from no
        broken = None
        with sent:
            try:
                for piece in data:
                    sent.sendall(piece)
                if isinstance(sent, ssl.SSLSocket):
                    with contextlib.suppress(OSError):
                        sent.unwrap()  # so that an end is not taken for a cut; not every server answers it
            except (BrokenPipeError, ConnectionResetError) as error:
                broken = error
        self.ask(self.line.voidresp)  # says why, when the data line was cut
        if broken:
            raise broken

    def _ready_to_rename(self, partial):
        self.ask(self.line.sendcmd, f"RNFR {partial}")

    def _rename(self, path, target):
        self.ask(self.line.voidcmd, f"RNTO {target}")

    def _delete(self, path):
        self.ask(self.line.delete, path)

    def _list(self, folder, *, dates=True):
        try:
            rows = self.ask(list, self.line.mlsd(folder, ["type", "size", "modify"]))
        except Said as no:
            if int(no.code) not in NOT_KNOWN:
                raise
            rows = None
        if rows is None:
            names = self._names(folder)
            self.ask(self.line.voidcmd, "TYPE I")
            return list(self._entries(folder, names, dates))
        self.ask(self.line.voidcmd, "TYPE I")  # lists come in ASCII, and SIZE would count in it
        return [
            Entry(posixpath.join(folder, name), count(facts.get("size", "0")), at(facts.get("modify", "")))
            for name, facts in rows
            if facts.get("type", "file").lower() == "file" and "\ufffd" not in name
        ]

    def _names(self, folder):
        """For servers without MLSD (vsftpd). `-a`: they hide what begins with a dot."""
        try:
            return self.ask(self.line.nlst, "-a", *([folder] if folder else []))
        except Said as no:
            if int(no.code) in NOT_THERE:
                return []  # how some say that it is empty
            raise

    def _entries(self, folder, names, dates):
        for name in (posixpath.basename(name) for name in names if "\ufffd" not in name):
            path, size, modified = posixpath.join(folder, name), 0, None
            if dates:
                size = self._size(path)
                if size is None:
                    continue  # a folder
                modified = at(self.ask(self.line.sendcmd, f"MDTM {path}")[4:])
            yield Entry(path, size, modified)

    def _make_folder(self, path):
        with contextlib.suppress(Said):  # it is there, or the rename will say what is wrong
            self.ask(self.line.mkd, path)


def meaning(code, text):
    if code == 552 or code == 452 or SPEAKS_OF_ROOM.search(text):
        return Trouble.NO_ROOM
    if code in NOT_THERE:
        return Said.GONE
    if code == 553:
        return Trouble.NO_PERMISSION
    return Trouble.LOGIN if code == 530 else Trouble.REFUSES


def count(words):
    """Bytes, as SIZE and MLSD write them. Raises Said for what is no number."""
    words = words.strip()
    if not re.fullmatch(r"[0-9]{1,18}", words):
        raise Said(Trouble.REFUSES, 0, f"no size: {words}")
    return int(words)


def at(stamp):
    """20261121220000.123 -> an aware datetime (RFC 3659 section 2.3: always UTC). What says no time counts as new."""
    try:
        return datetime.strptime(stamp.strip()[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return datetime.now(UTC)

"""SFTP, with the server's key pinned and the rename that does not overwrite.

paramiko (LGPL 2.1) is used as a library, as it is. Its AutoAddPolicy and its known_hosts files are not: the key that a
manager accepted is compared before the password is sent.
"""

import base64
import contextlib
import hashlib
import io
import posixpath
import stat
from datetime import UTC, datetime

import paramiko
from paramiko.sftp import (
    CMD_EXTENDED,
    SFTP_EOF,
    SFTP_FAILURE,
    SFTP_NO_SUCH_FILE,
    SFTP_OK,
    SFTP_OP_UNSUPPORTED,
    SFTP_PERMISSION_DENIED,
)

from config.sealing import NoKey
from distribution.troubles import Trouble

from .base import PIECE, Entry, Said, Unreachable, in_words, readable
from .files import FileSession
from .reach import dial, resolve

KEY_CLASSES = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)
# How the signature of a key is called when it is not called like the key.
SIGNED_AS = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256")}


def fingerprint(key):
    """SHA256:… of a key written as "ssh-ed25519 AAAA…", the way ssh-keygen -l shows it."""
    blob = base64.b64decode(key.split()[1])
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def read_private_key(text):
    """A key out of its OpenSSH or PEM text. Raises ValueError: it is none, or it has a passphrase."""
    for kind in KEY_CLASSES:
        with contextlib.suppress(paramiko.SSHException, ValueError, IndexError):
            return kind.from_private_key(io.StringIO(text))
    raise ValueError("not a private key, or one with a passphrase")


class Words(paramiko.Message):
    """Old servers write names in Latin-1: one that is not UTF-8 has U+FFFD in it instead of breaking the whole list."""

    def get_text(self):
        return self.get_string().decode(errors="replace")


class Client(paramiko.SFTPClient):
    """Tells an answer from a broken line: paramiko makes OSError of both."""

    def _request(self, t, *args):
        kind, message = super()._request(t, *args)
        message.__class__ = Words
        return kind, message

    def _convert_status(self, msg):
        code, text = msg.get_int(), msg.get_string().decode(errors="replace")
        if code == SFTP_OK:
            return
        if code == SFTP_EOF:
            raise EOFError(text)
        raise Said(MEANING.get(code, Trouble.REFUSES), code, text)


MEANING = {
    SFTP_NO_SUCH_FILE: Said.GONE,
    SFTP_PERMISSION_DENIED: Trouble.NO_PERMISSION,
    # All that OpenSSH has no code for: a full disk, a quota, a name that is taken.
    SFTP_FAILURE: Trouble.NO_ROOM,
}


class Sftp(FileSession):
    silence = (OSError, EOFError, paramiko.SSHException)
    shown_key = ""  # "ssh-ed25519 AAAA…", once the server has shown it

    line = client = None

    def way(self):
        return [
            ("resolve", self.resolve),
            ("connect", self.open_line),
            ("host_key", self.check_key),
            ("login", self.log_in),
            ("folder", self.told(self.look_at_folder)),
        ]

    def resolve(self):
        self.addresses = resolve(self.connection.host, self.connection.port)
        return ", ".join(address[0] for _family, address in self.addresses)

    def open_line(self):
        with self.at_work():
            self.line = paramiko.Transport(dial(self.addresses, self.timeout))
            self.line.banner_timeout = self.line.handshake_timeout = self.line.auth_timeout = self.timeout
            pinned = self.connection.host_key.partition(" ")[0]
            if pinned:  # a server with several keys is asked for the one that we know
                options = self.line.get_security_options()
                first = [name for name in SIGNED_AS.get(pinned, (pinned,)) if name in options.key_types]
                options.key_types = (*first, *(name for name in options.key_types if name not in first))
            self.line.start_client(timeout=self.timeout)
            key = self.line.get_remote_server_key()
            self.shown_key = f"{key.get_name()} {key.get_base64()}"
        return self.line.remote_version

    def check_key(self):
        """Before any password goes over the line."""
        shown, pinned = self.shown_key, self.connection.host_key
        if shown == pinned:
            return fingerprint(shown)
        trouble = Trouble.CHANGED_HOST_KEY if pinned else Trouble.NEW_HOST_KEY
        words = f"shown {fingerprint(shown)}" + (f", accepted {fingerprint(pinned)}" if pinned else "")
        raise Unreachable(trouble, text=words, slows=Unreachable.CONNECTION)

    def log_in(self):
        row = self.connection
        try:
            key, password = row.private_key(), row.password()
        except NoKey as error:
            raise Unreachable(Trouble.NO_SECRET, text=str(error), slows=Unreachable.CONNECTION) from error
        try:
            if key:
                self.line.auth_publickey(row.username, read_private_key(key))
            if not self.line.is_authenticated():  # some servers want both
                self.line.auth_password(row.username, password)
            self.client = Client.from_transport(self.line)
            self.client.get_channel().settimeout(self.timeout)
        except (paramiko.AuthenticationException, ValueError) as error:
            raise Unreachable(Trouble.LOGIN, text=readable(error), slows=Unreachable.CONNECTION) from error
        except self.silence as error:
            # no more answers, or no SFTP for this user
            words = in_words(error, self.timeout)
            raise Unreachable(Trouble.UNREACHABLE, text=words, slows=Unreachable.CONNECTION) from error

    def look_at_folder(self):
        folder = self.connection.folder or "."
        try:
            there = self.client.stat(folder)
        except Said as no:
            raise Said(Trouble.NO_FOLDER if no.trouble == Said.GONE else no.trouble, no.code, folder) from no
        if not stat.S_ISDIR(there.st_mode or 0):
            raise Said(Trouble.NO_FOLDER, text=folder)
        return self.client.normalize(folder)

    def close(self):
        if self.line:
            self.line.close()

    # --- The verbs of FileSession -------------------------------------------------------------------------------------

    def _size(self, path):
        try:
            return self.client.stat(path).st_size
        except Said as no:
            if no.trouble == Said.GONE:
                return None
            raise

    def _read(self, path):
        with self.client.open(path, "rb") as file:
            while piece := file.read(PIECE):
                yield piece

    def _write(self, path, data):
        with self.client.open(path, "wx") as file:
            for piece in data:
                file.write(piece)
            try:
                self.client._request(CMD_EXTENDED, "fsync@openssh.com", file.handle)
            except Said as no:
                if no.code != str(SFTP_OP_UNSUPPORTED):
                    raise

    def _rename(self, path, target):
        # SSH_FXP_RENAME itself, never posix-rename@openssh.com: it fails when the target is there.
        try:
            self.client.rename(path, target)
        except Said as no:
            if no.trouble == Trouble.NO_ROOM:
                raise Said(Said.TAKEN, no.code, no.text) from no
            raise

    def _delete(self, path):
        self.client.remove(path)

    def _list(self, folder, *, dates=True):
        return [
            Entry(posixpath.join(folder, each.filename), each.st_size, datetime.fromtimestamp(each.st_mtime or 0, UTC))
            for each in self.client.listdir_attr(self.path_of(folder) or ".")
            if stat.S_ISREG(each.st_mode or 0) and "\ufffd" not in each.filename
        ]

    def _make_folder(self, path):
        with contextlib.suppress(Said):  # it is there, or the rename will say what is wrong
            self.client.mkdir(path)

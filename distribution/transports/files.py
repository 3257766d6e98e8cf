"""The truth of a hand-over by file: a temporary name, a look at its size, the gate, a plain rename.

Each try uploads under a name of its own, `.{name}.{mark}.part`, and a new try first takes away what dead ones left. So
a sender that slept through its lease cannot rename what another one is writing: its own file is gone by then, and its
rename fails. After a crash the remote name decides (find, withdraw): what an earlier try left proves nothing about the
last one, because the connection may have gone to another place between the two.
"""

import contextlib
import hashlib
import posixpath
import re
import uuid
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from distribution.reasons import Reason
from distribution.troubles import Trouble

from .base import Found, Refused, Said, Session, Unreachable, digest_of, in_words, pieces, readable

NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,150}")
TEMPORARY = re.compile(r"\.(?P<name>.+)\.[0-9a-f]{32}\.part")  # nobody else's look like this
LEAVING = ".leaving"  # behind a temporary name: on its way to the final one, no proof of anything
SWEPT_AFTER = timedelta(hours=24)


class FileSession(Session):
    """What the transports with folders and names have in common; each brings the verbs that begin with an underscore.

    Those take paths, raise Said for an answer that says no, and anything else when nobody answered.
    """

    def path_of(self, name):
        """A name in the connection's folder, as the other side writes it."""
        return posixpath.join(self.connection.folder, name)

    def put(self, name, path, gate, beat=None, mark=""):
        """Bring the local file at `path` there under `name`; returns the words for it.

        `mark` (32 hex digits, a new one each try; made here if not given) is what withdraw() knows this try by.

        Calls `gate()` once, just before the rename. Before it: Unreachable when the connection is in trouble, Refused
        when other bytes have that name. After it: the same two, each with a code, when the other side said no; any
        other exception means that nobody knows. `beat()` is called every few seconds of the upload.
        """
        if not NAME.fullmatch(name):
            raise ValueError(f"not a name that every server takes: {name!r}")
        size = Path(path).stat().st_size  # ours: what is wrong with it is not the connection's
        final, partial = self.path_of(name), self.temporary_path(name, mark)
        with self.at_work():
            is_there = self.is_same(final, path)
            for old in () if is_there else self.temporaries(name):
                self.forget(old)
        try:
            if not is_there:
                is_there = self.upload(partial, final, path, beat)
            gate()
        except BaseException:
            self.forget(partial)
            raise
        if is_there:
            return f"{final} was there already, with the same bytes"
        self.rename(partial, final, path)
        return f"{final}, {size} bytes"

    def put_aside(self, name, path, beat):
        """Bring a file there that means nothing until another one names it: without a gate, so that whatever goes
        wrong is the connection's trouble. Raises Unreachable, or Refused when other bytes have that name."""
        with self.at_work():
            self.put(name, path, lambda: None, beat)

    def find(self, name):
        """What the remote name says: FINAL, TEMPORARY or NOTHING. Raises Unreachable."""
        with self.at_work():
            if self._size(self.path_of(name)) is not None:
                return Found.FINAL
            return Found.TEMPORARY if self.temporaries(name) else Found.NOTHING

    def withdraw(self, name, mark):
        """Delete the temporary file of the try `mark`. True: this call did it, so that try's rename can never happen.

        Those of other tries prove nothing about this one, and stay.
        """
        with self.at_work():
            deleted = self.forget(self.temporary_path(name, mark))
            # Some servers rename by a link and a deletion: between the two, both names are there.
            return deleted and self._size(self.path_of(name)) is None

    def names(self, folder=""):
        """The files of a folder beside or below the connection's: [Entry], without hidden ones. Raises Unreachable."""
        with self.at_work():
            return [entry for entry in self._list(folder) if not posixpath.basename(entry.name).startswith(".")]

    def fetch(self, name, path, most=None):
        """Copy the file `name` (of an Entry) to the local `path`, and stop past `most` bytes. Raises Unreachable."""
        with self.at_work(), Path(path).open("wb") as file:
            for piece in self._read(self.path_of(name)):
                file.write(piece)
                if most is not None and file.tell() > most:
                    break

    def file_away(self, name, folder):
        """Move the file `name` (of an Entry) into a folder beside it, which is made if missing."""
        place = posixpath.join(posixpath.dirname(name), folder)
        target = posixpath.join(place, posixpath.basename(name))
        with self.at_work():
            self._make_folder(self.path_of(place))
            if self._size(self.path_of(target)) is not None:
                target += f".{uuid.uuid4().hex[:8]}"
            self._ready_to_rename(self.path_of(name))
            self._rename(self.path_of(name), self.path_of(target))

    def sweep(self):
        """Delete temporary files of ours that are older than a day; returns how many."""
        with self.at_work():
            old = [
                entry.name
                for entry in self._list(self.connection.temporary_folder)
                if TEMPORARY.fullmatch(posixpath.basename(entry.name).removesuffix(LEAVING))
                and timezone.now() - entry.modified > SWEPT_AFTER
            ]
            return sum(self.forget(self.path_of(name)) for name in old)

    # --- Parts of the above -------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def at_work(self):
        """What goes wrong in here went wrong before anything irreversible: the connection's trouble, try later."""
        try:
            yield
        except Said as no:
            trouble = Trouble.NO_FOLDER if no.trouble == Said.GONE else no.trouble
            raise Unreachable(trouble, no.code, no.text, slows=Unreachable.CONNECTION) from no
        except self.silence as error:
            words = in_words(error, self.timeout)
            raise Unreachable(Trouble.UNREACHABLE, text=words, slows=Unreachable.CONNECTION) from error

    def temporary_path(self, name, mark=""):
        folder = self.connection.temporary_folder
        return self.path_of(posixpath.join(folder, f".{name}.{mark or uuid.uuid4().hex}.part"))

    def temporaries(self, name):
        """Paths of our temporary files of that name: one, unless senders died or sleep. None, where we may not look."""
        try:
            entries = self._list(self.connection.temporary_folder, dates=False)
        except Said:
            return []
        matches = ((entry, TEMPORARY.fullmatch(posixpath.basename(entry.name))) for entry in entries)
        return [self.path_of(entry.name) for entry, match in matches if match and match["name"] == name]

    def is_same(self, final, path):
        """Whether that name is there with our bytes. Raises Refused for other bytes."""
        there, size = self._size(final), Path(path).stat().st_size
        if there is None:
            return False
        if there == size:
            digest = hashlib.sha256()
            try:
                for piece in self._read(final):
                    digest.update(piece)
            except Said:
                return True  # may be written, not read: the size has to do
            if digest.digest() == digest_of(path):
                return True
        raise Refused(Reason.NAME_TAKEN, text=f"{final} is there with {there} bytes, ours has {size}")

    def upload(self, partial, final, path, beat):
        """All that can be done before the gate. True: the final name came meanwhile, with our bytes."""
        size = Path(path).stat().st_size
        with self.at_work():
            self._write(partial, pieces(path, beat))
            self.check_size(partial, size)
            if self.is_same(final, path):  # FTP would overwrite it
                self.forget(partial)
                return True
        try:
            with self.at_work():
                self._ready_to_rename(partial)
        except Unreachable as error:
            if error.reason == Trouble.NO_FOLDER:
                raise withdrawn(error, partial) from error
            raise
        return False

    def check_size(self, partial, size):
        there = self._size(partial) or 0
        if there != size:
            words = f"{there} of {size} bytes"
            raise Unreachable(Trouble.INCOMPLETE, text=words, slows=Unreachable.CONNECTION)

    def rename(self, partial, final, path):
        """Past the gate: an answer is told with its code, silence is left to the caller."""
        try:
            self._rename(partial, final)
        except Said as no:
            was_there = self.forget(partial)
            if not self.came_meanwhile(final, path, no):
                if no.trouble == Said.GONE and not was_there:
                    raise withdrawn(no, partial) from no
                trouble = Trouble.REFUSES if no.trouble in (Said.TAKEN, Said.GONE) else no.trouble
                raise Unreachable(trouble, no.code, no.text, slows=Unreachable.CONNECTION) from no

    def came_meanwhile(self, final, path, no):
        """Whether the name that could not be given is there with our bytes. It said no, whatever it says now."""
        try:
            return self.is_same(final, path)
        except Refused as other:
            raise Refused(other.reason, no.code, f"{no.text}; {other.text}") from no
        except (Said, *self.silence):
            return False

    def forget(self, path):
        """Delete a temporary file if that can be done; whether this call did it."""
        with contextlib.suppress(Said, *self.silence):
            self._delete(path)
            return True
        return False

    def _ready_to_rename(self, partial):
        """What a protocol says before the rename without an effect."""

    # --- Test connection ----------------------------------------------------------------------------------------------

    def trial(self):
        name = f"utskick-test-{uuid.uuid4().hex[:8]}.txt"
        partial, final = self.temporary_path(name), self.path_of(f".{name}")

        def write():
            words = b"Utskick tests this connection. The file may be deleted.\n"
            try:
                self._write(partial, [words])
                self.check_size(partial, len(words))
            except BaseException:
                self.forget(partial)
                raise
            return partial

        def rename():
            try:
                self._ready_to_rename(partial)
                self._rename(partial, final)
            except BaseException:
                self.forget(partial)
                raise

        def delete():
            self._delete(final)

        return [(act.__name__, self.told(act)) for act in (write, rename, delete)]

    def told(self, act):
        """`act` with its errors in the words of a connection."""

        def acted():
            with self.at_work():
                return act()

        return acted


def withdrawn(no, partial):
    """Our file was taken away while we slept: another sender has the work now, and this connection is well."""
    return Unreachable(Reason.TRY_LATER, no.code, f"{readable(no.text)}: {partial}")

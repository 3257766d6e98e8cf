"""A folder of this machine, or a network share in its tree: what another program fetches or brings.

The operator names one root (CONNECTION_FOLDERS); below it each company has the folder of its short name, and cannot
leave it: each part of a path is opened by itself, and a symbolic link is refused.
"""

import contextlib
import errno
import os
import posixpath
import stat
from datetime import UTC, datetime

from django.conf import settings

from distribution.models import Installation
from distribution.troubles import Trouble

from .base import PIECE, Entry, Said, Unreachable
from .files import LEAVING, TEMPORARY, FileSession

MEANING = {
    errno.ENOENT: Said.GONE,
    errno.EEXIST: Said.TAKEN,
    errno.EACCES: Trouble.NO_PERMISSION,
    errno.EPERM: Trouble.NO_PERMISSION,
    errno.EROFS: Trouble.NO_PERMISSION,
    errno.ENOTDIR: Trouble.NO_FOLDER,
    errno.ELOOP: Trouble.NO_FOLDER,  # a symbolic link
    errno.ENOSPC: Trouble.NO_ROOM,
    errno.EDQUOT: Trouble.NO_ROOM,
    errno.EFBIG: Trouble.NO_ROOM,
    errno.EISDIR: Trouble.REFUSES,
    errno.ENAMETOOLONG: Trouble.REFUSES,
}
WITHOUT_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


class Folder(FileSession):
    silence = (OSError,)  # what is left of them after said(): a share that went away, a disk that fails
    root = None  # file descriptor of the company's folder

    def way(self):
        return [("folder", self.told(self.open_folder))]

    def open_folder(self):
        if Installation.objects.this().mode() == "copy":
            raise Unreachable(Trouble.COPY, slows=Unreachable.CONNECTION)
        if not settings.CONNECTION_FOLDERS:
            raise Unreachable(Trouble.NOT_ALLOWED, text="CONNECTION_FOLDERS is empty", slows=Unreachable.CONNECTION)
        slug = self.connection.company.slug
        with said(slug):
            root = os.open(settings.CONNECTION_FOLDERS, os.O_RDONLY | os.O_DIRECTORY)
            try:
                self.root = os.open(slug, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=root)
            finally:
                os.close(root)
        with self.parent_of(self.path_of("x")):
            return posixpath.join(slug, self.connection.folder)

    def close(self):
        if self.root is not None:
            os.close(self.root)
            self.root = None

    @contextlib.contextmanager
    def parent_of(self, path):
        """(descriptor of its folder, name) of a path below the company's folder, without a link on the way."""
        *folders, name = [part for part in path.split("/") if part not in ("", ".")]
        if ".." in (*folders, name):
            raise Said(Trouble.NO_FOLDER, text=path)
        here = os.dup(self.root)
        try:
            for part in folders:
                with said("/".join(folders)):
                    below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
                os.close(here)
                here = below
            with said(path):
                yield here, name
        finally:
            os.close(here)

    # --- The verbs of FileSession -------------------------------------------------------------------------------------

    def _size(self, path):
        try:
            with self.parent_of(path) as (folder, name):
                return os.stat(name, dir_fd=folder, follow_symlinks=False).st_size
        except Said as no:
            if no.trouble == Said.GONE:
                return None
            raise

    def _read(self, path):
        with self.parent_of(path) as (folder, name):
            source = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder)
            with open(source, "rb") as file:
                while piece := file.read(PIECE):
                    yield piece

    def _write(self, path, data):
        with self.parent_of(path) as (folder, name):
            target = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o640, dir_fd=folder)
            with open(target, "wb") as file:
                for piece in data:
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())

    def _rename(self, path, target):
        with self.parent_of(path) as (folder, name), self.parent_of(target) as (new_folder, new_name):
            leaving = name
            if TEMPORARY.fullmatch(name):
                # Who dies between the link and the deletion leaves both names, and the new one may be fetched at once.
                # So the old one is changed first: as it was before, it proves that nothing was renamed.
                leaving += LEAVING
                os.rename(name, leaving, src_dir_fd=folder, dst_dir_fd=folder)
            try:
                # A link fails when its name is there; rename() would overwrite.
                os.link(leaving, new_name, src_dir_fd=folder, dst_dir_fd=new_folder, follow_symlinks=False)
            except OSError as error:
                if error.errno not in WITHOUT_LINKS or self._size(target) is not None:
                    os.rename(leaving, name, src_dir_fd=folder, dst_dir_fd=folder)
                    if error.errno not in WITHOUT_LINKS:
                        raise
                    raise Said(Said.TAKEN, errno.EEXIST, target) from error
                os.rename(leaving, new_name, src_dir_fd=folder, dst_dir_fd=new_folder)
            else:
                with contextlib.suppress(OSError):  # it has its final name; the sweep takes the other one away
                    os.unlink(leaving, dir_fd=folder)
            with contextlib.suppress(OSError):  # some shares cannot
                os.fsync(new_folder)

    def _delete(self, path):
        with self.parent_of(path) as (folder, name):
            os.unlink(name, dir_fd=folder)

    def _list(self, folder, *, dates=True):
        with self.parent_of(posixpath.join(self.path_of(folder), "x")) as (here, _name):
            found = [(name, os.stat(name, dir_fd=here, follow_symlinks=False)) for name in sorted(os.listdir(here))]
        return [
            Entry(posixpath.join(folder, name), facts.st_size, datetime.fromtimestamp(facts.st_mtime, UTC))
            for name, facts in found
            if stat.S_ISREG(facts.st_mode)
        ]

    def _make_folder(self, path):
        with contextlib.suppress(Said), self.parent_of(path) as (folder, name):
            os.mkdir(name, 0o750, dir_fd=folder)


@contextlib.contextmanager
def said(path):
    """The kernel's errors as answers, where they are: an EIO or ESTALE leaves open what was done."""
    try:
        yield
    except OSError as error:
        if error.errno not in MEANING:
            raise
        words = f"{path}: {os.strerror(error.errno)}"
        raise Said(MEANING[error.errno], errno.errorcode[error.errno], words) from error

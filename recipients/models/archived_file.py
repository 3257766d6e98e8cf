import hashlib
import io
import os
import shutil
import uuid
from pathlib import Path

from django.core.files.storage import default_storage
from django.db import models

from config.ids import uuid7

from .company import Company
from .workspace import CompanyQuerySet


class ArchivedFileQuerySet(CompanyQuerySet):
    def keep(self, company, content, *, media_type):
        """Store bytes under company and SHA-256, once; the file is on disk before its row exists."""
        return self.keep_file(company, io.BytesIO(content), media_type=media_type)

    def keep_file(self, company, file, *, media_type):
        """The same with what an open file holds, however large."""
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        found = self.of(company).filter(sha256=digest).first()
        if found and found.is_whole():
            return found
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        write_durably(path_of(company, digest), file)
        archived, _ = self.get_or_create(
            company=company, sha256=digest, defaults={"size": size, "media_type": media_type}
        )
        return archived


class ArchivedFile(models.Model):
    """The exact bytes that came, were made or left."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()  # bytes
    media_type = models.CharField(max_length=100)
    kept_at = models.DateTimeField(auto_now_add=True)

    objects = ArchivedFileQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "sha256"], name="one_archived_file_per_content")]

    def __str__(self):
        return self.sha256[:12]

    def read(self):
        """The bytes. Raises Damaged when they are not the ones that were archived."""
        with default_storage.open(path_of(self.company_id, self.sha256)) as file:
            content = file.read()
        self.verify(hashlib.sha256(content))
        return content

    def on_disk(self):
        """The Path of the bytes, for what is too large to hold. Raises Damaged as read() does."""
        path = Path(default_storage.path(path_of(self.company_id, self.sha256)))
        with path.open("rb") as file:
            self.verify(hashlib.file_digest(file, "sha256"))
        return path

    def is_whole(self):
        """Whether the disk still has it: who brings the same bytes again mends what a disk has lost."""
        try:
            self.on_disk()
        except (Damaged, FileNotFoundError):
            return False
        return True

    def verify(self, digest):
        if digest.hexdigest() != self.sha256:
            raise Damaged(f"archived file {self.sha256} has other bytes than when it was kept")


class Damaged(Exception):
    """The archive gave back other bytes than it was given."""


def path_of(company, digest):
    """Path in the storage: company/sha256, fanned out so that no folder holds a million files."""
    return f"{getattr(company, 'pk', company)}/{digest[:2]}/{digest}"


def write_durably(path, content):
    """Write what an open file holds, fsync, rename: a row never points at bytes that a power cut can take back."""
    target = Path(default_storage.path(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    with draft.open("wb") as file:
        shutil.copyfileobj(content, file)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)

import hashlib
import os
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
        digest = hashlib.sha256(content).hexdigest()
        found = self.of(company).filter(sha256=digest).first()
        if found:
            return found
        write_durably(path_of(company, digest), content)
        archived, _ = self.get_or_create(
            company=company, sha256=digest, defaults={"size": len(content), "media_type": media_type}
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
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise Damaged(f"archived file {self.sha256} has other bytes than when it was kept")
        return content


class Damaged(Exception):
    """The archive gave back other bytes than it was given."""


def path_of(company, digest):
    """Path in the storage: company/sha256, fanned out so that no folder holds a million files."""
    return f"{getattr(company, 'pk', company)}/{digest[:2]}/{digest}"


def write_durably(path, content):
    """Write, fsync and rename, so that a row never points at bytes that a power cut can take back."""
    target = Path(default_storage.path(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)

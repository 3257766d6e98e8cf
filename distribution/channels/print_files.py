"""How a parcel travels to a print provider: its ZIP as it is, or unpacked, and the file that counts as the last one.

    print_….zip       the ZIP
    print_….zip.ok    the ZIP, then its marker
    print_….csv       the documents and the lists, the CSV list last
    print_….csv.ok    all of these, then the marker of the list

The parcel's name is that of the last file, and tells which of these it is, also when the profile was changed since it
was built. What comes before the last file means nothing to the provider until that one is there: it needs no gate, and
may be there twice or in vain. Its names hold a digest of the content, so that a second try finds it there.
"""

import hashlib
import shutil
import tempfile
import time
import zipfile
from pathlib import Path

from distribution.transports.base import BEAT_EVERY

from .print_profiles import CSV, JSON, MARKER, XML, ZIP

LISTS = {f"manifest.{form}": form for form in (JSON, CSV, XML)}  # name in the ZIP: ending beside loose files


def put(session, parcel, gate):
    """Bring a parcel there; returns the words for its last file. Errors as those of FileSession.put."""
    path = parcel.file.on_disk()
    if parcel.name.endswith(f".{ZIP}"):
        return session.put(parcel.name, path, gate, beat=gate.beat, mark=parcel.token.hex)
    beaten_at = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path) as archive:
        files = in_order(parcel.name.removesuffix(MARKER), path, archive, Path(folder) / "piece")
        for name, file in files:
            if name == parcel.name:
                return session.put(name, file, gate, beat=gate.beat, mark=parcel.token.hex)
            session.put_aside(name, file, gate.beat)
            if time.monotonic() - beaten_at > BEAT_EVERY:  # many small files are a long way, too
                gate.beat()
                beaten_at = time.monotonic()
    raise ValueError(f"{parcel.name} has no last file")


def in_order(listed, path, archive, piece):
    """(name over there, local file), the one that counts last; each is written to `piece` when its turn comes.

    `listed` is the name of the ZIP or of the list that names the documents.
    """
    if listed.endswith(f".{ZIP}"):
        yield listed, path
        piece.write_text(seal(path.open("rb"), listed))
    else:
        stem = listed.rpartition(".")[0]
        for entry in archive.namelist():  # the documents, then the lists; the one that the profile names is the last
            if entry == "SHA256SUMS":
                continue
            with archive.open(entry) as content, piece.open("wb") as file:
                shutil.copyfileobj(content, file)
            yield f"{stem}.{LISTS[entry]}" if entry in LISTS else entry, piece
        piece.write_text(seal(piece.open("rb"), listed))
    yield f"{listed}{MARKER}", piece


def seal(file, name):
    """What a marker says of the file before it: a line as sha256sum writes it."""
    with file:
        return f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {name}\n"

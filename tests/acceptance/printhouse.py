"""The print provider: the folder that its files come to, and the letters that it unpacks from them."""

import hashlib
import io
import json
import zipfile

from .mailserver import text_of


class PrintHouse:
    """`folder` is where the files arrive, a Path."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True)

    def files(self):
        """{name: bytes} of what has arrived whole, hidden names left alone as a provider does."""
        return {path.name: path.read_bytes() for path in sorted(self.folder.glob("[!.]*"))}

    def letters(self):
        """The letters of all files, in the order of printing. Their sums and their number are checked first."""
        return [letter for content in self.files().values() for letter in unpacked(content)]

    def numbers(self):
        return [letter.number for letter in self.letters()]


class Letter:
    def __init__(self, item, sender, pdf):
        self.item, self.sender, self.pdf = item, sender, pdf
        self.number, self.to = item["document_no"], item["recipient"]

    @property
    def paper(self):
        return text_of(self.pdf)


def unpacked(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    for line in files["SHA256SUMS"].decode().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(files[name]).hexdigest() == digest
    manifest = json.loads(files["manifest.json"])
    named = [item["file"] for item in manifest["items"]]
    assert sorted(named) == sorted(name for name in files if name.startswith("documents/"))
    assert manifest["totals"]["documents"] == len(named)
    return [Letter(item, manifest["sender"], files[item["file"]]) for item in manifest["items"]]

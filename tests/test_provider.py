"""The provider's stand-in is a witness of tests, so it is asked here: with parcels that are what they say, or not."""

import hashlib
import json
import os
import zipfile

import pytest

from tests.demo.provider import Provider, read_log

A_MINUTE_AGO = (1, 1)


class Desk:
    """A provider and the folder of one company."""

    def __init__(self, tmp_path):
        self.folder, self.log = tmp_path / "fjordgym" / "print", tmp_path / "provider.jsonl"
        self.folder.mkdir(parents=True)
        self.provider = self.new_provider()

    def new_provider(self):
        return Provider(self.folder.parent.parent, self.log, posted_after=30, late_after=60)

    def put(self, *streets, name="print_fjordgym_1.zip", **planted):
        """A parcel with a letter to each street; `planted` replaces files in it (manifest, sums, pdf)."""
        files, items = {}, []
        for n, street in enumerate(streets):
            content = f"%PDF {n}".encode()
            files[f"documents/{n}.pdf"] = content
            recipient = {"name": "Eva Lund", "lines": [street], "postcode": "133 31", "city": "Saltsjöbaden"}
            digest = hashlib.sha256(content).hexdigest()
            items.append({
                "id": str(n), "file": f"documents/{n}.pdf", "sha256": digest, "document_no": f"F{n}",
                "recipient": recipient,
            })  # fmt: skip
        manifest = {"batch_id": "b", "items": items, "totals": {"documents": len(items)}} | planted.get("manifest", {})
        files["manifest.json"] = json.dumps(manifest).encode()
        sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
        files |= {"SHA256SUMS": sums.encode()} | planted.get("files", {})
        with zipfile.ZipFile(self.folder / name, "w") as archive:
            for inside, content in files.items():
                archive.writestr(inside, content)

    def later(self):
        """The waiting is over for all that lies there."""
        for path in self.folder.glob("*/*.zip"):
            os.utime(path, A_MINUTE_AGO)
        self.provider.look()

    def answers(self):
        """{file: {id: status}}"""
        found = {}
        for path in sorted((self.folder / "answers").glob("*")):
            found[path.name] = {item["id"]: item["status"] for item in json.loads(path.read_text())["items"]}
        return found

    def where(self):
        return [str(path.relative_to(self.folder)) for path in self.folder.rglob("*.zip")]


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_letters_are_accepted_posted_refused_and_late(desk):
    desk.put("Solvägen 4", "Återvändsgränd 2", "Dröjgatan 3")
    desk.provider.look()
    first = {"0": "accepted", "1": "rejected", "2": "accepted"}
    assert desk.answers() == {"print_fjordgym_1-taken.json": first}
    assert {line["id"]: line["status"] for line in read_log(desk.log)} == first
    desk.provider.look()
    assert desk.where() == ["taken/print_fjordgym_1.zip"]
    desk.later()
    assert desk.answers()["print_fjordgym_1-posted.json"] == {"0": "posted"}
    desk.later()
    assert desk.answers()["print_fjordgym_1-late.json"] == {"2": "posted"}
    assert desk.where() == ["done/print_fjordgym_1.zip"]


@pytest.mark.parametrize(
    "planted, refused",
    [
        ({"files": {"documents/0.pdf": b"%PDF other"}}, {"0": "rejected"}),
        ({"files": {"documents/9.pdf": b"%PDF more"}}, {"0": "rejected"}),
        ({"files": {"SHA256SUMS": b""}}, {"0": "rejected"}),
        ({"manifest": {"totals": {"documents": 2}}}, {"0": "rejected"}),
        ({"files": {"manifest.json": b"{"}}, None),
    ],
)
def test_what_is_not_what_it_says_is_refused_whole(desk, planted, refused):
    desk.put("Solvägen 4", **planted)
    desk.provider.look()
    desk.later()
    assert desk.where() == ["wrong/print_fjordgym_1.zip"]
    assert desk.answers() == ({"print_fjordgym_1-wrong.json": refused} if refused else {})


def test_a_restart_goes_on_and_writes_no_letter_down_twice(desk, monkeypatch):
    desk.put("Solvägen 4")
    with monkeypatch.context() as patch:
        patch.setattr(Provider, "answer", lambda *_words: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            desk.provider.look()
    desk.provider = desk.new_provider()
    desk.provider.look()
    desk.provider = desk.new_provider()
    desk.later()
    assert len(read_log(desk.log)) == 1
    assert list(desk.answers()) == ["print_fjordgym_1-posted.json", "print_fjordgym_1-taken.json"]

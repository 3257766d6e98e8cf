"""A print provider that prints nothing: it takes the parcels that lie in its folders, and answers about each letter.

    python -m tests.demo.provider --root var/folders --log var/provider.jsonl

Below the root it looks into each `<company>/print/`. A parcel is unpacked and compared with its SHA256SUMS and its
manifest; then it answers in `answers/` beside it, each file under a temporary name first:

    accepted or rejected   at once
    posted                 `--posted-after` seconds later; of a late letter `--late-after` seconds later

Rejected is a letter to a name, street or town that holds REFUSED, and all of a parcel that is not what it says. Late is
one to an address that holds LATE. Where a parcel lies says how far it is, so that a restart goes on where it stopped:
in the folder itself, in `taken/`, in `late/`, in `done/`; in `wrong/` is what was no parcel.

**The log** proves what was taken. For each letter one JSON line is on the disk before it is answered:

    at          when it was taken, ISO 8601 in UTC
    parcel      the name of the file
    batch_id, id, document_no, sha256       from the manifest; the hash was compared with the bytes
    status      accepted or rejected
"""

import argparse
import hashlib
import json
import os
import signal
import threading
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path

REFUSED, LATE = "Återvändsgränd", "Dröjgatan"
LOOK_EVERY = 0.5  # seconds


class Wrong(Exception):
    """The parcel is not what it says."""


class Provider:
    def __init__(self, root, log, *, posted_after, late_after):
        self.root, self.log = root, log
        self.posted_after, self.late_after = posted_after, late_after
        self.logged = {line["parcel"] for line in read_log(log)}

    def look(self):
        """One round through all folders."""
        for folder in sorted(self.root.glob("*/print")):
            for path in sorted(folder.glob("[!.]*.zip")):
                self.take(path)
            for path in self.ripe(folder / "taken", self.posted_after):
                self.post(path, "posted", lambda item: not is_late(item), then="late")
            for path in self.ripe(folder / "late", self.late_after):
                self.post(path, "late", is_late, then="done")

    def ripe(self, folder, seconds):
        return [path for path in sorted(folder.glob("*.zip")) if time.time() - path.stat().st_mtime > seconds]

    def take(self, path):
        stage = "taken"
        try:
            manifest = unpacked(path)
            said = {item["id"]: verdict(item) for item in manifest["items"]}
        except Wrong as error:
            words, manifest = error.args
            print(f"{path.name} is refused: {words}", flush=True)
            said, stage = {item["id"]: ("rejected", words) for item in manifest["items"]}, "wrong"
        if path.name not in self.logged:  # a restart between the log and the answer
            self.write_down(path, manifest, said)
        self.answer(path, manifest, said, stage)
        move(path, path.parent / stage)

    def write_down(self, path, manifest, said):
        at = datetime.now(UTC).isoformat()
        lines = [
            {"at": at, "parcel": path.name, "batch_id": manifest["batch_id"], "status": said[item["id"]][0]}
            | {name: item[name] for name in ("id", "document_no", "sha256")}
            for item in manifest["items"]
        ]
        with self.log.open("ab") as log:
            log.write(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
            log.flush()
            os.fsync(log.fileno())
        self.logged.add(path.name)

    def post(self, path, stage, chosen, *, then):
        manifest = unpacked(path)
        items = [item for item in manifest["items"] if verdict(item)[0] == "accepted"]
        self.answer(path, manifest, {item["id"]: ("posted", "") for item in items if chosen(item)}, stage)
        move(path, path.parent.parent / (then if any(map(is_late, items)) else "done"))

    def answer(self, path, manifest, said, stage):
        """Put an answer below the parcels, in one step; `said` is {id: (status, message)}."""
        if not said:
            return
        folder = self.root / path.relative_to(self.root).parts[0] / "print" / "answers"
        folder.mkdir(exist_ok=True)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        items = [{"id": id_, "status": status, "at": now, "message": text} for id_, (status, text) in said.items()]
        words = {"batch_id": manifest["batch_id"], "received": now, "items": items}
        draft = folder / f".{path.stem}-{stage}.json.tmp"
        draft.write_text(json.dumps(words, ensure_ascii=False, indent=1), encoding="utf-8")
        draft.replace(folder / f"{path.stem}-{stage}.json")


def move(path, folder):
    folder.mkdir(exist_ok=True)
    os.utime(path)  # the waiting begins anew
    path.replace(folder / path.name)


def verdict(item):
    """(status, message) about a letter."""
    if REFUSED in place_of(item):
        return "rejected", f"Ingen utdelning på {REFUSED}"
    return "accepted", ""


def is_late(item):
    return LATE in place_of(item)


def place_of(item):
    told = item["recipient"]
    return " ".join([told["name"], *told["lines"], told["city"]])


def unpacked(path):
    """The manifest of a parcel whose bytes are what it says. Raises Wrong(words, the manifest as far as it is one)."""
    manifest = {"batch_id": "", "items": []}
    try:
        with zipfile.ZipFile(path) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        manifest = json.loads(files["manifest.json"])
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise Wrong(f"not a parcel: {error}", manifest) from error
    lines = files.pop("SHA256SUMS", b"").decode().splitlines()
    sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    if sums != {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}:
        raise Wrong("SHA256SUMS does not fit the files", manifest)
    named = {item["file"]: item["sha256"] for item in manifest["items"]}
    if named != {name: sums[name] for name in files if name.startswith("documents/")}:
        raise Wrong("the manifest does not name exactly the documents", manifest)
    if manifest["totals"]["documents"] != len(named):
        raise Wrong("the manifest miscounts", manifest)
    return manifest


def read_log(path):
    """The letters that were taken, oldest first. A line without its end was never answered, so it is left out."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]


def main():
    parser = argparse.ArgumentParser(description="A print provider that answers and prints nothing.")
    parser.add_argument("--root", type=Path, required=True, help="holds <company>/print/; it may come later")
    parser.add_argument("--log", type=Path, required=True, help="JSON lines, one a letter")
    parser.add_argument("--posted-after", type=float, default=3, help="seconds (default 3)")
    parser.add_argument("--late-after", type=float, default=7 * 24 * 3600, help="seconds (default a week)")
    asked = parser.parse_args()
    stop = threading.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_args: stop.set())
    provider = Provider(asked.root, asked.log, posted_after=asked.posted_after, late_after=asked.late_after)
    print(f"Looking into {asked.root}", flush=True)
    while not stop.is_set():
        provider.look()
        stop.wait(LOOK_EVERY)


if __name__ == "__main__":
    main()

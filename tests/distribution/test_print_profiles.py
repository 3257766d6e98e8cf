"""Each print profile on its way: which files, in which order, which of them counts, and what our document says."""

import csv
import hashlib
import io
import json
import re
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as project
from django.core.management import call_command
from django.db.models import F
from django.urls import reverse
from lxml import etree

from distribution import jobs, transports
from distribution.actions import connecting, handing_over, posting, printing, sending
from distribution.channels import central_print, print_batch, print_lists
from distribution.channels.print_profiles import PROFILES, PrintProfile
from distribution.models import Connection, Delivery, Parcel
from distribution.reasons import Reason
from distribution.states import State
from distribution.transports import Found
from recipients.models import Role
from tests.factories import MemberFactory

from . import test_posting

house = test_posting.house
DOCUMENT = (project.BASE_DIR / "docs" / "print-batch.md").read_text()


def choose(house, profile):
    Connection.objects.filter(company=house.company).update(profile=profile)


def there(house):
    return {path.name: path.read_bytes() for path in house.folder.glob("[!.]*")}


def facts_of(parcel):
    with zipfile.ZipFile(parcel.file.on_disk()) as archive:
        return json.loads(archive.read("manifest.json"))


# profile -> (endings of what lies there with two documents, the one that counts last)
FILES = {
    "neutral": [".zip"],
    "zip_csv": [".zip"],
    "zip_xml": [".zip"],
    "zip_marker": [".zip", ".zip.ok"],
    "files_json": [".pdf", ".pdf", ".json"],
    "files_csv": [".pdf", ".pdf", ".json", ".csv"],
    "files_xml_marker": [".pdf", ".pdf", ".json", ".xml", ".xml.ok"],
    "ebrev": [".zip"],
    "imail": [".zip"],
    "ipost": [".zip"],
}


@pytest.mark.parametrize("profile", PROFILES)
def test_the_files_of_a_profile(house, profile, monkeypatch):
    choose(house, profile)
    monkeypatch.setattr("distribution.channels.print_files.BEAT_EVERY", -1)
    order = []
    put = transports.folder.Folder.put
    monkeypatch.setattr(transports.folder.Folder, "put", lambda *a, **k: order.append(a[1]) or put(*a, **k))
    house.posted(house.invoice(), house.invoice())
    parcel = Parcel.objects.get()
    assert order[-1] == parcel.name
    assert sorted(order) == sorted(there(house))
    assert [re.search(r"(\.[a-z]+)+$", name)[0] for name in order] == FILES[profile]
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SENT}
    files, facts = there(house), facts_of(parcel)
    with zipfile.ZipFile(parcel.file.on_disk()) as archive:
        for item in facts["items"]:
            loose = files.get(item["file"], archive.read(item["file"]))
            assert hashlib.sha256(loose).hexdigest() == item["sha256"]
        if ".zip" not in FILES[profile]:
            assert {item["file"] for item in facts["items"]} == {name for name in files if name.endswith(".pdf")}
        form = PROFILES[profile].manifest
        last = parcel.name.removesuffix(".ok")
        if last.endswith(form):
            assert files[last] == archive.read(f"manifest.{form}")
    if parcel.name.endswith(".ok"):
        assert files[parcel.name].decode() == f"{hashlib.sha256(files[last]).hexdigest()}  {last}\n"


@pytest.mark.parametrize("profile", ["zip_marker", "files_csv"])
def test_what_comes_before_the_last_file_needs_no_gate_and_counts_for_nothing(house, profile):
    """An undo while it is on its way: documents lie there, and nothing names them."""
    choose(house, profile)
    kept, undone = house.invoice(), house.invoice()
    batch = house.built(kept, undone)
    house.close_window(batch)
    put = transports.folder.Folder.put_aside

    def put_and_undo(self, name, path, beat):
        put(self, name, path, beat)
        sending.undo(Delivery.objects.filter(invoice=undone), by=house.clerk)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transports.folder.Folder, "put_aside", put_and_undo)
        call_command("deliver")
    assert Parcel.objects.get().name not in there(house)
    assert sorted(Delivery.objects.values_list("state", flat=True)) == [State.UNDONE, State.WAITING]
    jobs.build_parcels(batch.pk)
    call_command("deliver")
    parcel = Parcel.objects.get()
    assert parcel.name in there(house)
    assert [item["document_no"] for item in facts_of(parcel)["items"]] == [kept.number]
    lists = [name for name in there(house) if name.endswith(PROFILES[profile].ending)]
    assert lists == [parcel.name]


@pytest.mark.parametrize("profile", ["zip_marker", "files_csv", "files_xml_marker"])
def test_after_a_crash_the_name_of_the_last_file_decides(house, profile, monkeypatch):
    choose(house, profile)
    batch = house.built(house.invoice(), house.invoice())
    house.close_window(batch)
    rename = transports.folder.Folder._rename

    def silent(self, path, target):
        if target.endswith(PROFILES[profile].ending):
            raise OSError("the line is dead")
        rename(self, path, target)

    with monkeypatch.context() as patch:
        patch.setattr(transports.folder.Folder, "_rename", silent)
        call_command("deliver")
    parcel = Parcel.objects.get()
    # The sender has asked: the name of its own try was there, so nothing came. It takes a while before it tries again.
    with transports.open(Connection.objects.of(house.company).get()) as session:
        assert session.find(parcel.name) == Found.NOTHING
    assert set(Delivery.objects.values_list("state", "attempts", "reason")) == {(State.WAITING, 1, Reason.CUT_OFF)}
    # A line that always dies there is seen within the hour.
    Delivery.objects.update(refused_since=F("refused_since") - timedelta(hours=2))
    handing_over.sweep()
    assert set(Delivery.objects.values_list("is_late", flat=True)) == {True}
    house.close_window(batch)
    call_command("deliver")
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SENT}
    assert parcel.name in there(house)


def test_a_line_that_breaks_in_the_documents_is_the_connections_trouble(house, monkeypatch):
    """Not the worker's: three of these must not fail a letter."""
    choose(house, "files_json")
    batch = house.built(house.invoice())
    house.close_window(batch)

    def silent(self, path, target):
        raise OSError("the line is dead")

    monkeypatch.setattr(transports.folder.Folder, "_rename", silent)
    call_command("deliver")
    way, delivery = Connection.objects.of(house.company).get(), Delivery.objects.get()
    assert (way.failures, way.trouble, delivery.state, delivery.crashes) == (1, "unreachable", State.WAITING, 0)


def test_a_parcel_travels_as_it_was_built_and_one_that_waits_is_built_again(house):
    house.built(house.invoice())
    way, before = Connection.objects.of(house.company).get(), Parcel.objects.get()
    manager = MemberFactory(company=house.company, role=Role.MANAGER).user
    way.profile = "files_csv"
    connecting.change_connection(way, ["profile"], by=manager)
    jobs.build_parcels(before.batch_id)
    after = Parcel.objects.get()
    assert before.name.endswith(".zip")
    assert after.name.endswith(".csv")
    # One in a sender's hands keeps its file: it may be passing the gate.
    house.close_window(after.batch)
    taken = posting.claim_parcel(way.method)
    way.profile = "neutral"
    connecting.change_connection(way, ["profile"], by=manager)
    assert Parcel.objects.get().file == taken.file


def test_a_profile_that_changes_while_a_parcel_is_built_counts_for_it(house, monkeypatch):
    choose(house, "files_json")
    batch = house.sent_and_ready(house.invoice())
    way = Connection.objects.of(house.company).get()
    pack = print_batch.pack

    def changed_meanwhile(*arguments):
        pack(*arguments)
        monkeypatch.undo()
        way.profile = "files_csv"
        connecting.change_connection(way, ["profile"], by=house.clerk)

    monkeypatch.setattr(central_print, "pack", changed_meanwhile)
    printing.build_parcels(batch)
    house.close_window(batch)
    house.deliver_letters()
    assert Delivery.objects.get().state == State.SENT
    assert Path(Parcel.objects.get().name).suffix == ".csv"


# --- The lists --------------------------------------------------------------------------------------------------------


def facts(**recipient):
    example = json.loads(re.search(r"```json\n(.*?)```", DOCUMENT, re.S)[1])
    example["items"][0]["recipient"] |= recipient
    return example


def test_the_csv_says_what_the_json_says():
    name = 'Ögren, "Åke"\nc/o =SUM(A1)'
    written = print_lists.as_csv(facts(name=name, lines=["A 1", "B", "C"])).decode()
    (row,) = csv.DictReader(io.StringIO(written, newline=""))
    assert (row["name"], row["line_1"], row["line_2"]) == (name, "A 1", "B, C")
    assert (row["amount"], row["postage"], row["duplex"], row["pages"]) == ("750.00", "economy", "true", "2")
    assert list(row) == print_lists.COLUMNS
    listed = re.search(r"a row a letter: `(.*?)`", DOCUMENT, re.S)[1].replace("\n", " ").split(", ")
    assert listed == print_lists.COLUMNS


def test_a_credit_note_has_no_payment():
    example = facts()
    example["items"][0]["payment"] = {}
    assert b"SEK" not in print_lists.as_csv(example)
    assert etree.fromstring(print_lists.as_xml(example)).find("items/item/payment") is not None


def test_the_xml_is_the_tree_of_the_json_whatever_a_name_holds():
    root = etree.fromstring(print_lists.as_xml(facts(name="Å<b>&\x0b\ud800Z")))
    assert root.findtext("items/item/recipient/name") == "Å<b>&  Z"
    assert root.findtext("items/item/recipient/lines/line") == "Solvägen 4"
    assert root.findtext("defaults/duplex") == "true"
    assert root.findtext("totals/documents") == "1"


# --- Our document -----------------------------------------------------------------------------------------------------


def shape(value):
    """The keys of a tree, and the kinds of its leaves."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    return [shape(each) for each in value] if isinstance(value, list) else type(value).__name__


def test_the_example_in_the_document_is_what_is_written(house):
    house.built(house.invoice(bankgiro="5050-1055"))
    assert shape(facts_of(Parcel.objects.get())) == shape(facts())


def test_the_table_in_the_document_is_the_data():
    assert DOCUMENT.endswith("".join(line(code, profile) for code, profile in PROFILES.items()))


def line(code, profile: PrintProfile):
    inside = f", {profile.manifest} in it" if profile.is_zip and profile.manifest != "json" else ""
    files = f"`{profile.ending}`{inside}"
    sheets = f"{profile.max_c5 or '–'} / {profile.max_c4 or '–'}"
    size = f"{profile.max_bytes:,} bytes" if profile.max_bytes else "–"
    windows = "2" if profile.has_return_window else "1"
    source = "this page" if profile.source == "docs/print-batch.md" else profile.source
    return f"| {code}: {profile.label} | {files} | {sheets} | {size} | {windows} | {source} |\n"


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_a_profile_is_sound(profile):
    assert profile.source.startswith("https://") or Path(project.BASE_DIR / profile.source).exists()
    assert profile.max_sheets == (profile.max_c4 or profile.max_c5)
    assert (profile.sheets(3), profile.sheets(4)) == (2, 2)


# --- The form ---------------------------------------------------------------------------------------------------------


def test_a_manager_chooses_one_and_sees_where_it_comes_from(house, client):
    client.force_login(MemberFactory(company=house.company, role=Role.MANAGER).user)
    way = Connection.objects.of(house.company).get()
    args = [house.company.slug, way.pk]
    typed = {"name": "Tryckeriet", "method": "central_print", "folder": "print", "temporary_folder": ""}
    response = client.post(reverse("distribution:connection_edit", args=args), typed | {"profile": "unknown"})
    assert response.status_code == 422
    client.post(reverse("distribution:connection_edit", args=args), typed | {"profile": "imail"})
    content = client.get(reverse("distribution:connection", args=args)).content.decode()
    assert "21grams iMail, Finland and Denmark: their limits, our ZIP" in content
    assert "8 (C5), 40 (C4)" in content
    assert "https://www.21grams.com/imail-template-finland/" in content


def test_over_https_a_parcel_is_one_file(house, client):
    client.force_login(MemberFactory(company=house.company, role=Role.MANAGER).user)
    Connection.objects.of(house.company).delete()
    page = f"{reverse('distribution:connection_new', args=[house.company.slug])}?kind=https"
    offered = [code for code, _label in client.get(page).context["form"].fields["profile"].choices]
    assert offered == ["neutral", "zip_csv", "zip_xml", "ebrev", "imail", "ipost"]
    typed = {
        "name": "T", "method": "central_print", "profile": "zip_marker", "host": "x.example", "port": "443",
        "folder": "in", "password": "t",
    }  # fmt: skip
    response = client.post(page, typed)
    assert "over HTTPS a parcel goes as one file" in str(response.context["form"].errors)

"""Letters from the outbox to a print provider's folder: a parcel of a batch, all of it or none."""

import hashlib
import io
import json
import zipfile

import pytest
from django.core.management import call_command

from distribution import channels, jobs
from distribution.actions import handing_over, posting, printing, sending
from distribution.models import Connection, Delivery, Parcel
from distribution.reasons import Reason
from distribution.states import State
from recipients.methods import Method
from tests.conftest import Outbox
from tests.factories import ConnectionFactory, CustomerFactory


class PrintHouse(Outbox):
    """A company that sends letters, and the provider's folder."""

    def __init__(self, company, clerk, folder):
        super().__init__(company, clerk)
        self.folder = folder

    def posted(self, *invoices):
        """As `send`; the window closed and the sender has been round."""
        batch = self.built(*invoices)
        self.close_window(batch)
        self.deliver_letters()
        return batch

    def deliver_letters(self):
        """The sender goes round once."""
        call_command("deliver")

    def built(self, *invoices):
        batch = self.sent_and_ready(*invoices)
        jobs.build_parcels(batch.pk)
        return batch

    def arrived(self):
        """{file name: {name inside: bytes}} of what lies there."""
        return {path.name: unpacked(path.read_bytes()) for path in sorted(self.folder.glob("[!.]*"))}


def unpacked(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def house(outbox, settings, tmp_path):
    settings.CONNECTION_FOLDERS = str(tmp_path)
    folder = tmp_path / outbox.company.slug / "print"
    folder.mkdir(parents=True)
    distribution = outbox.company.distribution
    distribution.active_methods, distribution.default_method = [Method.CENTRAL_PRINT], Method.CENTRAL_PRINT
    distribution.save()
    ConnectionFactory(company=outbox.company, kind=Connection.Kind.FOLDER, folder="print")
    return PrintHouse(outbox.company, outbox.clerk, folder)


def states():
    return sorted(Delivery.objects.values_list("state", flat=True))


def test_a_batch_arrives_as_one_file_that_its_manifest_describes(house):
    invoices = [house.invoice() for _n in range(3)]
    house.posted(*invoices)
    assert states() == [State.SENT] * 3
    ((name, files),) = house.arrived().items()
    parcel = Parcel.objects.get()
    assert (name, parcel.documents) == (parcel.name, 3)
    assert parcel.taken_at
    manifest = json.loads(files["manifest.json"])
    in_order = Delivery.objects.order_by("position").values_list("invoice__number", flat=True)
    assert [item["document_no"] for item in manifest["items"]] == list(in_order)
    for item in manifest["items"]:
        (pdf,) = Delivery.objects.get(pk=item["id"]).enclosures.all()
        assert files[item["file"]] == pdf.file.read()
        assert hashlib.sha256(files[item["file"]]).hexdigest() == item["sha256"]
    assert manifest["items"][0]["recipient"] == {
        "name": Delivery.objects.get(position=1).invoice.buyer_name, "lines": ["Solvägen 4"], "postcode": "133 31",
        "city": "Saltsjöbaden", "country": "SE",
    }  # fmt: skip
    sums = dict(line.split("  ")[::-1] for line in files["SHA256SUMS"].decode().splitlines())
    assert sums == {name: hashlib.sha256(files[name]).hexdigest() for name in files if name != "SHA256SUMS"}


def test_what_was_undone_before_the_gate_is_in_no_parcel(house):
    kept, undone = house.invoice(), house.invoice()
    batch = house.built(kept, undone)
    before = Parcel.objects.get().name
    sending.undo(Delivery.objects.filter(invoice=undone), by=house.clerk)
    house.close_window(batch)
    call_command("deliver")  # finds it incomplete, sends it back
    printing.build_parcels(batch)
    call_command("deliver")
    ((name, files),) = house.arrived().items()
    assert name != before
    assert [item["document_no"] for item in json.loads(files["manifest.json"])["items"]] == [kept.number]
    assert states() == [State.SENT, State.UNDONE]


def test_an_undo_while_the_file_is_on_its_way_stops_all_of_it(house):
    kept, undone = house.invoice(), house.invoice()
    batch = house.built(kept, undone)
    house.close_window(batch)
    parcel = posting.claim_parcel(Method.CENTRAL_PRINT)
    sending.undo(Delivery.objects.filter(invoice=undone), by=house.clerk)
    assert handing_over.hand_over(parcel, channels.open(Method.CENTRAL_PRINT)) == handing_over.Outcome()
    assert house.arrived() == {}
    assert states() == [State.UNDONE, State.WAITING]


def test_a_long_batch_goes_in_parts(house, settings):
    settings.SENDING = {**settings.SENDING, "print_part": 2}
    house.posted(*(house.invoice() for _n in range(5)))
    assert [len(json.loads(files["manifest.json"])["items"]) for files in house.arrived().values()] == [2, 2, 1]


def test_the_fourth_letter_of_an_invoice_is_refused(house):
    invoice = house.invoice()
    house.posted(invoice)
    for _n in range(2):
        batch = house.send(invoice, again=True)
        jobs.route(batch.pk)
        jobs.prepare(batch.pk)
        jobs.build_parcels(batch.pk)
        house.close_window(batch)
        call_command("deliver")
    assert states() == [State.SENT] * 3
    assert house.plan(invoice).lines.get().reason == Reason.PRINTED_ENOUGH


def test_without_a_whole_address_no_letter_goes(house):
    nowhere = {"buyer_street": "", "buyer_postcode": "", "buyer_city": ""}
    homeless = CustomerFactory(workspace=house.company.workspace, street="", postcode="", city="")
    bad = house.invoice(customer=homeless, buyer_postcode="13331x")
    none = house.invoice(customer=homeless, **nowhere)
    lines = {line.invoice: line.reason for line in house.plan(bad, none).lines.all()}
    assert lines == {bad: Reason.BAD_POSTAL_ADDRESS, none: Reason.NO_POSTAL_ADDRESS}

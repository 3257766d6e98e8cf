"""Own printer: merged in list order, in parts, gone at the first download and not before."""

import io

import pytest
from pypdf import PdfReader

from distribution import jobs
from distribution.actions import printing, sending
from distribution.models import Delivery, Parcel
from distribution.states import State


@pytest.fixture
def paper():
    """The real one: its numbers are read."""


@pytest.fixture
def printer(outbox, settings):
    settings.SENDING = settings.SENDING | {"print_part": 2}
    distribution = outbox.company.distribution
    distribution.active_methods = ["own_printer"]
    distribution.default_method = "own_printer"
    distribution.save()
    return outbox


def parts(batch):
    return list(Parcel.objects.filter(batch=batch))


def numbers(content):
    """The invoice numbers as the pages show them, in order."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def test_it_is_ready_at_once_and_comes_in_parts_in_list_order(printer):
    invoices = [printer.invoice() for _ in range(3)]
    batch = printer.sent_and_ready(*invoices)
    jobs.build_parcels(batch.pk)
    assert [p.deliveries.count() for p in parts(batch)] == [2, 1]
    in_list = [d.invoice.number for d in batch.deliveries.order_by("position")]
    pages = numbers(printing.take(parts(batch)[0], by=printer.clerk))
    assert [number in page for number, page in zip(in_list[:2], pages, strict=True)] == [True, True]


def test_the_first_download_sends_and_later_ones_are_only_noted(printer):
    batch = printer.sent_and_ready(printer.invoice())
    jobs.build_parcels(batch.pk)
    (part,) = parts(batch)
    first = printing.take(part, by=printer.clerk)
    delivery = batch.deliveries.get()
    assert delivery.state == State.SENT
    assert printing.take(part, by=printer.clerk) == first
    assert Delivery.objects.get() == delivery


def test_no_sender_takes_what_is_for_the_own_printer(printer):
    batch = printer.sent_and_ready(printer.invoice())
    printer.close_window(batch)
    assert printer.deliver().took == []


def test_what_is_undone_is_in_no_file(printer):
    stays, goes = printer.invoice(), printer.invoice()
    batch = printer.sent_and_ready(stays, goes)
    jobs.build_parcels(batch.pk)
    sending.undo(Delivery.objects.filter(invoice=goes), by=printer.clerk)
    with pytest.raises(printing.NotReady):
        printing.take(parts(batch)[0], by=printer.clerk)
    assert printer.delivery(stays).state == State.WAITING
    jobs.tidy(batch.pk)
    jobs.build_parcels(batch.pk)
    (page,) = numbers(printing.take(parts(batch)[0], by=printer.clerk))
    assert stays.number in page
    assert goes.number not in page
    assert printer.delivery(goes).state == State.UNDONE


def test_undo_after_the_download_is_too_late_and_says_so(printer):
    batch = printer.sent_and_ready(printer.invoice())
    jobs.build_parcels(batch.pk)
    printing.take(parts(batch)[0], by=printer.clerk)
    assert sending.undo(batch.deliveries.all(), by=printer.clerk) == (0, 1)

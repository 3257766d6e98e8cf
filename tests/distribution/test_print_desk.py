"""What a clerk sees of letters: where they go, how many there were, what they cost, the parcels, and what to mend."""

import io
import re
import threading

import pytest
from django.db import connection, connections
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from distribution import channels, jobs
from distribution.actions import handing_over, posting, preparing, sending
from distribution.channels.base import Unreachable
from distribution.models import Delivery, Parcel
from distribution.reasons import Reason
from distribution.states import State
from recipients.methods import Method
from recipients.models import Customer, Event, Role
from tests.factories import CustomerFactory, DeliveryFactory, MemberFactory

from . import test_posting

house = test_posting.house
EVA = {"buyer_name": "Eva Lund", "buyer_street": "Storgatan 1", "buyer_postcode": "123 45", "buyer_city": "Täby"}
LINE = "Eva Lund, Storgatan 1, 123 45 Täby"
NOWHERE = {"street": "", "postcode": "", "city": ""}
NO_BUYER = {f"buyer_{name}": "" for name in NOWHERE}


@pytest.fixture
def desk(client, house):
    """Reads a page of the company as its clerk: desk("batch", pk)."""
    client.force_login(house.clerk)

    def read(name, *args, app="distribution", **data):
        response = client.get(reverse(f"{app}:{name}", args=[house.company.slug, *args]), data, follow=True)
        return response.content.decode()

    return read


def set_up(house, **fields):
    for name, value in fields.items():
        setattr(house.company.distribution, name, value)
    house.company.distribution.save()


def letter(invoice, state=State.SENT, **fields):
    return DeliveryFactory(
        invoice=invoice, method=Method.CENTRAL_PRINT, state=state, finished_at=timezone.now(), **fields
    )


# --- Where to ---------------------------------------------------------------------------------------------------------


def test_a_postal_address_is_one_line_wherever_it_is_shown(house, desk):
    invoice, other = house.invoice(**EVA), house.invoice(**EVA)
    plan = house.plan(invoice)
    both = house.plan(invoice, other)
    assert f'<b class="breakable">{LINE}</b>' in desk("sheet", plan.pk)
    assert "(from the invoice file)" in desk("sheet", plan.pk)
    assert LINE in desk("sheet", both.pk, method="central_print")
    assert f"Used: {LINE}" in desk("invoice_delivery", invoice.pk, app="invoicing")
    house.posted(invoice)
    delivery = Delivery.objects.get()
    assert delivery.address.count("\n") == 4
    pages = [
        desk("batch", delivery.batch_id),
        desk("deliveries", tab="all"),
        desk("delivery", delivery.pk),
        desk("invoice_delivery", invoice.pk, app="invoicing"),
        desk("search", q=invoice.number[:-1]),
        desk("settings", test=invoice.number),
    ]
    for page in pages:
        assert LINE in page
        assert "Storgatan 1\n" not in page
    assert f"To {LINE}." in desk("invoice_history", invoice.pk, app="invoicing")


def test_the_country_is_named_when_it_is_another(house, desk):
    invoice = house.invoice(**EVA | {"buyer_postcode": "00100", "buyer_city": "Helsinki", "buyer_country": "FI"})
    assert "Eva Lund, Storgatan 1, 00100 Helsinki, FI" in desk("sheet", house.plan(invoice).pk)


def test_what_changed_while_one_was_looking_is_told_on_one_line(house, desk):
    invoice = house.invoice(customer__name="Bo Ek", **NO_BUYER)
    batch = house.send(invoice)
    Customer.objects.filter(pk=invoice.customer_id).update(street="Nygatan 2")
    jobs.route(batch.pk)
    assert "Solvägen 4, 133 31 Saltsjöbaden -&gt; central_print" in desk("delivery", Delivery.objects.get().pk)


def test_an_incomplete_address_on_the_document_gives_way_to_a_whole_one_on_the_card(house):
    invoice = house.invoice(**EVA | {"buyer_postcode": "x"})
    line = house.plan(invoice).lines.get()
    assert (line.reason, line.address.split("\n")[1:]) == ("", ["Solvägen 4", "133 31", "Saltsjöbaden", "SE"])


# --- At most three ----------------------------------------------------------------------------------------------------


def test_the_invoice_says_how_many_letters_of_it_there_were(house, desk):
    invoice = house.invoice()
    page = "invoice_delivery"
    assert "0 of 3 letters" in desk(page, invoice.pk, app="invoicing")
    for state, reason in (
        (State.SENT, ""), (State.RETURNED, Reason.RETURNED), (State.RETURNED, Reason.NOT_PRINTED),
        (State.UNDONE, ""), (State.FAILED, Reason.REFUSED_THERE),
    ):  # fmt: skip
        letter(invoice, state, reason=reason)
    assert "2 of 3 letters" in desk(page, invoice.pk, app="invoicing")
    set_up(house, active_methods=[Method.EMAIL], default_method=Method.EMAIL)
    assert "2 of 3 letters" in desk(page, invoice.pk, app="invoicing")
    assert "letters" not in desk(page, house.invoice().pk, app="invoicing")


def test_the_fourth_letter_is_refused_in_the_sheet_and_changes_nothing(house, desk):
    invoice = house.invoice()
    for _n in range(3):
        letter(invoice)
    batch = house.plan(invoice)
    page = desk("sheet", batch.pk)
    assert "Printed three times already." in page
    assert "Three letters of one invoice are the most." in page
    assert "Send the invoice" not in page
    with pytest.raises(sending.NothingToSend):
        sending.send(batch, template=None, again=True, by=house.clerk)
    assert Delivery.objects.count() == 3


def test_the_fourth_goes_by_the_reserve_where_there_is_one(house, desk):
    set_up(house, active_methods=[Method.CENTRAL_PRINT, Method.EMAIL], reserve_method=Method.EMAIL)
    invoice = house.invoice(customer__email="eva@lund.example")
    for _n in range(3):
        letter(invoice)
    line = house.plan(invoice).lines.get()
    assert (line.method, line.address) == (Method.EMAIL, "eva@lund.example")
    assert line.because[0]["verdict"] == Reason.PRINTED_ENOUGH


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer: nothing to race")
def test_two_sheets_at_once_never_make_a_fourth_letter(house):
    """Both were planned when two had been printed; both are confirmed at the same moment."""
    invoice = house.invoice()
    for _n in range(2):
        letter(invoice)
    plans = [house.plan(invoice), house.plan(invoice)]
    start, refused = threading.Barrier(2), []

    def confirm(plan):
        start.wait()
        try:
            sending.send(plan, template=None, again=True, by=house.clerk)
        except (sending.Changed, sending.NothingToSend) as error:
            refused.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=confirm, args=[plan]) for plan in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert Delivery.objects.filter(state=State.WAITING).count() == 1


def test_a_sheet_from_before_the_third_letter_makes_no_fourth(house):
    invoice = house.invoice()
    for _n in range(2):
        letter(invoice)
    old = house.plan(invoice)
    third = house.send(invoice, again=True)
    jobs.route(third.pk)
    jobs.prepare(third.pk)
    jobs.build_parcels(third.pk)
    house.close_window(third)
    house.deliver_letters()
    assert Delivery.objects.letters().count() == 3
    with pytest.raises(sending.Changed):
        sending.send(old, template=None, again=True, by=house.clerk)


def test_the_route_counts_once_more_after_the_confirmation(house):
    invoice = house.invoice()
    for _n in range(2):
        letter(invoice)
    batch = house.send(invoice, again=True)
    letter(invoice)  # nothing of ours can do this; were it so, the last look is here
    preparing.route(batch)
    row = batch.deliveries.get()
    assert (row.state, row.reason) == (State.FAILED, Reason.CHANGED)
    assert row.because[0]["verdict"] == Reason.PRINTED_ENOUGH


# --- Price ------------------------------------------------------------------------------------------------------------


def plain(page):
    return " ".join(re.sub("<[^>]+>", " ", page).replace("\u00a0", " ").split())


def test_what_letters_cost_stands_in_the_sheet_and_on_the_batch(house, desk):
    three = [house.invoice() for _n in range(3)]
    assert "×" not in desk("sheet", house.plan(*three).pk)
    set_up(house, letter_price="9.50")
    assert "3 letters, 3 × 9,50 = 28,50 kr" in plain(desk("sheet", house.plan(*three).pk))
    assert "1 letter, 1 × 9,50 = 9,50 kr" in plain(desk("sheet", house.plan(three[0]).pk))
    batch = house.built(*three)
    assert "3 letters, 3 × 9,50 = 28,50 kr" in plain(desk("batch", batch.pk))
    sending.undo(Delivery.objects.filter(invoice=three[0]), by=house.clerk)
    assert "2 letters, 2 × 9,50 = 19,00 kr" in plain(desk("batch", batch.pk))
    set_up(house, letter_price=None)
    assert "×" not in desk("batch", batch.pk)


# --- Parcels ----------------------------------------------------------------------------------------------------------


def test_each_parcel_says_how_far_it_has_come(house, desk):
    batch = house.sent_and_ready(house.invoice(), house.invoice())
    assert "Their file is made when all documents are ready." in desk("batch", batch.pk)
    jobs.build_parcels(batch.pk)
    parcel = Parcel.objects.get()
    page = desk("batch", batch.pk)
    assert parcel.name in page
    assert ">Ready<" in page
    Parcel.objects.update(file=None)
    assert ">Being made<" in desk("batch", batch.pk)
    jobs.build_parcels(batch.pk)
    house.close_window(batch)
    claimed = posting.claim_parcel(Method.CENTRAL_PRINT)
    assert ">On its way<" in desk("batch", batch.pk)
    way = channels.open(Method.CENTRAL_PRINT)
    silent = type("Silent", (type(way),), {"hand_over": lost})()
    handing_over.hand_over(claimed, silent)
    assert ">In doubt<" in desk("batch", batch.pk)
    posting.conclude(claimed, channels.base.Fate.ARRIVED)
    assert "Handed over " in desk("batch", batch.pk)


def lost(_channel, _parcel, gate):
    gate()
    raise Unreachable(Reason.NO_ANSWER)


def test_a_clerk_downloads_what_the_provider_got(house, client, desk):
    batch = house.built(house.invoice())
    parcel = Parcel.objects.get()
    address = reverse("distribution:parcel_file", args=[house.company.slug, parcel.pk])
    assert client.get(address).status_code == 404  # it has not left
    assert address not in desk("batch", batch.pk)
    house.close_window(batch)
    house.deliver_letters()
    assert address in desk("batch", batch.pk)
    events = Event.objects.count()
    response = client.get(address)
    assert response["Content-Disposition"] == f'attachment; filename="{parcel.name}"'
    assert b"".join(response.streaming_content) == (house.folder / parcel.name).read_bytes()
    assert Event.objects.count() == events
    client.force_login(MemberFactory(company=house.company, role=Role.VIEWER).user)
    assert client.get(address).status_code == 403
    assert address not in desk("batch", batch.pk)


def test_letters_are_not_sent_by_a_download(house, client):
    """The page of the own printer's parts is not theirs: its button would call them sent."""
    client.force_login(house.clerk)
    house.built(house.invoice())
    address = reverse("distribution:parcel_download", args=[house.company.slug, Parcel.objects.get().pk])
    assert (client.get(address).status_code, client.post(address).status_code) == (404, 404)
    assert Delivery.objects.get().state == State.WAITING


@pytest.mark.parametrize("parts", [1, 3])
def test_the_batch_takes_the_same_queries_whatever_it_holds(house, client, settings, parts, django_assert_num_queries):
    settings.SENDING = {**settings.SENDING, "print_part": 1}
    batch = house.built(*(house.invoice() for _n in range(parts)))
    client.force_login(house.clerk)
    address = reverse("distribution:batch", args=[house.company.slug, batch.pk])
    with django_assert_num_queries(8):
        client.get(address, headers={"HX-Request": "true"})


# --- One letter -------------------------------------------------------------------------------------------------------


def test_a_letter_that_left_was_handed_over_and_not_delivered(house, desk):
    invoice = house.invoice()
    house.posted(invoice)
    delivery = Delivery.objects.select_related("parcel").get()
    page = desk("delivery", delivery.pk)
    assert f"Tryckeriet Norden, Folder: print/{delivery.parcel.name}" in plain(page)
    assert "Handed over to the print provider" in page
    assert "elivered" not in plain(page).split("History", 1)[1].split("Parcel", 1)[0]
    assert reverse("distribution:batch", args=[house.company.slug, delivery.batch_id]) in page
    assert "Handed over" in desk("deliveries", tab="sent")
    Delivery.objects.update(receipt="posted", receipt_at=timezone.now())
    assert re.search(r"Posted \d\d:\d\d", plain(desk("deliveries", tab="sent")))
    assert re.search(r"Posted \d{4}-\d\d-\d\d \d\d:\d\d", plain(desk("delivery", delivery.pk)))


# --- What to mend -----------------------------------------------------------------------------------------------------


def cannot(house, *customers):
    invoices = [house.invoice(customer=customer, **NO_BUYER) for customer in customers]
    house.send(*invoices, house.invoice())
    return invoices


def typed(group, line, **address):
    return {"group": group, **{f"{group}-{part}_{line.pk}": text for part, text in address.items()}}


TABY = {"street": "Storgatan 1", "postcode": "123 45", "city": "Täby"}


@pytest.fixture
def board(house, client):
    client.force_login(house.clerk)
    address = reverse("distribution:triage", args=[house.company.slug])

    def post(**data):
        return client.post(address, data, follow=True)

    return post


def test_a_missing_postal_address_is_typed_by_cause_and_the_letter_goes(house, board, desk):
    eva = CustomerFactory(workspace=house.company.workspace, **NOWHERE)
    (invoice,) = cannot(house, eva)
    assert "No postal address" in desk("triage")
    group, line = "planned-no_postal_address", house.company.batches.latest("opened_at").lines.get(invoice=invoice)
    said = board(**typed(group, line, **TABY), verb="save").content.decode()
    assert "Saved 1 address. Send these again when you like." in said
    eva.refresh_from_db()
    assert [eva.street, eva.postcode, eva.city] == list(TABY.values())
    assert Event.objects.get(about=eva.pk, what="card.changed").data["fields"] == "street, postcode, city"
    sheet = board(group=group, verb="again").content.decode()
    assert "Storgatan 1, 123 45 Täby" in sheet


@pytest.mark.parametrize(
    "address, problem",
    [
        (TABY | {"city": ""}, "A letter needs street, postcode and town."),
        (TABY | {"postcode": "1234"}, "1234 is no postcode of SE."),
    ],
)
def test_an_address_that_is_not_whole_is_refused_and_kept(house, board, address, problem):
    eva = CustomerFactory(workspace=house.company.workspace, **NOWHERE)
    (invoice,) = cannot(house, eva)
    line = house.company.batches.latest("opened_at").lines.get(invoice=invoice)
    response = board(**typed("planned-no_postal_address", line, **address), verb="again")
    assert response.status_code == 422
    assert problem in response.content.decode()
    assert 'value="Storgatan 1"' in response.content.decode()
    eva.refresh_from_db()
    assert eva.street == ""


def test_a_wrong_one_stands_in_the_fields_and_is_corrected(house, board, desk):
    eva = CustomerFactory(workspace=house.company.workspace, **TABY | {"postcode": "1234"})
    first, second = cannot(house, eva), cannot(house, eva)
    page = desk("triage")
    assert page.count('value="1234"') == 2
    group = "planned-bad_postal_address"
    lines = {line.invoice: line for batch in house.company.batches.all() for line in batch.lines.exclude(reason="")}
    one, two = lines[first[0]], lines[second[0]]
    other = typed(group, one, **TABY) | typed(group, two, **TABY | {"street": "Nygatan 2"})
    assert "has another address above" in board(**other, verb="save").content.decode()
    both = typed(group, one, **TABY) | typed(group, two, **TABY | {"postcode": "1234"})
    assert "Saved 1 address." in board(**both, verb="save").content.decode()
    eva.refresh_from_db()
    assert eva.postcode == "123 45"


def test_the_excel_file_of_a_cause_has_one_line_too(house, client):
    client.force_login(house.clerk)
    house.posted(house.invoice(**EVA))
    Delivery.objects.all().move(State.RETURNED, reason=Reason.RETURNED)
    address = reverse("distribution:triage_export", args=[house.company.slug])
    content = client.get(address, {"group": "failed-returned"}).content
    assert LINE in [cell.value for cell in next(load_workbook(io.BytesIO(content)).active.iter_rows(min_row=2))]

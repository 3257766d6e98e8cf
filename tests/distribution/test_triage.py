"""Failures by cause over all batches, each with what mends it."""

import io
from decimal import Decimal

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from distribution import triage
from distribution.actions import sending
from distribution.channels.base import Refused
from distribution.models import Delivery, PlanLine
from distribution.reasons import Reason
from distribution.states import State
from invoicing.models import Invoice
from recipients.models import Customer, Event, Role
from tests.factories import CustomerFactory, DeliveryFactory, MemberFactory, OrganisationFactory
from tests.fakes import RememberingChannel

pytestmark = pytest.mark.django_db


@pytest.fixture
def board(client, outbox):
    client.force_login(outbox.clerk)
    address = reverse("distribution:triage", args=[outbox.company.slug])

    def board(**posted):
        return client.post(address, posted, follow=True) if posted else client.get(address)

    return board


def body(response):
    return response.content.decode()


def fail(outbox, *invoices, reason=Reason.NO_MAILBOX):
    """Sent as usual, and refused by the server."""

    def refuse(gate):
        gate()
        raise Refused(reason, "550", "5.1.1 No such user here")

    outbox.close_window(outbox.sent_and_ready(*invoices))
    outbox.deliver(RememberingChannel({invoice.customer.email: refuse for invoice in invoices}))
    return [outbox.delivery(invoice) for invoice in invoices]


def cannot(outbox, count):
    """Invoices without an address, ticked together with one that went."""
    company = outbox.company
    lost = [outbox.invoice(customer=CustomerFactory(workspace=company.workspace, email="")) for _n in range(count)]
    outbox.send(*lost, outbox.invoice())
    return lost


def typed(group, where="card", **addresses):
    key = f"{group}-email_"
    rows = {f"{key}{pk}": address for pk, address in addresses.items()}
    return {"group": group, f"{group}-where": where, **rows}


def test_the_causes_of_all_batches_the_largest_first(outbox, board):
    fail(outbox, outbox.invoice())
    fail(outbox, outbox.invoice(), outbox.invoice(kind="credit", payable=Decimal("100")))
    cannot(outbox, 1)
    DeliveryFactory(invoice=outbox.invoice(), state=State.IN_DOUBT, reason=Reason.NO_ANSWER)
    found = triage.groups(outbox.company)
    assert [(group.key, group.count) for group in found] == [
        ("failed-no_mailbox", 3), ("failed-no_answer", 1), ("planned-no_email", 1),
    ]  # fmt: skip
    assert found[0].sums == {"SEK": 349 + 349 - 100}
    said = body(board())
    assert "5.1.1 No such user here" in said
    assert "5 invoices did not get through" in said
    assert "?tab=doubt" in said
    other = MemberFactory().company
    assert triage.groups(other) == []


def test_better_addresses_are_stored_where_they_will_be_used(outbox, board):
    """On the card that gave the address, or on the invoice alone."""
    company = outbox.company
    body_card = OrganisationFactory(workspace=company.workspace, email="fel@borg.example")
    person = CustomerFactory(workspace=company.workspace, organisation=body_card)
    company.links_to_organisation = True
    company.save()
    of_body = outbox.invoice(customer=person)
    typed_one = outbox.invoice(email="fel@typed.example")
    plain = outbox.invoice()
    for each, address in ((of_body, body_card.email), (typed_one, typed_one.email), (plain, plain.customer.email)):
        outbox.close_window(outbox.sent_and_ready(each))
        outbox.deliver(RememberingChannel({address: refuse}))
    rows = {i: outbox.delivery(i).pk for i in (of_body, typed_one, plain)}
    said = body(board(verb="save", **typed("failed-no_mailbox", **{
        str(rows[of_body]): "ny@borg.example", str(rows[typed_one]): "ny@typed.example",
        str(rows[plain]): "ny@plain.example",
    })))  # fmt: skip
    assert "Saved 3 addresses." in said
    body_card.refresh_from_db(), person.refresh_from_db(), typed_one.refresh_from_db(), plain.refresh_from_db()
    assert (body_card.invoice_email, person.invoice_email) == ("ny@borg.example", "")
    assert typed_one.email == "ny@typed.example"
    assert (plain.email, plain.customer.invoice_email) == ("", "ny@plain.example")
    assert Event.objects.filter(what="card.changed", by=outbox.clerk).count() == 2


def refuse(gate):
    gate()
    raise Refused(Reason.NO_MAILBOX, "550", "5.1.1 No such user here")


def test_send_these_again_goes_to_the_better_address_and_can_be_undone(outbox, board):
    first, _second = fail(outbox, outbox.invoice(), outbox.invoice())
    answer = board(verb="again", **typed("failed-no_mailbox", "invoice", **{str(first.pk): "ny@lund.example"}))
    assert "2 invoices are sent again." in body(answer)
    batch = Delivery.objects.filter(again_of=first).get().batch
    assert batch.lines.get(invoice=first.invoice_id).address == "ny@lund.example"
    assert Customer.objects.filter(invoice_email="ny@lund.example").count() == 0
    assert triage.groups(outbox.company) == []
    assert sending.undo(batch.deliveries.all(), by=outbox.clerk) == (2, 0)
    assert triage.groups(outbox.company)[0].count == 2  # it needs attention again


def test_without_the_second_factor_that_is_asked_for_nothing_leaves_and_the_address_is_kept(outbox, board):
    (first,) = fail(outbox, outbox.invoice())
    outbox.company.requires_second_factor = True
    outbox.company.save()
    answer = board(verb="again", **typed("failed-no_mailbox", "invoice", **{str(first.pk): "ny@lund.example"}))
    assert answer.status_code == 403
    assert not Delivery.objects.filter(again_of=first).exists()
    assert Invoice.objects.get(pk=first.invoice_id).email == "ny@lund.example"


def test_what_never_started_gets_its_sheet_with_the_new_address(outbox, board):
    (lost,) = cannot(outbox, 1)
    line = PlanLine.objects.get(invoice=lost)
    answer = board(verb="again", **typed("planned-no_email", **{str(line.pk): "ny@lund.example"}))
    assert answer.redirect_chain[-1][0].endswith("/sheet/")
    assert "Send the invoice" in body(answer)
    lost.customer.refresh_from_db()
    assert lost.customer.invoice_email == "ny@lund.example"
    outbox.send(lost)
    assert triage.groups(outbox.company) == []


def test_nothing_is_stored_of_a_wrong_address_and_what_was_typed_is_kept(outbox, board):
    first, second = fail(outbox, outbox.invoice(), outbox.invoice())
    answer = board(
        verb="again", **typed("failed-no_mailbox", **{str(first.pk): "ny@lund.example", str(second.pk): "ny"})
    )
    assert answer.status_code == 422
    assert "Type one e-mail address: name@domain." in body(answer)
    assert 'value="ny@lund.example"' in body(answer)
    assert not Customer.objects.exclude(invoice_email="").exists()
    assert Delivery.objects.count() == 2
    assert "No address was typed" in body(board(verb="save", **typed("failed-no_mailbox")))
    assert "Nothing of this cause is left." in body(board(verb="save", **typed("failed-refused")))


def test_one_card_takes_one_address(outbox, board):
    customer = CustomerFactory(workspace=outbox.company.workspace)
    first, second = fail(outbox, outbox.invoice(customer=customer), outbox.invoice(customer=customer))
    two = {str(first.pk): "a@lund.example", str(second.pk): "b@lund.example"}
    assert board(verb="save", **typed("failed-no_mailbox", **two)).status_code == 422
    assert "Saved 2 addresses." in body(board(verb="save", **typed("failed-no_mailbox", "invoice", **two)))
    assert sorted(Invoice.objects.values_list("email", flat=True)) == ["a@lund.example", "b@lund.example"]


def test_a_cause_that_was_seen_to_is_gone(outbox, board):
    fail(outbox, outbox.invoice())
    (lost,) = cannot(outbox, 1)
    assert "Marked 1 as handled." in body(
        board(group="planned-no_email", verb="handled", **{"planned-no_email-where": "card"})
    )
    assert "Marked 1 as handled." in body(board(verb="handled", **typed("failed-no_mailbox")))
    assert "All that failed has been seen to." in body(board())
    assert Event.objects.filter(what="invoice.not_sent_handled", thread=lost.pk, by=outbox.clerk).exists()


def test_a_method_that_is_off_leads_to_the_settings_and_needs_no_address(outbox, board):
    DeliveryFactory(invoice=outbox.invoice(), state=State.FAILED, reason=Reason.METHOD_OFF)
    said = body(board())
    assert reverse("distribution:settings", args=[outbox.company.slug]) in said
    assert "Better address" not in said


@pytest.mark.parametrize("rows", [1, 3])
def test_the_same_queries_for_one_row_and_for_three(outbox, rows, django_assert_num_queries):
    fail(outbox, *(outbox.invoice() for _n in range(rows)))
    cannot(outbox, rows)
    DeliveryFactory(invoice=outbox.invoice(), state=State.IN_DOUBT, reason=Reason.NO_ANSWER)
    with django_assert_num_queries(4):
        found = triage.groups(outbox.company)
        assert [row.invoice.recipient_name() for group in found for row in group.rows]
        assert [triage.card_of(row) for group in found for row in group.rows]
    assert sorted(group.count for group in found) == sorted([1, rows, rows])


def test_a_group_shows_its_newest_and_the_excel_file_has_them_all(outbox, board, client, monkeypatch):
    monkeypatch.setattr(triage, "SHOWN", 2)
    fail(outbox, *(outbox.invoice(customer__name="=1+1") for _n in range(3)))
    assert len(triage.groups(outbox.company)[0].rows) == 2
    assert "The newest 2 of 3." in body(board())
    listed = client.get(
        reverse("distribution:deliveries", args=[outbox.company.slug]) + "?tab=attention&reason=no_mailbox"
    )
    assert len(listed.context["listing"].rows) == 3
    address = reverse("distribution:triage_export", args=[outbox.company.slug]) + "?group=failed-no_mailbox"
    sheet = load_workbook(io.BytesIO(client.get(address).content)).active
    cells = list(sheet.iter_rows(values_only=True))
    assert len(cells) == 4
    assert (cells[1][1], sheet["B2"].data_type, cells[1][3]) == ("=1+1", "s", 349)
    assert cells[1][8] == "5.1.1 No such user here"
    for wrong in ("failed-nothing", "x-no_mailbox", "failed"):
        assert client.get(address.replace("failed-no_mailbox", wrong)).status_code == 404


def test_a_viewer_looks_and_does_not_touch(outbox, client):
    fail(outbox, outbox.invoice())
    client.force_login(MemberFactory(company=outbox.company, role=Role.VIEWER).user)
    address = reverse("distribution:triage", args=[outbox.company.slug])
    assert "Save addresses" not in body(client.get(address))
    assert client.post(address, {"group": "failed-no_mailbox", "verb": "handled"}).status_code == 403

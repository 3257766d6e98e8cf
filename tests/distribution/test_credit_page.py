"""The page where an invoice is credited, through HTTP."""

import pytest
from django.urls import reverse

from distribution.models import Delivery
from distribution.states import State
from invoicing.models import Invoice, Line
from recipients.models import Event, Role
from tests.factories import DeliveryFactory, MemberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(client, outbox):
    client.force_login(outbox.clerk)
    return client


def url(invoice):
    return reverse("distribution:credit", args=[invoice.company.slug, invoice.pk])


def press(client, invoice, **typed):
    left = Invoice.objects.get(pk=invoice.pk).balance
    said = {"extent": "all", "reason": "Fel pris", "seen_left": left} | typed
    return client.post(url(invoice), said, follow=True)


def body(response):
    return response.content.decode()


def part_of(invoice, **typed):
    line = invoice.lines.get()
    return {"extent": "parts", **{f"{name}_{line.pk}": value for name, value in typed.items()}}


def test_all_of_it_is_one_press_and_a_reason(clerk, outbox):
    invoice = outbox.invoice(number="10240", customer__name="Eva Lund")
    outbox.send(invoice)
    assert "Crediting all of it stops the sending: Eva Lund gets nothing." in body(clerk.get(url(invoice)))
    response = press(clerk, invoice)
    assert "Sending stopped: Eva Lund gets nothing. The credit note 1001 is for the books only." in body(response)
    note = Invoice.objects.get(kind="credit")
    assert (note.note, note.shown()) == ("Fel pris", "books_only")
    (told,) = Event.objects.filter(what="invoice.credited")
    assert told.thread == invoice.pk
    assert (told.by, told.data["said"], told.data["credit_note"]) == (outbox.clerk, "Fel pris", "1001")
    assert Event.objects.filter(what="delivery.undone", thread=invoice.pk).count() == 1


def test_what_had_left_is_said_with_its_time(clerk, outbox):
    invoice = outbox.invoice(number="10240")
    outbox.sent(invoice)
    at = outbox.delivery(invoice).finished_at.astimezone().strftime("%H:%M")
    assert "The credit note will be ready to send." in body(clerk.get(url(invoice)))
    said = body(press(clerk, invoice))
    assert f"The invoice had left at {at}. The credit note 1001 is ready to send." in said
    assert "stopped" not in said


def test_nothing_is_half_written_and_what_was_typed_is_kept(clerk, outbox):
    invoice = outbox.invoice()
    wrong = [
        ({"reason": " "}, "Reason: "),
        (part_of(invoice, amount="400"), "At most 329,25"),
        (part_of(invoice, quantity="2"), "At most 1 is left."),
        (part_of(invoice, quantity="1", amount="5"), "not both"),
        (part_of(invoice, amount="5,001"), "At most 2 decimals here."),
        (part_of(invoice, amount="-5"), "At most 329,25"),
        (part_of(invoice, amount="fem"), "fem is not a number."),
        (part_of(invoice), "Type how much of at least one line"),
        ({"extent": "some"}, "How much: "),
    ]
    for typed, sentence in wrong:
        response = press(clerk, invoice, **typed)
        assert response.status_code == 422, typed
        assert sentence in body(response), typed
        assert "Fel pris" in body(response) or not typed.get("reason", "x").strip()
    assert Invoice.objects.count() == 1
    assert 'value="400"' in body(press(clerk, invoice, **part_of(invoice, amount="400")))


def test_a_part_of_what_waits_asks_what_becomes_of_it(clerk, outbox):
    invoice = outbox.invoice(number="10240")
    outbox.send(invoice)
    response = press(clerk, invoice, **part_of(invoice, amount="100"))
    assert response.status_code == 422
    assert "Say what becomes of the invoice that waits." in body(response)
    response = press(clerk, invoice, sending="keep", **part_of(invoice, amount="100"))
    assert "The invoice still waits to be sent. The credit note 1001 is ready to send." in body(response)
    response = press(clerk, invoice, sending="stop", **part_of(invoice, amount="100"))
    assert "Sending stopped: the invoice shows To send again." in body(response)
    notes = Invoice.objects.filter(kind="credit").order_by("number")
    assert list(notes.values_list("number", "payable")) == [("1001", 106), ("1002", 106)]


def test_calculate_counts_and_writes_nothing(clerk, outbox):
    invoice = outbox.invoice()
    typed = {"calculate": "1", "reason": "", **part_of(invoice, amount="100,00")}
    response = press(clerk, invoice, **typed)
    assert response.status_code == 200
    assert "106,00" in body(response)
    swapped = clerk.post(url(invoice), {"seen_left": "349", **typed}, headers={"HX-Request": "true"})
    assert "106,00" in body(swapped)
    assert "<form" not in body(swapped)
    assert Invoice.objects.count() == 1


def test_a_double_click_gives_back_once(clerk, outbox):
    invoice = outbox.invoice()
    typed = part_of(invoice, amount="100")
    press(clerk, invoice, seen_left="349.00", **typed)
    said = body(press(clerk, invoice, seen_left="349.00", **typed))
    assert "Something was credited while you were looking. 243,00\u00a0kr is left now; look again." in said
    assert Invoice.objects.filter(kind="credit").count() == 1


@pytest.mark.parametrize("fields, sentence", [
    ({"number": None}, "This is a draft"),
    ({"kind": "credit"}, "This is a credit note itself."),
    ({"is_credited": True}, "Nothing is left to credit"),
])  # fmt: skip
def test_what_cannot_be_credited_says_why(clerk, outbox, fields, sentence):
    invoice = outbox.invoice(**fields)
    for response in (clerk.get(url(invoice)), press(clerk, invoice)):
        assert response.status_code == 422
        assert sentence in body(response)


def test_a_viewer_may_not(client, outbox):
    invoice = outbox.invoice()
    client.force_login(MemberFactory(company=outbox.company, role=Role.VIEWER).user)
    assert client.get(url(invoice)).status_code == 403
    assert client.post(url(invoice)).status_code == 403
    assert url(invoice) not in body(client.get(reverse("invoicing:invoice", args=[outbox.company.slug, invoice.pk])))


def test_after_the_hand_over_the_button_gives_way_to_a_sentence(clerk, outbox):
    invoice = outbox.invoice()
    page = reverse("invoicing:invoice", args=[outbox.company.slug, invoice.pk])
    assert "can no longer be undone" not in body(clerk.get(page))
    outbox.sent(invoice)
    said = body(clerk.get(page))
    assert "The invoice had left at" in said
    assert "It can no longer be undone." in said
    assert f'href="{url(invoice)}">Credit it instead' in said
    Delivery.objects.update(finished_at="2026-01-01T12:00Z")  # nobody wants to undo that
    assert "can no longer be undone" not in body(clerk.get(page))


def test_the_same_queries_for_one_line_and_for_many(clerk, outbox, django_assert_num_queries):
    for more in (0, 2):
        invoice = outbox.invoice()
        DeliveryFactory(invoice=invoice, state=State.SENT)
        Line.objects.bulk_create(
            Line(invoice=invoice, position=2 + n, name="Rad", quantity=1, price=1, net=1) for n in range(more)
        )
        with django_assert_num_queries(7 + 2):
            clerk.get(url(invoice), headers={"HX-Request": "true"})

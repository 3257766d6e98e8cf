"""Invoices that were sent by other means: marked, counted, told, taken back."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from distribution.actions import crediting, outside
from distribution.models import Delivery
from distribution.reasons import Reason
from distribution.states import State
from invoicing.models import Invoice
from recipients import history
from recipients.models import Event, Role
from tests.factories import DeliveryFactory, InvoiceFactory, MemberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(client, outbox):
    client.force_login(outbox.clerk)

    def post(invoices=(), **typed):
        address = reverse("distribution:outside", args=[outbox.company.slug])
        return client.post(address, {"ids": [i.pk for i in invoices], **typed}, follow=True)

    return post


SAID = {"sent_on": "2026-11-18", "way": "brev", "note": "Posten 14:00"}


def body(response):
    return response.content.decode()


def everything(outbox):
    """One of each: only the first can be marked."""
    plain, waiting = outbox.invoice(), outbox.invoice()
    outbox.send(waiting)
    doubt, sent = outbox.invoice(), outbox.invoice()
    DeliveryFactory(invoice=sent, finished_at=timezone.now())
    Invoice.objects.filter(pk=doubt.pk).update(in_flight="doubt")
    Invoice.objects.filter(pk=sent.pk).update(sent_at=timezone.now())
    rest = [outbox.invoice(number=None), outbox.invoice(is_credited=True), outbox.invoice(is_books_only=True)]
    return plain, [waiting, doubt, sent, *rest]


def test_it_asks_first_with_the_numbers_in_the_button(outbox, post):
    plain, others = everything(outbox)
    said = body(post([plain, *others]))
    assert "Mark 1 as sent" in said
    assert "Already waiting to be sent" in said
    assert Delivery.objects.filter(method="outside").count() == 0


def test_what_is_to_be_sent_shows_sent_and_the_others_are_counted(outbox, post):
    plain, others = everything(outbox)
    before = {i.pk: Invoice.objects.get(pk=i.pk).shown() for i in others}
    said = body(post([plain, *others], **SAID))
    assert "1 is marked as sent outside the system. 6 were left out:" in said
    for reason in outside.LEFT_OUT:
        assert f"{reason[0].label} 1" in said
    plain.refresh_from_db()
    delivery = Delivery.objects.get(method="outside")
    assert (plain.shown(), delivery.invoice, delivery.address) == ("sent", plain, "brev")
    assert timezone.localtime(plain.sent_at).date() == date(2026, 11, 18)
    assert {i.pk: Invoice.objects.get(pk=i.pk).shown() for i in others} == before
    event = Event.objects.get(what="delivery.outside")
    line = history.tell(event, {})
    assert (event.thread, line["who"]) == (plain.pk, "Kim Berg")
    assert line["detail"] == "2026-11-18, brev. “Posten 14:00”"


def test_all_that_match_the_list_and_back_to_it(outbox, post):
    invoices = [outbox.invoice() for _n in range(3)]
    query = "tab=to_send&q=1"
    response = post(scope="all", query=query, exclude=[invoices[0].pk], **SAID)
    assert "2 are marked as sent outside the system." in body(response)
    assert response.redirect_chain[-1][0].endswith("?tab=to_send&q=1")
    assert list(Invoice.objects.to_send()) == [invoices[0]]


def test_nothing_is_marked_of_what_cannot_be_read(outbox, post):
    invoice = outbox.invoice()
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    for typed, sentence in (({"sent_on": tomorrow}, "This day has not come yet"), ({"way": " "}, "How: "),
                            ({"sent_on": "x"}, "Day: "), ({"note": "x" * 201}, "Note: ")):  # fmt: skip
        response = post([invoice], **SAID | typed)
        assert response.status_code == 422, typed
        assert sentence in body(response)
    assert post([]).status_code == 422
    assert post([InvoiceFactory()], **SAID).status_code == 404
    assert not Delivery.objects.exists()


def test_it_was_not_sent_after_all(outbox, client, post):
    invoice = outbox.invoice()
    post([invoice], **SAID)
    delivery = Delivery.objects.get()
    page = reverse("distribution:delivery", args=[outbox.company.slug, delivery.pk])
    assert "Was not sent" in body(client.get(page))
    said = body(client.post(f"{page}not-sent/", follow=True))
    assert f"{invoice} shows again what it showed before." in said
    assert "Was not sent" not in said
    invoice.refresh_from_db()
    assert (invoice.shown(), invoice.attention) == ("to_send", "")
    assert not Delivery.objects.needing_attention().exists()
    outcome = crediting.credit(invoice, None, seen_left=invoice.payable, reason="x", stops=False, by=outbox.clerk)
    assert outcome.note.is_books_only  # nothing had left
    mailed = DeliveryFactory(invoice=outbox.invoice())
    client.post(reverse("distribution:take_back_outside", args=[outbox.company.slug, mailed.pk]))
    mailed.refresh_from_db()
    assert mailed.state == State.SENT


def test_a_viewer_may_not(outbox, client):
    invoice = outbox.invoice()
    client.force_login(MemberFactory(company=outbox.company, role=Role.VIEWER).user)
    address = reverse("distribution:outside", args=[outbox.company.slug])
    assert client.post(address, {"ids": [invoice.pk], **SAID}).status_code == 403


@pytest.mark.parametrize("size", [1, 3])
def test_the_number_of_queries_does_not_grow(outbox, size, django_assert_num_queries):
    for _n in range(size):
        outbox.invoice()
    with django_assert_num_queries(6):
        marked, left = outside.mark_sent_outside(Invoice.objects.of(outbox.company), by=outbox.clerk, way="brev")
    assert (marked, left) == (size, {})


def test_reasons_are_told_once_an_invoice(outbox):
    outbox.invoice(is_credited=True, sent_at=timezone.now())
    assert outside.left_out(Invoice.objects.all()) == {Reason.CREDITED: 1}

"""Payments by hand: registered, taken back, and what is left to pay."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from invoicing.models import Payment
from recipients.models import Event, Role
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture
def clerk(client, outbox):
    client.force_login(outbox.clerk)
    return client


def url(invoice, *payment):
    name = "payment_take_back" if payment else "invoice_payments"
    return reverse(f"invoicing:{name}", args=[invoice.company.slug, invoice.pk, *(p.pk for p in payment)])


def register(client, invoice, amount, **typed):
    invoice.refresh_from_db()
    said = {"amount": amount, "paid_on": TODAY().isoformat(), "seen_balance": invoice.balance} | typed
    response = client.post(url(invoice), said, follow=True)
    invoice.refresh_from_db()
    return response


def body(response):
    return response.content.decode()


def test_the_form_offers_what_is_left_and_the_invoice_becomes_paid(clerk, outbox):
    invoice = outbox.invoice()
    assert 'value="349,00"' in body(clerk.get(url(invoice)))
    said = body(register(clerk, invoice, "100,50", note="Kontant i kassan"))
    assert "Registered 100,50\u00a0kr. 248,50\u00a0kr is left to pay." in said
    assert "Kontant i kassan" in said
    assert 'value="248,50"' in said
    assert "The invoice is paid." in body(register(clerk, invoice, "248,50"))
    assert (invoice.shown(), invoice.balance) == ("paid", 0)
    assert [event.data["amount"] for event in Event.objects.filter(what="invoice.paid").order_by("id")] == [
        "100.50", "248.50",
    ]  # fmt: skip


def test_nothing_is_registered_of_what_cannot_be(clerk, outbox):
    invoice = outbox.invoice()
    tomorrow = (TODAY() + timedelta(days=1)).isoformat()
    wrong = [
        ({"amount": "0"}, "Type an amount that is not zero."),
        ({"amount": ""}, "Type the amount that came in."),
        ({"amount": "-5"}, "Type an amount above zero."),
        ({"amount": "5,001"}, "At most 2 decimals here."),
        ({"amount": "fem"}, "fem is not a number."),
        ({"amount": "5", "paid_on": tomorrow}, "This day has not come yet."),
        ({"amount": "5", "paid_on": "igår"}, "Day: "),
        ({"amount": "5", "note": "x" * 141}, "Note: "),
    ]
    for typed, sentence in wrong:
        response = register(clerk, invoice, **typed)
        assert response.status_code == 422, typed
        assert sentence in body(response), typed
    assert not Payment.objects.exists()
    crowns = outbox.invoice(currency="ISK")
    assert "At most 0 decimals here." in body(register(clerk, crowns, "5,50"))


def test_too_much_is_taken_with_a_warning(clerk, outbox):
    invoice = outbox.invoice()
    said = body(register(clerk, invoice, "400"))
    assert "That is 51,00\u00a0kr more than was left to pay" in said
    assert "51,00\u00a0kr too much has come in." in said
    assert (invoice.shown(), invoice.balance) == ("paid", -51)


def test_a_payment_is_taken_back_once_and_nothing_is_deleted(clerk, outbox):
    invoice = outbox.invoice()
    register(clerk, invoice, "349")
    payment = Payment.objects.get()
    said = body(clerk.post(url(invoice, payment), follow=True))
    assert "Took back 349,00\u00a0kr. 349,00\u00a0kr is left to pay." in said
    assert "taken back already" in body(clerk.post(url(invoice, payment), follow=True))
    reversal = Payment.objects.get(takes_back=payment)
    assert "taken back already" in body(clerk.post(url(invoice, reversal), follow=True))
    invoice.refresh_from_db()
    assert (invoice.shown(), invoice.balance) == ("to_send", 349)
    assert [p.amount for p in Payment.objects.order_by("id")] == [349, -349]
    assert Event.objects.filter(what="invoice.payment_taken_back", by=outbox.clerk).count() == 1


def test_a_double_click_pays_once(clerk, outbox):
    invoice = outbox.invoice()
    register(clerk, invoice, "100")
    assert "Nothing was registered" in body(register(clerk, invoice, "100", seen_balance="349.00"))
    assert Payment.objects.count() == 1


def test_only_what_is_owed_takes_payments(clerk, client, outbox):
    for fields in ({"number": None}, {"kind": "credit"}):
        invoice = outbox.invoice(**fields)
        assert clerk.get(url(invoice)).status_code == 404
        page = reverse("invoicing:invoice", args=[outbox.company.slug, invoice.pk])
        assert url(invoice) not in body(clerk.get(page))
    invoice = outbox.invoice()
    register(clerk, invoice, "100")
    client.force_login(MemberFactory(company=outbox.company, role=Role.VIEWER).user)
    assert "Register" not in body(client.get(url(invoice)))
    assert client.post(url(invoice), {"amount": "1"}).status_code == 403


def test_a_payment_of_another_invoice_is_not_there(clerk, outbox):
    invoice, other = outbox.invoice(), outbox.invoice()
    register(clerk, other, "100")
    assert clerk.post(url(invoice, Payment.objects.get())).status_code == 404


def test_the_same_queries_for_one_payment_and_for_many(clerk, outbox, django_assert_num_queries):
    invoice = outbox.invoice()
    for more in (1, 2):
        for _n in range(more):
            register(clerk, invoice, "10")
        with django_assert_num_queries(12):
            clerk.get(url(invoice))

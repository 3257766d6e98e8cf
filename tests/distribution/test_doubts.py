"""A person decides about doubts, sees to failures, sends again."""

import pytest
from django.urls import reverse

from distribution.models import Batch, Delivery
from distribution.reasons import Reason
from distribution.states import State
from invoicing.models import Invoice
from recipients.models import Event, Role
from tests.factories import DeliveryFactory, MemberFactory
from tests.fakes import RememberingChannel


def lose_the_answer(gate):
    gate()
    raise ConnectionResetError("reset by peer")


@pytest.fixture
def doubts(outbox):
    """Three deliveries in doubt, as the engine makes them."""
    invoices = [outbox.invoice() for _ in range(3)]
    outbox.close_window(outbox.sent_and_ready(*invoices))
    outbox.deliver(RememberingChannel({i.customer.email: lose_the_answer for i in invoices}))
    return list(Delivery.objects.filter(state=State.IN_DOUBT).order_by("position"))


@pytest.fixture
def post(client, outbox):
    client.force_login(outbox.clerk)

    def post(name, rows=(), **data):
        address = reverse(f"distribution:{name}", args=[outbox.company.slug])
        return client.post(address, {"ids": [row.pk for row in rows], **data})

    return post


def states():
    return sorted(Delivery.objects.values_list("state", flat=True))


def test_it_asks_once_with_the_number_in_the_button(doubts, post):
    response = post("decide", doubts, verdict="arrived")
    content = response.content.decode()
    assert response.status_code == 200
    assert "Mark 3 as sent" in content
    assert f'href="{reverse("distribution:deliveries", args=[doubts[0].company.slug])}?"' in content  # Cancel
    assert [content.count(f'value="{row.pk}"') for row in doubts] == [1, 1, 1]
    assert states() == [State.IN_DOUBT] * 3


def test_a_reason_is_needed(doubts, post):
    response = post("decide", doubts, verdict="arrived", why=" ")
    assert response.status_code == 422
    assert states() == [State.IN_DOUBT] * 3


@pytest.mark.parametrize(
    "verdict, state, reason",
    [
        ("arrived", State.SENT, Reason.NO_ANSWER),
        ("not_arrived", State.FAILED, Reason.NOT_ARRIVED),
        ("cancel", State.FAILED, Reason.CANCELLED),
    ],
)
def test_one_verdict_for_many(doubts, post, outbox, verdict, state, reason):
    response = post("decide", doubts[:2], verdict=verdict, why="asked by phone", query="tab=doubt")
    assert response.url == reverse("distribution:deliveries", args=[outbox.company.slug]) + "?tab=doubt"
    for row in doubts[:2]:
        row.refresh_from_db()
        assert (row.state, row.reason, row.closed_by) == (state, reason, outbox.clerk)
        last = Event.objects.filter(about=row.pk).latest("id")
        assert (last.by, last.data["note"]) == (outbox.clerk, "asked by phone")
    doubts[2].refresh_from_db()
    assert doubts[2].state == State.IN_DOUBT


def test_send_again_makes_a_new_delivery_that_can_be_undone(doubts, post, outbox):
    response = post("decide", doubts[:1], verdict="again", why="they never got it")
    new = Delivery.objects.get(state=State.WAITING)
    assert (new.again_of, new.invoice) == (doubts[0], doubts[0].invoice)
    assert response.url == reverse("distribution:batch", args=[outbox.company.slug, new.batch_id])
    doubts[0].refresh_from_db()
    assert (doubts[0].state, doubts[0].reason) == (State.FAILED, Reason.REPLACED)


def test_all_in_doubt_of_a_batch_without_naming_each(doubts, post):
    other = DeliveryFactory(invoice__company=doubts[0].company, state=State.IN_DOUBT)
    query = f"tab=doubt&batch={doubts[0].batch_id}"
    content = post("decide", scope="all", query=query, verdict="cancel").content.decode()
    assert "Close 3" in content
    post("decide", scope="all", query=query, verdict="cancel", why="old")
    assert states() == [State.FAILED] * 3 + [State.IN_DOUBT]
    other.refresh_from_db()
    assert other.state == State.IN_DOUBT


def test_what_is_no_longer_in_doubt_is_told(doubts, post, client, outbox):
    post("decide", doubts, verdict="arrived", why="all came")
    response = client.post(
        reverse("distribution:decide", args=[outbox.company.slug]),
        {"ids": [doubts[0].pk], "verdict": "cancel", "why": "late"},
        follow=True,
    )
    assert "None of these is in doubt any more." in response.content.decode()
    assert states() == [State.SENT] * 3


def test_an_unknown_verdict_changes_nothing(doubts, post):
    assert post("decide", doubts, verdict="maybe", why="x").status_code == 404
    assert states() == [State.IN_DOUBT] * 3


def test_foreign_ids_are_not_there(doubts, post):
    foreign = DeliveryFactory(state=State.IN_DOUBT)
    for name in ("decide", "handled", "send_again"):
        assert post(name, [doubts[0], foreign], verdict="cancel", why="x").status_code == 404
        assert post(name, verdict="cancel", why="x", ids=["1"]).status_code == 404
    assert states() == [State.IN_DOUBT] * 4


def test_a_viewer_may_not_and_a_get_is_no_question(doubts, client, outbox):
    for name in ("decide", "handled", "send_again"):
        address = reverse(f"distribution:{name}", args=[outbox.company.slug])
        client.force_login(MemberFactory(company=outbox.company, role=Role.VIEWER).user)
        assert client.post(address, {"ids": [doubts[0].pk], "verdict": "cancel", "why": "x"}).status_code == 403
        client.force_login(outbox.clerk)
        assert client.get(address).status_code == 405
    assert states() == [State.IN_DOUBT] * 3


@pytest.fixture
def failed(outbox):
    """A failure that its invoice shows, as the engine makes it."""
    invoice = outbox.invoice()
    outbox.close_window(outbox.sent_and_ready(invoice))
    Delivery.objects.filter(invoice=invoice).move(State.FAILED, reason=Reason.NO_MAILBOX)
    return Delivery.objects.get(invoice=invoice)


def test_handled_takes_the_mark_away_and_leaves_doubts_to_decide(failed, doubts, post, client, outbox):
    assert Invoice.objects.get(pk=failed.invoice_id).attention == Reason.NO_MAILBOX
    address = reverse("distribution:handled", args=[outbox.company.slug])
    response = client.post(address, {"ids": [failed.pk, doubts[0].pk], "query": "tab=attention"}, follow=True)
    assert "Marked 1 as handled. 1 is in doubt: decide what became of it." in response.content.decode()
    assert Invoice.objects.get(pk=failed.invoice_id).attention == ""
    assert Invoice.objects.get(pk=doubts[0].invoice_id).attention == Reason.NO_ANSWER


def test_failures_are_sent_again_in_a_batch_of_their_own(failed, post, outbox):
    response = post("send_again", [failed])
    new = Delivery.objects.get(invoice=failed.invoice, state=State.WAITING)
    assert new.again_of == failed
    assert response.url == reverse("distribution:batch", args=[outbox.company.slug, new.batch_id])


def test_all_that_need_attention_are_sent_again_and_linked(failed, post):
    post("send_again", scope="all", query="tab=attention")
    assert Delivery.objects.get(state=State.WAITING).again_of == failed


def test_what_cannot_be_sent_again_says_so_and_makes_nothing(failed, post, client, outbox):
    failed.invoice.customer.email = ""
    failed.invoice.customer.save()
    before = Batch.objects.count()
    address = reverse("distribution:send_again", args=[outbox.company.slug])
    response = client.post(address, {"ids": [failed.pk]}, follow=True)
    assert "None of these can be sent now." in response.content.decode()
    assert Batch.objects.count() == before

"""The list of deliveries and the page of one, through HTTP."""

import pytest
from django.urls import reverse

from distribution.channels.base import Refused, Unreachable
from distribution.models import Delivery, Enclosure
from distribution.reasons import Reason
from distribution.states import State
from recipients.models import Role
from tests.factories import CustomerFactory, DeliveryFactory, InvoiceFactory, MemberFactory
from tests.fakes import RememberingChannel


def url(outbox, name="deliveries", *args):
    return reverse(f"distribution:{name}", args=[outbox.company.slug, *args])


@pytest.fixture
def listed(client, outbox):
    client.force_login(outbox.clerk)
    return lambda query="": client.get(url(outbox) + query)


def numbers(response):
    return [delivery.invoice.number for delivery in response.context["listing"].rows]


def in_state(outbox, state, **fields):
    return DeliveryFactory(invoice=outbox.invoice(), state=state, **fields)


def test_each_tab_shows_its_states_and_counts_what_somebody_waits_for(outbox, listed):
    rows = {
        "waiting": [in_state(outbox, State.WAITING), in_state(outbox, State.PARKED)],
        "sending": [in_state(outbox, State.HANDING_OVER, token=OTHER, ready_at="2026-11-20T14:00Z")],
        "doubt": [in_state(outbox, State.IN_DOUBT, reason=Reason.NO_ANSWER)],
        "attention": [in_state(outbox, State.FAILED, reason=Reason.NO_MAILBOX)],
        "sent": [in_state(outbox, State.SENT)],
    }
    rows["attention"] += rows["doubt"]
    for tab, expected in rows.items():
        assert sorted(numbers(listed(f"?tab={tab}"))) == sorted(d.invoice.number for d in expected)
    assert len(numbers(listed())) == 6
    counts = {str(tab["label"]): tab["count"] for tab in listed().context["tabs"]}
    assert counts == {
        "Waiting": 2, "Sending": 1, "In doubt": 1, "Needs attention": 2, "Sent": None, "All": None,
    }  # fmt: skip


OTHER = "0f5c2a5e-3c3b-4f5e-9a53-5a1f1f0d3a11"


def test_the_list_can_be_narrowed_and_says_so_when_nothing_matches(outbox, listed):
    eva = in_state(outbox, State.SENT)
    in_state(outbox, State.SENT)
    assert numbers(listed(f"?q={eva.address}")) == [eva.invoice.number]
    assert numbers(listed(f"?q={eva.invoice.customer.name}")) == [eva.invoice.number]
    assert numbers(listed("?method=own_printer")) == []
    assert b"No delivery matches" in listed("?q=nobody").content
    assert b"Nothing is in doubt" in listed("?tab=doubt").content
    assert listed("?tab=nonsense&batch=x&older=y").status_code == 200


def test_an_empty_company_is_told_what_belongs_here(outbox, listed):
    assert b"No deliveries yet" in listed().content


def test_the_same_queries_for_one_row_and_for_many(outbox, client, django_assert_num_queries):
    client.force_login(outbox.clerk)
    for more in (1, 2, 40):
        for _ in range(more):
            in_state(outbox, State.IN_DOUBT, reason=Reason.NO_ANSWER)
        with django_assert_num_queries(QUERIES):
            response = client.get(url(outbox), headers={"HX-Request": "true"})
        assert response.content.count(b"<tr>") == Delivery.objects.count() + 1


QUERIES = 8  # session, user, member; three for the tabs, the page of rows, their number


def test_a_viewer_sees_the_list_and_nothing_to_press(outbox, client):
    in_state(outbox, State.IN_DOUBT, reason=Reason.NO_ANSWER)
    client.force_login(MemberFactory(company=outbox.company, role=Role.VIEWER).user)
    content = client.get(url(outbox) + "?tab=doubt").content.decode()
    assert "The answer was lost" in content
    assert 'name="ids"' not in content
    assert "Arrived" not in content


def test_a_failure_that_was_sent_again_no_longer_needs_attention(outbox, listed):
    failed = in_state(outbox, State.FAILED, reason=Reason.NO_MAILBOX)
    assert numbers(listed("?tab=attention")) == [failed.invoice.number]
    undone = DeliveryFactory(invoice=failed.invoice, state=State.UNDONE)
    assert numbers(listed("?tab=attention")) == [failed.invoice.number]
    DeliveryFactory(invoice=failed.invoice, state=State.SENT)
    assert numbers(listed("?tab=attention")) == []
    assert undone.invoice == failed.invoice


def test_another_companys_delivery_is_not_there(outbox, listed, client):
    other = DeliveryFactory()
    listed()
    assert client.get(url(outbox, "delivery", other.pk)).status_code == 404
    assert client.get(url(outbox, "enclosure", other.pk, 1)).status_code == 404


@pytest.fixture
def looked_at(client, outbox):
    client.force_login(outbox.clerk)
    return lambda invoice: client.get(url(outbox, "delivery", outbox.delivery(invoice).pk)).content.decode()


def test_the_page_of_a_delivery_tells_the_way_the_files_and_the_servers_answer(outbox, looked_at):
    invoice = outbox.invoice()
    batch = outbox.sent_and_ready(invoice)
    outbox.close_window(batch)

    def unknown(gate):
        raise Refused(Reason.NO_MAILBOX, "550", "5.1.1 User unknown")

    outbox.deliver(RememberingChannel({invoice.customer.email: unknown}))
    content = looked_at(invoice)
    delivery = outbox.delivery(invoice)
    for text in (
        "1 · Default method",
        f"Used: {invoice.customer.email}, from the customer",
        "The mailbox does not exist.",
        "Ask the customer for a new address, then send again.",
        "550 5.1.1 User unknown",
        f"&lt;{delivery.pk}@utskick.example&gt;",
        "pressed Send",
        "Send again",
    ):
        assert text in content
    for enclosure in delivery.enclosures.all():
        assert enclosure.file.sha256 in content
    assert "/deliveries/undo/" not in content


def test_a_changed_address_is_told_while_it_can_still_be_undone(outbox, looked_at):
    invoice = outbox.invoice()
    batch = outbox.sent_and_ready(invoice)
    assert "has changed since" not in looked_at(invoice)
    invoice.customer.email = "new@borg.example"
    invoice.customer.save()
    assert "If you sent it now: E-mail to new@borg.example, from the customer." in looked_at(invoice)
    outbox.close_window(batch)
    outbox.deliver()
    assert "has changed since" not in looked_at(invoice)


def test_what_is_tried_again_says_when(outbox, looked_at):
    invoice = outbox.invoice()
    outbox.close_window(outbox.sent_and_ready(invoice))

    def busy(gate):
        raise Unreachable(Reason.TRY_LATER, "451", "4.2.0 Busy")

    outbox.deliver(RememberingChannel({invoice.customer.email: busy}))
    assert "The server says: try later, next try " in looked_at(invoice)


def test_an_archived_pdf_comes_back_byte_for_byte(outbox, client):
    client.force_login(outbox.clerk)
    invoice = outbox.invoice()
    outbox.sent_and_ready(invoice)
    pdf = Enclosure.objects.get(delivery__invoice=invoice, role=Enclosure.Role.PDF)
    response = client.get(url(outbox, "enclosure", pdf.delivery_id, pdf.pk))
    assert response.content == pdf.file.read()
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'attachment; filename="{pdf.name}"'


def test_the_mail_is_shown_in_a_frame_that_can_do_nothing(outbox, client):
    client.force_login(outbox.clerk)
    invoice = outbox.invoice()
    outbox.sent_and_ready(invoice)
    mail = Enclosure.objects.get(delivery__invoice=invoice, role=Enclosure.Role.MAIL)
    address = url(outbox, "enclosure", mail.delivery_id, mail.pk)
    content = client.get(address).content.decode()
    assert '<iframe class="paper" src="?part=html" sandbox ' in content
    assert invoice.number in content
    framed = client.get(f"{address}?part=html")
    assert "default-src 'none'" in framed["Content-Security-Policy"]
    assert "sandbox" in framed["Content-Security-Policy"]
    assert framed["X-Frame-Options"] == "SAMEORIGIN"


def test_a_damaged_file_is_told_and_never_given_out(outbox, client, caplog):
    client.force_login(outbox.clerk)
    invoice = outbox.invoice()
    outbox.sent_and_ready(invoice)
    pdf = Enclosure.objects.get(delivery__invoice=invoice, role=Enclosure.Role.PDF)
    type(pdf.file).objects.filter(pk=pdf.file_id).update(sha256="0" * 64)
    response = client.get(url(outbox, "enclosure", pdf.delivery_id, pdf.pk), follow=True)
    assert "cannot be read back from the archive" in response.content.decode()
    assert "cannot be read" in caplog.text


def test_a_delivery_outside_the_system_has_a_page_too(outbox, client):
    client.force_login(outbox.clerk)
    row = DeliveryFactory(
        invoice=InvoiceFactory(company=outbox.company, customer=CustomerFactory(workspace=outbox.company.workspace)),
        method="outside",
        address="",
    )
    assert "It was sent outside the system." in client.get(url(outbox, "delivery", row.pk)).content.decode()
    assert Delivery.objects.get().batch is None

"""The list of invoices, through HTTP."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from distribution.models import Delivery
from recipients.methods import Method
from recipients.models import Role
from tests.factories import CompanyFactory, CustomerFactory, InvoiceFactory, MemberFactory, OrganisationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(client, outbox):
    client.force_login(outbox.clerk)
    return client


def url(company):
    return reverse("invoicing:invoices", args=[company.slug])


def page(client, company, query="", **more):
    response = client.get(f"{url(company)}{query}", **more)
    assert response.status_code == 200
    return response.content.decode()


def numbers(response):
    return [invoice.number for invoice in response.context["listing"].rows]


def test_tabs_count_what_is_in_them(clerk, outbox):
    for _n in range(3):
        outbox.invoice()
    outbox.send(outbox.invoice(number="W1"), outbox.invoice(number="W2"))
    outbox.sent(outbox.invoice(number="S1", due_on=date(2020, 1, 1)))
    outbox.invoice(number="C1", is_credited=True)
    response = clerk.get(url(outbox.company))
    counts = {tab["label"]: tab["count"] for tab in response.context["tabs"]}
    assert counts == {
        "To send": 3,
        "Waiting": 2,
        "Needs attention": 0,
        "Sent": None,
        "Overdue": 1,
        "Drafts": 0,
        "All": None,
    }
    assert response.context["listing"].text == "1–3 of 3"
    assert sorted(numbers(clerk.get(url(outbox.company) + "?tab=waiting"))) == ["W1", "W2"]
    assert numbers(clerk.get(url(outbox.company) + "?tab=sent")) == ["S1"]


@pytest.mark.parametrize("rows", [1, 3, 20])
def test_the_page_takes_the_same_queries_whatever_it_holds(clerk, outbox, rows, django_assert_num_queries):
    sent = [outbox.invoice() for _n in range(rows)]
    outbox.sent(*sent)
    for _n in range(rows):
        person = CustomerFactory(
            workspace=outbox.company.workspace, organisation=OrganisationFactory(workspace=outbox.company.workspace)
        )
        outbox.invoice(customer=person)
    clerk.get(url(outbox.company))
    # session, user, member; the page 2, its ways 3; companies, health, nav, outgoing
    with django_assert_num_queries(13):
        page(clerk, outbox.company, "?tab=all")


def test_the_fragment_asks_for_nothing_of_the_shell(clerk, outbox, django_assert_num_queries):
    outbox.invoice()
    clerk.get(url(outbox.company))
    with django_assert_num_queries(8):
        body = page(clerk, outbox.company, headers={"HX-Request": "true"})
    assert "<html" not in body


def test_a_row_shows_the_way_that_was_used_else_the_forecast(clerk, outbox):
    settings = outbox.company.distribution
    settings.active_methods, settings.reserve_method = [Method.EMAIL, Method.OWN_PRINTER], Method.OWN_PRINTER
    settings.save()
    outbox.sent(outbox.invoice(number="SENT"))
    outbox.invoice(number="MAIL")
    outbox.invoice(number="PAPER", customer__email="")
    body = page(clerk, outbox.company, "?tab=all")
    rows = {n: body[body.index(f">{n}<") :].split("</tr>")[0] for n in ("SENT", "MAIL", "PAPER")}
    assert "E-mail" in rows["SENT"]
    assert "E-mail" in rows["MAIL"]
    assert "reserve" not in rows["MAIL"]
    assert "Own printer" in rows["PAPER"]
    assert "reserve" in rows["PAPER"]
    # the way that was used stays, whatever the settings say later
    settings.active_methods, settings.default_method, settings.reserve_method = [Method.OWN_PRINTER], "own_printer", ""
    settings.save()
    body = page(clerk, outbox.company, "?tab=all")
    assert "E-mail" in body[body.index(">SENT<") :].split("</tr>")[0]
    assert "Own printer" in body[body.index(">MAIL<") :].split("</tr>")[0]


def test_no_address_is_said_in_the_row(clerk, outbox):
    outbox.invoice(customer__email="")
    assert "No address" in page(clerk, outbox.company)


def test_a_waiting_row_counts_down_until_its_window_closes(clerk, outbox):
    batch = outbox.sent_and_ready(outbox.invoice())
    assert "data-leaves-at" in page(clerk, outbox.company, "?tab=waiting").split("<table")[1]
    Delivery.objects.filter(batch=batch).update(leaves_at=timezone.now() - timedelta(minutes=1))
    assert "data-leaves-at" not in page(clerk, outbox.company, "?tab=waiting").split("<table")[1]


def test_without_an_active_method_there_is_no_send_but_a_line(client, outbox):
    outbox.company.distribution.active_methods = []
    outbox.company.distribution.save()
    outbox.invoice()
    manager = MemberFactory(company=outbox.company, role=Role.MANAGER).user
    for user, has_link in ((outbox.clerk, False), (manager, True)):
        client.force_login(user)
        body = page(client, outbox.company)
        assert f"No distribution method is active for {outbox.company.name}." in body
        assert ("Activate one in Distribution settings</a>" in body) is has_link
        assert "Send…" not in body
        assert 'name="ids"' not in body


def test_a_viewer_may_look_and_no_more(client, outbox):
    client.force_login(MemberFactory(company=outbox.company, role=Role.VIEWER).user)
    outbox.invoice(number="10240")
    body = page(client, outbox.company)
    assert "10240" in body
    assert "Send…" not in body
    assert 'name="ids"' not in body
    assert "Import" not in body


@pytest.mark.parametrize("query, found", [
    ("q=10240", ["10240"]), ("q=borg", ["10241"]), ("q=eva%40lund.example", ["10240"]), ("q=102400", ["10240"]),
    ("issued_from=2026-10-01&issued_to=2026-10-31", ["10241"]), ("kind=credit", ["10242"]),
    ("kind=nonsense&q=10240", ["10240"]),
])  # fmt: skip
def test_what_one_searches_for_is_found(clerk, outbox, query, found):
    outbox.invoice(number="10240", customer__email="eva@lund.example", buyer_name="Eva Lund")
    outbox.invoice(number="10241", buyer_name="Borg AB", issued_on=date(2026, 10, 5))
    outbox.invoice(number="10242", kind="credit", buyer_name="Nils")
    assert numbers(clerk.get(f"{url(outbox.company)}?{query}")) == found


def test_filters_are_chips_that_can_be_taken_away(clerk, outbox):
    today = timezone.localdate()
    first = today.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    query = f"?tab=all&issued_from={first}&issued_to={last}&method=email"
    chips = {chip["label"]: chip for chip in clerk.get(url(outbox.company) + query).context["chips"]}
    assert chips["Issued"]["value"] == f"Issued {first:%B %Y}"
    assert chips["Issued"]["clear_url"] == "?tab=all&method=email"
    assert chips["Method"]["value"] == "E-mail"
    body = page(clerk, outbox.company, query)
    assert f'name="issued_from" value="{first}"' in body  # a search keeps the chips


def test_each_kind_of_empty_says_what_it_is(clerk, outbox):
    assert "No invoices yet" in page(clerk, outbox.company)
    outbox.sent(outbox.invoice())
    assert "Nothing to send" in page(clerk, outbox.company)
    assert "Nothing matches" in page(clerk, outbox.company, "?q=zzz&tab=all")
    assert 'href="?tab=all"' in page(clerk, outbox.company, "?q=zzz&tab=all")


def test_another_company_is_not_there(clerk, outbox):
    stranger = CompanyFactory()
    InvoiceFactory(company=stranger, number="SECRET")
    assert clerk.get(url(stranger)).status_code == 404
    assert "SECRET" not in page(clerk, outbox.company, "?tab=all")

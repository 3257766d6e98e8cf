"""The reachability report, through HTTP: whom no active method reaches today."""

import io
from decimal import Decimal

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from distribution.models import Settings
from distribution.reachability import unreached
from recipients.methods import Method
from recipients.models import Role
from tests.factories import (
    CompanyFactory,
    CustomerFactory,
    InvoiceFactory,
    MemberFactory,
    OrganisationFactory,
    PreferenceFactory,
)


@pytest.fixture
def viewer(client, outbox):
    client.force_login(MemberFactory(company=outbox.company, role=Role.VIEWER).user)
    return client


def url(outbox, name="reachability"):
    return reverse(f"distribution:{name}", args=[outbox.company.slug])


def nowhere(outbox, **fields):
    """A customer without an address."""
    return CustomerFactory(workspace=outbox.company.workspace, **({"email": ""} | fields))


def names(response):
    return [row.card.name for row in response.context["rows"]]


def test_everybody_can_be_reached(viewer, outbox):
    outbox.invoice()
    content = viewer.get(url(outbox)).content.decode()
    assert "Everybody can be reached" in content
    assert url(outbox, "reachability_excel") not in content


def test_whom_nothing_reaches_with_what_hangs_on_it_largest_first(viewer, outbox):
    small, large, idle = (nowhere(outbox, name=name) for name in ("Lill", "Stor", "Aina"))
    body = OrganisationFactory(workspace=outbox.company.workspace, name="Borg AB", email="not an address")
    reached = outbox.invoice().customer
    outbox.invoice(customer=small, payable=Decimal("100.00"))
    outbox.invoice(customer=large, payable=Decimal("900.00"), sent_at="2026-11-20T12:00Z")
    outbox.invoice(customer=large, payable=Decimal("50.00"), currency="NOK")
    outbox.invoice(customer=None, organisation=body, balance=Decimal("500.00"))
    # what is paid, credited, a draft, or another company's is not open here
    outbox.invoice(customer=small, balance=0, sent_at="2026-11-20T12:00Z")
    outbox.invoice(customer=small, is_credited=True)
    outbox.invoice(customer=small, number=None)
    sister = CompanyFactory(workspace=outbox.company.workspace)
    InvoiceFactory(company=sister, customer=idle)
    response = viewer.get(url(outbox))
    assert names(response) == ["Stor", "Borg AB", "Lill", "Aina"]
    rows = {row.card.name: row for row in response.context["rows"]}
    assert rows["Stor"].open == {"SEK": Decimal("900.00"), "NOK": Decimal("50.00")}
    assert (rows["Stor"].to_send, rows["Lill"].to_send, rows["Aina"].to_send) == (1, 1, 0)
    assert rows["Lill"].open == {"SEK": Decimal("100.00")}
    content = response.content.decode()
    assert "4 whom no active method reaches today" in content
    assert reached.name not in content
    assert "Correct the address on the card." in content
    assert reverse("recipients:organisation", args=[outbox.company.slug, body.pk]) in content
    assert reverse("recipients:customer", args=[outbox.company.slug, large.pk]) in content


def test_a_choice_that_cannot_be_met_counts_only_where_nothing_takes_its_place(outbox):
    eva = CustomerFactory(workspace=outbox.company.workspace)
    PreferenceFactory(customer=eva, method=Method.EINVOICE)
    assert unreached(outbox.company) == []
    Settings.objects.filter(company=outbox.company).update(default_method=Method.OWN_PRINTER)
    outbox.company.refresh_from_db()
    (row,) = unreached(outbox.company)
    assert (row.card, row.reason) == (eva, "no_channel")


def test_chips_narrow_by_reason_and_by_what_hangs_on_it(viewer, outbox):
    nowhere(outbox, name="Ingen")
    wrong = nowhere(outbox, name="Fel", email="not an address")
    outbox.invoice(customer=wrong)
    assert names(viewer.get(url(outbox) + "?reason=bad_email")) == ["Fel"]
    assert names(viewer.get(url(outbox) + "?reason=no_email")) == ["Ingen"]
    assert names(viewer.get(url(outbox) + "?has=open")) == ["Fel"]
    assert names(viewer.get(url(outbox) + "?has=to_send")) == ["Fel"]
    assert len(names(viewer.get(url(outbox) + "?reason=nonsense&has=x"))) == 2
    assert b"Nobody matches" in viewer.get(url(outbox) + "?reason=no_email&has=open").content


def test_without_any_method_the_page_says_where_to_mend_it(viewer, outbox):
    outbox.invoice()
    Settings.objects.filter(company=outbox.company).update(active_methods=[])
    content = viewer.get(url(outbox)).content.decode()
    assert "No distribution method is active." in content
    assert url(outbox, "settings") in content


@pytest.mark.parametrize("size", [1, 3])
def test_the_same_queries_for_one_and_for_many(outbox, size, django_assert_num_queries):
    for _ in range(size):
        outbox.invoice(customer=nowhere(outbox))
        OrganisationFactory(workspace=outbox.company.workspace, email="")
    with django_assert_num_queries(4):
        assert len(unreached(outbox.company)) == 2 * size


@pytest.mark.parametrize("size", [1, 3])
def test_the_page_too(viewer, outbox, size, django_assert_num_queries):
    for _ in range(size):
        outbox.invoice(customer=nowhere(outbox))
    viewer.get(url(outbox))
    with django_assert_num_queries(11):
        assert len(names(viewer.get(url(outbox)))) == size


def test_the_excel_file_holds_texts_not_formulas(viewer, outbox):
    evil = nowhere(outbox, name='=HYPERLINK("http://x","y")', number="+46", email="@wrong")
    outbox.invoice(customer=evil, payable=Decimal("349.50"))
    nowhere(outbox, name="Bad \x07 Bell", number=None)
    response = viewer.get(url(outbox, "reachability_excel"))
    assert response["Content-Disposition"].endswith('-reachability.xlsx"')
    sheet = load_workbook(io.BytesIO(response.content)).active
    header, first, second = sheet.iter_rows()
    assert [cell.value for cell in header] == [
        "Customer number", "E-mail", "CC", "Name", "Kind", "Reason", "What to do", "To send", "Open, SEK",
    ]  # fmt: skip
    assert [cell.value for cell in first] == [
        "+46", "@wrong", None, '=HYPERLINK("http://x","y")', "Customer", "The e-mail address is not one",
        "Correct the address on the card.", 1, 349.5,
    ]  # fmt: skip
    assert "f" not in {cell.data_type for cell in first}
    assert [bool(cell.quotePrefix) for cell in first[:4]] == [True, True, False, True]
    assert [cell.value for cell in second[:4]] == [None, None, None, "Bad  Bell"]


def test_the_excel_file_is_narrowed_as_the_page_is(viewer, outbox):
    nowhere(outbox, name="Ingen")
    nowhere(outbox, name="Fel", email="not an address")
    content = viewer.get(url(outbox) + "?reason=bad_email").content.decode()
    assert f"{url(outbox, 'reachability_excel')}?reason=bad_email" in content
    answer = viewer.get(url(outbox, "reachability_excel") + "?reason=bad_email")
    rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert [row[3] for row in rows] == ["Name", "Fel"]


def test_the_sheet_leads_there_from_what_cannot_be_sent(client, outbox):
    client.force_login(outbox.clerk)
    goes, cannot = outbox.invoice(), outbox.invoice(customer=nowhere(outbox))
    sheet = client.get(reverse("distribution:sheet", args=[outbox.company.slug, outbox.plan(goes, cannot).pk]))
    assert url(outbox) in sheet.content.decode().partition('id="_sheet"')[2]
    credited = outbox.plan(goes, outbox.invoice(is_credited=True))  # no address would help that one
    sheet = client.get(reverse("distribution:sheet", args=[outbox.company.slug, credited.pk]))
    assert url(outbox) not in sheet.content.decode().partition('id="_sheet"')[2]

"""Lists are cut after a row: nothing shows twice or is passed over, whatever comes in meanwhile."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.http import Http404, QueryDict
from django.test import RequestFactory

from config.listing import Alphabet, Listing, selection
from invoicing.forms.invoice_list import InvoiceFilter
from invoicing.models import Invoice
from recipients.forms.directory import CardFilter
from recipients.models import Customer
from recipients.models.naming import sort_key
from tests.factories import CompanyFactory, CustomerFactory, InvoiceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    company = CompanyFactory()
    # Two a day, so that a page also ends between two of the same day.
    for n in range(11):
        day = date(2026, 11, 1) + timedelta(days=n // 2)
        InvoiceFactory(id=UUID(int=n), company=company, number=f"{n:02d}", issued_on=day)
    return company


@pytest.fixture(autouse=True)
def _short_pages(monkeypatch):
    monkeypatch.setattr(Listing, "SIZE", 3)


def page(company, url="?"):
    request = RequestFactory().get("/list/" + url)
    rows = Invoice.objects.of(company)
    return Listing(request, rows, InvoiceFilter(request.GET), order=("issued_on", "id"))


def numbers(listing):
    return [invoice.number for invoice in listing.rows]


def walk(company, turn):
    listing, seen = turn[0], []
    while True:
        seen.append(numbers(listing))
        url = getattr(listing, turn[1])
        if not url:
            return seen
        listing = page(company, url)


def test_older_pages_show_every_row_once_newest_first(company):
    seen = walk(company, (page(company), "older_url"))
    assert seen == [["10", "09", "08"], ["07", "06", "05"], ["04", "03", "02"], ["01", "00"]]


def test_newer_pages_lead_back_to_the_first(company):
    last = page(company, page(company, page(company, page(company).older_url).older_url).older_url)
    assert numbers(last) == ["01", "00"]
    seen = walk(company, (last, "newer_url"))
    assert seen == [["01", "00"], ["04", "03", "02"], ["07", "06", "05"], ["10", "09", "08"]]


def test_a_row_that_comes_in_while_somebody_reads_moves_nothing(company):
    older = page(company).older_url
    InvoiceFactory(company=company, number="new", issued_on=date(2026, 12, 1))
    assert numbers(page(company, older)) == ["07", "06", "05"]
    assert page(company, older).text == "5–7 of 12"


def test_one_can_jump_to_a_day(company):
    listing = page(company, "?at=2026-11-03")
    assert numbers(listing) == ["05", "04", "03"]
    assert listing.text == "6–8 of 11"
    assert numbers(page(company, listing.newer_url)) == ["08", "07", "06"]


@pytest.mark.parametrize("url", ["?older=x,y", "?newer=2026-11-01", "?at=2026-99-01", "?older=2026-11-01,1"])
def test_a_place_that_means_nothing_is_the_first_page(company, url):
    assert numbers(page(company, url)) == ["10", "09", "08"]


def test_a_new_filter_starts_at_the_first_page(company):
    listing = page(company, "?q=0&older=2026-11-03,018bcfe5-6800-7000-8000-000000000000")
    assert listing.query == "q=0"
    assert listing.url(tab="all") == "?q=0&tab=all"
    assert listing.url(q="") == "?"


def test_what_is_ticked_is_ids_or_a_filter():
    one = "0193a5c0-0000-7000-8000-000000000001"
    assert selection(QueryDict(f"ids={one}&ids={one}")) == {"ids": [one]}
    assert selection(QueryDict(f"scope=all&query=tab%3Dsent&exclude={one}")) == {"query": "tab=sent", "exclude": [one]}
    with pytest.raises(Http404):
        selection(QueryDict("ids=1"))


@pytest.mark.parametrize("url, queries", [("?", 2), ("?at=2026-11-03", 3)])
def test_a_page_takes_the_same_queries_whatever_it_holds(company, url, queries, django_assert_num_queries):
    for kept in ([f"{n:02d}" for n in range(11)], ["03", "04", "05"]):
        Invoice.objects.exclude(number__in=kept).delete()
        with django_assert_num_queries(queries):
            listing = page(company, url)
            shown = numbers(listing), listing.text, listing.older_url, listing.newer_url
        assert shown[0]


# --- From A to Ö ------------------------------------------------------------------------------------------------------


@pytest.fixture
def newcomer():
    return CompanyFactory()


NAMES = ["Adam", "Bo, Ek", "Bo, Ek", "Eva", "Zoë", "åke", "Änga", "Örn"]


def names_page(newcomer, url="?"):
    request = RequestFactory().get("/list/" + url)
    rows = Customer.objects.of(newcomer)
    form = CardFilter(request.GET, company=newcomer)
    return Alphabet(request, rows, form, order=("sort_name", "id"), key_of=sort_key)


def test_a_list_by_name_goes_from_a_to_o_and_back(newcomer):
    for name in reversed(NAMES):
        CustomerFactory(workspace=newcomer.workspace, name=name)
    there, url = [], "?"
    while url:
        listing = names_page(newcomer, url)
        there += [[row.name for row in listing.rows]]
        url = listing.older_url
    assert there == [NAMES[:3], NAMES[3:6], NAMES[6:]]
    assert listing.text == "7–8 of 8"
    back = []
    while url := listing.newer_url:
        listing = names_page(newcomer, url)
        back += [[row.name for row in listing.rows]]
    assert back == [NAMES[3:6], NAMES[:3]]


def test_one_can_jump_to_a_letter(newcomer):
    for name in NAMES:
        CustomerFactory(workspace=newcomer.workspace, name=name)
    listing = names_page(newcomer, "?at=Å")
    assert [row.name for row in listing.rows] == ["åke", "Änga", "Örn"]
    assert listing.text == "6–8 of 8"
    assert [letter["label"] for letter in listing.letters if letter["current"]] == ["Å"]
    assert [row.name for row in names_page(newcomer, listing.newer_url).rows] == ["Bo, Ek", "Eva", "Zoë"]


@pytest.mark.parametrize("url", ["?older=x", "?newer=,", "?at=%20", "?older=a%00,018bcfe5-6800-7000-8000-000000000000"])
def test_a_letter_that_means_nothing_is_the_first_page(newcomer, url):
    CustomerFactory(workspace=newcomer.workspace, name="Adam")
    assert [row.name for row in names_page(newcomer, url).rows] == ["Adam"]

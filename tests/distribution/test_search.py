"""The search of the top bar, through HTTP."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from distribution.models import Batch
from recipients.models import Role
from tests.factories import CompanyFactory, CustomerFactory, DeliveryFactory, MemberFactory, OrganisationFactory


@pytest.fixture
def ask(client, outbox):
    client.force_login(outbox.clerk)
    url = reverse("distribution:search", args=[outbox.company.slug])
    return lambda text: client.get(url, {"q": text})


def found(response):
    """{group: what its rows are called}"""
    return {group["name"]: [str(row) for row in group["found"].rows] for group in response.context["groups"]}


@pytest.fixture
def directory(outbox):
    workspace = outbox.company.workspace
    borg = OrganisationFactory(workspace=workspace, name="Borg AB", number="B77", legal_id="556036-0793")
    eva = CustomerFactory(workspace=workspace, name="Eva Lund", number="E42", email="eva@lund.test", organisation=borg)
    return borg, eva


def test_an_exact_invoice_number_opens_the_invoice(outbox, ask):
    invoice = outbox.invoice(number="2026-1")
    outbox.invoice(number="2026-11")
    assert ask(" 2026-1 ")["Location"] == reverse("invoicing:invoice", args=[outbox.company.slug, invoice.pk])
    assert found(ask("2026")) == {"invoices": ["2026-11", "2026-1"]}


def test_one_letter_is_enough_for_a_number_and_too_short_for_all_else(outbox, ask):
    invoice = outbox.invoice(number="7")
    assert ask("7")["Location"].endswith(f"{invoice.pk}/")
    assert "Type at least two characters" in ask("8").content.decode()
    assert "What do you look for?" in ask("").content.decode()
    assert "Nothing found" in ask("zz").content.decode()


@pytest.mark.parametrize(
    "text, groups",
    [
        ("lund", {"invoices", "customers"}),
        ("E42", {"invoices", "customers"}),
        ("eva@lu", {"invoices", "customers", "deliveries"}),
        ("Borg", {"organisations"}),
        ("5560360793", {"organisations"}),
        ("SE556036079301", {"organisations"}),
        ("98 765", {"invoices"}),
        ("10-1", {"invoices", "deliveries"}),
        ("0-100", set()),  # numbers are found by their beginning
    ],
)
def test_what_leads_where(outbox, ask, directory, text, groups):
    _borg, eva = directory
    invoice = outbox.invoice(number="10-100", customer=eva, payment_reference="987654")
    DeliveryFactory(invoice=invoice)
    outbox.invoice(number="55555", customer__name="Åsa Berg")
    assert set(found(ask(text))) == groups
    if "invoices" in groups:
        assert found(ask(text))["invoices"] == ["10-100"]


@pytest.mark.parametrize("text", ["%", "__", "10_1", "\\", "10%", "'--", "10-\U0010ffff"])
def test_signs_that_mean_something_to_a_database_mean_nothing_here(outbox, ask, text):
    outbox.invoice(number="10-100")
    assert ask(text).context["groups"] == []


def test_a_day_finds_its_batches(outbox, ask):
    batch = outbox.send(outbox.invoice())
    other = outbox.send(outbox.invoice())
    Batch.objects.filter(pk=other.pk).update(confirmed_at=timezone.now() - timedelta(days=3))
    today = timezone.localdate().isoformat()
    groups = ask(today).context["groups"]
    assert [(group["name"], group["found"].rows) for group in groups] == [("batches", [batch])]
    assert ask("2026-02-31").context["groups"] == []


def test_the_first_ones_are_shown_and_the_others_counted(outbox, ask):
    for number in range(12):
        outbox.invoice(number=f"900-{number}")
    (group,) = ask("900-").context["groups"]
    assert (len(group["found"].rows), group["found"].count, group["found"].is_more) == (8, 12, False)
    assert group["url"] == reverse("invoicing:invoices", args=[outbox.company.slug]) + "?tab=all&q=900-"


def test_another_companys_things_are_not_found(outbox, ask, directory):
    _borg, eva = directory
    sister = MemberFactory(company=CompanyFactory(workspace=outbox.company.workspace)).company
    stranger = CustomerFactory(name="Eva Lundgren", email="eva@lundgren.test")
    theirs = DeliveryFactory(invoice__company=sister, invoice__customer=eva, invoice__number="10-200")
    assert theirs.address == "eva@lund.test"
    assert found(ask("lund")) == {"customers": ["Eva Lund"]}  # the card is shared; the invoice is not
    assert found(ask("10-2")) == {}
    assert found(ask("eva@l")) == {"customers": ["Eva Lund"]}
    assert stranger.workspace != outbox.company.workspace
    assert ask("10-200").status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_takes_the_same_queries_whatever_it_finds(outbox, ask, rows, django_assert_num_queries):
    for _n in range(rows):
        customer = CustomerFactory(workspace=outbox.company.workspace, name="Eva Lund")
        body = OrganisationFactory(workspace=outbox.company.workspace, name="Lundbergs")
        DeliveryFactory(invoice=outbox.invoice(customer=customer, organisation=body))
    ask("lund")
    # session, user, member; the number itself, ids 3; invoices 2, customers 2, organisations 2;
    # companies, health, glance, outgoing
    with django_assert_num_queries(17):
        assert {group["name"] for group in ask("lund").context["groups"]} == {"invoices", "customers", "organisations"}


def test_the_field_is_on_every_page_and_leaves_the_slash_to_a_lists_own(client, outbox):
    client.force_login(MemberFactory(company=outbox.company, role=Role.VIEWER).user)
    action = f'action="{reverse("distribution:search", args=[outbox.company.slug])}"'
    overview = client.get(outbox.company.get_absolute_url()).content.decode()
    invoices = client.get(reverse("invoicing:invoices", args=[outbox.company.slug])).content.decode()
    for page in (overview, invoices):
        assert action in page
        assert page.count('data-key="/"') == 1
    assert 'data-key="g s"' in invoices

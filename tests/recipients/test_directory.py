"""The lists of customers and organisations: who is found, what each row says, and how many questions it takes."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from distribution.states import State
from recipients.models import Role
from tests.factories import (
    CompanyFactory,
    CustomerFactory,
    DeliveryFactory,
    InvoiceFactory,
    MemberFactory,
    OrganisationFactory,
    PreferenceFactory,
)


@pytest.fixture
def company(outbox):
    settings = outbox.company.distribution
    settings.active_methods = ["email", "own_printer"]
    settings.save()
    return outbox.company


@pytest.fixture
def clerk(client, company, outbox):
    client.force_login(outbox.clerk)
    return client


def listed(client, company, query="", kind="customers"):
    response = client.get(reverse(f"recipients:{kind}", args=[company.slug]) + query)
    assert response.status_code == 200
    return response


def names(response):
    return [card.name for card in response.context["listing"].rows]


def row(response, card):
    """The text of a card's row, as a screen reader has it."""
    content = response.content.decode()
    start = content.index(str(card.pk), content.index("<tbody>"))
    return " ".join(content[start : content.index("</tr>", start)].split())


def test_a_person_is_found_by_what_is_on_the_card(clerk, company):
    borg = OrganisationFactory(workspace=company.workspace, name="Borg AB")
    asa = CustomerFactory(
        workspace=company.workspace, name="Åsa Öberg", number="20391", email="asa@post.example",
        invoice_email="faktura@post.example", city="Örebro", organisation=borg,
    )  # fmt: skip
    CustomerFactory(workspace=company.workspace, name="Eva Lund", city="Lund")
    for text in ("203", "ÅSA ö", "öberg", "asa@", "FAKTURA@", "örebro", "borg"):
        assert names(listed(clerk, company, f"?q={text}")) == [asa.name], text
    assert names(listed(clerk, company, "?q=nobody")) == []
    assert names(listed(clerk, company, f"?organisation={borg.pk}")) == [asa.name]


@pytest.mark.parametrize("text", ["5560360793", "SE556036079301", "556036-0793", "borg"])
def test_an_organisation_is_found_by_its_legal_id_however_written(clerk, company, text):
    OrganisationFactory(workspace=company.workspace, name="Alva AB", email="")
    OrganisationFactory(workspace=company.workspace, name="Borg AB", legal_id="556036-0793")
    assert names(listed(clerk, company, f"?q={text}", kind="organisations")) == ["Borg AB"]


def test_the_list_is_narrowed_by_what_lacks_and_what_is_open(clerk, company):
    body = OrganisationFactory(workspace=company.workspace, email="info@borg.example")
    card = {"workspace": company.workspace}
    CustomerFactory(**card, name="Ada", email="")
    CustomerFactory(**card, name="Bo", email="", organisation=body)  # mailed at the organisation
    CustomerFactory(**card, name="Carl", street="")
    paid, owing = (CustomerFactory(**card, name=name) for name in ("Dan", "Eva"))
    InvoiceFactory(company=company, customer=paid, balance=0)
    InvoiceFactory(company=company, customer=owing)
    InvoiceFactory(company=CompanyFactory(workspace=company.workspace), customer=paid)
    assert names(listed(clerk, company, "?lacks=email")) == ["Ada"]
    assert names(listed(clerk, company, "?lacks=post")) == ["Carl"]
    assert names(listed(clerk, company, "?invoices=open")) == ["Eva"]
    company.links_to_organisation = False
    company.save()
    assert names(listed(clerk, company, "?lacks=email")) == ["Ada", "Bo"]


def test_the_list_is_narrowed_by_the_choice_that_counts_here(clerk, company):
    ada, bo, _carl = (CustomerFactory(workspace=company.workspace, name=name) for name in ("Ada", "Bo", "Carl"))
    other = CompanyFactory(workspace=company.workspace)
    PreferenceFactory(customer=ada, method="email")
    PreferenceFactory(customer=ada, method="own_printer", company=company)
    PreferenceFactory(customer=bo, method="email")
    PreferenceFactory(customer=bo, method="own_printer", company=other)
    assert names(listed(clerk, company, "?method=own_printer")) == ["Ada"]
    assert names(listed(clerk, company, "?method=email")) == ["Bo"]
    assert names(listed(clerk, company, "?method=default")) == ["Carl"]


def test_a_row_says_how_somebody_is_reached_and_what_is_open(clerk, company):
    borg = OrganisationFactory(
        workspace=company.workspace, name="Borg AB", email="info@borg.example", endpoint="0007:1"
    )
    PreferenceFactory(organisation=borg, method="own_printer")
    eva = CustomerFactory(workspace=company.workspace, name="Eva", organisation=borg, email="eva@borg.example", city="")
    ove = CustomerFactory(workspace=company.workspace, name="Ove", email="")
    PreferenceFactory(customer=ove, method="own_printer", company=company)
    for amount in ("100", "49.50"):
        InvoiceFactory(company=company, customer=ove, payable=Decimal(amount))
    InvoiceFactory(company=company, customer=ove, payable=Decimal(7), currency="EUR")
    response = listed(clerk, company)
    evas, oves = row(response, eva), row(response, ove)
    for text in ("info@borg.example", "from the organisation", "Own printer", "E-invoice: has an address"):
        assert text in evas, text
    assert "only here" not in evas
    assert "Post: no address" in evas
    for text in (
        "Own printer",
        "only here",
        "E-mail: no address",
        "Post: has an address",
        "149,50 kr",
        "7,00 €",
    ):
        assert text in oves, text


def test_an_address_is_suspect_until_something_arrives_there(clerk, company):
    eva = CustomerFactory(workspace=company.workspace, email="eva@gone.example")
    refused = "the last one came back or was refused"
    failed = DeliveryFactory(
        invoice=InvoiceFactory(company=company, customer=eva), state=State.FAILED, reason="no_mailbox",
        address="eva@gone.example", finished_at=timezone.now(),
    )  # fmt: skip
    assert refused in row(listed(clerk, company), eva)
    # what was refused for another reason, or elsewhere, says nothing of the address
    failed.reason = "too_large"
    failed.save()
    assert refused not in row(listed(clerk, company), eva)
    failed.reason, failed.address = "no_mailbox", "old@gone.example"
    failed.save()
    assert refused not in row(listed(clerk, company), eva)
    failed.address = "eva@gone.example"
    failed.save()
    assert refused in row(listed(clerk, company), eva)
    DeliveryFactory(invoice=InvoiceFactory(company=company, customer=eva), address="eva@gone.example")
    assert refused not in row(listed(clerk, company), eva)


@pytest.mark.parametrize("kind", ["customers", "organisations"])
def test_the_same_queries_for_one_row_and_for_three(clerk, company, kind, django_assert_num_queries):
    for n in (1, 3):
        for _ in range(n):
            body = OrganisationFactory(workspace=company.workspace)
            card = CustomerFactory(workspace=company.workspace, organisation=body)
            PreferenceFactory(customer=card)
            PreferenceFactory(organisation=body)
            DeliveryFactory(
                invoice=InvoiceFactory(company=company, customer=card, organisation=body), state=State.FAILED,
                reason="no_mailbox",
            )  # fmt: skip
        listed(clerk, company, kind=kind)
        with django_assert_num_queries(12):
            listed(clerk, company, kind=kind)


def test_an_empty_list_says_what_belongs_there(clerk, company, client):
    response = listed(clerk, company).content.decode()
    assert "No customers yet" in response
    assert "New customer" in response
    CustomerFactory(workspace=company.workspace)
    assert "Nothing matches" in listed(clerk, company, "?q=zzzz").content.decode()
    client.force_login(MemberFactory(company=company, role=Role.VIEWER).user)
    viewer = listed(client, company).content.decode()
    assert "New customer" not in viewer
    assert "Change method…" not in viewer


@pytest.mark.parametrize(
    "query", ["?method=x&lacks=y&organisation=z", "?q=%00", "?at=%00", "?q=%CC%81", "?q=" + "a" * 101]
)
def test_a_value_that_means_nothing_is_left_out(clerk, company, query):
    CustomerFactory(workspace=company.workspace, name="Eva")
    listed(clerk, company, query)


def test_another_workspaces_cards_are_not_listed(clerk, company):
    CustomerFactory(name="Stranger")
    assert names(listed(clerk, company)) == []
    assert names(listed(clerk, company, "?q=stranger")) == []

"""Two cards become one: nothing that hangs on either is lost, and what found the one finds the other."""

import pytest
from django.urls import reverse

from distribution.models import Delivery
from recipients.actions.cards import find_buyer
from recipients.actions.merging import ONCE_ONLY, merge
from recipients.models import Customer, Event, FormerCard, InvoiceReference, Organisation, Preference, Role
from tests.factories import (
    CompanyFactory,
    CustomerFactory,
    InvoiceFactory,
    InvoiceReferenceFactory,
    MemberFactory,
    OrganisationFactory,
    PreferenceFactory,
)


@pytest.fixture
def company(outbox):
    return outbox.company


@pytest.fixture
def manager(client, company):
    client.force_login(MemberFactory(company=company, role=Role.MANAGER).user)
    return client


@pytest.fixture
def pair(company):
    workspace = company.workspace
    keeper = CustomerFactory(workspace=workspace, name="Eva Lund", number="1", email="eva@post.example", phone="")
    other = CustomerFactory(workspace=workspace, name="Ewa Lund", number="2", email="ewa@post.example", phone="08-1")
    return keeper, other


def address(company, card, part="_merge"):
    return reverse(f"recipients:{card._meta.model_name}{part}", args=[company.slug, card.pk])


@pytest.mark.parametrize("model", [Customer, Organisation, InvoiceReference])
def test_every_relation_that_may_stand_once_only_is_moved_with_care(model):
    """A new relation moves along by itself, unless a constraint or a many-to-many is in the way: then say how."""
    for relation in model._meta.related_objects:
        if (model, relation.name) in ONCE_ONLY:
            continue
        column = relation.field.name
        assert relation.one_to_many, relation
        meta = relation.related_model._meta
        together = [*meta.unique_together, *(getattr(each, "fields", ()) for each in meta.constraints)]
        assert not [fields for fields in together if column in fields], relation


def test_all_that_hangs_on_the_other_moves(company, pair, outbox):
    keeper, other = pair
    sister = CompanyFactory(workspace=company.workspace)
    invoices = [InvoiceFactory(company=each, customer=other) for each in (company, sister)]
    kept = InvoiceFactory(company=company, customer=keeper)
    merge(other, keeper, taken=["phone"], by=outbox.clerk)
    assert set(keeper.invoices.all()) == {*invoices, kept}
    assert not Customer.objects.filter(pk=other.pk).exists()
    keeper.refresh_from_db()
    assert (keeper.name, keeper.number, keeper.email, keeper.phone) == ("Eva Lund", "1", "eva@post.example", "08-1")
    told = Event.objects.filter(what__startswith="card.merged").values_list("about", "company", "what")
    assert set(told) == {
        (card, each.pk, what)
        for each in (company, sister)
        for card, what in ((keeper.pk, "card.merged"), (other.pk, "card.merged_away"))
    }


def test_the_keepers_choices_stay_and_the_others_fill_the_gaps(company, pair, outbox):
    keeper, other = pair
    sister = CompanyFactory(workspace=company.workspace)
    PreferenceFactory(customer=keeper, method="email")
    PreferenceFactory(customer=other, method="own_printer")
    PreferenceFactory(customer=other, method="own_printer", company=sister)
    merge(other, keeper, taken=[], by=outbox.clerk)
    assert {p.company: p.method for p in Preference.objects.all()} == {None: "email", sister: "own_printer"}


def test_the_old_number_and_the_old_address_lead_to_the_keeper(company, pair, outbox, client):
    keeper, other = pair
    client.force_login(outbox.clerk)
    merge(other, keeper, taken=[], by=outbox.clerk)
    assert find_buyer(company.workspace, number="2", ids=[]) == (keeper, None)
    for part in ("", "_details", "_history"):
        response = client.get(address(company, other, part))
        assert (response.status_code, response["Location"]) == (302, address(company, keeper, part))
    assert "Ewa Lund (2) was merged into this card." in client.get(address(company, keeper, "")).content.decode()
    history = client.get(address(company, keeper, "_history")).content.decode()
    assert "merged another card into this one" in history
    assert "Ewa Lund (2) is now Eva Lund." in history


def test_merged_once_more_the_first_number_still_leads_there(company, pair, outbox):
    keeper, other = pair
    third = CustomerFactory(workspace=company.workspace, number="3")
    merge(other, keeper, taken=["number"], by=outbox.clerk)
    keeper.refresh_from_db()
    assert keeper.number == "2"
    merge(keeper, third, taken=[], by=outbox.clerk)
    assert [find_buyer(company.workspace, number=number, ids=[])[0] for number in "123"] == [third] * 3
    assert FormerCard.objects.count() == 2


def test_an_organisations_old_legal_id_finds_the_keeper(company, outbox):
    keeper, other = (
        OrganisationFactory(workspace=company.workspace, legal_id=legal_id) for legal_id in ("556036-0793", "974760673")
    )
    merge(other, keeper, taken=["legal_id"], by=outbox.clerk)
    for key in ("SE5560360793", Organisation.objects.get().legal_key):
        assert find_buyer(company.workspace, number="", ids=[key]) == (None, keeper)


def test_a_card_that_was_merged_a_moment_ago_is_not_merged_twice(manager, company, pair, outbox):
    keeper, other = pair
    merge(other, keeper, taken=[], by=outbox.clerk)
    with pytest.raises(Customer.DoesNotExist):
        merge(other, keeper, taken=[], by=outbox.clerk)
    assert manager.post(address(company, keeper), {"other": str(other.pk)}).status_code == 422


def test_a_card_that_has_the_number_now_goes_before_one_that_had_it(company, pair, outbox):
    keeper, other = pair
    merge(other, keeper, taken=[], by=outbox.clerk)
    new = CustomerFactory(workspace=company.workspace, number="2")
    assert find_buyer(company.workspace, number="2", ids=[]) == (new, None)


def test_what_waits_keeps_the_address_with_which_it_was_confirmed(outbox, pair):
    keeper, other = pair
    invoice = outbox.invoice(customer=other)
    batch = outbox.sent_and_ready(invoice)
    merge(other, keeper, taken=[], by=outbox.clerk)
    outbox.close_window(batch)
    assert outbox.deliver().took == ["ewa@post.example"]
    assert Delivery.objects.get(invoice=invoice).invoice.customer == keeper


def test_organisations_with_a_reference_that_both_have(company, outbox):
    keeper, other = (OrganisationFactory(workspace=company.workspace) for _each in range(2))
    kept = InvoiceReferenceFactory(organisation=keeper, code="4711")
    same = InvoiceReferenceFactory(organisation=other, code="4711")
    own = InvoiceReferenceFactory(organisation=other, code="4712")
    PreferenceFactory(reference=same, method="own_printer")
    person = CustomerFactory(workspace=company.workspace, organisation=other)
    invoice = InvoiceFactory(company=company, customer=None, organisation=other, reference=same)
    merge(other, keeper, taken=[], by=outbox.clerk)
    assert set(keeper.references.all()) == {kept, own}
    invoice.refresh_from_db()
    person.refresh_from_db()
    assert (invoice.organisation, invoice.reference, person.organisation) == (keeper, kept, keeper)
    assert [p.method for p in kept.preferences.all()] == ["own_printer"]


def test_the_page_shows_both_and_what_moves_and_fills_what_is_empty(manager, company, pair):
    keeper, other = pair
    sister = CompanyFactory(workspace=company.workspace)
    for each in (company, sister, sister):
        InvoiceFactory(company=each, customer=other)
    found = manager.get(address(company, keeper), {"other": "Ewa Lund"})
    content = found.content.decode()
    assert found.context["hanging"] == [("Invoices", 3)]
    assert found.context["places"] == [(company.name, 1), ("companies where you are no member", 2)]
    assert sister.name not in content
    assert found.context["form"]["phone"].value() == "other"
    assert found.context["form"]["email"].value() == "keeper"
    form = {"other": str(other.pk), "name": "keeper", "number": "keeper", "email": "other", "phone": "other"}
    assert manager.post(address(company, keeper), form).status_code == 302
    keeper.refresh_from_db()
    assert (keeper.name, keeper.email, keeper.phone) == ("Eva Lund", "ewa@post.example", "08-1")


def test_cards_that_may_be_the_same_are_offered(manager, company, pair):
    keeper, _other = pair
    twin = CustomerFactory(workspace=company.workspace, name="EVA  LUND")
    mailed = CustomerFactory(workspace=company.workspace, name="E. Lund", invoice_email="EVA@post.example")
    CustomerFactory(name="Eva Lund")
    assert set(manager.get(address(company, keeper)).context["alike"]) == {twin, mailed}


@pytest.mark.parametrize("named", ["", "nobody", "Eva Lund", "1"])
def test_who_is_not_found_is_asked_for_again(manager, company, pair, named):
    keeper, _other = pair
    assert manager.get(address(company, keeper), {"other": named}).status_code == 422


def test_a_stranger_and_a_clerk_change_nothing(manager, company, pair, outbox):
    keeper, other = pair
    stranger = CustomerFactory(name="Stranger")
    assert manager.post(address(company, keeper), {"other": str(stranger.pk)}).status_code == 422
    assert manager.post(address(company, keeper), {"other": str(other.pk)}).status_code == 422  # nothing was chosen
    manager.force_login(outbox.clerk)
    assert manager.post(address(company, keeper), {"other": str(other.pk)}).status_code == 403
    assert Customer.objects.filter(pk__in=[keeper.pk, other.pk, stranger.pk]).count() == 3

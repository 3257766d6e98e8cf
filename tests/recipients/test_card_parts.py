"""Details, people, history, a new card and one less; and two people at one card."""

import pytest
from django.urls import reverse

from recipients.actions.merging import merge
from recipients.models import Customer, Event, Organisation, Role
from tests.factories import (
    CustomerFactory,
    InvoiceFactory,
    InvoiceReferenceFactory,
    MemberFactory,
    OrganisationFactory,
)


@pytest.fixture
def company(outbox):
    return outbox.company


@pytest.fixture
def clerk(client, company, outbox):
    client.force_login(outbox.clerk)
    return client


@pytest.fixture
def eva(company):
    return CustomerFactory(workspace=company.workspace, name="Eva Lund", number="1", email="eva@post.example")


@pytest.fixture
def borg(company):
    return OrganisationFactory(workspace=company.workspace, name="Borg AB", number="2")


def address(company, card, part):
    return reverse(f"recipients:{card._meta.model_name}_{part}", args=[company.slug, card.pk])


def form_of(page):
    """What a browser would send back of the page's form."""
    form = page.context["form"]
    return {name: form[name].value() or "" for name in form.fields}


def details(**changes):
    return {"name": "Eva Lund", "number": "1", "country": "SE", "language": ""} | changes


# --- A new card -------------------------------------------------------------------------------------------------------


def test_a_customer_is_made_by_hand(clerk, company, borg, outbox):
    given = details(name="Åsa Öberg", number="77", organisation="Borg AB", email="asa@post.example", country="no")
    assert clerk.post(reverse("recipients:new_customer", args=[company.slug]), given).status_code == 302
    card = Customer.objects.get(number="77")
    assert (card.workspace, card.organisation, card.country) == (company.workspace, borg, "NO")
    event = Event.objects.get(about=card.pk)
    assert (event.what, event.by, event.company) == ("card.made", outbox.clerk, company)


def test_an_organisation_is_made_by_hand(clerk, company):
    given = details(
        name="Alva AB", number="", legal_id="556036-0793", vat_id="SE556036079301", endpoint="0007:5560360793"
    )
    assert clerk.post(reverse("recipients:new_organisation", args=[company.slug]), given).status_code == 302
    card = Organisation.objects.get(name="Alva AB")
    assert (card.number, card.legal_key, card.vat_key) == (None, "SE5560360793", "SE5560360793")


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        ({"name": ""}, "This field is required."),
        ({"number": "1"}, "Eva Lund has this number."),
        ({"number": "2"}, "Borg AB has this number."),
        ({"country": "SWE"}, "at most 2 characters"),
        ({"country": "5E"}, "Two letters: SE, NO, FI, DK."),
        ({"email": "a@b.example, c@d.example"}, "Type one e-mail address"),
        ({"legal_id": "556036-0794"}, "The check digit does not fit"),
        ({"legal_id": "974760674", "country": "NO"}, "The check digit does not fit"),
        ({"legal_id": "202100-5489"}, "Borg AB has this organisation number."),
        ({"endpoint": "5560360793"}, "Four digits, a colon and the number"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_made(clerk, company, eva, borg, wrong, sentence):
    borg.legal_id = "2021005489"
    borg.save()
    given = details(name="Alva AB", number="") | wrong
    response = clerk.post(reverse("recipients:new_organisation", args=[company.slug]), given)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    if given["name"]:
        assert 'value="Alva AB"' in response.content.decode()
    assert Organisation.objects.count() == 1


def test_a_number_that_is_taken_leads_to_the_card_that_has_it(clerk, company, eva, borg):
    content = clerk.post(address(company, borg, "details"), details(name="Borg AB", number="1")).content.decode()
    assert address(company, eva, "details") in content
    other = CustomerFactory(workspace=company.workspace, number="9", name="Ewa")
    merge(other, eva, taken=[], by=None)
    content = clerk.post(address(company, borg, "details"), details(name="Borg AB", number="9")).content.decode()
    assert "Eva Lund had this number before two cards were merged." in content


def test_a_number_that_is_taken_between_the_look_and_the_save_is_said_too(clerk, company, eva, borg, monkeypatch):
    monkeypatch.setattr("recipients.forms.details.holder_of", lambda workspace, number: (None, False))
    response = clerk.post(address(company, borg, "details"), details(name="Borg AB", number="1", phone="08-1"))
    assert response.status_code == 422
    assert "Somebody else used this number a moment ago." in response.content.decode()
    borg.refresh_from_db()
    assert (borg.number, borg.phone) == ("2", "")


@pytest.mark.parametrize("typed", ["2", "borg ab", "Borg AB · 2", "5560360793"])
def test_the_organisation_is_named_as_people_name_it(clerk, company, eva, borg, typed):
    borg.legal_id = "556036-0793"
    borg.save()
    assert clerk.post(address(company, eva, "details"), details(organisation=typed)).status_code == 302
    eva.refresh_from_db()
    assert eva.organisation == borg


def test_an_organisation_that_is_not_clear_is_asked_for_again(clerk, company, eva, borg):
    OrganisationFactory(workspace=company.workspace, name="BORG AB")
    OrganisationFactory(name="Stranger AB", number="99")
    for typed, sentence in (
        ("Borg AB", "2 cards have that name."),
        ("Stranger AB", "No organisation has"),
        ("99", "No org"),
    ):
        response = clerk.post(address(company, eva, "details"), details(organisation=typed))
        assert response.status_code == 422
        assert sentence in response.content.decode()


# --- Two people at one card -------------------------------------------------------------------------------------------


def test_what_somebody_else_saved_meanwhile_stays_when_i_save_something_else(clerk, company, eva):
    seen = form_of(clerk.get(address(company, eva, "details")))
    Customer.objects.filter(pk=eva.pk).update(email="new@post.example")
    assert clerk.post(address(company, eva, "details"), seen | {"phone": "08-1"}).status_code == 302
    eva.refresh_from_db()
    assert (eva.email, eva.phone) == ("new@post.example", "08-1")
    assert Event.objects.get(about=eva.pk).data == {"fields": "phone"}


def test_the_same_field_changed_by_both_is_said_once_and_then_kept(clerk, company, eva):
    seen = form_of(clerk.get(address(company, eva, "details")))
    Customer.objects.filter(pk=eva.pk).update(email="new@post.example")
    told = clerk.post(address(company, eva, "details"), seen | {"email": "mine@post.example"})
    assert told.status_code == 422
    assert "It is now “new@post.example”. Save again to keep yours." in told.content.decode()
    assert clerk.post(address(company, eva, "details"), form_of(told)).status_code == 302
    eva.refresh_from_db()
    assert eva.email == "mine@post.example"


def test_a_choice_of_method_changed_by_both_is_said_in_words(clerk, company, eva, outbox):
    settings = company.distribution
    settings.active_methods = ["email", "own_printer"]
    settings.save()
    url = reverse("recipients:customer", args=[company.slug, eva.pk])
    seen = form_of(clerk.get(url))
    eva.preferences.create(workspace=company.workspace, method="own_printer")
    told = clerk.post(url, seen | {"method": "email"})
    assert "It is now “Own printer”." in told.content.decode()


@pytest.mark.parametrize("seen", ["", "x", "[]", "null", '{"email": 1}'])
def test_what_the_page_does_not_know_it_showed_is_as_it_is_stored(clerk, company, eva, seen):
    response = clerk.post(address(company, eva, "details"), details(email="new@post.example", seen=seen))
    assert response.status_code in (302, 422)


# --- People -----------------------------------------------------------------------------------------------------------


def test_people_are_added_and_removed_and_both_cards_tell(clerk, company, eva, borg):
    url = address(company, borg, "people")
    assert "Eva Lund belongs to Borg AB." in clerk.post(url, {"person": "1"}, follow=True).content.decode()
    eva.refresh_from_db()
    assert eva.organisation == borg
    assert "no longer belongs to Borg AB" in clerk.post(url, {"ids": str(eva.pk)}, follow=True).content.decode()
    eva.refresh_from_db()
    assert eva.organisation is None
    for card in (eva, borg):
        history = clerk.get(address(company, card, "history")).content.decode()
        assert "Eva Lund belongs to Borg AB." in history
        assert "Eva Lund no longer belongs to Borg AB." in history


def test_who_moves_from_another_organisation_is_said_to(clerk, company, eva, borg):
    eva.organisation = OrganisationFactory(workspace=company.workspace, name="Alva AB")
    eva.save()
    moved = clerk.post(address(company, borg, "people"), {"person": "Eva Lund"}, follow=True).content.decode()
    assert "Eva Lund belongs to Borg AB now, and to Alva AB no longer." in moved


def test_a_stranger_is_neither_added_nor_removed(clerk, company, borg):
    stranger = CustomerFactory(number="99", organisation=OrganisationFactory())
    url = address(company, borg, "people")
    for given in ("99", str(stranger.pk), ""):
        assert clerk.post(url, {"person": given}).status_code == 422
    clerk.post(url, {"ids": str(stranger.pk)})
    assert clerk.post(url, {"ids": "x"}).status_code == 404
    stranger.refresh_from_db()
    assert stranger.organisation is not None


def test_the_same_queries_for_one_of_them_and_for_three(clerk, company, borg, django_assert_num_queries):
    for n in (1, 3):
        for _ in range(n):
            CustomerFactory(workspace=company.workspace, organisation=borg)
            InvoiceReferenceFactory(organisation=borg)
            clerk.post(address(company, borg, "details"), details(name="Borg AB", number="2", phone=str(n)))
        with django_assert_num_queries(13):
            clerk.get(address(company, borg, "people"))
        with django_assert_num_queries(14):
            clerk.get(address(company, borg, "history"))


# --- History and one less ---------------------------------------------------------------------------------------------


def test_history_names_the_fields_as_the_form_does_and_is_paged(clerk, company, eva, monkeypatch):
    monkeypatch.setattr("recipients.views.card_parts.SHOWN", 2)
    for n in range(3):
        clerk.post(address(company, eva, "details"), details(invoice_email=f"{n}@post.example", email=f"{n}@x.example"))
    first = clerk.get(address(company, eva, "history"))
    assert "E-mail address (for invoice), e-mail address" in first.content.decode()
    assert "invoice_email" not in first.content.decode()
    assert len(first.context["days"][0]["events"]) == 2
    second = clerk.get(address(company, eva, "history"), {"before": first.context["older"]})
    assert len(second.context["days"][0]["events"]) == 1
    assert clerk.get(address(company, eva, "history"), {"before": "x"}).status_code == 200


def test_a_card_without_invoices_is_deleted_and_its_history_stays(clerk, company, borg, eva):
    eva.organisation = borg
    eva.save()
    asked = clerk.get(address(company, borg, "delete")).content.decode()
    assert "1 person belongs to it and then to no organisation." in asked
    assert clerk.post(address(company, borg, "delete")).status_code == 302
    assert not Organisation.objects.filter(pk=borg.pk).exists()
    assert Event.objects.get(about=borg.pk).what == "card.deleted"


def test_a_card_with_invoices_stays(clerk, company, borg, eva):
    InvoiceFactory(company=company, customer=eva, reference=InvoiceReferenceFactory(organisation=borg))
    for card in (eva, borg):  # the organisation by its reference
        answer = clerk.post(address(company, card, "delete"))
        assert answer.status_code == 409
        assert "1 invoice is to this card, so it stays" in answer.content.decode()
        assert "Delete the card</button>" not in answer.content.decode()
        card.refresh_from_db()


def test_a_viewer_reads_every_part_and_changes_none(client, company, eva, borg):
    client.force_login(MemberFactory(company=company, role=Role.VIEWER).user)
    for card in (eva, borg):
        for part in ("details", "history"):
            assert "Save changes" not in client.get(address(company, card, part)).content.decode()
    assert "Add a customer" not in client.get(address(company, borg, "people")).content.decode()

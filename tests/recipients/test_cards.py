"""The cards: who gets invoices how, and where to. What a card says is what the resolver does."""

import pytest
from django.urls import reverse

from recipients.models import Customer, Event, InvoiceReference, Preference, Role
from tests.factories import (
    CompanyFactory,
    CustomerFactory,
    DeliveryFactory,
    InvoiceFactory,
    InvoiceReferenceFactory,
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


@pytest.fixture
def eva(company):
    return CustomerFactory(workspace=company.workspace, email="eva@borg.example")


@pytest.fixture
def borg(company):
    return OrganisationFactory(workspace=company.workspace, email="info@borg.example")


def address(company, card):
    return reverse(f"recipients:{card._meta.model_name}", args=[company.slug, card.pk])


def references_of(company, organisation):
    return reverse("recipients:organisation_references", args=[company.slug, organisation.pk])


def card_form(**changes):
    return {"method": "", "invoice_email": "", "email": "eva@borg.example", "language": "sv"} | changes


def references_form(*references, initial=0):
    form = {"reference-TOTAL_FORMS": len(references), "reference-INITIAL_FORMS": initial}
    for number, fields in enumerate(references):
        given = {"method": "", "invoice_email": "", "email": "", "language": "", "code": "", "name": ""} | fields
        form |= {f"reference-{number}-{name}": value for name, value in given.items()}
    return form


def methods_of(card):
    """{company or None: method} that the card states."""
    return {preference.company: preference.method for preference in card.preferences.all()}


def test_the_person_card_has_the_fields_and_says_where_an_invoice_would_go(clerk, company, eva):
    content = clerk.get(address(company, eva)).content.decode()
    for text in (
        "Invoice distribution",
        "Company default (E-mail)",
        "Own printer",
        "E-mail address (for invoice)",
        "E-mail to eva@borg.example, from the customer.",
    ):
        assert text in content
    assert "Central print" not in content
    assert "Only at" not in content


def test_a_choice_and_an_address_are_stored_told_and_taken_away_again(clerk, company, eva, outbox):
    clerk.post(address(company, eva), card_form(method="own_printer", invoice_email="faktura@borg.example"))
    eva.refresh_from_db()
    assert eva.invoice_email == "faktura@borg.example"
    assert methods_of(eva) == {None: "own_printer"}
    event = Event.objects.get(about=eva.pk)
    assert (event.what, event.by, event.company) == ("card.changed", outbox.clerk, company)
    assert sorted(event.data["fields"].split(", ")) == ["invoice_email", "method"]
    assert "faktura" not in str(event.data)
    assert "<b>Own printer.</b>" in clerk.get(address(company, eva)).content.decode()
    clerk.post(address(company, eva), card_form(invoice_email="faktura@borg.example"))
    assert methods_of(eva) == {}
    assert "E-mail to faktura@borg.example, from the customer." in clerk.get(address(company, eva)).content.decode()


def test_saving_without_a_change_writes_nothing(clerk, company, eva):
    response = clerk.post(address(company, eva), card_form(), follow=True)
    assert "Nothing was changed." in response.content.decode()
    assert not Event.objects.filter(about=eva.pk).exists()


def test_only_what_was_changed_is_written(clerk, company, eva, monkeypatch):
    """Somebody else's change of another field between our look and our press stays."""
    stale = clerk.get(address(company, eva))
    Customer.objects.filter(pk=eva.pk).update(phone="08-123 45")
    assert stale.status_code == 200
    clerk.post(address(company, eva), card_form(invoice_email="faktura@borg.example"))
    eva.refresh_from_db()
    assert (eva.phone, eva.invoice_email) == ("08-123 45", "faktura@borg.example")


@pytest.mark.parametrize(
    "changes", [{"email": "a@b.example, c@d.example"}, {"invoice_email": "a@b.example\r\nBcc: x@y.example"}]
)
def test_one_address_a_field(clerk, company, eva, changes):
    response = clerk.post(address(company, eva), card_form(**changes))
    assert response.status_code == 422
    assert "Type one e-mail address: name@domain." in response.content.decode()


def test_a_method_that_does_not_exist_here_is_refused_and_a_stored_one_is_kept(clerk, company, eva):
    assert clerk.post(address(company, eva), card_form(method="central_print")).status_code == 422
    PreferenceFactory(customer=eva, method="einvoice")
    content = clerk.get(address(company, eva)).content.decode()
    assert "E-invoice (not active here)" in content
    assert clerk.post(address(company, eva), card_form(method="einvoice", email="new@borg.example")).status_code == 302
    assert methods_of(eva) == {None: "einvoice"}


def test_the_organisation_is_reached_differently_at_two_companies(clerk, company, borg, outbox):
    other = CompanyFactory(workspace=company.workspace, name="Fjordgym Syd AB")
    MemberFactory(user=outbox.clerk, company=other)
    form = card_form(method="email", method_here="own_printer", email="info@borg.example")
    clerk.post(address(company, borg), form)
    assert methods_of(borg) == {None: "email", company: "own_printer"}
    here, there = (clerk.get(address(each, borg)).content.decode() for each in (company, other))
    assert "<b>Own printer.</b>" in here
    assert f"Only at {company.name}" in here
    assert "<b>E-mail to info@borg.example, from the organisation.</b>" in there


def test_another_companys_own_choice_is_neither_shown_nor_touched(clerk, company, borg):
    other = CompanyFactory(workspace=company.workspace)
    PreferenceFactory(organisation=borg, company=other, method="own_printer")
    clerk.post(address(company, borg), card_form(method="email", email="info@borg.example"))
    assert methods_of(borg) == {None: "email", other: "own_printer"}


def test_references_are_changed_and_added_on_the_organisations_card(clerk, company, borg):
    reference = InvoiceReferenceFactory(organisation=borg, code="4711")
    form = references_form(
        {"id": reference.pk, "code": "4711", "name": "Inköp", "method": "own_printer"},
        {"code": "4712", "email": "lager@borg.example"},
        initial=1,
    )
    assert clerk.post(references_of(company, borg), form).status_code == 302
    assert methods_of(reference) == {None: "own_printer"}
    added = InvoiceReference.objects.get(organisation=borg, code="4712")
    assert added.email == "lager@borg.example"
    assert methods_of(added) == {}
    assert Event.objects.filter(about__in=[reference.pk, added.pk], what="card.changed").count() == 2


def test_a_wrong_reference_keeps_all_of_them_as_they_were(clerk, company, borg):
    InvoiceReferenceFactory(organisation=borg, code="4711")
    form = references_form({"code": "4712", "email": "new@borg.example"}, {"code": "4713", "email": "nobody"})
    response = clerk.post(references_of(company, borg), form)
    assert response.status_code == 422
    assert "Type one e-mail address" in response.content.decode()
    assert [reference.code for reference in borg.references.all()] == ["4711"]


def test_a_reference_of_another_organisation_cannot_be_smuggled_in(clerk, company, borg):
    foreign = InvoiceReferenceFactory(code="1", email="")
    form = references_form({"id": foreign.pk, "code": "1", "email": "thief@evil.example"}, initial=1)
    clerk.post(references_of(company, borg), form)
    foreign.refresh_from_db()
    assert foreign.email == ""


def test_the_card_lists_this_companys_invoices_alone(clerk, company, eva):
    ours = InvoiceFactory(company=company, customer=eva)
    other = InvoiceFactory(company=CompanyFactory(workspace=company.workspace), customer=eva)
    content = clerk.get(address(company, eva)).content.decode()
    assert reverse("invoicing:invoice", args=[company.slug, ours.pk]) in content
    assert other.number not in content


def test_the_same_queries_for_one_invoice_and_for_many(clerk, company, borg, django_assert_num_queries):
    for references in (1, 3):
        InvoiceReferenceFactory(organisation=borg)
        for _ in range(references):
            DeliveryFactory(
                invoice=InvoiceFactory(company=company, customer=None, organisation=borg), address="x@y.example"
            )
        clerk.get(address(company, borg))
        with django_assert_num_queries(15):
            clerk.get(address(company, borg))
        with django_assert_num_queries(14):
            clerk.get(references_of(company, borg))


def test_a_viewer_reads_and_saves_nothing(client, company, eva, borg):
    InvoiceReferenceFactory(organisation=borg, code="4711")
    client.force_login(MemberFactory(company=company, role=Role.VIEWER).user)
    for card in (eva, borg):
        content = client.get(address(company, card)).content.decode()
        assert "Save changes" not in content
        assert client.post(address(company, card), card_form(method="own_printer")).status_code == 403
    assert "Add a reference" not in client.get(references_of(company, borg)).content.decode()
    assert not Preference.objects.exists()


def test_another_workspaces_card_is_not_there(clerk, company):
    for card in (CustomerFactory(), OrganisationFactory()):
        assert clerk.get(address(company, card)).status_code == 404
        assert clerk.post(address(company, card), card_form()).status_code == 404


def test_the_forecast_is_the_resolvers_for_a_person_of_an_organisation(clerk, company, eva, borg):
    """BRP-46 and BRP-47: the organisation goes before the person, unless invoices are not linked to it."""
    eva.organisation = borg
    eva.save()
    assert "E-mail to info@borg.example, from the organisation." in clerk.get(address(company, eva)).content.decode()
    company.links_to_organisation = False
    company.save()
    assert "E-mail to eva@borg.example, from the customer." in clerk.get(address(company, eva)).content.decode()
    eva.email = ""
    eva.save()
    assert "No way: No e-mail address." in clerk.get(address(company, eva)).content.decode()

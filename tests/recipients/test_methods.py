"""Change method: the counts that are shown are what happens, and each card's history keeps the old and the new one."""

import pytest
from django.urls import reverse

from recipients.models import Event, Preference, Role
from tests.factories import CompanyFactory, CustomerFactory, MemberFactory, OrganisationFactory, PreferenceFactory


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
def cards(company):
    """Ada has chosen nothing, Bo e-mail, Carl the printer; Dan has no address."""
    made = {
        name: CustomerFactory(workspace=company.workspace, name=name, email=f"{name}@post.example")
        for name in ("Ada", "Bo", "Carl")
    }
    made["Dan"] = CustomerFactory(workspace=company.workspace, name="Dan", email="")
    PreferenceFactory(customer=made["Bo"], method="email")
    PreferenceFactory(customer=made["Carl"], method="own_printer")
    return made


def post(client, company, kind="customer", **form):
    return client.post(reverse(f"recipients:{kind}_methods", args=[company.slug]), form)


def ids(cards):
    return [str(card.pk) for card in cards.values()]


def chosen(card):
    return {preference.company: preference.method for preference in card.preferences.all()}


def test_first_one_chooses_then_one_sees_what_changes_then_it_is_done(clerk, company, cards, outbox):
    asked = post(clerk, company, ids=ids(cards)).content.decode()
    assert "4 cards selected" in asked
    assert not Event.objects.exists()
    shown = post(clerk, company, ids=ids(cards), distribution="email")
    assert shown.context["counts"] == {"changing": 2, "having": 1, "unreachable": 1}
    assert "no e-mail address" in shown.content.decode()
    assert chosen(cards["Ada"]) == {}
    done = post(clerk, company, ids=ids(cards), distribution="email", counted=2, query="q=a")
    assert done["Location"] == reverse("recipients:customers", args=[company.slug]) + "?q=a"
    assert [chosen(card) for card in cards.values()] == [{None: "email"}] * 3 + [{}]
    told = {event.about: (event.data, event.by) for event in Event.objects.filter(what="card.method")}
    assert told == {
        cards["Ada"].pk: ({"before": "", "after": "email"}, outbox.clerk),
        cards["Carl"].pk: ({"before": "own_printer", "after": "email"}, outbox.clerk),
    }
    history = clerk.get(reverse("recipients:customer_history", args=[company.slug, cards["Carl"].pk])).content.decode()
    assert "From Own printer to E-mail." in history


def test_the_choice_is_taken_away(clerk, company, cards):
    shown = post(clerk, company, ids=ids(cards), distribution="default")
    assert shown.context["counts"] == {"changing": 2, "having": 2, "unreachable": 0}
    post(clerk, company, ids=ids(cards), distribution="default", counted=2)
    assert not Preference.objects.exists()


def test_only_at_this_company(clerk, company, cards):
    sister = CompanyFactory(workspace=company.workspace)
    PreferenceFactory(customer=cards["Bo"], method="own_printer", company=sister)
    form = {"ids": ids(cards), "distribution": "own_printer", "where": "here"}
    assert post(clerk, company, **form).context["counts"] == {"changing": 4, "having": 0, "unreachable": 0}
    post(clerk, company, **form, counted=4)
    assert chosen(cards["Bo"]) == {None: "email", sister: "own_printer", company: "own_printer"}
    assert chosen(cards["Ada"]) == {company: "own_printer"}
    event = Event.objects.filter(about=cards["Ada"].pk).get()
    assert event.data == {"before": "", "after": "own_printer", "place": company.name}


def test_all_that_match_without_those_that_were_taken_out(clerk, company, cards):
    """The filter asks about the very thing that is changed."""
    CustomerFactory(workspace=company.workspace, name="Eva")
    form = {"scope": "all", "query": "method=default", "exclude": [str(cards["Ada"].pk)], "distribution": "own_printer"}
    assert post(clerk, company, **form).context["counts"]["changing"] == 2
    post(clerk, company, **form, counted=2)
    assert set(Preference.objects.filter(method="own_printer").values_list("customer__name", flat=True)) == {
        "Carl", "Dan", "Eva",
    }  # fmt: skip


def test_what_changed_meanwhile_is_shown_before_it_is_done(clerk, company, cards):
    PreferenceFactory(customer=cards["Ada"], method="email")
    answer = post(clerk, company, ids=ids(cards), distribution="email", counted=2)
    assert answer.status_code == 409
    assert "Cards changed while you were looking." in answer.content.decode()
    assert chosen(cards["Carl"]) == {None: "own_printer"}


def test_a_persons_organisation_may_have_the_address(clerk, company):
    body = OrganisationFactory(workspace=company.workspace, email="info@borg.example")
    person = CustomerFactory(workspace=company.workspace, email="", organisation=body)
    form = {"ids": [str(person.pk)], "distribution": "email"}
    assert post(clerk, company, **form).context["counts"]["changing"] == 1
    company.links_to_organisation = False
    company.save()
    assert post(clerk, company, **form).context["counts"]["unreachable"] == 1


def test_organisations_too(clerk, company):
    body = OrganisationFactory(workspace=company.workspace)
    post(clerk, company, "organisation", ids=[str(body.pk)], distribution="own_printer", counted=1)
    assert chosen(body) == {None: "own_printer"}


def test_what_is_not_ours_or_does_not_exist_changes_nothing(clerk, company, cards, client):
    stranger = CustomerFactory()
    assert post(clerk, company, ids=[str(stranger.pk)], distribution="email", counted=1).status_code == 404
    assert post(clerk, company, ids=ids(cards), distribution="central_print").status_code == 422
    assert post(clerk, company, ids=["x"]).status_code == 404
    client.force_login(MemberFactory(company=company, role=Role.VIEWER).user)
    assert post(client, company, ids=ids(cards), distribution="email", counted=2).status_code == 403
    assert not Event.objects.exists()


def test_the_same_queries_for_one_card_and_for_many(clerk, company, django_assert_num_queries):
    for n in (1, 30):
        cards = {i: CustomerFactory(workspace=company.workspace) for i in range(n)}
        with django_assert_num_queries(13):
            done = post(clerk, company, ids=ids(cards), distribution="own_printer", counted=n)
        assert done.status_code == 302

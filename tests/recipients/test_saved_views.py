"""A list's filter under a name: mine or shared, in the menu or as a tab."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from recipients.models import Event, Role, SavedView
from tests.factories import InvoiceFactory, MemberFactory, SavedViewFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def kim(client):
    member = MemberFactory()
    client.force_login(member.user)
    return member


def url(name, member, *args):
    return reverse(f"recipients:{name}", args=[member.company.slug, *args])


def tabs(page):
    """(words, is current) of each tab of a list."""
    text = page.content.decode()
    nav = re.search(r'<nav class="tabs".*?</nav>', text, re.S)[0]
    found = re.findall(r"<a ([^>]*)>(.*?)</a>", nav, re.S)
    return [
        (" ".join(re.sub(r"<[^>]+>", "", words).split()).split(" ")[0], "aria-current" in attributes)
        for attributes, words in found
    ]


def test_what_the_list_shows_is_kept_under_a_name(client, kim):
    InvoiceFactory(company=kim.company, number="77")
    page = client.get(f"/c/{kim.company.slug}/invoices/?tab=all&kind=debit&q=7&older=x&junk=1").content.decode()
    link = re.search(r'href="([^"]*/views/new/[^"]*)"', page)[1].replace("&amp;", "&")
    asked = client.get(link)
    assert "State: All" in asked.content.decode()
    assert "Kind: Invoice" in asked.content.decode()
    posted = {key: values[0] for key, values in parse_qs(urlsplit(link).query).items()} | {"name": "Sevens"}
    answer = client.post(url("view_new", kim), posted)
    assert answer["Location"] == f"/c/{kim.company.slug}/invoices/?tab=all&q=7&kind=debit"
    view = SavedView.objects.get()
    assert (view.name, view.list, view.by, view.is_shared, view.is_pinned) == ("Sevens", "invoices", kim.user, 0, 0)
    assert "77" in client.get(answer["Location"]).content.decode()


def test_only_what_the_lists_own_form_knows_is_stored(client, kim):
    query = "tab=sent&method=pigeon&issued_from=never&batch=x&q=%20a%20&evil=%3Cscript%3E&page=9"
    client.post(url("view_new", kim), {"list": "invoices", "query": query, "name": "Mine"})
    assert SavedView.objects.get().query == "tab=sent&q=a"


def test_a_list_that_does_not_exist_has_no_views(client, kim):
    assert client.get(url("view_new", kim), {"list": "users"}).status_code == 404
    assert client.post(url("view_new", kim), {"list": "users", "name": "x"}).status_code == 404


def test_a_pinned_view_is_a_tab_and_the_current_one(client, kim):
    SavedViewFactory(company=kim.company, by=kim.user, name="Old", query="tab=all&kind=credit", is_pinned=True)
    SavedViewFactory(company=kim.company, by=kim.user, name="Unpinned", query="tab=all")
    page = client.get(f"/c/{kim.company.slug}/invoices/?kind=credit&tab=all")
    assert tabs(page)[-2:] == [("All", False), ("Old", True)]
    assert tabs(client.get(f"/c/{kim.company.slug}/invoices/?tab=all"))[-2:] == [("All", True), ("Old", False)]
    assert tabs(client.get(f"/c/{kim.company.slug}/deliveries/"))[-1] == ("All", True)


def test_shared_views_are_everybodys_and_others_are_not(client, kim):
    other = MemberFactory(company=kim.company).user
    SavedViewFactory(company=kim.company, by=other, name="Shared one", is_pinned=True)
    SavedViewFactory(company=kim.company, by=other, name="Private one", is_shared=False, is_pinned=True)
    SavedViewFactory(name="Strangers", by=kim.user, is_pinned=True)  # of another company
    for page in (client.get(f"/c/{kim.company.slug}/invoices/"), client.get(url("views", kim))):
        text = page.content.decode()
        assert "Shared one" in text
        assert "Private one" not in text
        assert "Strangers" not in text


def test_sharing_takes_a_clerk(client, kim):
    data = {"list": "invoices", "query": "tab=sent", "name": "Mine", "is_shared": "on"}
    client.post(url("view_new", kim), data)
    assert SavedView.objects.get().is_shared
    assert Event.objects.get().what == "view.shared"
    viewer = MemberFactory(company=kim.company, role=Role.VIEWER)
    client.force_login(viewer.user)
    client.post(url("view_new", kim), data)
    assert not SavedView.objects.get(by=viewer.user).is_shared
    assert Event.objects.count() == 1


def test_one_changes_ones_own_and_a_manager_what_is_shared(client, kim):
    other = MemberFactory(company=kim.company).user
    mine = SavedViewFactory(company=kim.company, by=kim.user, is_shared=False)
    shared = SavedViewFactory(company=kim.company, by=other)
    private = SavedViewFactory(company=kim.company, by=other, is_shared=False)
    manager = MemberFactory(company=kim.company, role=Role.MANAGER).user
    expected = {kim.user: (302, 404, 404), manager: (404, 302, 404)}
    for user, statuses in expected.items():
        client.force_login(user)
        for name, data in (("view", {"name": "New name", "is_shared": "on"}), ("view_delete", {})):
            views = [type(v).objects.get_or_create(pk=v.pk, defaults=vars_of(v))[0] for v in (mine, shared, private)]
            answers = tuple(client.post(url(name, kim, view.pk), data).status_code for view in views)
            assert answers == statuses, (user, name)


def vars_of(view):
    names = ("company", "by", "list", "name", "query", "is_shared")
    return {name: getattr(view, name) for name in names}


def test_a_name_stands_once_in_a_persons_list(client, kim):
    SavedViewFactory(company=kim.company, by=kim.user, name="Mine")
    page = client.post(url("view_new", kim), {"list": "invoices", "query": "q=a", "name": "Mine"})
    assert page.status_code == 422
    assert "You have a view with this name" in page.content.decode()
    assert 'name="query" value="q=a"' in page.content.decode()
    assert client.post(url("view_new", kim), {"list": "deliveries", "name": "Mine"}).status_code == 302


def test_the_menu_costs_one_question_however_many_views(client, kim, django_assert_num_queries):
    counts = []
    for count in (1, 3):
        SavedViewFactory.create_batch(count - SavedView.objects.count(), company=kim.company, by=kim.user)
        with django_assert_num_queries(QUERIES):
            client.get(url("views", kim))
        counts.append(count)


QUERIES = 8


def test_a_dialog_or_a_page(client, kim):
    link = f"{url('view_new', kim)}?list=invoices&query=tab%3Dsent"
    assert b"<html" in client.get(link).content
    fragment = client.get(link, headers={"HX-Request": "true"}).content
    assert b"<html" not in fragment
    assert b"Save this view" in fragment

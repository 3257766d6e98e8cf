"""What is not there and what broke keep the shell; what is not allowed names the role."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from config.logs import Plain
from recipients.models import Company, Role
from tests.factories import CompanyFactory, MemberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def kim(client):
    member = MemberFactory(role=Role.VIEWER)
    client.force_login(member.user)
    return member


def has_shell(page, company):
    return f'href="/c/{company.slug}/deliveries/"' in page.content.decode()


def test_what_is_not_there_keeps_the_shell(client, kim):
    for path in (f"/c/{kim.company.slug}/nothing/", f"/c/{kim.company.slug}/invoices/{kim.user_id}/"):
        page = client.get(path)
        assert page.status_code == 404
        assert has_shell(page, kim.company)


def test_nobody_sees_anothers_shell(client, kim):
    other = CompanyFactory(name="Hemlig AB")
    for path in (f"/c/{other.slug}/nothing/", f"/c/{other.slug}/invoices/", "/c/", "/nothing/"):
        page = client.get(path)
        assert page.status_code == 404
        assert "Hemlig" not in page.content.decode()
    assert Client().get(f"/c/{kim.company.slug}/nothing/").status_code == 404


def test_what_is_not_allowed_names_the_role_and_who_can_give_it(client, kim):
    MemberFactory(company=kim.company, role=Role.MANAGER, user__name="Mia Holm")
    page = client.get(reverse("recipients:members", args=[kim.company.slug]))
    assert page.status_code == 403
    assert has_shell(page, kim.company)
    assert "It takes the role Manager in" in page.content.decode()
    assert "Mia Holm" in page.content.decode()


def test_what_broke_keeps_the_shell_and_has_a_number_that_the_log_has(kim, monkeypatch, caplog):
    def break_down(*_args):
        raise RuntimeError("boom")

    monkeypatch.setattr("invoicing.views.invoices.tab_counts", break_down)
    client = Client(raise_request_exception=False)
    client.force_login(kim.user)
    page = client.get(reverse("invoicing:invoices", args=[kim.company.slug]))
    assert page.status_code == 500
    assert has_shell(page, kim.company)
    incident = re.search(r'<span class="mono">(\w+)</span>', page.content.decode())[1]
    assert f"[incident={incident}]" in "".join(map(Plain().format, caplog.records))
    assert "boom" not in page.content.decode()


def test_without_a_database_there_is_still_a_page(kim, monkeypatch):
    def break_down(*_args, **_kwargs):
        raise RuntimeError("no database")

    client = Client(raise_request_exception=False)
    client.force_login(kim.user)
    monkeypatch.setattr(Company.objects, "open_to", break_down)
    page = client.get(reverse("invoicing:invoices", args=[kim.company.slug]))
    assert page.status_code == 500
    assert "Something broke on our side" in page.content.decode()


def test_a_form_that_came_too_late_says_what_to_do(kim):
    client = Client(enforce_csrf_checks=True)
    client.force_login(kim.user)
    page = client.post(reverse("recipients:leave", args=[kim.company.slug]), {"leave": "yes"})
    assert page.status_code == 403
    assert "Go back, load it anew and try again." in page.content.decode()
    assert has_shell(page, kim.company)

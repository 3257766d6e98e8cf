"""A manager chooses how the provider takes letters, and lets a connection go on that paused by itself."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from distribution.actions import braking
from distribution.models import Connection
from recipients.models import Role
from tests.factories import CompanyFactory, ConnectionFactory, MemberFactory

pytestmark = pytest.mark.browser


@pytest.fixture
def manager(house):
    return MemberFactory(company=CompanyFactory(), role=Role.MANAGER)


@pytest.fixture
def way(manager):
    return ConnectionFactory(
        company=manager.company,
        host=f"{manager.company.slug}.example",  # nobody else in the house has it
        trouble="login",
        pause_reason="Authentication failed.",
        failures=5,
    )


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def has_script(request):
    return request.param


def test_from_the_banner_to_the_page_where_it_resumes(house, sit_down, manager, way, has_script):
    braking.brake(Connection.objects.filter(pk=way.pk))
    desk = sit_down(manager, java_script_enabled=has_script)
    desk.open_list()
    banner = desk.page.locator(".banner")
    expect(banner).to_contain_text(f"{way} paused by itself. Five tries in a row failed.")
    desk.follow("Look and resume")
    desk.sees("It paused by itself, until a manager resumes it.")
    expect(banner).to_have_count(0)  # the page says it
    desk.press("Resume")
    desk.sees("Resumed. What waits leaves now.")
    desk.open_list()
    expect(banner).to_have_count(0)
    way.refresh_from_db()
    assert (way.paused_until, way.brake, way.failures) == (None, {}, 0)


def test_a_clerk_is_told_and_has_no_button(house, sit_down, manager, way):
    braking.brake(Connection.objects.filter(pk=way.pk))
    desk = sit_down(MemberFactory(company=manager.company))
    desk.open_list()
    banner = desk.page.locator(".banner")
    expect(banner).to_contain_text("A manager resumes it.")
    expect(banner.locator("a, button")).to_have_count(0)


def test_choosing_how_the_provider_takes_letters(house, sit_down, manager, way, has_script):
    desk = sit_down(manager, java_script_enabled=has_script)
    desk.go("distribution:connection_edit", way.pk)
    desk.page.get_by_label("How the provider takes letters").select_option(label="Utskick: a ZIP, then an .ok file")
    desk.press("Save changes")
    desk.sees("Connection saved.")
    desk.sees(".zip.ok")
    way.refresh_from_db()
    assert way.profile == "zip_marker"
    assert desk.page.url.endswith(reverse("distribution:connection", args=[manager.company.slug, way.pk]))

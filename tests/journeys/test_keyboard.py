"""Each key of the keyboard help, in a real browser; and none of them where the profile says so (WCAG 2.1.4)."""

import pytest
from playwright.sync_api import expect

from distribution.models import Delivery
from tests.factories import CompanyFactory, InvoiceFactory, MemberFactory

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(house, sit_down):
    clerk = MemberFactory(company=CompanyFactory())
    InvoiceFactory.create_batch(3, company=clerk.company)
    desk = sit_down(clerk)
    desk.member = clerk
    desk.open_list()
    return desk


def numbers(desk):
    return desk.page.locator(".cell-number").all_inner_texts()


def selected(desk):
    return desk.page.locator("tr[aria-selected=true] .cell-number").all_inner_texts()


def press(desk, *keys):
    for key in keys:
        desk.page.keyboard.press(key)


def row(desk):
    """The number of the row that has the focus."""
    return desk.page.evaluate("document.activeElement.closest('tr')?.querySelector('.cell-number').innerText.trim()")


def test_j_and_k_go_from_row_to_row(desk):
    first, second, third = numbers(desk)
    press(desk, "j")
    assert row(desk) == first
    press(desk, "j", "j", "j")
    assert row(desk) == third
    press(desk, "k")
    assert row(desk) == second


def test_x_selects_a_row_and_with_shift_the_range(desk):
    all_three = numbers(desk)
    press(desk, "j", "x")
    assert selected(desk) == all_three[:1]
    press(desk, "x")
    assert selected(desk) == []
    press(desk, "x", "j", "j", "Shift+X")
    assert selected(desk) == all_three


def test_a_selects_the_page_and_escape_clears_it(desk):
    press(desk, "a")
    desk.sees("3 selected")
    press(desk, "Escape")
    assert selected(desk) == []
    expect(desk.page.locator("[data-bar]")).to_be_hidden()


def test_enter_opens_the_row(desk):
    second = numbers(desk)[1]
    press(desk, "j", "j", "Enter")
    desk.page.wait_for_url("**/invoices/*-*/")
    expect(desk.page.get_by_role("heading", level=1)).to_contain_text(second)


def test_p_shows_the_pdf(desk):
    press(desk, "j")
    with desk.page.expect_popup() as popup:
        press(desk, "p")
    assert popup.value.url.endswith("/pdf/") or popup.value.url in ("", "about:blank", ":")
    press(desk, "Enter")
    desk.page.wait_for_url("**/invoices/*-*/")
    with desk.page.expect_popup():
        press(desk, "p")


def test_p_does_nothing_where_there_is_no_pdf(desk):
    press(desk, "a", "s")
    desk.page.get_by_role("dialog").wait_for()
    press(desk, "Enter")
    desk.hears("3 invoices will be sent at")
    desk.go("distribution:deliveries", query="?tab=waiting")
    press(desk, "j", "p")
    assert len(desk.page.context.pages) == 1


def test_slash_goes_to_the_search_and_letters_there_are_letters(desk):
    press(desk, "/")
    assert desk.focus() == "Search invoices"
    desk.page.keyboard.type("ax?s/")
    assert desk.page.get_by_label("Search invoices").input_value() == "ax?s/"
    assert selected(desk) == []
    expect(desk.page.locator("#keys")).to_be_hidden()


def test_g_goes_places(desk):
    press(desk, "g", "d")
    desk.page.wait_for_url("**/deliveries/")
    press(desk, "g", "i")
    desk.page.wait_for_url("**/invoices/")


def test_from_the_list_to_waiting_by_three_keys_and_back_by_one(desk):
    press(desk, "a", "s")
    desk.page.get_by_role("dialog").wait_for()
    assert desk.focus() == "Template"
    press(desk, "Enter")
    desk.hears("3 invoices will be sent at")
    assert Delivery.objects.of(desk.company).count() == 3
    press(desk, "u")
    desk.hears("Stopped 3. Nothing had left.")


def test_escape_closes_the_sheet_and_sends_nothing(desk):
    press(desk, "a", "s")
    desk.page.get_by_role("dialog").wait_for()
    press(desk, "Escape")
    expect(desk.page.get_by_role("dialog")).to_have_count(0)
    desk.sees("3 selected")
    assert not Delivery.objects.of(desk.company).exists()


def test_the_help_lists_the_keys_of_the_page_alone(desk):
    keys = desk.page.locator("#keys")
    press(desk, "?")
    shown = keys.locator("dt:visible").all_inner_texts()
    assert [" ".join(each.split()) for each in shown] == [
        *("j k", "x", "a", "Enter", "p", "s", "n", "/", "g s", *PLACES, "Esc")
    ]
    press(desk, "Escape")
    expect(keys).to_be_hidden()
    desk.go("distribution:settings")
    press(desk, "?")
    shown = keys.locator("dt:visible").all_inner_texts()
    assert [" ".join(each.split()) for each in shown] == ["/", *PLACES, "Esc"]


PLACES = ["g h", "g i", "g d", "g c", "g o"]


def test_switched_off_in_the_profile_no_key_does_anything(desk):
    page = desk.page
    page.goto(f"{desk.house.url}/profile/")
    page.get_by_label("Single-key shortcuts").uncheck()
    desk.press("Save profile")
    desk.hears("Profile saved.")
    desk.open_list()
    here = page.url
    press(desk, "a", "j", "x", "s", "p", "u", "/", "g", "d", "?")
    assert selected(desk) == []
    assert page.url == here
    assert len(page.context.pages) == 1
    assert desk.focus() != "Search invoices"
    expect(page.locator("#keys")).to_be_hidden()
    page.locator("[name=ids][type=checkbox]").first.check()
    press(desk, "s")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_no_script_of_ours_is_needed_for_dark(desk):
    page = desk.page
    page.goto(f"{desk.house.url}/profile/")
    page.get_by_label("Dark").check()
    desk.press("Save profile")
    desk.hears("Profile saved.")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    desk.open_list()
    page.locator("a.key").first.click()
    paper = page.frame_locator("iframe.paper").locator("body")
    paper.wait_for()
    assert page.locator("iframe.paper").evaluate("frame => getComputedStyle(frame).backgroundColor") in WHITE


WHITE = ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")

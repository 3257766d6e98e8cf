"""Every component and sample screen, wide and narrow, light and dark: accessible, in its frame, without a complaint."""

import pytest

from config.gallery import SCREENS

from .looks import CROSSWISE, WIDE, overflow, violations

pytestmark = pytest.mark.browser
variants = pytest.mark.parametrize("viewport, scheme", CROSSWISE[0].values(), ids=CROSSWISE[0].keys())


@pytest.fixture
def visit(house, browse):
    """Opens a screen of the gallery."""

    def open_page(screen, viewport=WIDE, scheme="light", **options):
        page = browse(viewport, scheme, **options)
        page.goto(f"{house.url}/dev/gallery/{screen}/", wait_until="load")
        return page

    return open_page


@variants
@pytest.mark.parametrize("screen", SCREENS)
def test_screen_is_accessible_and_fits(visit, screen, viewport, scheme):
    page = visit(screen, viewport, scheme)
    assert violations(page) == []
    assert overflow(page) == 0


@variants
def test_chosen_rows_and_their_sheet_are_accessible_and_fit(visit, viewport, scheme):
    page = visit("invoices", viewport, scheme)
    for box in page.locator("[name=ids][type=checkbox]").all()[:3]:
        box.check()
    assert violations(page) == []
    page.get_by_role("button", name="Send…").click()
    page.get_by_role("dialog").wait_for()
    assert violations(page) == []
    assert overflow(page) == 0


def test_rows_are_chosen_by_the_keyboard_and_by_range(visit):
    page = visit("invoices")
    words = page.locator("[data-selected]")
    for key, selected in [("j", 0), ("x", 1), ("j", 1), ("j", 1), ("Shift+X", 3)]:
        page.keyboard.press(key)
        assert words.text_content() == f"{selected} selected"
    page.keyboard.press("Escape")
    assert not page.locator("[data-bar]").is_visible()
    page.keyboard.press("a")
    assert words.text_content() == "18 selected"
    page.get_by_text("Select all 1\u202f003 matching").click()
    assert words.text_content() == "All 1\u202f003 matching selected"


def test_choice_survives_paging_but_not_another_filter(visit, house):
    page = visit("invoices")
    page.get_by_label("Select 10279").check()
    page.goto(f"{house.url}/dev/gallery/invoices/?after=10263")
    assert page.locator("[data-selected]").text_content() == "1 selected"
    page.goto(f"{house.url}/dev/gallery/invoices/?q=borg")
    assert not page.locator("[data-bar]").is_visible()


def test_sheet_takes_the_focus_and_gives_it_back(visit):
    page = visit("invoices")
    page.keyboard.press("a")
    page.keyboard.press("s")
    page.get_by_role("dialog").wait_for()
    assert page.evaluate("document.activeElement.name") == "template"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.key") == "s"


def test_an_answer_that_did_not_come_can_be_asked_for_again(visit):
    page = visit("invoices")
    page.route("**/sheet/", lambda route: route.fulfill(status=502, body="no"))
    page.keyboard.press("a")
    page.keyboard.press("s")
    again = page.get_by_role("button", name="Try again")
    again.wait_for()
    page.unroute("**/sheet/")
    again.click()
    page.get_by_role("heading", name="Send 1 003 invoices").wait_for()


def test_everything_is_there_without_script(visit):
    page = visit("invoices", java_script_enabled=False)
    page.get_by_label("Select 10279").check()
    page.get_by_role("button", name="Send…").click()
    page.get_by_role("heading", name="Send 1 003 invoices").wait_for()
    page.get_by_role("button", name="Send 986 invoices").wait_for()


def test_countdown_follows_the_servers_clock_and_is_spoken_twice(visit):
    page = visit("invoices")
    left = page.locator(".outgoing [data-leaves-at]")
    assert left.text_content().startswith("3:4")
    page.evaluate(
        """() => {
            const old = document.querySelector(".outgoing [data-leaves-at]"), near = old.cloneNode();
            near.dataset.leavesAt = new Date(Date.now() + 61000).toISOString();
            near.dataset.now = new Date().toISOString();
            old.replaceWith(near);
        }"""
    )
    page.get_by_text("40 leave in one minute.").wait_for(state="attached", timeout=4000)

"""Every screen of the product, wide and narrow, light and dark: accessible, in its frame, without a complaint."""

import pytest

from .looks import overflow, settle, variants, violations
from .screens import SCREENS, Office

pytestmark = pytest.mark.browser


@pytest.fixture(scope="package")
def office(house):
    return Office(house)


TURNS = {name: turn for turn, name in enumerate(SCREENS)}


@pytest.mark.parametrize("name", SCREENS)
def test_screen_is_accessible_and_fits(house, office, browse, sit_down, name, look_closely):
    path, login, steps = SCREENS[name]
    page = sit_down(office.member(login)).page if login else browse()
    page.goto(house.url + path(office), wait_until="load")
    steps(page)
    for variant, (viewport, scheme) in variants(TURNS[name]).items():
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=scheme)
        settle(page)
        look_closely(page, f"{name}-{variant}")
        assert violations(page) == [], variant
        assert overflow(page) == 0, variant

"""Every screen of the product, wide and narrow, light and dark: accessible, in its frame, without a complaint."""

import pytest

from .looks import VARIANTS, overflow, violations
from .screens import SCREENS, Office

pytestmark = pytest.mark.browser


@pytest.fixture(scope="package")
def office(house):
    return Office(house)


@pytest.mark.parametrize("name", SCREENS)
def test_screen_is_accessible_and_fits(house, office, browse, sit_down, name, look_closely):
    path, login, steps = SCREENS[name]
    page = sit_down(office.member(login)).page if login else browse()
    page.goto(house.url + path(office), wait_until="load")
    steps(page)
    for variant, (viewport, scheme) in VARIANTS.items():
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=scheme)
        look_closely(page, f"{name}-{variant}")
        assert violations(page) == [], variant
        assert overflow(page) == 0, variant

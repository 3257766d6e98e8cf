"""A house with its real processes, and people in front of Chromium."""

import os
import re
import shutil

import pytest
from django.test import Client

from .desk import Desk
from .house import PATIENCE, House, new_database
from .looks import WIDE

# Playwright runs a loop of its own in this thread; the database calls of the tests are not in it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# Chromium's and htmx's lines about an answer that a journey asks for: a sheet that changed, a page that is not there,
# a house in which something is wrong.
# So are a page that is left while it asks for its next state.
FORESEEN = re.compile(
    r"^(Failed to load resource: .* status of|Response Status Error Code) (4\d\d|50[23])"
    r"|^htmx:(afterRequest|sendAbort), "
)


@pytest.fixture(scope="session")
def browser_type_launch_args():
    return {"executable_path": shutil.which("chromium"), "args": ["--no-sandbox"]}


@pytest.fixture(scope="session", autouse=True)
def pictures_of_failures(pytestconfig):
    """In test-results/."""
    pytestconfig.option.screenshot = "only-on-failure"
    pytestconfig.option.full_page_screenshot = True


@pytest.fixture(scope="package")
def house(django_test_environment, django_db_blocker, tmp_path_factory):
    """One house for all journeys: each test has a company of its own in it, so nothing is ever flushed."""
    folder = tmp_path_factory.mktemp("house")
    with django_db_blocker.unblock(), new_database(folder), House(folder) as house:
        yield house
        assert house.broken_pages() == []


@pytest.fixture
def browse(new_context):
    """Opens a window; what the browser complains about in it fails the test in the end."""
    pages = []

    def open_window(viewport=WIDE, scheme="light", **options):
        context = new_context(viewport=viewport, color_scheme=scheme, reduced_motion="reduce", **options)
        context.set_default_timeout(PATIENCE * 1000)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda said: note(page, said))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        pages.append(page)
        return page

    yield open_window
    assert [complaint for page in pages for complaint in page.complaints] == []


def note(page, said):
    is_foreseen = FORESEEN.match(said.text) and not re.search(r"/static/(?!django_htmx)", said.location["url"])
    if said.type in {"error", "warning"} and not is_foreseen:
        page.complaints.append(f"{said.text} ({said.location['url']})")


@pytest.fixture
def sit_down(house, browse):
    """Opens a window for a member who has logged in."""

    def open_desk(member, **window):
        page = browse(**window)
        client = Client()
        client.force_login(member.user)
        page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": house.url}])
        return Desk(page, house, member.company)

    return open_desk


@pytest.fixture(scope="session")
def look_closely():
    """With SCREENSHOTS=folder in the environment each screen that a test looks at is kept there for people."""
    folder = os.environ.get("SCREENSHOTS")
    return lambda page, name: folder and page.screenshot(path=f"{folder}/{name}.png")

"""Coming in with a second factor, and confirming who one is, in front of Chromium."""

import re
from io import BytesIO
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from recipients.models import Role, User
from tests.factories import MemberFactory
from tests.factors import code, give_app

from .looks import overflow, violations
from .screens import grow_late

pytestmark = pytest.mark.browser


@pytest.fixture
def member(house):
    return MemberFactory(role=Role.MANAGER)


def log_in(page, url, member):
    page.goto(url + "/login/")
    page.get_by_label("E-mail address").fill(member.user.email)
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url(re.compile(r"/(c|login/code)/"))


def expect_in(page):
    expect(page.locator(".app")).to_be_visible()


def log_out(page, url):
    page.context.clear_cookies()
    page.goto(url + "/login/")


def test_an_app_needs_no_javascript(house, browse, member):
    page = browse(java_script_enabled=False)
    log_in(page, house.url, member)
    page.goto(house.url + "/profile/")
    page.get_by_role("link", name="Set up an app").click()
    secret = page.locator(".secret").inner_text().replace(" ", "")
    [read] = zxingcpp.read_barcodes(Image.open(BytesIO(page.locator(".qr").screenshot())))
    assert parse_qs(urlsplit(read.text).query) == {"secret": [secret], "issuer": ["Utskick"]}
    assert urlsplit(read.text).path == f"/{quote(member.user.email)}"
    page.get_by_label("The six digits").fill(code(secret))
    page.get_by_role("button", name="Turn it on").click()
    codes = page.locator(".codes li").all_inner_texts()
    assert len(codes) == 10
    page.get_by_role("link", name="I have kept them").click()
    log_out(page, house.url)
    log_in(page, house.url, member)
    page.get_by_label("Code from your app").fill(codes[3])
    page.get_by_role("button", name="Log in").click()
    expect_in(page)


def test_recovery_codes_can_be_downloaded(house, sit_down, member):
    give_app(member.user)
    member.user = User.objects.get(pk=member.user_id)
    page = sit_down(member).page
    page.goto(house.url + "/profile/codes/")
    codes = page.locator(".codes li").all_inner_texts()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.path().read_text().split("\n") == [*codes, ""]


@pytest.fixture
def phone(browse):
    """A window whose computer has a passkey store, with somebody's finger on it."""
    page = browse()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


@pytest.fixture
def named(house):
    """The house under a name: passkeys belong to names."""
    return house.url.replace("127.0.0.1", "localhost")


def test_a_passkey_lets_in_alone_and_as_the_second_step(named, phone, member, look_closely):
    log_in(phone, named, member)
    phone.goto(named + "/profile/")
    phone.get_by_role("link", name="Add a passkey").click()
    look_closely(phone, "passkey-add")
    assert violations(phone) == []
    phone.get_by_label("Name").fill("Office laptop")
    phone.get_by_role("button", name="Add the passkey").click()
    expect(phone.locator(".codes li")).to_have_count(10)
    phone.get_by_role("link", name="I have kept them").click()
    expect(phone.get_by_text("Office laptop")).to_be_visible()

    log_out(phone, named)
    look_closely(phone, "login-passkey")
    assert violations(phone) == []
    phone.get_by_role("button", name="Log in with a passkey").click()
    expect_in(phone)

    log_out(phone, named)
    log_in(phone, named, member)
    look_closely(phone, "second-step-passkey")
    assert violations(phone) == []
    phone.get_by_role("button", name="Use your passkey").click()
    expect_in(phone)

    # And it confirms who one is, with what was typed.
    phone.goto(f"{named}/c/{member.company.slug}/members/invite/")
    grow_late(phone)
    phone.get_by_label("E-mail address").fill("nina@fjordgym.example")
    phone.get_by_label("Name").fill("Nina Sund")
    phone.get_by_role("button", name="Invite").click()
    expect(phone.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    look_closely(phone, "confirm-passkey")
    assert violations(phone) == []
    assert overflow(phone) == 0
    phone.get_by_role("button", name="Use your passkey").click()
    expect(phone.get_by_text("nina@fjordgym.example").first).to_be_visible()
    assert User.objects.get(email__startswith="nina@", memberships__company=member.company).name == "Nina Sund"


def test_a_password_confirms_what_was_typed(house, sit_down, member):
    page = sit_down(member).page
    page.goto(f"{house.url}/c/{member.company.slug}/members/invite/")
    grow_late(page)
    page.get_by_label("E-mail address").fill("olle@fjordgym.example")
    page.get_by_label("Name").fill("Olle Sund")
    page.get_by_role("button", name="Invite").click()
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text(re.compile("This is not your password"))).to_be_visible()
    page.get_by_label("Password").fill("demo")
    page.keyboard.press("Enter")
    expect(page.get_by_text("olle@fjordgym.example").first).to_be_visible()

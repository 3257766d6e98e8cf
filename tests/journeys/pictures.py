"""`./dev screenshots`: the pictures of README and docs, taken of the real house with the demo's data.

Not part of the suite: pytest is given this file by name.
"""

import io
from email import message_from_bytes, policy

import pypdfium2
import pytest
from django.conf import settings
from PIL import Image
from playwright.sync_api import expect

from distribution.models import Delivery
from distribution.states import State
from invoicing.models import Invoice
from recipients.models import Customer

from .looks import NARROW, WIDE, settle
from .screens import SCREENS, Office

pytestmark = pytest.mark.browser
FOLDER = settings.BASE_DIR / "docs" / "pictures"
COLOURS = 256  # enough for a screen, and a fifth of the size

# name of the picture -> (name in SCREENS, viewport, scheme)
PICTURES = {
    "overview": ("overview", WIDE, "light"),
    "invoices": ("list-ticked", WIDE, "light"),
    "sheet": ("sheet-dialog", WIDE, "light"),
    "batch": ("batch-done", WIDE, "light"),
    "invoices-form": ("form-edit", WIDE, "light"),
    "credit": ("credit-part", WIDE, "light"),
    "customers": ("customers", WIDE, "light"),
    "settings-tried": ("settings-tried", WIDE, "light"),
    "templates": ("templates", WIDE, "light"),
    "invoices-dark": ("list-to_send", WIDE, "dark"),
    "invoices-phone": ("list-to_send", NARROW, "light"),
}


@pytest.fixture(scope="package")
def office(house):
    return Office(house)


def keep(name, picture):
    """Store a PNG or a PIL image small."""
    image = Image.open(io.BytesIO(picture)) if isinstance(picture, bytes) else picture
    image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(FOLDER / f"{name}.png", optimize=True)


def take(page, name):
    settle(page)
    keep(name, page.screenshot())


@pytest.mark.parametrize("name", PICTURES)
def test_picture(house, office, browse, sit_down, name):
    screen, viewport, scheme = PICTURES[name]
    path, login, steps = SCREENS[screen]
    page = sit_down(office.member(login), viewport=viewport, scheme=scheme).page if login else browse(viewport, scheme)
    page.goto(house.url + path(office), wait_until="load")
    steps(page)
    take(page, name)


def test_in_swedish_from_login_to_sent(house, office, browse):
    """A Swedish clerk, and a customer in Finland who reads Finnish."""
    member = office.member("clerk")
    member.user.language = "sv"
    member.user.set_password("demo")
    member.user.save()
    invoice = Invoice.objects.of(office.company).to_send().exclude(customer=None).filter(kind="debit")
    invoice = invoice.exclude(customer__email="").first()
    Customer.objects.filter(pk=invoice.customer_id).update(
        language="fi", name="Aino Virtanen", email="aino@esimerkki.example"
    )
    Invoice.objects.filter(pk=invoice.pk).update(buyer_name="Aino Virtanen", email="", language="")
    page = browse(locale="sv-SE")
    page.goto(f"{house.url}/login/")
    take(page, "sv-1-logga-in")
    page.get_by_label("E-postadress").fill(member.user.email)
    page.get_by_label("Lösenord").fill("demo")
    page.get_by_role("button", name="Logga in").click()
    page.wait_for_url("**/c/**")
    take(page, "sv-2-oversikt")
    page.goto(f"{house.url}/c/{office.company.slug}/invoices/?tab=to_send&q=Aino")
    page.get_by_label("Markera sidan").check()
    take(page, "sv-3-fakturor")
    page.locator("[data-bar]").get_by_role("button", name="Skicka…").click()
    page.get_by_role("dialog").wait_for()
    take(page, "sv-4-skicka")
    page.get_by_role("dialog").locator("button.button--primary").click()
    page.locator("#toasts").get_by_text("skickas").wait_for()
    take(page, "sv-5-angra")
    delivery = Delivery.objects.get(invoice=invoice, state=State.WAITING)
    house.close_window(delivery.batch)
    page.goto(f"{house.url}/c/{office.company.slug}/batches/{delivery.batch_id}/")
    expect(page.locator("#_batch[hx-trigger]")).to_have_count(0)
    take(page, "sv-6-skickat")
    (mail,) = house.mails("aino@esimerkki.example")
    content = message_from_bytes(house.content(mail), policy=policy.default)
    html = content.get_body(("html",)).get_content()
    letter = browse(viewport={"width": 720, "height": 760})
    letter.set_content(html)
    keep("fi-mail", letter.screenshot())
    (pdf,) = (part for part in content.iter_attachments())
    keep("fi-invoice", pypdfium2.PdfDocument(pdf.get_content())[0].render(scale=1.2).to_pil())

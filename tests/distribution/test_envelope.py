"""The letter as it is printed: what shows through the window of its envelope, and what keeps it from being posted."""

import io

import pypdfium2
import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse
from PIL import Image
from pypdf import PdfReader, PdfWriter
from weasyprint import CSS, HTML

from distribution import jobs
from distribution.channels.envelope import NO_PRINT, Kind, inspect
from distribution.channels.envelope_picture import WRONG
from distribution.channels.postal import PostalAddress
from distribution.channels.print_profiles import PROFILES
from distribution.envelope_words import SENTENCES
from distribution.models import Batch, Delivery, Parcel
from distribution.reasons import Reason
from distribution.rendering import enclosures
from distribution.states import State
from invoicing.windows import WINDOWS
from recipients.methods import Method
from recipients.models import ArchivedFile, Role
from tests.factories import CompanyFactory, CustomerFactory, DeliveryFactory, InvoiceFactory, MemberFactory

EVA = PostalAddress("Eva Lund", ("Solvägen 4",), "133 31", "Saltsjöbaden", "SE")
ADDRESSES = {
    "short": EVA,
    "six lines, abroad": PostalAddress(
        "Bostadsrättsföreningen Solsidans Samfällighet", ("c/o Fastighetsförvaltarna", "Box 1181"), "133 24",
        "Saltsjöbaden", "IS",
    ),
    "a name of two lines": PostalAddress(
        "Kommanditbolaget Åsa Svensson-Berg & Łukasz Żółkiewski Eftr.", ("Solvägen 4 A, lgh 1102",), "133 31", "Å", "SE"
    ),
    "a hyphen at the end of a line": PostalAddress(
        "Stiftelsen Anna-Karin och Karl-Gustaf-Bernadotte", ("Solvägen 4",), "133 31", "Å", "SE"
    ),
}  # fmt: skip
TOO_LONG = PostalAddress("Bostadsrättsföreningen Solsidans Samfällighet " * 4, ("S" * 100,), "133 31", "Å", "SE")


def delivery(address, *, company=None, country="SE", template=None, **fields):
    """A letter as it waits to be prepared."""
    company = company or CompanyFactory(country=country)
    batch = Batch.objects.create(company=company, by=MemberFactory(company=company).user, template=template)
    return DeliveryFactory(
        invoice=InvoiceFactory(company=company, **fields), batch=batch, state=State.WAITING,
        method=Method.CENTRAL_PRINT, address=str(address),
    )  # fmt: skip


def printed(letter):
    return enclosures(letter)[0].content


def looked_through(content, address=EVA, *, country="SE"):
    return inspect(content, lines=address.on_paper(country), window=WINDOWS[country], profile=PROFILES["imail"])


def kinds(findings):
    return [finding.kind for finding in findings]


# --- Our own letters --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("country", WINDOWS)
@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_our_own_letter_fits_the_envelope_of_each_country(country, address):
    assert looked_through(printed(delivery(address, country=country)), address, country=country) == []


@pytest.mark.django_db
@pytest.mark.parametrize("country", ["SE", "NO"])
def test_long_names_of_others_do_not_reach_the_window(country):
    company = CompanyFactory(country=country, name="Föreningen Fjordgym och vänner " * 3)
    letter = delivery(
        EVA, company=company, number="A/2026-" + "9" * 53, buyer_reference="R" * 100, buyer_contact="Karin Holm",
        seller_contact="Åke " * 30, note="Tack! " * 60,
    )  # fmt: skip
    assert looked_through(printed(letter), EVA, country=country) == []


@pytest.mark.django_db
def test_the_window_shows_the_confirmed_address_when_the_document_has_another():
    letter = delivery(
        EVA, buyer_name="Borg AB", buyer_street="Annan gata 1", buyer_postcode="111 22", buyer_city="Stockholm",
        buyer_contact="Karin Holm", buyer_reference="4711",
    )  # fmt: skip
    text = PdfReader(io.BytesIO(printed(letter))).pages[0].extract_text()
    assert [words for words in ("Eva Lund", "Solvägen 4", "133 31 Saltsjöbaden") if words not in text] == []
    assert [words for words in ("Annan gata", "111 22", "Hamngatan 12, 111 47") if words in text] == []
    assert "Karin Holm" in text  # for whom it is stands beside the window


@pytest.mark.django_db
def test_the_letter_has_the_logo_of_its_company_whatever_template_was_chosen():
    """BRP-17, and the fourth of the things that must never leave."""
    corners = {}
    for colour in ("#c8102e", "#1b4e9b"):
        company = CompanyFactory()
        picture = Image.new("RGB", (1200, 400), colour)
        out = io.BytesIO()
        picture.save(out, "PNG")
        company.logo = ArchivedFile.objects.keep(company, out.getvalue(), media_type="image/png")
        company.save()
        chosen = company.templates.create(name="Jul", layout="compact")
        content = printed(delivery(EVA, company=company, template=chosen))
        assert looked_through(content) == []
        with pypdfium2.PdfDocument(content) as document:
            page = document[0].render(scale=1).to_pil().convert("RGB")
        corners[picture.getpixel((0, 0))] = page.getpixel((30 * 72 // 25, 21 * 72 // 25))
    assert corners == {colour: colour for colour in corners}
    assert len(corners) == 2


# --- What can be wrong ------------------------------------------------------------------------------------------------

FONT = finders.find("fonts/documents/Inter-Regular.ttf")
ADDRESS = "Eva Lund<br>Solvägen 4<br>133 31 Saltsjöbaden"


def page(*placed, size="A4", address=(118, 47)):
    """A PDF with the address and `placed` (markup, mm from the left, mm from the top) where they are put."""
    css = f"""@font-face {{ font-family: I; src: url(file://{FONT}) }}
        @page {{ size: {size}; margin: 0 }} body {{ font: 10pt/1.2 I; margin: 0 }}
        p {{ position: absolute; margin: 0; white-space: nowrap }}"""
    everything = [(ADDRESS, *address), *placed]
    html = "".join(f'<p style="left: {left}mm; top: {top}mm">{what}</p>' for what, left, top in everything)
    return HTML(string=html).write_pdf(stylesheets=[CSS(string=css)])


def rewritten(content, change):
    writer = PdfWriter(clone_from=io.BytesIO(content))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def pages(count):
    def change(writer):
        for _n in range(count - 1):
            writer.add_blank_page(595.3, 841.9)

    return rewritten(page(), change)


def without_fonts(content):
    def change(writer):
        for each in writer.objects if hasattr(writer, "objects") else writer._objects:
            if hasattr(each, "get") and each.get("/Type") == "/FontDescriptor":
                for name in ("/FontFile", "/FontFile2", "/FontFile3"):
                    each.pop(name, None)

    return rewritten(content, change)


LINE = '<svg width="30mm" height="1mm"><rect width="200" height="9" fill="red"/></svg>'
CLIPPED = """<svg width="9mm" height="1mm" viewBox="0 0 9 1"><clipPath id="a"><rect width="9" height="1"/></clipPath>
    <rect width="999" height="999" clip-path="url(#a)"/></svg>"""
PLANTED = {
    "nothing": (lambda: page(("Brevtext", 25, 90), (LINE, 25, 100)), []),
    "text beside the window": (lambda: page(("Brevtext", 25, 50)), []),
    "white on white": (lambda: page((LINE.replace("red", "white"), 150, 68)), []),
    "clipped away": (
        lambda: page((CLIPPED, 25, 50)), [],
    ),
    "two hundred pages": (lambda: pages(200), [Kind.TOO_MANY_SHEETS]),
    "eighty pages": (lambda: pages(80), []),
    "no page": (lambda: rewritten(page(), lambda writer: writer.remove_page(0)), [Kind.UNREADABLE]),
    "no PDF": (lambda: b"<html>", [Kind.UNREADABLE]),
    "half a PDF": (lambda: page()[:700], [Kind.UNREADABLE]),
    "a password": (lambda: rewritten(page(), lambda writer: writer.encrypt("x")), [Kind.LOCKED]),
    "an owner's password": (lambda: rewritten(page(), lambda writer: writer.encrypt("", "x")), [Kind.LOCKED]),
    "more than 3 MB": (lambda: page() + b"\n" * 3_000_000, [Kind.TOO_LARGE]),
    "letter size": (lambda: page(size="letter"), [Kind.NOT_A4]),
    "on its side": (lambda: page(size="A4 landscape"), [Kind.NOT_A4]),
    "without its font": (lambda: without_fonts(page()), [Kind.FONT_MISSING]),
    "the address in the other window": (lambda: page(address=(25, 47)), [Kind.ADDRESS_OUTSIDE] * 3),
    "the address half out of it": (lambda: page(address=(118, 63.5)), [Kind.ADDRESS_OUTSIDE]),
    "text in the window": (lambda: page(("Ring oss", 170, 68)), [Kind.IN_WINDOW]),
    "letter text from 60 mm": (lambda: page(("Brevtext " * 12, 25, 68)), [Kind.IN_WINDOW]),
    "invisible text in the window": (
        lambda: page(('<span style="color: transparent">Ring oss</span>', 170, 68)), [Kind.IN_WINDOW],
    ),
    "a line in the window": (lambda: page((LINE, 150, 70)), [Kind.IN_WINDOW]),
    "text too near": (lambda: page(("Ring oss", 118, 40)), [Kind.TOO_NEAR]),
    "a line too near": (lambda: page((LINE, 118, 40)), [Kind.TOO_NEAR]),
    "text in the bar code's place": (lambda: page(("Vik", 5, 120)), [Kind.IN_NO_PRINT]),
    "a line in the bar code's place": (lambda: page((LINE, 5, 120)), [Kind.IN_NO_PRINT]),
    "all of it": (
        lambda: page(("Ring oss", 170, 68), ("Hej", 118, 40), ("Vik", 5, 120)),
        [Kind.IN_WINDOW, Kind.TOO_NEAR, Kind.IN_NO_PRINT],
    ),
}  # fmt: skip


@pytest.mark.parametrize("made, expected", PLANTED.values(), ids=PLANTED)
def test_a_planted_fault_is_found_and_nothing_else(made, expected):
    assert kinds(looked_through(made())) == expected


def test_a_finding_says_what_it_found_and_where():
    (found,) = looked_through(page(("Ring oss", 170, 68)))
    assert (found.text, found.page, found.reason) == ("Ring oss", 1, Reason.WINDOW_NOT_CLEAR)
    assert [round(edge) for edge in found.box] == [170, 69, 185, 72]


def test_another_address_than_the_confirmed_one_is_found():
    (found,) = looked_through(page(), PostalAddress("Eva Lundin", ("Solvägen 4",), "133 31", "Saltsjöbaden", "SE"))
    assert (found.kind, found.text) == (Kind.WRONG_ADDRESS, "Eva Lund Solvägen 4 133 31 Saltsjöbaden")


def test_a_fault_on_a_later_page_names_the_page():
    def change(writer):
        writer.append(io.BytesIO(page(("Vik", 5, 120), address=(25, 150))))

    (found,) = looked_through(rewritten(page(), change))
    assert (found.kind, found.page) == (Kind.IN_NO_PRINT, 2)


def test_every_window_ends_where_letter_text_may_begin_and_clear_of_the_printers_zones():
    assert [window for window in WINDOWS.values() if window.box.bottom < 70] == []
    assert [window for window in WINDOWS.values() if any(window.box.meets(zone) for zone in NO_PRINT)] == []


def test_every_kind_has_its_words():
    assert list(SENTENCES) == list(Kind)


@pytest.mark.parametrize(
    "country, good, bad",
    [
        ("SE", ["133 31", "13331", "SE-133 31", "S-133 31"], ["1333", "13331x", "00000", "033 31", "١٣٣٣١", "13 331"]),
        ("NO", ["0150", "N-0150", "NO-0150"], ["0000", "150", "01501"]),
        ("FI", ["00100", "FI-00100", "FIN-00100"], ["00000", "0100"]),
        ("AX", ["22100", "AX-22100"], ["00100"]),
        ("DK", ["1050", "DK-1050"], ["0000", "105"]),
        ("DE", ["10115", "D-10115"], ["1011"]),
        ("US", ["any"], [""]),
        ("HK", ["", "999077"], []),
    ],
)
def test_a_postcode_is_one_of_its_country_or_none(country, good, bad):
    def whole(postcode):
        return PostalAddress("Eva Lund", ("Solvägen 4",), postcode, "Å", country).is_whole

    assert ([code for code in good if not whole(code)], [code for code in bad if whole(code)]) == ([], [])


# --- Before it is posted ----------------------------------------------------------------------------------------------


@pytest.fixture
def house(outbox):
    distribution = outbox.company.distribution
    distribution.active_methods, distribution.default_method = [Method.CENTRAL_PRINT], Method.CENTRAL_PRINT
    distribution.save()
    return outbox


def too_long(house):
    return house.invoice(buyer_name=TOO_LONG.name[:200], buyer_street="S" * 100)


def test_what_does_not_fit_is_kept_out_and_the_rest_is_packed(house):
    bad, good = too_long(house), house.invoice()
    batch = house.sent_and_ready(bad, good)
    failed, waiting = house.delivery(bad), house.delivery(good)
    assert (failed.state, failed.reason, failed.crashes) == (State.FAILED, Reason.OUTSIDE_WINDOW, 0)
    assert (waiting.state, waiting.reason) == (State.WAITING, "")
    assert "S" * 20 in failed.reply_text
    bad.refresh_from_db()
    assert (bad.shown(), bad.attention) == ("to_send", Reason.OUTSIDE_WINDOW)
    assert PdfReader(io.BytesIO(failed.enclosures.get().file.read())).pages
    jobs.build_parcels(batch.pk)
    assert list(Parcel.objects.get().deliveries.all()) == [waiting]


def test_the_last_one_kept_out_lets_the_others_be_packed(house, monkeypatch):
    rung = []
    monkeypatch.setattr("distribution.actions.preparing.async_task", lambda *call: rung.append(call))
    good, bad = house.invoice(), too_long(house)
    batch = house.send(good, bad)
    jobs.route(batch.pk)
    for invoice in (good, bad):
        Delivery.objects.filter(invoice=invoice).update(position=0 if invoice == good else 1)
    jobs.prepare(batch.pk)
    assert rung[-1] == ("distribution.jobs.build_parcels", str(batch.pk))


def test_what_was_undone_while_it_was_made_stays_undone(house, monkeypatch):
    invoice = too_long(house)
    batch = house.send(invoice)
    jobs.route(batch.pk)

    def undone_meanwhile(letter):
        Delivery.objects.filter(pk=letter.pk).move(State.UNDONE, by=house.clerk)
        return enclosures(letter)

    monkeypatch.setattr("distribution.actions.preparing.enclosures", undone_meanwhile)
    jobs.prepare(batch.pk)
    row = house.delivery(invoice)
    assert (row.state, row.reason, row.crashes, row.enclosures.count()) == (State.UNDONE, "", 0, 0)


def test_an_address_from_the_card_is_in_the_window_when_the_document_has_none(house):
    customer = CustomerFactory(workspace=house.company.workspace, street="Kortgatan 7", postcode="222 22", city="Lund")
    invoice = house.invoice(customer=customer, buyer_street="", buyer_postcode="", buyer_city="")
    house.sent_and_ready(invoice)
    row = house.delivery(invoice)
    assert row.state == State.WAITING
    assert "Kortgatan 7\n222 22 Lund" in PdfReader(io.BytesIO(row.enclosures.get().file.read())).pages[0].extract_text()


# --- On the screen ----------------------------------------------------------------------------------------------------


def url(row, name="delivery", company=None):
    return reverse(f"distribution:{name}", args=[(company or row.company).slug, row.pk])


@pytest.fixture
def viewer(client, house):
    client.force_login(MemberFactory(company=house.company, role=Role.VIEWER).user)
    return client


def test_the_finding_is_drawn_and_said(house, viewer):
    invoice = too_long(house)
    house.sent_and_ready(invoice)
    row = house.delivery(invoice)
    said = viewer.get(url(row)).content.decode()
    assert f'<img class="paper" src="{url(row, "envelope")}"' in said
    assert said.count("does not fit in the window.") == 2 * said.count("<li>“")  # below and in the picture's words
    assert "Shorten the name or the address" in said
    assert "What the server said" not in said
    answer = viewer.get(url(row, "envelope"))
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/png", "private, max-age=300")
    drawn = Image.open(io.BytesIO(answer.content))
    assert drawn.size == (1050, 1486)
    assert WRONG in {colour for _count, colour in drawn.getcolors(1 << 24)}


def test_a_letter_that_passed_is_seen_in_its_window_alone(house, viewer):
    invoice = house.invoice()
    house.sent_and_ready(invoice)
    row = house.delivery(invoice)
    first = viewer.get(url(row)).content.decode()
    assert ('href="?envelope=1#envelope"' in first, "<img class" in first) == (True, False)
    second = viewer.get(url(row) + "?envelope=1").content.decode()
    assert ("See it in the envelope" in second, "<img class" in second) == (False, True)
    drawn = Image.open(io.BytesIO(viewer.get(url(row, "envelope")).content))
    assert WRONG not in {colour for _count, colour in drawn.getcolors(1 << 24)}
    assert drawn.getpixel((5 * 196 - 10, 5 * 60)) == (255, 255, 255)  # the window
    assert drawn.getpixel((5 * 60, 5 * 200)) != (255, 255, 255)  # covered


def test_a_page_that_cannot_be_drawn_is_still_said(house, viewer):
    invoice = too_long(house)
    house.sent_and_ready(invoice)
    row = house.delivery(invoice)
    broken = ArchivedFile.objects.keep(house.company, b"no PDF", media_type="application/pdf")
    row.enclosures.update(file=broken)
    assert "The PDF has no page that can be read." in viewer.get(url(row)).content.decode()
    assert viewer.get(url(row, "envelope")).status_code == 404


def test_another_companys_letter_and_an_email_are_not_there(house, viewer):
    stranger = delivery(EVA)
    assert viewer.get(url(stranger, "envelope", house.company)).status_code == 404
    email = DeliveryFactory(invoice=house.invoice())
    assert viewer.get(url(email, "envelope")).status_code == 404
    assert 'href="?envelope=1' not in viewer.get(url(email) + "?envelope=1").content.decode()

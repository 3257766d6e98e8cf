"""The document: what is printed, in which glyphs, and that nothing that was typed can break or bend it."""

import gettext
import io
import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pypdfium2 as pdfium
import pytest
import zxingcpp
from django.conf import settings
from django.utils import translation
from PIL import Image, ImageChops, ImageDraw, ImageFont, ImageStat
from pypdf import PdfReader
from weasyprint import HTML
from weasyprint.urls import FatalURLFetchingError

from config.identifiers import is_rf
from invoicing import page, pdf, press
from invoicing.models import Line
from invoicing.payment_code import pay_to, payload
from recipients.models import ArchivedFile, Company
from tests.factories import CompanyFactory, InvoiceFactory

FONTS = Path(settings.BASE_DIR) / "static" / "fonts" / "documents"
NBSP = "\u00a0"
MM = 72 / 25.4  # points
pytestmark = pytest.mark.django_db


def company(**fields):
    values = {
        "name": "Fjordgym AB",
        "registered_office": "Stockholm",
        "has_f_tax": True,
        "phone": "08-505 010 55",
        "website": "fjordgym.example",
        "iban": "SE4550000000058398257466",
        "bic": "ESSESESS",
    }
    return CompanyFactory(**(values | fields))


LINES = (
    ("Föreningsmedlemskap, 15 personer", "December 2026", 15, "C62", "220.00", "3300.00", 6),
    ("Bokning av sal B, tisdagar 18–19", "1, 8, 15 och 22 december", 4, "HUR", "237.50", "950.00", 6),
    ("Låneutrustning", "Yogamattor och block, december", 1, "XPK", "392.00", "392.00", 25),
)


def invoice(*, seller=None, lines=LINES, **fields):
    """The invoice of the picture: 4 642 kr and 353 kr VAT."""
    total = dict.fromkeys(("gross", "payable", "balance"), Decimal("4995.00"))
    values = {
        "company": seller or company(),
        "buyer_name": "Brf Solsidan",
        "buyer_contact": "Karin Holm",
        "buyer_street": "Solsidevägen 4",
        "buyer_number": "20418",
        "issued_on": date(2026, 11, 1),
        "due_on": date(2026, 12, 1),
        "buyer_reference": "Karin Holm",
        "seller_contact": "Kim Berg",
        "terms": "30 dagar netto",
        "net": Decimal("4642.00"),
        "vat": Decimal("353.00"),
        "vat_rows": [
            {"category": "S", "rate": "6", "net": "4250.00", "vat": "255.00", "exemption": ""},
            {"category": "S", "rate": "25", "net": "392.00", "vat": "98.00", "exemption": ""},
        ],
        "payment_reference": "101982041853",
    }
    made = InvoiceFactory(**(values | total | fields))
    made.lines.all().delete()
    Line.objects.bulk_create(
        Line(
            invoice=made,
            position=position,
            name=name,
            description=description,
            quantity=Decimal(quantity),
            unit=unit,
            price=Decimal(price),
            net=Decimal(net),
            vat_category="S",
            vat_rate=Decimal(rate),
        )
        for position, (name, description, quantity, unit, price, net, rate) in enumerate(lines, 1)
    )
    return made


def template(seller, **texts):
    """The standard template of the company, with these words."""
    made = seller.templates.get()
    made.texts = texts
    return made


@pytest.fixture(autouse=True)
def archive(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


def printed(made, *, texts=None, language="sv"):
    return pdf.render(made, template=template(made.company, **texts) if texts else None, language=language)


def pages(content):
    """The text layer of each page, with ordinary spaces."""
    return [each.get_textpage().get_text_range().replace(NBSP, " ") for each in pdfium.PdfDocument(content)]


def text_of(content):
    return "\n".join(pages(content))


def picture(content, number=0, *, dpi=200):
    return pdfium.PdfDocument(content)[number].render(scale=dpi / 72).to_pil().convert("RGB")


def where(content, text, number=0):
    """(left, top) in mm from the page's upper left corner of the first letter of `text`."""
    sheet = pdfium.PdfDocument(content)[number]
    layer = sheet.get_textpage()
    index, _length = layer.search(text).get_next()
    left, _bottom, _right, top = layer.get_charbox(index, loose=True)
    return left / MM, (sheet.get_height() - top) / MM


# --- What is said -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "language, said",
    [
        (
            "sv",
            "Faktura, Fakturadatum, 2026-11-01, Förfallodatum, Kundnummer, 20418, Er referens, À-pris, 15 st, 4 tim",
        ),
        ("sv", "1 paket, 6 %, 25 %, Momssats, Netto, Moms, Summa, 4 995,00 kr, Att betala, Senast, 1 december 2026"),
        ("sv", "Bankgiro, 5050-1055, OCR-nummer, 101982041853, ESSESESS, SE45 5000 0000 0583 9825 7466, Betala med QR"),
        ("sv", "Godkänd för F-skatt, Säte: Stockholm, Sida 1 av 1"),
        ("nb", "Faktura, Fakturadato, 01.11.2026, Forfallsdato, 15 stk., 4 timer, Å betale, Innen, 01.12.2026"),
        ("nb", "Side 1 av 1"),
        ("fi", "Lasku, Eräpäivä, 01.12.2026, 15 kpl, Veroton, ALV, Yhteensä, Maksettava, Viimeistään, Sivu 1 / 1"),
        ("en", "Invoice, 2026-11-01, 15 pcs, 1 pack, To pay, 4,995.00 SEK, 1 December 2026, Page 1 of 1"),
    ],
)
def test_the_page_speaks_the_recipients_language(language, said):
    text = text_of(printed(invoice(), language=language))
    assert [word for word in said.split(", ") if word not in text] == []


def test_every_word_of_documents_and_mails_is_translated():
    """And what Django reads (.mo) is what translators wrote (.po)."""
    ours = ("templates/documents/", "templates/emails/", "invoicing/page.py", "distribution/rendering.py")
    for language in ("sv", "nb", "fi"):
        folder = Path(settings.BASE_DIR) / "config" / "locale" / language / "LC_MESSAGES"
        entries = [
            each for each in (folder / "django.po").read_text().split("\n\n")[1:] if any(o in each for o in ours)
        ]
        compiled = gettext.GNUTranslations((folder / "django.mo").open("rb"))
        assert len(entries) > 70
        for entry in entries:
            said = dict(re.findall(r'^(msgctxt|msgid|msgid_plural|msgstr|msgstr\[\d\]) "(.*)"$', entry, re.MULTILINE))
            assert all(said.values()), f"{language}: {entry}"
            if "msgid_plural" in said:
                found = compiled.npgettext(said["msgctxt"], said["msgid"], said["msgid_plural"], 2)
                assert found == said["msgstr[1]"]
            elif "msgctxt" in said:
                assert compiled.pgettext(said["msgctxt"], said["msgid"]) == said["msgstr"]
            else:
                assert compiled.gettext(said["msgid"]) == said["msgstr"]


def test_only_the_texts_of_that_language_are_printed():
    texts = {"sv": {"opening": "Tack för i år.", "closing": "Ange OCR-numret."}, "nb": {"opening": "Takk for i år."}}
    made = invoice()
    norwegian = text_of(printed(made, texts=texts, language="nb"))
    assert ("Takk for i år." in norwegian, "Tack" in norwegian, "Ange" in norwegian) == (True, False, False)
    assert "Ange OCR-numret." in text_of(printed(made, texts=texts, language="sv"))
    assert "i år" not in text_of(printed(made, texts=texts, language="fi"))


def test_the_document_is_tagged_and_says_title_and_language():
    made = invoice(number="10198")
    reader = PdfReader(io.BytesIO(printed(made)))
    assert reader.metadata.title == "Faktura 10198, Fjordgym AB"
    assert reader.trailer["/Root"]["/Lang"] == "sv"
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert b"pdfuaid:part" in reader.trailer["/Root"]["/Metadata"].get_data()


def test_a_credit_note_says_so_and_asks_for_nothing():
    first = invoice(number="10198")
    credit = invoice(seller=first.company, kind="credit", type_code="381", number="10199", credits=first, due_on=None)
    content = printed(
        credit, texts={"sv": {"opening": "Er nya faktura!", "closing": "Ange OCR-numret när du betalar."}}
    )
    text = text_of(content)
    assert "Kreditfaktura 10199" in text
    assert "Det här är en kreditfaktura för faktura 10198 daterad 2026-11-01. Det finns inget att betala." in text
    assert "Krediteras" in text
    assert [
        word for word in ("Att betala", "Bankgiro", "5050-1055", "OCR", "Förfallodatum", "QR", "nya") if word in text
    ] == []
    assert zxingcpp.read_barcodes(picture(content)) == []


def test_an_invoice_that_is_prepaid_asks_for_nothing():
    content = printed(invoice(prepaid=Decimal("4995.00"), payable=Decimal("0.00"), balance=Decimal("0.00")))
    text = text_of(content)
    assert "Det finns inget att betala." in text
    assert "5050-1055" not in text
    assert zxingcpp.read_barcodes(picture(content)) == []


def test_sums_lead_from_the_lines_to_what_is_to_be_paid():
    made = invoice(
        line_total=Decimal("4700.00"),
        allowance_total=Decimal("100.00"),
        charge_total=Decimal("42.00"),
        allowances=[
            {"kind": "allowance", "reason": "Trohetsrabatt", "amount": "100.00", "category": "S", "rate": "25"},
            {"kind": "charge", "reason": "", "amount": "42.00", "category": "S", "rate": "25"},
        ],
        prepaid=Decimal("995.40"),
        rounding=Decimal("0.40"),
        payable=Decimal("4000.00"),
    )
    with translation.override("sv"):
        rows = [(fact.label, fact.value.replace(NBSP, " ")) for fact in page.totals(made, "sv")]
    assert rows == [
        ("Summa rader", "4 700,00"),
        ("Trohetsrabatt", "−100,00"),
        ("Tillägg", "42,00"),
        ("Netto", "4 642,00"),
        ("Moms", "353,00"),
        ("Summa inkl. moms", "4 995,00"),
        ("Redan betalt", "−995,40"),
        ("Öresavrundning", "0,40"),
        ("Att betala", "4 000,00 kr"),
    ]


@pytest.mark.parametrize(
    "language, phrase",
    [
        ("sv", "Omvänd betalningsskyldighet"),
        ("nb", "Omvendt avgiftsplikt – Merverdiavgift ikke beregnet"),
        ("fi", "Käännetty verovelvollisuus"),
        ("en", "Reverse charge"),
    ],
)
def test_reverse_charge_is_said_where_it_is_true(language, phrase):
    row = {"category": "AE", "rate": "0", "net": "4642.00", "vat": "0.00", "exemption": "ML 1 kap. 2 §"}
    made = invoice(vat_rows=[row], buyer_vat_id="DE123456789")
    text = text_of(printed(made, language=language))
    assert (phrase in text, "ML 1 kap. 2 §" in text, "DE123456789" in text) == (True, True, True)
    assert phrase not in text_of(printed(invoice(), language=language))


@pytest.mark.parametrize(
    "fields, rows",
    [
        (
            {"country": "NO", "name": "Fjordgym Norge AS", "legal_id": "987 654 325", "vat_id": "NO 987 654 325 MVA"},
            ["Org. no. NO 987 654 325 MVA", "Foretaksregisteret"],
        ),
        (
            {"country": "NO", "name": "Asbjørn Fotograf", "legal_id": "987 654 325", "vat_id": ""},
            ["Org. no. 987 654 325"],
        ),
        (
            {"country": "FI", "legal_id": "1234567-1", "vat_id": "FI12345671"},
            ["Y-tunnus 1234567-1", "VAT no. FI12345671"],
        ),
        ({"legal_id": "", "vat_id": "", "has_f_tax": True}, ["Approved for F-tax"]),
    ],
)
def test_the_foot_says_what_the_sellers_country_asks_for(fields, rows):
    seller = Company(**({"country": "SE", "name": "Fjordgym AB"} | fields))
    with translation.override("en"):
        assert page.registration(seller) == rows


# --- Where it stands --------------------------------------------------------------------------------------------------


def test_the_address_is_in_the_window_and_the_box_at_the_foot():
    content = printed(invoice())
    left, top = where(content, "Brf Solsidan")
    assert (round(left), 49 <= top <= 52) == (118, True)
    assert round(where(content, "Fakturadatum")[0]) == 25
    assert 99 <= where(content, "Beskrivning")[1] <= 104
    shade = picture(content, dpi=72).getpixel((round(30 * MM), round(256 * MM)))
    paper = picture(content, dpi=72).getpixel((round(30 * MM), round(258 * MM)))
    assert (shade, paper) == ((241, 244, 241), (255, 255, 255))


def test_the_address_stands_on_the_side_of_the_countrys_window():
    content = printed(invoice(seller=company(country="NO")), language="nb")
    assert [round(where(content, text)[0]) for text in ("Brf Solsidan", "Fakturadato")] == [25, 120]


def test_a_long_invoice_repeats_its_heads_and_pays_on_the_last_page():
    long = printed(invoice(lines=LINES * 20))
    texts = pages(long)
    last = len(texts)
    assert last > 3
    assert [number for number, text in enumerate(texts, 1) if f"Sida {number} av {last}" not in text] == []
    assert [text for text in texts if "Org.nr 55" not in text] == []
    assert [text for text in texts[:-1] if "Beskrivning" not in text] == []
    assert [number for number, text in enumerate(texts, 1) if "Att betala" in text] == [last]
    assert where(long, "Att betala", last - 1) == pytest.approx(where(printed(invoice()), "Att betala"))
    assert "".join(texts).count("Låneutrustning") == 20


def test_the_box_never_stands_on_other_text():
    """Whatever the number of lines, nothing but the box is printed where the box is."""
    for lines in range(1, 14):
        content = printed(invoice(lines=[LINES[0]] * lines))
        document = pdfium.PdfDocument(content)
        layer = document[len(document) - 1].get_textpage()
        inside = layer.get_text_bounded(left=20 * MM, right=195 * MM, bottom=40 * MM, top=86 * MM)
        assert inside.split()[:2] == ["Att", "betala"], lines
        assert ("Summa" in inside, "Föreningsmedlemskap" in inside) == (False, False)
        # The totals are not left behind on the page before.
        assert "Summa" in layer.get_text_range()


def test_four_accounts_fit_in_the_box():
    content = printed(invoice(bankgiro="50501055", plusgiro="2865434", iban="SE4550000000058398257466", bic="ESSESESS"))
    last = where(content, "SE45")[1]
    assert where(content, "5050-1055")[1] < where(content, "28 65 43-4")[1] < where(content, "OCR")[1] < last < 253


# --- The payment code -------------------------------------------------------------------------------------------------


def decoded(content):
    codes = [
        code
        for each in range(len(pdfium.PdfDocument(content)))
        for code in zxingcpp.read_barcodes(picture(content, each))
    ]
    assert len(codes) == 1
    return codes[0].text


@pytest.mark.parametrize(
    "accounts, kind, account",
    [
        ({}, "BG", "50501055"),
        ({"bankgiro": "9912346"}, "BG", "9912346"),
        ({"plusgiro": "2865434"}, "PG", "2865434"),
    ],
)
def test_the_printed_code_pays_this_invoice_in_kronor(accounts, kind, account):
    made = invoice(payable=Decimal("123456789012.50"), **accounts)
    said = json.loads(decoded(printed(made)), parse_float=Decimal)
    assert said == {
        "uqr": 1,
        "tp": 1,
        "nme": "Fjordgym AB",
        "cc": "SE",
        "cid": made.company.legal_id,
        "iref": "101982041853",
        "idt": "20261101",
        "ddt": "20261201",
        "due": Decimal("123456789012.50"),
        "vat": Decimal("353.00"),
        "cur": "SEK",
        "pt": kind,
        "acc": account,
    }


@pytest.mark.parametrize(
    "reference, structured, free",
    [
        ("RF18539007547034", "RF18539007547034", ""),
        ("2348236", "RF332348236", ""),  # domain reference: a viite and its RF form are the same reference
        ("Order 17", "", "Order 17"),
        ("", "", "10500"),
    ],
)
def test_the_printed_code_pays_this_invoice_in_euro(reference, structured, free):
    seller = company(country="FI", bankgiro="", iban="FI79 4405 2020 0360 82", bic="OKOYFIHH", name="Fjordgym Oy")
    made = invoice(
        seller=seller, number="10500", currency="EUR", payment_reference=reference, payable=Decimal("4883.15")
    )
    assert decoded(printed(made, language="fi")).split("\n") == [
        "BCD",
        "002",
        "1",
        "SCT",
        "OKOYFIHH",
        "Fjordgym Oy",
        "FI7944052020036082",
        "EUR4883.15",
        "",
        structured,
        free,
    ]
    assert not structured or is_rf(structured)


@pytest.mark.parametrize(
    "fields",
    [
        {"currency": "NOK"},
        {"currency": "EUR", "bankgiro": "50501055"},
        {"kind": "credit"},
        {"payable": Decimal("0.00")},
        {"payable": Decimal("-5.00")},
    ],
)
def test_no_code_where_no_bank_could_read_it(fields):
    assert payload(invoice(**fields)) == ""


def test_accounts_of_the_document_and_of_the_company_are_never_mixed():
    seller = company(account="12345678903")
    own = pay_to(invoice(seller=seller, plusgiro="286543-4"))
    assert (own.bankgiro, own.plusgiro, own.iban, own.bic, own.account) == ("", "2865434", "", "", "")
    norwegian = pay_to(invoice(seller=seller, iban="1234 56 78903", bic="DNBANOKK"))
    assert (norwegian.iban, norwegian.bic, norwegian.account, norwegian.bankgiro) == ("", "", "12345678903", "")
    fallen_back = pay_to(invoice(seller=seller))
    assert (fallen_back.bankgiro, fallen_back.iban) == ("50501055", "SE4550000000058398257466")


# --- Glyphs -----------------------------------------------------------------------------------------------------------

NAMES = "Åsa Łukasz Żółw Иван"


def ink(image):
    """The dark part of a grey image, cut out and brought to one size, with its proportion beside it."""
    dark = ImageChops.invert(image)
    box = dark.point(lambda value: 255 if value > 60 else 0).getbbox()
    cut = dark.crop(box)
    return cut.resize((48, 48), Image.Resampling.BILINEAR), cut.width / cut.height


def difference(one, other):
    """0 for the same shape, 1 for opposite ones; 1 too when one is much wider than the other."""
    (picture_one, wide), (picture_other, wide_other) = ink(one), ink(other)
    if not 0.75 < wide / wide_other < 1.33:
        return 1.0
    return ImageStat.Stat(ImageChops.difference(picture_one, picture_other)).mean[0] / 255


def drawn(character, font_file):
    """The glyph as Pillow draws it from the font file: another road to the same shape."""
    image = Image.new("L", (400, 400), 255)
    ImageDraw.Draw(image).text((100, 80), character, font=ImageFont.truetype(FONTS / font_file, 200), fill=0)
    return image


def shapes(content, text):
    """(character, picture of what is printed there) for each letter of `text` on page one."""
    sheet = pdfium.PdfDocument(content)[0]
    layer = sheet.get_textpage()
    start, length = layer.search(text).get_next()
    scale = 16
    height = sheet.get_height()
    for index in range(start, start + length):
        character = layer.get_text_range(index, 1)
        if character.isspace():
            continue
        left, bottom, right, top = layer.get_charbox(index)
        crop = (left - 0.15, bottom - 0.15, sheet.get_width() - right - 0.15, height - top - 0.15)
        yield character, sheet.render(scale=scale, crop=crop).to_pil().convert("L")


@pytest.mark.parametrize(
    "field, font_file",
    [
        ("buyer_name", "Inter-Regular.ttf"),
        ("seller_contact", "Inter-Medium.ttf"),
        ("credits", "Inter-SemiBold.ttf"),
    ],
)
def test_names_are_printed_in_their_own_glyphs(field, font_file):
    """The text layer may be right while the paper is wrong: so the pixels are compared, letter by letter."""
    if field == "credits":  # its number stands in the sentence that is printed in bold
        first = invoice(number=NAMES)
        made = invoice(seller=first.company, kind="credit", credits=first)
    else:
        made = invoice(**{field: NAMES})
    content = printed(made)
    assert NAMES in text_of(content)
    seen = list(shapes(content, NAMES))
    assert "".join(character for character, _shape in seen) == NAMES.replace(" ", "")
    off = {character: round(difference(shape, drawn(character, font_file)), 3) for character, shape in seen}
    assert {character: value for character, value in off.items() if value > 0.1} == {}
    # The measure can tell: none of these letters passes for the one before it.
    letters = [character for character, _shape in seen]
    mistaken = [
        (right, wrong)
        for (right, shape), wrong in zip(seen[1:], letters, strict=False)
        if right != wrong and difference(shape, drawn(wrong, font_file)) <= 0.1
    ]
    assert mistaken == []


def test_letters_that_inter_lacks_come_from_the_fallback():
    content = printed(invoice(buyer_name="שלום Ազատ"))
    for character, shape in shapes(content, "Ազատ"):
        assert difference(shape, drawn(character, "DejaVuSans.ttf")) <= 0.1, character


def test_missing_glyphs_names_what_no_shipped_font_has():
    assert pdf.missing_glyphs(f"Åsa Łukasz Żółw Иван שלום 4{NBSP}995,00 − “x” €") == set()
    assert pdf.missing_glyphs("王 Li 🦄") == {"王", "🦄"}


def test_digits_of_one_width_come_from_the_font_face_alone():
    """On an element they would leak: WeasyPrint frees neither the features nor the list that holds them."""
    content = printed(invoice(payable=Decimal("1111.11"), gross=Decimal("8888.88")))
    assert press.FONTS.font_features == {}
    for character, shape in shapes(content, "237,50"):
        assert difference(shape, drawn(character, "Inter-Regular.ttf")) <= 0.1, character
    sheet = pdfium.PdfDocument(content)[0]
    layer = sheet.get_textpage()

    def width(text):
        start, length = layer.search(text).get_next()
        return layer.get_charbox(start + length - 1, loose=True)[2] - layer.get_charbox(start, loose=True)[0]

    assert width("237,50") == pytest.approx(width("220,00"), abs=0.05)
    assert width("1 111,11") == pytest.approx(width("4 642,00") * 12 / 9.5, rel=0.02)


# --- Logo and colour --------------------------------------------------------------------------------------------------

RED = (200, 16, 46)
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20">'
    b'<rect width="60" height="20" fill="#c8102e"/>%s</svg>'
)


def png_logo():
    out = io.BytesIO()
    Image.new("RGB", (1200, 400), RED).save(out, "PNG")
    return out.getvalue()


def with_logo(content, **fields):
    seller = company(**fields)
    seller.logo = ArchivedFile.objects.keep(seller, content, media_type="image/png")
    seller.save()
    return seller


def corner(content):
    return picture(content, dpi=72).getpixel((round(30 * MM), round(21 * MM)))


@pytest.mark.parametrize("content", [png_logo(), SVG % b""])
def test_the_logo_is_that_of_the_company_that_sends(content):
    seller = with_logo(content)
    assert corner(printed(invoice(seller=seller))) == RED
    other = invoice(seller=company(name="Grannen AB"))
    assert corner(printed(other)) != RED
    assert "Grannen AB" in text_of(printed(other))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        b"<svg",
        SVG % b'<image href="https://evil.test/a.png"/>',
        SVG % b'<image xlink:href="file:///etc/passwd"/>',
        SVG % b'<style>@import "https://evil.test/a.css";</style>',
        SVG % b'<rect fill="url(https://evil.test/a)"/>',
        b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + SVG % b"<text>&a;</text>",
    ],
)
def test_what_is_no_picture_gives_way_to_the_name(content):
    made = invoice(seller=with_logo(content))
    html = pdf.html(made, template=None, language="sv")
    assert ('<img src="logo"' in html, '<p class="brand">Fjordgym AB</p>' in html) == (False, True)
    assert "Faktura" in text_of(printed(made))


def test_the_colour_of_the_company_is_on_the_rule_and_never_more_than_a_colour():
    def rule(colour):
        sheet = picture(printed(invoice(seller=company(colour=colour))), dpi=144)
        return {sheet.getpixel((200, row)) for row in range(round(211 * MM * 2), round(214 * MM * 2))}

    assert RED in rule("#c8102e")
    assert RED not in rule("#0b6a61")
    pale = pdf.stylesheet(Company(colour="#ffee00"))
    assert (".payment{border-color:#ffee00}" in pale, ".due strong{color:#15201b}" in pale) == (True, True)
    assert "url" not in pdf.stylesheet(Company(colour="red;}a{b:url(x)"))


# --- Robust -----------------------------------------------------------------------------------------------------------

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>&amp;'\"{{ 7 }}{% now 'Y' %}"
TEXT_FIELDS = [
    "number",
    "buyer_name",
    "buyer_contact",
    "buyer_street",
    "buyer_street_2",
    "buyer_postcode",
    "buyer_city",
    "buyer_number",
    "buyer_reference",
    "order_reference",
    "contract_reference",
    "seller_contact",
    "terms",
    "note",
    "payment_reference",
    "iban",
]


@pytest.mark.parametrize("field", TEXT_FIELDS)
def test_what_was_typed_is_text_and_never_markup(field):
    made = invoice()
    setattr(made, field, HOSTILE)  # not saved: some columns are shorter than this
    html = pdf.html(made, template=None, language="sv")
    assert ("<script" in html, "<img src=x" in html) == (False, False)
    assert "&lt;script&gt;" in html.lower()


def test_lines_rows_and_own_texts_are_text_too():
    row = {"category": "E", "rate": "0", "net": "1.00", "vat": "0.00", "exemption": HOSTILE}
    allowance = {"kind": "charge", "reason": HOSTILE, "amount": "1.00"}
    made = invoice(
        lines=[(HOSTILE, HOSTILE, 1, HOSTILE[:10], "1.00", "1.00", 25)], vat_rows=[row], allowances=[allowance]
    )
    own = template(made.company, sv={"opening": HOSTILE, "closing": HOSTILE})
    html = pdf.html(made, template=own, language="sv")
    assert ("<script" in html, "<img src=x" in html, html.count("&lt;script&gt;")) == (False, False, 7)
    assert "<script>alert(1)</script>" in text_of(pdf.render(made, template=own, language="sv"))


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "https://example.com/a.png", "data:text/plain,a", "unknown.png", "../manage.py"]
)
def test_a_page_fetches_nothing_but_what_it_was_given(url):
    with pytest.raises(press.Outward):
        press.print_pdf(f'<img src="{url}">', css="", files={})
    with pytest.raises(FatalURLFetchingError):
        HTML(string=f'<link rel="stylesheet" href="{url}">', base_url=press.BASE, url_fetcher=press.Memory({})).render()


LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


@pytest.mark.parametrize(
    "fields",
    [
        {"buyer_name": "N" * 200, "buyer_contact": "K" * 200, "buyer_street": "S" * 200, "buyer_street_2": "T" * 200},
        {"buyer_name": "Eva " * 50, "buyer_contact": "Att " * 50},
        {"buyer_name": "王小明 🦄 Li", "note": "مرحبا بالعالم שלום"},
        {"number": "A/2026-" + "9" * 53, "buyer_reference": LONG_WORD, "terms": "30 dagar " * 60},
        {"buyer_contact": "", "buyer_street": "", "buyer_postcode": "", "buyer_city": "", "buyer_country": ""},
        {"due_on": None, "payment_reference": "", "vat_rows": [], "buyer_reference": "", "terms": ""},
        {"number": None},
        {"note": "a\u0007c\u200bd\ufeff\u202ee"},
        dict.fromkeys(("line_total", "net", "vat", "gross", "payable"), Decimal("123456789012.34")),
    ],
)
def test_a_strange_invoice_is_still_a_document(fields):
    content = printed(invoice(**fields))
    assert "Att betala" in pages(content)[-1]


def test_the_longest_words_and_amounts_stay_in_their_columns():
    lines = [(LONG_WORD, LONG_WORD, "123456", "C62", "123456789012.34", "123456789012.34", 25)]
    content = printed(invoice(lines=lines, payable=Decimal("123456789012.34"), buyer_name=LONG_WORD))
    sheet = pdfium.PdfDocument(content)[0]
    layer = sheet.get_textpage()
    boxes = [layer.get_charbox(index, loose=True) for index in range(layer.count_chars())]
    assert max(box[2] for box in boxes) <= 193 * MM
    amount = layer.search("012,34").get_next()[0]
    names_end = max(
        box[2]
        for index, box in enumerate(boxes)
        if box[0] < 80 * MM and 170 * MM < box[1] < 192 * MM and index < amount
    )
    assert names_end <= boxes[amount][0]


def test_four_hundred_lines_are_all_there():
    content = printed(invoice(lines=[(f"Rad {number:03d}", "", 1, "C62", "1.00", "1.00", 25) for number in range(400)]))
    found = re.findall(r"Rad \d{3}", text_of(content))
    assert found == [f"Rad {number:03d}" for number in range(400)]


def test_the_preview_is_the_same_page_without_inline_style():
    made = invoice(seller=with_logo(png_logo()))
    html = pdf.html(made, template=None, language="sv")
    assert ("style=" in html, "<style" in html, "<script" in html) == (False, False, False)
    named = set(re.findall(r'(?:src|href)="([^"]+)"', html))
    assert named == {"/static/css/document.css", *pdf.files(made)}
    assert pdf.files(made)["company.css"] == (pdf.stylesheet(made.company).encode(), "text/css")

"""The second layout, and a document that is only a test."""

from decimal import Decimal

import pypdfium2 as pdfium
import pytest
import zxingcpp

from invoicing import pdf

from .test_pdf import LINES, MM, archive, invoice, pages, picture, printed, template, text_of, where  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


def compact(made, *, language="sv", is_test=False, **texts):
    own = template(made.company, **texts)
    own.layout = "compact"
    return pdf.render(made, template=own, language=language, is_test=is_test)


@pytest.mark.parametrize("language", ["sv", "nb", "fi", "en"])
def test_the_compact_page_says_what_the_standard_page_says(language):
    made = invoice(note="Tack!", terms="30 dagar netto, därefter ränta. " * 4)
    words = {language: {"opening": "Hälsningar", "closing": "Avslutning"}}
    standard = pdf.render(made, template=template(made.company, **words), language=language)
    assert sorted(text_of(compact(made, language=language, **words)).split()) == sorted(text_of(standard).split())


def test_the_compact_page_has_the_address_in_the_window_and_what_to_pay_beside_it():
    made = invoice()
    content = compact(made)
    left, top = where(content, "Brf Solsidan")
    assert (round(left), 49 <= top <= 52) == (25, True)
    # The widest window, Norway's, ends at 120 mm and at 79 mm from the top: nothing else is printed in it.
    layer = pdfium.PdfDocument(content)[0].get_textpage()
    height = 297 * MM
    inside = layer.get_text_bounded(left=15 * MM, right=120 * MM, top=height - 44 * MM, bottom=height - 79 * MM)
    lines = {line.strip() for line in inside.splitlines()}
    own = "Fjordgym AB, Hamngatan 12, 111 47 Stockholm"
    assert lines == {own, "Brf Solsidan", "Att. Karin Holm", "Solsidevägen 4", "133 31 Saltsjöbaden"}
    assert where(content, "Att betala")[0] > 122
    assert where(content, f"Faktura {made.number}")[1] > 95
    (code,) = zxingcpp.read_barcodes(picture(content))
    assert "4995.00" in code.text


def test_the_compact_page_has_room_for_more_lines():
    made = invoice(lines=LINES[:1] * 10)
    assert (len(pages(compact(made))), len(pages(printed(made)))) == (1, 2)
    long = pages(compact(invoice(lines=LINES * 30)))
    assert (len(long) > 2, [text for text in long[:-1] if "Beskrivning" not in text]) == (True, [])
    assert "Summa" in long[-1]
    assert "Att betala" in long[0]


def test_a_compact_credit_note_asks_for_nothing():
    first = invoice(number="10198")
    credit = invoice(seller=first.company, kind="credit", type_code="381", number="10199", credits=first, due_on=None)
    text = text_of(compact(credit))
    assert ("Krediteras" in text, "Det finns inget att betala." in text) == (True, True)
    assert [word for word in ("Att betala", "Bankgiro", "OCR", "QR") if word in text] == []


@pytest.mark.parametrize(
    "fields",
    [
        {"payable": Decimal("123456789012.34"), "number": "A/2026-" + "9" * 53, "buyer_name": "N" * 200},
        {"plusgiro": "2865434", "bankgiro": "50501055", "iban": "SE4550000000058398257466", "bic": "ESSESESS"},
    ],
)
def test_the_compact_panel_holds_the_longest_values(fields):
    content = compact(invoice(**fields))
    layer = pdfium.PdfDocument(content)[0].get_textpage()
    boxes = [layer.get_charbox(index, loose=True) for index in range(layer.count_chars())]
    panel = [box for box in boxes if box[0] > 122 * MM and box[3] > (297 - 93) * MM]
    assert max(box[2] for box in boxes) <= 193 * MM
    assert min(box[1] for box in panel) >= (297 - 88) * MM


@pytest.mark.parametrize("layout", ["window", "compact"])
def test_a_test_says_so_on_every_page_and_names_no_account(layout):
    made = invoice(lines=LINES * 30)
    own = template(made.company)
    own.layout = layout
    content = pdf.render(made, template=own, language="sv", is_test=True)
    texts = pages(content)
    assert len(texts) > 2
    assert [text for text in texts if "TEST" not in text or "Inget ska betalas." not in text] == []
    assert [word for word in ("Bankgiro", "5050", "OCR", "SE45") if word in "".join(texts)] == []
    assert zxingcpp.read_barcodes(picture(content, len(texts) - 1)) == zxingcpp.read_barcodes(picture(content)) == []

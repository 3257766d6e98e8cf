"""The yardstick: the same page from a decent designer's template, printed the way WeasyPrint's first page shows."""

from base64 import b64encode
from pathlib import Path

import segno
from django.conf import settings
from django.template import engines
from django.utils import translation
from weasyprint import HTML

from invoicing.logo import logo
from invoicing.page import page
from invoicing.payment_code import payload

TEMPLATE = Path(__file__).with_name("naive.html")
FONTS = (settings.BASE_DIR / "static" / "fonts" / "documents").as_uri() + "/"


def naive_pdf(invoice, *, template, language):
    """The PDF with everything by default: no cache, no shared fonts, no tags."""
    with translation.override(language):
        context = page(invoice, template=template, language=language) | {
            "colour": invoice.company.colour,
            "fonts": FONTS,
            "qr": segno.make_qr(text, error="m").png_data_uri(scale=8) if (text := payload(invoice)) else "",
            "logo": data_uri(*logo(invoice.company)) if logo(invoice.company) else "",
        }
        html = engines["django"].from_string(TEMPLATE.read_text()).render(context)
    return HTML(string=html).write_pdf()


def data_uri(content, media_type):
    return f"data:{media_type};base64,{b64encode(content).decode()}"

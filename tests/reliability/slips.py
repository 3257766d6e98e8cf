"""A cheaper page for big runs: the press is the real one, but most invoices are a slip of a few words.

A full page costs 0.2 s of processor time, a slip a tenth of it. Each FULL_PAGE_EACH-th invoice is a full page. What a
run proves needs no more: whose bytes they are, and where they go.
"""

from functools import partial
from html import escape

from django.apps import AppConfig

FULL_PAGE_EACH = 20
WORDS = """<!doctype html><html lang="sv"><head><meta charset="utf-8"><title>{number}</title><style>
@page {{ size: A4; margin: 0; @bottom-left {{ content: none }} @bottom-right {{ content: none }} }}
body {{ font: 10pt/4.5mm "Source Sans 3", sans-serif }}
p, b {{ position: absolute }}
p {{ left: {left}mm; top: {top}mm; margin: 0 }}
b {{ left: 25mm; top: 120mm }}
</style></head><body><p>{address}</p><b>{number}</b></body></html>"""


def is_full_page(number):
    """Whether an invoice with a number like CH000020 gets one."""
    return int(number.removeprefix("CH")) % FULL_PAGE_EACH == 0


def render(full_page, invoice, *, letter_to=(), **options):
    """As invoicing.pdf.render, which is `full_page`."""
    from invoicing.press import print_pdf
    from invoicing.windows import window_of

    if is_full_page(invoice.number):
        return full_page(invoice, letter_to=letter_to, **options)
    box = window_of(invoice.company).box
    address = "<br>".join(map(escape, letter_to))
    words = WORDS.format(number=invoice.number, address=address, left=box.left + 5, top=box.top + 5)
    return print_pdf(words, css="", files={})


class Slips(AppConfig):
    name = "tests.reliability"
    label = "slips"

    def ready(self):
        from invoicing import pdf  # not before there are models

        pdf.render = partial(render, pdf.render)

"""The document: what is printed, in which glyphs, and that nothing that was typed can break or bend it."""

from datetime import date
from decimal import Decimal
from itertools import count

import pytest

from invoicing import pdf
from invoicing.models import DocumentTemplate, Invoice, Line
from recipients.models import Company, Customer, Workspace

pytestmark = pytest.mark.django_db
serial = count(1)


def company(**fields):
    workspace = Workspace.objects.create(name="Fjordgym")
    number = next(serial)
    values = {
        "slug": f"fjordgym-{number}",
        "name": "Fjordgym AB",
        "legal_id": f"55667{number:01d}-8899",
        "vat_id": "SE556677889901",
        "street": "Hamngatan 12",
        "postcode": "111 47",
        "city": "Stockholm",
        "registered_office": "Stockholm",
        "has_f_tax": True,
        "email": "ekonomi@fjordgym.example",
        "phone": "08-505 010 55",
        "website": "fjordgym.example",
        "bankgiro": "5050-1055",
        "iban": "SE4550000000058398257466",
        "bic": "ESSESESS",
    }
    return Company.objects.create(workspace=workspace, **(values | fields))


LINES = (
    ("Föreningsmedlemskap, 15 personer", "December 2026", 15, "C62", "220.00", "3300.00", 6),
    ("Bokning av sal B, tisdagar 18–19", "1, 8, 15 och 22 december", 4, "HUR", "237.50", "950.00", 6),
    ("Låneutrustning", "Yogamattor och block, december", 1, "XPK", "392.00", "392.00", 25),
)


def invoice(*, seller=None, lines=LINES, **fields):
    seller = seller or company()
    number = next(serial)
    values = {
        "number": f"10{number:03d}",
        "buyer_name": "Brf Solsidan",
        "buyer_contact": "Karin Holm",
        "buyer_street": "Solsidevägen 4",
        "buyer_postcode": "133 31",
        "buyer_city": "Saltsjöbaden",
        "buyer_country": "SE",
        "buyer_number": "20418",
        "issued_on": date(2026, 11, 1),
        "due_on": date(2026, 12, 1),
        "buyer_reference": "Karin Holm",
        "seller_contact": "Kim Berg",
        "terms": "30 dagar netto",
        "currency": "SEK",
        "line_total": Decimal("4642.00"),
        "net": Decimal("4642.00"),
        "vat": Decimal("353.00"),
        "gross": Decimal("4995.00"),
        "payable": Decimal("4995.00"),
        "balance": Decimal("4995.00"),
        "vat_rows": [
            {"category": "S", "rate": "6", "net": "4250.00", "vat": "255.00", "exemption": ""},
            {"category": "S", "rate": "25", "net": "392.00", "vat": "98.00", "exemption": ""},
        ],
        "payment_reference": "101982041853",
    } | fields
    if "customer" not in values:
        values["customer"] = Customer.objects.create(workspace=seller.workspace, name=values["buyer_name"][:120])
    made = Invoice.objects.create(company=seller, **values)
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
    return DocumentTemplate.objects.create(company=seller, name=f"Standard {next(serial)}", texts=texts)

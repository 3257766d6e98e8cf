"""The three companies of the story, who works there, and their logos. The numbers are public samples or made up."""

from decimal import Decimal
from pathlib import Path

from recipients.methods import Method
from recipients.models import Role

PASSWORD = "demo"  # noqa: S105 - it is printed on the first screen of the demo
# login: (name, {company: role})
USERS = {
    "manager@demo.test": ("Kim Berg", {"fjordgym": Role.MANAGER, "fjordgym-norge": Role.MANAGER}),
    "clerk@demo.test": ("Åsa Lindqvist", {"fjordgym": Role.CLERK, "fjordgym-norge": Role.CLERK}),
    "viewer@demo.test": ("Jussi Laine", {"fjordgym": Role.VIEWER, "fjordgym-norge": Role.VIEWER}),
    "admin@demo.test": (
        "Robin Ek",
        {"fjordgym": Role.MANAGER, "fjordgym-norge": Role.MANAGER, "brf-solsidan": Role.MANAGER},
    ),
}

LOGOS = Path(__file__).parent / "logos"  # <slug>.svg; names are outlines, because an SVG picture has no fonts

# slug: workspace, the Company's columns, its Settings', {template: {language: texts}}
COMPANIES = {
    "fjordgym": {
        "workspace": "Fjordgym",
        "company": {
            "name": "Fjordgym AB", "legal_id": "556677-8899", "vat_id": "SE556677889901", "endpoint": "0007:5566778899",
            "street": "Hamngatan 12", "postcode": "111 47", "city": "Stockholm", "country": "SE",
            "registered_office": "Stockholm", "has_f_tax": True, "email": "ekonomi@fjordgym.example",
            "phone": "08-505 010 55", "website": "fjordgym.example", "bankgiro": "5050-1055",
            "colour": "#0b6a61", "language": "sv",
        },
        "settings": {
            "active_methods": [Method.EMAIL, Method.CENTRAL_PRINT, Method.OWN_PRINTER],
            "default_method": Method.EMAIL, "reserve_method": Method.OWN_PRINTER, "undo_minutes": 5,
            "letter_price": Decimal("9.50"), "sender_prefix": "fjordgym",
            "sender_name": "Fjordgym",
        },
        "templates": {
            "Medlemsfaktura": {
                "sv": {"opening": "Tack för att du tränar hos oss.",
                       "closing": "Ange OCR-numret när du betalar. Efter förfallodagen tar vi ut dröjsmålsränta "
                                  "enligt räntelagen. Påminnelseavgift 60 kr."},
                "en": {"opening": "Thank you for training with us."},
                "fi": {"opening": "Kiitos, että harjoittelet meillä."},
            },
            "Företagsfaktura": {"sv": {"opening": "Tack för att ni tränar hos oss."}},
        },
    },
    "fjordgym-norge": {
        "workspace": "Fjordgym",
        "company": {
            "name": "Fjordgym Norge AS", "legal_id": "987 654 325", "vat_id": "NO 987 654 325 MVA",
            "endpoint": "0192:987654325", "street": "Storgata 9", "postcode": "0155", "city": "Oslo", "country": "NO",
            "registered_office": "Oslo", "email": "regnskap@fjordgym-norge.example", "phone": "22 50 10 55",
            "website": "fjordgym-norge.example", "account": "86011117947", "iban": "NO9386011117947",
            "bic": "DNBANOKK", "colour": "#1b4f8f", "language": "nb",
        },
        "settings": {
            "active_methods": [Method.EMAIL], "default_method": Method.EMAIL, "undo_minutes": 10,
            "sender_prefix": "fjordgym-norge", "sender_name": "Fjordgym Norge",
            "reply_to": "regnskap@fjordgym-norge.example",
        },
        "templates": {"Faktura": {"nb": {"opening": "Takk for at du trener hos oss."}}},
    },
    "brf-solsidan": {
        "workspace": "Ek Redovisning: Brf Solsidan",
        "company": {
            "name": "Brf Solsidan", "legal_id": "769612-3459", "vat_id": "SE769612345901",
            "street": "Solsidevägen 4", "postcode": "133 31", "city": "Saltsjöbaden", "country": "SE",
            "registered_office": "Nacka", "email": "styrelsen@brfsolsidan.example", "plusgiro": "28 65 43-4",
            "colour": "#8a5414", "language": "sv",
        },
        "settings": {
            "active_methods": [Method.EMAIL, Method.OWN_PRINTER], "default_method": Method.EMAIL, "undo_minutes": 30,
            "sender_prefix": "brf-solsidan", "sends_to_document_address": True,
        },
        "templates": {"Avgiftsavi": {"sv": {"opening": "Avgiften betalas i förskott, senast sista vardagen."}}},
    },
}  # fmt: skip

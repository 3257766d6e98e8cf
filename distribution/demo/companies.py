"""The three companies of the story, who works there, and their logos. The numbers are public samples or made up."""

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

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 48" width="{width}" height="48">{drawing}</svg>'
NAME = '<text x="60" y="33" font-family="Inter" font-weight="600" font-size="26" fill="{colour}">{name}</text>'
PEAKS = (
    '<circle cx="24" cy="24" r="24" fill="{dark}"/>'
    '<path d="M7 31 18 16l7 9 5-6 11 12" fill="none" stroke="#fff" stroke-width="3.4" stroke-linejoin="round"/>'
    '<path d="M12 38h24" stroke="{light}" stroke-width="3.4" stroke-linecap="round"/>'
)
SUN_AND_HOUSE = (
    '<circle cx="33" cy="15" r="11" fill="#e3a72f"/>'
    '<path d="M4 44V24L20 10l16 14v20z" fill="#7a4a12"/><path d="M15 44V31h10v13z" fill="#fdf6e7"/>'
)


def logo(drawing, name, colour, width):
    return SVG.format(width=width, drawing=drawing + NAME.format(name=name, colour=colour)).encode()


# slug: workspace, the Company's columns, its Settings', logo, template: (name, {language: texts})
COMPANIES = {
    "fjordgym": {
        "workspace": "Fjordgym",
        "company": {
            "name": "Fjordgym AB", "legal_id": "5566778899", "vat_id": "SE556677889901", "endpoint": "0007:5566778899",
            "street": "Hamngatan 12", "postcode": "111 47", "city": "Stockholm", "country": "SE",
            "registered_office": "Stockholm", "has_f_tax": True, "email": "ekonomi@fjordgym.example",
            "phone": "08-505 010 55", "website": "fjordgym.example", "bankgiro": "5050-1055",
            "colour": "#0b6a61", "language": "sv",
        },
        "settings": {
            "active_methods": [Method.EMAIL, Method.OWN_PRINTER], "default_method": Method.EMAIL,
            "reserve_method": Method.OWN_PRINTER, "undo_minutes": 5, "sender_prefix": "fjordgym",
            "sender_name": "Fjordgym",
        },
        "logo": logo(PEAKS.format(dark="#12403b", light="#7fd1c3"), "Fjordgym", "#12403b", 186),
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
            "name": "Fjordgym Norge AS", "legal_id": "987654325", "vat_id": "NO987654325MVA",
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
        "logo": logo(PEAKS.format(dark="#173a66", light="#8fc1f2"), "Fjordgym Norge", "#173a66", 264),
        "templates": {"Faktura": {"nb": {"opening": "Takk for at du trener hos oss."}}},
    },
    "brf-solsidan": {
        "workspace": "Ek Redovisning: Brf Solsidan",
        "company": {
            "name": "Brf Solsidan", "legal_id": "7696123459", "vat_id": "SE769612345901",
            "street": "Solsidevägen 4", "postcode": "133 31", "city": "Saltsjöbaden", "country": "SE",
            "registered_office": "Nacka", "email": "styrelsen@brfsolsidan.example", "plusgiro": "28 65 43-4",
            "colour": "#8a5414", "language": "sv",
        },
        "settings": {
            "active_methods": [Method.EMAIL, Method.OWN_PRINTER], "default_method": Method.EMAIL, "undo_minutes": 30,
            "sender_prefix": "brf-solsidan", "sends_to_document_address": True,
        },
        "logo": logo(SUN_AND_HOUSE, "Brf Solsidan", "#5c370d", 222),
        "templates": {"Avgiftsavi": {"sv": {"opening": "Avgiften betalas i förskott, senast sista vardagen."}}},
    },
}  # fmt: skip

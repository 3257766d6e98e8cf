"""Who gets what: chosen x active x default x reserve x what is known, by the real channels. One line a case."""

import pytest

from distribution.channels.base import Recipient
from distribution.models import Settings
from distribution.reasons import Reason
from distribution.resolver import resolve
from invoicing.models import Invoice
from recipients.methods import Method
from recipients.models import Company
from tests.factories import CustomerFactory

MAIL, PRINT, OWN, EINV = Method.EMAIL, Method.CENTRAL_PRINT, Method.OWN_PRINTER, Method.EINVOICE
OFF, NO_CHANNEL, ENOUGH = Reason.NOT_ACTIVE, Reason.NO_CHANNEL, Reason.PRINTED_ENOUGH
NO_MAIL, BAD_MAIL = Reason.NO_EMAIL, Reason.BAD_EMAIL
NO_POST, BAD_POST = Reason.NO_POSTAL_ADDRESS, Reason.BAD_POSTAL_ADDRESS

CARD = {
    "email": {"email": "eva@lund.example"},
    "bad email": {"email": "eva@"},
    "post": {"street": "Storgatan 1", "postcode": "123 45", "city": "Täby"},
    "bad post": {"street": "Storgatan 1", "postcode": "1234", "city": "Täby"},
}
DOCUMENT = {
    "on it": {"buyer_street": "Box 7", "buyer_postcode": "111 22", "buyer_city": "Stockholm"},
    "half on it": {"buyer_street": "Box 7", "buyer_city": "Stockholm"},
}
CASES = [
    # chosen, active, default, reserve, known of the recipient, letters so far -> the way or the reason, and the trace
    ("", "mail print", MAIL, "", "email post", 0, MAIL, "used"),
    ("", "mail print", MAIL, PRINT, "email post", 0, MAIL, "used not_needed"),
    ("", "mail print", MAIL, PRINT, "post", 0, PRINT, f"{NO_MAIL} used"),  # BRP-54
    ("", "mail print", MAIL, PRINT, "bad email, post", 0, PRINT, f"{BAD_MAIL} used"),
    ("", "mail print", PRINT, MAIL, "email", 0, MAIL, f"{NO_POST} used"),  # BRP-55
    ("", "mail print", PRINT, MAIL, "email, bad post", 0, MAIL, f"{BAD_POST} used"),  # BRP-55
    ("", "mail print", PRINT, MAIL, "email post", 0, PRINT, "used not_needed"),
    ("", "mail print", MAIL, PRINT, "", 0, NO_MAIL, f"{NO_MAIL} {NO_POST}"),  # BRP-56
    ("", "mail print", PRINT, MAIL, "bad post", 0, BAD_POST, f"{BAD_POST} {NO_MAIL}"),
    ("", "mail", PRINT, MAIL, "email post", 0, MAIL, f"{OFF} used"),
    ("", "print", MAIL, "", "email post", 0, OFF, OFF),
    ("", "print", MAIL, PRINT, "email", 0, NO_POST, f"{OFF} {NO_POST}"),  # what can be mended before what is off
    ("", "", MAIL, PRINT, "email post", 0, OFF, f"{OFF} {OFF}"),
    # the address on the document
    ("", "print", PRINT, "", "on it", 0, PRINT, "used"),
    ("", "print", PRINT, "", "half on it", 0, BAD_POST, BAD_POST),
    ("", "print", PRINT, "", "half on it, post", 0, PRINT, "used"),
    ("", "print", PRINT, "", "half on it, bad post", 0, BAD_POST, BAD_POST),
    # chosen by the recipient
    (PRINT, "mail print", MAIL, "", "email post", 0, PRINT, "used not_needed"),
    (PRINT, "mail print own", MAIL, OWN, "email", 0, MAIL, f"{NO_POST} used not_needed"),  # BRP-50b
    (PRINT, "mail own", MAIL, OWN, "email post", 0, MAIL, f"{OFF} used not_needed"),  # BRP-51
    (MAIL, "mail print", PRINT, "", "post", 0, PRINT, f"{NO_MAIL} used"),  # BRP-50
    (MAIL, "mail print", PRINT, MAIL, "", 0, NO_MAIL, f"{NO_MAIL} {NO_POST}"),  # each method is tried once
    (EINV, "mail print", MAIL, PRINT, "email post", 0, MAIL, f"{NO_CHANNEL} used not_needed"),
    (OWN, "mail print own", MAIL, PRINT, "", 0, OWN, "used not_needed not_needed"),
    # at most three letters: BRP-06
    ("", "print", PRINT, "", "post", 2, PRINT, "used"),
    ("", "print", PRINT, "", "post", 3, ENOUGH, ENOUGH),
    ("", "mail print", PRINT, MAIL, "email post", 3, MAIL, f"{ENOUGH} used"),
    (PRINT, "mail print", MAIL, "", "email post", 3, MAIL, f"{ENOUGH} used"),
    ("", "mail print", MAIL, PRINT, "email post", 3, MAIL, "used not_needed"),
]


@pytest.mark.parametrize("chosen, active, default, reserve, known, letters, expected, trace", CASES)
def test_who_gets_what(chosen, active, default, reserve, known, letters, expected, trace):
    company = Company(country="SE")
    address = {"email": "", "street": "", "postcode": "", "city": ""}
    for what, fields in CARD.items():
        if what in known and f"bad {what}" not in known:
            address |= fields
    eva = CustomerFactory.build(workspace=None, name="Eva Lund", **address)
    document = next((fields for what, fields in reversed(DOCUMENT.items()) if what in known), {})
    invoice = Invoice(company=company, customer=eva, buyer_name="Eva Lund", **document)
    codes = {"mail": MAIL, "print": PRINT, "own": OWN}
    settings = Settings(
        company=company, active_methods=[codes[name] for name in active.split()], default_method=default,
        reserve_method=reserve,
    )  # fmt: skip
    recipient = Recipient(invoice, uses_document_address=False, organisation_first=True, prints=letters)
    route = resolve(recipient, {eva.pk: chosen} if chosen else {}, settings)
    assert (route.method or route.reason) == expected
    assert [step["verdict"] for step in route.because] == str(trace).split()
    if route.method == MAIL:
        assert route.address == "eva@lund.example"
    if route.method == PRINT:
        where = ["Box 7", "111 22", "Stockholm"] if known == "on it" else ["Storgatan 1", "123 45", "Täby"]
        assert route.address.split("\n") == ["Eva Lund", *where, "SE"]
    if not route.method:
        assert route.address == ""

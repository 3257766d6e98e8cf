"""Where the money goes: the accounts an invoice is paid to, and the QR code that says the same to a bank's app."""

import io
import json
import re
from dataclasses import dataclass

import segno
from PIL import Image

from config.identifiers import is_iban, is_rf, is_viite, mod97
from invoicing.models import Invoice

SCALE, MARGIN, MASK = 8, 4, 2


@dataclass(frozen=True)
class PayTo:
    """Accounts and reference as a payer types them, without spaces and hyphens. Empty where there is none."""

    bankgiro: str = ""
    plusgiro: str = ""
    iban: str = ""
    bic: str = ""
    account: str = ""  # a domestic number where there is no IBAN
    reference: str = ""  # OCR, KID, viite or RF; the invoice's number where the document has none


def pay_to(invoice):
    """The accounts the document names; the company's own only when it names none, never a mix of both."""
    own = _accounts(invoice.bankgiro, invoice.plusgiro, invoice.iban, invoice.bic)
    company = invoice.company
    found = own if any(own.values()) else _accounts(company.bankgiro, company.plusgiro, company.iban, company.bic)
    if not any(own.values()) and not found["iban"]:
        found["account"] = _plain(company.account)
    return PayTo(**found, reference=invoice.payment_reference or invoice.number or "")


def is_payable(invoice):
    """Whether there is something to pay: not on a credit note or a draft, nor when all is prepaid."""
    return invoice.kind == Invoice.Kind.DEBIT and invoice.number is not None and invoice.payable > 0


def payload(invoice):
    """What the QR code says, or "": UsingQR for SEK by bankgiro or plusgiro, EPC069-12 for EUR by IBAN."""
    if not is_payable(invoice):
        return ""
    to = pay_to(invoice)
    if invoice.currency == "SEK" and (to.bankgiro or to.plusgiro):
        return _using_qr(invoice, to)
    if invoice.currency == "EUR" and to.iban and invoice.payable < 1_000_000_000:
        return _epc(invoice, to)
    return ""


def png(text):
    """The code as a PNG, error level M: 8 pixels a module so that no viewer blurs it, a white margin of 4 modules.

    The mask is fixed (any reader takes any mask; trying all eight costs four times the rest), and Pillow writes the
    pixels, as grey: WeasyPrint embeds those without converting them.
    """
    modules = segno.make_qr(text, error="m", boost_error=False, mask=MASK).matrix
    size = len(modules)
    dark = Image.frombytes("L", (size, size), bytes(0 if module & 1 else 255 for row in modules for module in row))
    side = (size + 2 * MARGIN) * SCALE
    code = Image.new("L", (side, side), 255)
    code.paste(dark.resize((size * SCALE, size * SCALE), Image.Resampling.NEAREST), (MARGIN * SCALE, MARGIN * SCALE))
    out = io.BytesIO()
    code.save(out, "PNG", compress_level=1)
    return out.getvalue()


def _plain(number):
    return re.sub(r"[\s-]", "", number)


def _accounts(bankgiro, plusgiro, iban, bic):
    account = _plain(iban).upper()
    with_iban = is_iban(account)
    return {
        "bankgiro": _plain(bankgiro),
        "plusgiro": _plain(plusgiro),
        "iban": account if with_iban else "",
        "bic": _plain(bic).upper() if with_iban else "",
        "account": "" if with_iban else account,
    }


def _using_qr(invoice, to):
    """One line of JSON (usingqr.com, version 1). Amounts are numbers with two decimals, dates YYYYMMDD."""
    company = invoice.company
    kind, account = ("BG", to.bankgiro) if to.bankgiro else ("PG", to.plusgiro)
    fields = {
        "uqr": "1",
        "tp": "1",  # an invoice
        "nme": json.dumps(company.name, ensure_ascii=False),
        "cc": json.dumps(company.country),
        "cid": json.dumps(company.legal_id) if company.legal_id else None,
        "iref": json.dumps(to.reference, ensure_ascii=False),
        "idt": f'"{invoice.issued_on:%Y%m%d}"',
        "ddt": f'"{invoice.due_on:%Y%m%d}"' if invoice.due_on else None,
        "due": f"{invoice.payable:.2f}",
        "vat": f"{invoice.vat:.2f}",
        "cur": '"SEK"',
        "pt": f'"{kind}"',
        "acc": json.dumps(account),
    }
    return "{" + ",".join(f'"{key}":{value}' for key, value in fields.items() if value) + "}"


def _epc(invoice, to):
    """European Payments Council, EPC069-12 v2.1, section 3.2: twelve lines, UTF-8, the BIC may be empty."""
    structured = _creditor_reference(to)
    return "\n".join(
        (
            "BCD",
            "002",
            "1",
            "SCT",
            to.bic,
            " ".join(invoice.company.name.split())[:70],
            to.iban,
            f"EUR{invoice.payable:.2f}",
            "",  # purpose
            structured,
            "" if structured else " ".join(to.reference.split())[:140],
        )
    )


def _creditor_reference(to):
    """The reference as ISO 11649, or "". A Finnish viite is the same reference in its RF form."""
    plain = _plain(to.reference).upper()
    if is_rf(plain):
        return plain
    if to.iban.startswith("FI") and is_viite(plain):
        viite = plain.lstrip("0")
        return f"RF{98 - mod97(viite + 'RF00'):02}{viite}"
    return ""

"""Our own neutral layout of what a print provider gets: a ZIP of PDFs, a manifest that names them, and their hashes.

    documents/<delivery id>.pdf, manifest.json, SHA256SUMS

Beside manifest.json stands manifest.csv or manifest.xml where the profile says so. The same deliveries give the same
bytes, so that a hash in the history can be made anew. docs/print-batch.md is for those who read it.
"""

import hashlib
import json
import zipfile
from datetime import UTC

from distribution.models import Enclosure
from invoicing.models import Invoice
from invoicing.payment_code import is_payable, pay_to

from . import postal, print_lists
from .pdfium import opened

FORMAT, VERSION = "print-batch", 1
KINDS = {Invoice.Kind.DEBIT: "invoice", Invoice.Kind.CREDIT: "credit_note"}


def pack(parcel, deliveries, file, profile):
    """Write the ZIP to an open file, one document at a time.

    `deliveries` in the order in which they are printed, with invoice, company and enclosures.
    """
    stamp = parcel.batch.opened_at.astimezone(UTC).timetuple()[:6]
    sums, items = [], []
    # Stored, not squeezed: PDFs hardly shrink, and the provider unpacks in a moment.
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:

        def write(name, content):
            archive.writestr(zipfile.ZipInfo(name, stamp), content)
            sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}")

        for delivery in deliveries:
            (pdf,) = (each for each in delivery.enclosures.all() if each.role == Enclosure.Role.PDF)
            content = pdf.file.read()
            name = name_of(delivery, content, profile)
            write(name, content)
            items.append(item(delivery, name, content, profile))
        facts = manifest(parcel, items, profile)
        write("manifest.json", json.dumps(facts, ensure_ascii=False, indent=1).encode())
        if profile.manifest in print_lists.WRITERS:
            write(f"manifest.{profile.manifest}", print_lists.WRITERS[profile.manifest](facts))
        archive.writestr(zipfile.ZipInfo("SHA256SUMS", stamp), "\n".join(sums) + "\n")


def name_of(delivery, content, profile):
    """In the ZIP; a loose file has the name over there too, which holds its content's digest."""
    if profile.is_zip:
        return f"documents/{delivery.pk}.pdf"
    return f"{delivery.pk}_{hashlib.sha256(content).hexdigest()[:8]}.pdf"


def manifest(parcel, items, profile):
    company = parcel.company
    return {
        "format": FORMAT,
        "version": VERSION,
        "batch_id": str(parcel.pk),
        "created": parcel.batch.opened_at.astimezone(UTC).isoformat(timespec="seconds"),
        "sender": {
            "name": company.name,
            "org_no": company.legal_id,
            "return_address": {
                "lines": [line for line in (company.street, company.street_2) if line],
                "postcode": company.postcode,
                "city": company.city,
                "country": company.country,
            },
        },
        "defaults": {
            "postage": profile.postage,
            "duplex": profile.duplex,
            "colour": profile.colour,
            "envelope": "auto",
        },
        "items": items,
        "totals": {
            "documents": len(items),
            "pages": sum(each["pages"] for each in items),
            "sheets": sum(each["sheets"] for each in items),
        },
    }


def item(delivery, name, content, profile):
    """What the provider must know of one letter."""
    invoice = delivery.invoice
    with opened(content) as document:
        pages = len(document)
    return {
        "id": str(delivery.pk),
        "file": name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "document_type": KINDS[invoice.kind],
        "document_no": invoice.number,
        "customer_no": invoice.buyer_number,
        "pages": pages,
        "sheets": profile.sheets(pages),
        "recipient": recipient(delivery),
        "payment": payment(invoice),
    }


def recipient(delivery):
    """As it was frozen when the route was."""
    address = postal.PostalAddress.read(delivery.address)
    return {
        "name": address.name,
        "lines": list(address.lines),
        "postcode": address.postcode,
        "city": address.city,
        "country": address.country,
    }


def payment(invoice):
    """What the slip says, or {} where nothing is to be paid."""
    to = pay_to(invoice)  # as the page says it: the company's accounts where the document names none
    kinds = ("bankgiro", "plusgiro", "iban", "account")
    account = next(((kind, getattr(to, kind)) for kind in kinds if getattr(to, kind)), None)
    if not is_payable(invoice) or account is None:
        return {}
    return {
        "currency": invoice.currency,
        "amount": str(invoice.payable),
        "due": invoice.due_on.isoformat() if invoice.due_on else "",
        "account_type": account[0],
        "account": account[1],
        "reference": to.reference,
    }

"""The bridge between rows and CoreInvoice. Totals are taken as given."""

from decimal import Decimal

from invoicing.formats.core import CoreInvoice, Item, Party, Totals, VatRow
from invoicing.formats.core import Line as CoreLine
from invoicing.formats.findings import Code, Finding, Unreadable
from invoicing.models import Invoice, Line

BANKGIRO, PLUSGIRO = "SE:BANKGIRO", "SE:PLUSGIRO"  # Peppol SE-R-011, SE-R-012


def from_core(core):
    """(unsaved Invoice without company and recipient, unsaved Lines, findings about texts that had to be cut)."""
    totals, buyer, findings = core.totals, core.buyer, []
    address, contact = buyer.address, buyer.contact
    invoice = Invoice(
        kind=Invoice.Kind.CREDIT if core.is_credit else Invoice.Kind.DEBIT,
        number=core.number,
        type_code=core.type_code or ("381" if core.is_credit else "380"),
        document_email=core.document_email,
        buyer_name=buyer.name,
        buyer_contact=contact.name if contact else "",
        buyer_street=address.street if address else "",
        buyer_street_2=" ".join(filter(None, (address.street_2, address.street_3))) if address else "",
        buyer_postcode=address.postcode if address else "",
        buyer_city=address.city if address else "",
        buyer_country=address.country if address else "",
        buyer_number=core.customer_number,
        buyer_legal_id=buyer.legal_id.value if buyer.legal_id else "",
        buyer_vat_id=buyer.vat_id,
        issued_on=core.issued_on,
        due_on=core.due_on,
        delivered_on=core.delivery.delivered_on if core.delivery else None,
        period_start=core.period.start if core.period else None,
        period_end=core.period.end if core.period else None,
        buyer_reference=core.buyer_reference,
        order_reference=core.order,
        contract_reference=core.contract,
        seller_contact=core.seller.contact.name if core.seller.contact else "",
        terms=core.payment_terms,
        note="\n".join(core.notes),
        currency=core.currency,
        line_total=_given(totals.lines),
        allowance_total=_given(totals.allowances),
        charge_total=_given(totals.charges),
        net=_given(totals.without_vat),
        vat=_given(totals.vat),
        gross=_given(totals.with_vat),
        prepaid=_given(totals.prepaid),
        rounding=_given(totals.rounding),
        payable=totals.payable,
        balance=totals.payable,
        vat_rows=[
            {
                "category": row.category,
                "rate": _text(row.rate),
                "net": _text(row.taxable),
                "vat": _text(row.amount),
                "exemption": row.exemption_reason,
            }
            for row in core.vat_rows
        ],
        allowances=_allowances(core.allowance_charges),
        payment_reference=core.payment_reference,
        **accounts(core),
    )
    lines = [_line(line, position) for position, line in enumerate(core.lines, 1)]
    for row in (invoice, *lines):
        findings += _fit(row)
    return invoice, lines, findings


def figures(invoice, lines):
    """What `formats.checks` looks at, of an invoice that is made here: its sums, as a file would have them."""
    amounts = invoice.line_total, invoice.net, invoice.vat, invoice.gross, invoice.payable
    rows = [
        (Decimal(row["net"]), Decimal(row["vat"]), row["category"], Decimal(row["rate"])) for row in invoice.vat_rows
    ]
    line_total, net, vat, gross, payable = amounts
    return CoreInvoice(
        is_credit=invoice.kind == Invoice.Kind.CREDIT,
        number=invoice.number,
        issued_on=invoice.issued_on,
        currency=invoice.currency,
        seller=Party(name=invoice.company.name),
        buyer=Party(name=invoice.buyer_name),
        totals=Totals(lines=line_total, without_vat=net, vat=vat, with_vat=gross, payable=payable),
        vat_rows=tuple(VatRow(taxable=a, amount=b, category=c, rate=d) for a, b, c, d in rows),
        lines=tuple(CoreLine(net=line.net, item=Item(name=line.name)) for line in lines),
    )


def accounts(core):
    """The accounts of BG-17 by kind: bankgiro and plusgiro as digits, the first other as IBAN with its BIC."""
    found = {}
    for account in (payment.account for payment in core.payments if payment.account):
        digits = "".join(filter(str.isdigit, account.number))
        if account.bank == BANKGIRO and len(digits) in (7, 8):
            found.setdefault("bankgiro", digits)
        elif account.bank == PLUSGIRO and 2 <= len(digits) <= 8:
            found.setdefault("plusgiro", digits)
        elif "iban" not in found:
            # What is no BIC is left out: SE:BANKGIRO with an account that is none, a bank's name.
            bic = account.bank if len(account.bank) in (8, 11) and account.bank.isalnum() else ""
            found |= {"iban": account.number.replace(" ", ""), "bic": bic}
    return found


def _line(line, position):
    price, vat, period = line.price, line.vat, line.period
    return Line(
        position=position,
        name=line.item.name or line.note or line.id,
        description="\n".join(filter(None, (line.item.description, line.note))),
        quantity=1 if line.quantity is None else line.quantity,
        unit=line.unit,
        price=price.net if price else line.net,
        base_quantity=(price and price.base_quantity) or 1,
        net=line.net,
        vat_category=vat.category if vat else "",
        vat_rate=vat.rate if vat else None,
        period_start=period.start if period else None,
        period_end=period.end if period else None,
        allowances=_allowances(line.allowance_charges),
    )


def _allowances(rows):
    return [
        {
            "kind": "charge" if row.is_charge else "allowance",
            "reason": row.reason or row.reason_code,
            "amount": _text(row.amount),
            "category": row.vat.category if row.vat else "",
            "rate": _text(row.vat.rate) if row.vat else "",
        }
        for row in rows
    ]


def _given(amount):
    return 0 if amount is None else amount


def _text(number):
    return "" if number is None else str(number)


# A part of one of these would name somebody or something else.
EXACT = {"number", "buyer_number", "currency", "payment_reference", "iban", "bic"}


def _fit(row):
    """Cut texts to their columns and tell; the original bytes keep the whole. Raises Unreadable for what is exact."""
    findings = []
    for field in row._meta.concrete_fields:
        limit, value = getattr(field, "max_length", None), getattr(row, field.attname)
        if limit and isinstance(value, str) and len(value) > limit:
            if field.name in EXACT:
                raise Unreadable(Code.TOO_LONG, element=field.name, line=None, term="", length=len(value), limit=limit)
            setattr(row, field.attname, value[: limit - 1] + "…")
            findings.append(Finding(Code.TOO_LONG, {"element": field.name, "length": len(value), "limit": limit}))
    return findings

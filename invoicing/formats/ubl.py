"""OASIS UBL 2.1 Invoice and CreditNote as EN 16931 uses them (CEN/TS 16931-3-2), Peppol BIS Billing 3 included.

Ordered tables say which element holds which business term. What no row has taken is reported as NOT_KEPT, so
nothing of a document disappears unseen.
"""

from lxml import etree

from . import core, safexml
from .findings import Code, Unreadable
from .reading import Reader, day, document_currency, group, identifier, invoice_number, lines, tax_currency, text
from .ubl_groups import (
    ALLOWANCE_CHARGE,
    DELIVERY,
    DOCUMENT,
    INVOICED_OBJECT,
    NAMESPACES,
    PARTY,
    PAYEE,
    PAYMENT,
    PERIOD,
    PRECEDING,
    PROJECT,
    TAX_REPRESENTATIVE,
    TOTALS,
    VAT_ROW,
    VAT_TOTAL,
    line_rules,
    rule,
)

NAME = "UBL 2.1"
INVOICE = "{urn:oasis:names:specification:ubl:schema:xsd:Invoice-2}Invoice"
CREDIT_NOTE = "{urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2}CreditNote"
# UNTDID 1001 codes that make an `Invoice` a credit note: those that the rule BR-CL-01 gives to credit notes only.
CREDIT_CODES = {"83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532"}
# Elements that only steer: they say what their neighbour means.
STEERING = etree.XPath(
    "cbc:UBLVersionID | .//cbc:ChargeIndicator | .//cac:PartyTaxScheme/cac:TaxScheme/cbc:ID"
    " | .//*[self::cac:TaxCategory or self::cac:ClassifiedTaxCategory]"
    "/cac:TaxScheme/cbc:ID[translate(normalize-space(),'vat','VAT')='VAT']"
    f" | .//cbc:DocumentTypeCode[normalize-space()='{INVOICED_OBJECT}']"
    " | self::*[local-name()='CreditNote']/cac:AdditionalDocumentReference"
    f"/cbc:DocumentTypeCode[normalize-space()='{PROJECT}']",
    namespaces=NAMESPACES,
)


def document_rules(*, type_code, due, project, not_supporting, line, quantity):
    """The terms of a whole document; the arguments are what Invoice and CreditNote do not share."""
    reference = "cac:AdditionalDocumentReference"
    type_of = "normalize-space(cbc:DocumentTypeCode)"
    supporting = " and ".join(f"{type_of}!='{code}'" for code in not_supporting)
    creditor = "cac:PartyIdentification/cbc:ID[@schemeID='SEPA']"
    creditors = f"cac:AccountingSupplierParty/cac:Party/{creditor} | cac:PayeeParty/{creditor}"
    return (
        rule("BT-24", "profile", "cbc:CustomizationID", text),
        rule("BT-23", "process", "cbc:ProfileID", text),
        rule("BT-1", "number", "cbc:ID", invoice_number, needed=True),
        rule("BT-2", "issued_on", "cbc:IssueDate", day, needed=True),
        rule("BT-3", "type_code", type_code, text),
        rule("BT-22", "notes", "cbc:Note", lines, many=True),
        rule("BT-7", "tax_point_on", "cbc:TaxPointDate", day),
        rule("BT-5", "currency", "cbc:DocumentCurrencyCode", document_currency, needed=True),
        rule("BT-6", "tax_currency", "cbc:TaxCurrencyCode", tax_currency),
        rule("BT-9", "due_on", due, day),
        rule("BT-19", "accounting", "cbc:AccountingCost", text),
        rule("BT-10", "buyer_reference", "cbc:BuyerReference", text),
        rule("BG-14", "period", "cac:InvoicePeriod[cbc:StartDate or cbc:EndDate]", PERIOD),
        rule("BT-8", "tax_point_code", "cac:InvoicePeriod/cbc:DescriptionCode", text),
        rule("BT-13", "order", "cac:OrderReference/cbc:ID", text),
        rule("BT-14", "sales_order", "cac:OrderReference/cbc:SalesOrderID", text),
        rule("BG-3", "preceding", "cac:BillingReference/cac:InvoiceDocumentReference", PRECEDING, many=True),
        rule("BT-16", "despatch", "cac:DespatchDocumentReference/cbc:ID", text),
        rule("BT-15", "receipt", "cac:ReceiptDocumentReference/cbc:ID", text),
        rule("BT-17", "tender", "cac:OriginatorDocumentReference/cbc:ID", text),
        rule("BT-12", "contract", "cac:ContractDocumentReference/cbc:ID", text),
        rule("BT-11", "project", project, text),
        rule("BT-18", "object", f"{reference}[{type_of}='{INVOICED_OBJECT}']/cbc:ID", identifier),
        rule("BG-24", "documents", f"{reference}[{supporting}]", DOCUMENT, many=True),
        rule("BG-4", "seller", "cac:AccountingSupplierParty/cac:Party", PARTY, needed=True),
        rule("BG-7", "buyer", "cac:AccountingCustomerParty/cac:Party", PARTY, needed=True),
        rule("BG-10", "payee", "cac:PayeeParty", PAYEE),
        rule("BT-90", "creditor_id", creditors, text),
        rule("BG-11", "tax_representative", "cac:TaxRepresentativeParty", TAX_REPRESENTATIVE),
        rule("BG-13", "delivery", "cac:Delivery", DELIVERY),
        rule("BG-16", "payments", "cac:PaymentMeans", PAYMENT, many=True),
        rule("BT-20", "payment_terms", "cac:PaymentTerms/cbc:Note", lines),
        rule("BG-20, BG-21", "allowance_charges", "cac:AllowanceCharge", ALLOWANCE_CHARGE, many=True),
        rule("BG-23", "vat_rows", f"({VAT_TOTAL})[1]/cac:TaxSubtotal", VAT_ROW, many=True),
        rule("BG-22", "totals", "cac:LegalMonetaryTotal", TOTALS, needed=True),
        rule("BG-25", "lines", line, group(core.Line, line_rules(quantity)), many=True),
    )


RULES = {
    INVOICE: document_rules(
        type_code="cbc:InvoiceTypeCode",
        due="cbc:DueDate | cac:PaymentMeans/cbc:PaymentDueDate",
        project="cac:ProjectReference/cbc:ID",
        not_supporting=[INVOICED_OBJECT],
        line="cac:InvoiceLine",
        quantity="cbc:InvoicedQuantity",
    ),
    CREDIT_NOTE: document_rules(
        type_code="cbc:CreditNoteTypeCode",
        due="cac:PaymentMeans/cbc:PaymentDueDate",
        project=f"cac:AdditionalDocumentReference[normalize-space(cbc:DocumentTypeCode)='{PROJECT}']/cbc:ID",
        not_supporting=[INVOICED_OBJECT, PROJECT],
        line="cac:CreditNoteLine",
        quantity="cbc:CreditedQuantity",
    ),
}


def recognises(root):
    """Whether `root` is a UBL 2.1 Invoice or CreditNote. OIOUBL looks like it, but its codes are words of its own."""
    return root.tag in RULES and not profile(root).startswith("OIOUBL")


def profile(root):
    return (root.findtext("cbc:CustomizationID", "", NAMESPACES) or "").strip()


def read(data):
    """(CoreInvoice, findings) of the bytes of one document; `Unreadable` where it cannot become an invoice."""
    root = safexml.parse(data)
    if not recognises(root):
        raise stranger(root)
    reader = Reader()
    values = reader.values(RULES[root.tag], root)
    reader.note_what_is_left(root, STEERING)
    is_credit = root.tag == CREDIT_NOTE or values.get("type_code") in CREDIT_CODES
    return core.CoreInvoice(is_credit=is_credit, **values), reader.findings


def stranger(root):
    """Why this is not ours: right name in a wrong namespace, or another format altogether."""
    name = etree.QName(root)
    ours = {etree.QName(tag).localname: etree.QName(tag).namespace for tag in RULES}
    if name.localname in ours and name.namespace != ours[name.localname]:
        namespace = (name.namespace or "")[: safexml.MAX_WORDS]
        return Unreadable(Code.WRONG_NAMESPACE, element=name.localname, namespace=namespace)
    return Unreadable(Code.UNKNOWN_FORMAT, element=safexml.path(root), profile=profile(root)[: safexml.MAX_WORDS])

"""OASIS UBL 2.1 Invoice and CreditNote as EN 16931 uses them (CEN/TS 16931-3-2), Peppol BIS Billing 3 included.

Ordered tables say which element holds which business term. What no row has taken is reported as NOT_KEPT, so
nothing of a document disappears unseen.
"""

from lxml import etree

from . import core, safexml
from .findings import Code, Unreadable
from .reading import (
    Reader,
    Rule,
    amount,
    day,
    document_currency,
    email,
    endpoint,
    flag,
    group,
    identifier,
    invoice_number,
    lines,
    number,
    text,
)

NAME = "UBL 2.1"
INVOICE = "{urn:oasis:names:specification:ubl:schema:xsd:Invoice-2}Invoice"
CREDIT_NOTE = "{urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2}CreditNote"
NAMESPACES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
# UNTDID 1001 codes that make an `Invoice` a credit note: those that the rule BR-CL-01 gives to credit notes only.
CREDIT_CODES = {"83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532"}
# UNTDID 1001 codes that give a document reference its meaning.
INVOICED_OBJECT, PROJECT = "130", "50"

IS_VAT = "translate(normalize-space(cac:TaxScheme/cbc:ID),'vat','VAT')='VAT'"
IS_DISCOUNT = "normalize-space(cbc:ChargeIndicator)='false' or normalize-space(cbc:ChargeIndicator)='0'"
# The VAT total in the invoice's currency (BT-110), beside which one in the tax currency (BT-111) may stand.
OWN_CURRENCY = "normalize-space(cbc:TaxAmount/@currencyID)=normalize-space(/*/cbc:DocumentCurrencyCode)"
VAT_TOTAL = f"cac:TaxTotal[{OWN_CURRENCY} or not(cbc:TaxAmount/@currencyID)]"
# Two VAT totals in one currency that differ cancel each other: neither is taken, and BR-CO-15 speaks.
ONE_VAT_TOTAL = f"{VAT_TOTAL}[not(cbc:TaxAmount != ../{VAT_TOTAL}/cbc:TaxAmount)]"
TAX_CURRENCY = "normalize-space(cbc:TaxAmount/@currencyID)=normalize-space(/*/cbc:TaxCurrencyCode)"
VAT_TOTAL_IN_TAX_CURRENCY = f"cac:TaxTotal[{TAX_CURRENCY} and not({OWN_CURRENCY})]"

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


def rule(term, field, path, kind, **how):
    return Rule(term, field, path, etree.XPath(path, namespaces=NAMESPACES), kind, **how)


PERIOD = group(
    core.Period,
    (
        rule("BT-73, BT-134", "start", "cbc:StartDate", day),
        rule("BT-74, BT-135", "end", "cbc:EndDate", day),
    ),
)
ADDRESS = group(
    core.Address,
    (
        rule("BT-35, BT-50, BT-64, BT-75", "street", "cbc:StreetName", text),
        rule("BT-36, BT-51, BT-65, BT-76", "street_2", "cbc:AdditionalStreetName", text),
        rule("BT-162, BT-163, BT-164, BT-165", "street_3", "cac:AddressLine/cbc:Line", text),
        rule("BT-37, BT-52, BT-66, BT-77", "city", "cbc:CityName", text),
        rule("BT-38, BT-53, BT-67, BT-78", "postcode", "cbc:PostalZone", text),
        rule("BT-39, BT-54, BT-68, BT-79", "region", "cbc:CountrySubentity", text),
        rule("BT-40, BT-55, BT-69, BT-80", "country", "cac:Country/cbc:IdentificationCode", text),
    ),
)
CONTACT = group(
    core.Contact,
    (
        rule("BT-41, BT-56", "name", "cbc:Name", text),
        rule("BT-42, BT-57", "phone", "cbc:Telephone", text),
        rule("BT-43, BT-58", "email", "cbc:ElectronicMail", email),
    ),
)
PARTY = group(
    core.Party,
    (
        rule("BT-34, BT-49", "endpoint", "cbc:EndpointID", endpoint),
        rule("BT-29, BT-46", "ids", "cac:PartyIdentification/cbc:ID[not(@schemeID='SEPA')]", identifier, many=True),
        rule("BT-28, BT-45", "trading_name", "cac:PartyName/cbc:Name", text),
        rule("BG-5, BG-8", "address", "cac:PostalAddress", ADDRESS),
        rule("BT-31, BT-48", "vat_id", f"cac:PartyTaxScheme[{IS_VAT}]/cbc:CompanyID", text),
        rule("BT-32", "tax_registration", f"cac:PartyTaxScheme[not({IS_VAT})]/cbc:CompanyID", text),
        rule(
            "BT-27, BT-44",
            "name",
            "cac:PartyLegalEntity/cbc:RegistrationName"
            " | cac:PartyName/cbc:Name[not(normalize-space(../../cac:PartyLegalEntity/cbc:RegistrationName))]",
            text,
            needed=True,
        ),
        rule("BT-30, BT-47", "legal_id", "cac:PartyLegalEntity/cbc:CompanyID", identifier),
        rule("BT-33", "legal_form", "cac:PartyLegalEntity/cbc:CompanyLegalForm", text),
        rule("BG-6, BG-9", "contact", "cac:Contact", CONTACT),
        # The seller's number for the buyer; many put it where UBL has the buyer's own.
        rule(
            "",
            "account_id",
            "../cbc:SupplierAssignedAccountID"
            " | ../cbc:CustomerAssignedAccountID[not(normalize-space(../cbc:SupplierAssignedAccountID))]",
            text,
        ),
    ),
)
PRECEDING = group(
    core.Preceding,
    (
        rule("BT-25", "number", "cbc:ID", text, needed=True),
        rule("BT-26", "issued_on", "cbc:IssueDate", day),
    ),
)
DOCUMENT = group(
    core.Document,
    (
        rule("BT-122", "reference", "cbc:ID", text, needed=True),
        rule("BT-123", "description", "cbc:DocumentDescription", lines),
        rule("BT-125-2", "filename", "cac:Attachment/cbc:EmbeddedDocumentBinaryObject/@filename", text),
        rule("BT-125-1", "media_type", "cac:Attachment/cbc:EmbeddedDocumentBinaryObject/@mimeCode", text),
        rule("BT-124", "url", "cac:Attachment/cac:ExternalReference/cbc:URI", text),
    ),
)
PAYEE = group(
    core.Payee,
    (
        rule("BT-60", "id", "cac:PartyIdentification/cbc:ID[not(@schemeID='SEPA')]", identifier),
        rule("BT-59", "name", "cac:PartyName/cbc:Name", text, needed=True),
        rule("BT-61", "legal_id", "cac:PartyLegalEntity/cbc:CompanyID", identifier),
    ),
)
TAX_REPRESENTATIVE = group(
    core.TaxRepresentative,
    (
        rule("BT-62", "name", "cac:PartyName/cbc:Name", text, needed=True),
        rule("BG-12", "address", "cac:PostalAddress", ADDRESS),
        rule("BT-63", "vat_id", f"cac:PartyTaxScheme[{IS_VAT}]/cbc:CompanyID", text),
    ),
)
DELIVERY = group(
    core.Delivery,
    (
        rule("BT-72", "delivered_on", "cbc:ActualDeliveryDate", day),
        rule("BT-71", "location", "cac:DeliveryLocation/cbc:ID", identifier),
        rule("BG-15", "address", "cac:DeliveryLocation/cac:Address", ADDRESS),
        rule("BT-70", "name", "cac:DeliveryParty/cac:PartyName/cbc:Name", text),
    ),
)
PAYMENT = group(
    core.Payment,
    (
        rule("BT-81", "means_code", "cbc:PaymentMeansCode", text),
        rule("BT-82", "means_text", "cbc:PaymentMeansCode/@name", text),
        rule("BT-83", "reference", "cbc:PaymentID", text),
        rule(
            "BG-18",
            "card",
            "cac:CardAccount",
            group(
                core.Card,
                (
                    rule("BT-87", "number", "cbc:PrimaryAccountNumberID", text, needed=True),
                    rule("", "network", "cbc:NetworkID", text),
                    rule("BT-88", "holder", "cbc:HolderName", text),
                ),
            ),
        ),
        rule(
            "BG-17",
            "account",
            "cac:PayeeFinancialAccount[normalize-space(cbc:ID)]",
            group(
                core.Account,
                (
                    rule("BT-84", "number", "cbc:ID", text, needed=True),
                    rule("BT-85", "name", "cbc:Name", text),
                    rule("BT-86", "bank", "cac:FinancialInstitutionBranch/cbc:ID", text),
                ),
            ),
        ),
        rule(
            "BG-19",
            "mandate",
            "cac:PaymentMandate",
            group(
                core.Mandate,
                (
                    rule("BT-89", "reference", "cbc:ID", text),
                    rule("BT-91", "debited_account", "cac:PayerFinancialAccount/cbc:ID", text),
                ),
            ),
        ),
    ),
)
VAT = group(
    core.Vat,
    (
        rule("BT-95, BT-102, BT-151", "category", "cbc:ID", text),
        rule("BT-96, BT-103, BT-152", "rate", "cbc:Percent", number),
    ),
)
ALLOWANCE_CHARGE = group(
    core.AllowanceCharge,
    (
        rule("BG-20, BG-21, BG-27, BG-28", "is_charge", "cbc:ChargeIndicator", flag, needed=True),
        rule("BT-98, BT-105, BT-140, BT-145", "reason_code", "cbc:AllowanceChargeReasonCode", text),
        rule("BT-97, BT-104, BT-139, BT-144", "reason", "cbc:AllowanceChargeReason", text),
        rule("BT-94, BT-101, BT-138, BT-143", "percent", "cbc:MultiplierFactorNumeric", number),
        rule("BT-92, BT-99, BT-136, BT-141", "amount", "cbc:Amount", amount, needed=True),
        rule("BT-93, BT-100, BT-137, BT-142", "base", "cbc:BaseAmount", amount),
        rule("BT-95, BT-102", "vat", "cac:TaxCategory", VAT),
    ),
)
VAT_ROW = group(
    core.VatRow,
    (
        rule("BT-116", "taxable", "cbc:TaxableAmount", amount, needed=True),
        rule("BT-117", "amount", "cbc:TaxAmount", amount, needed=True),
        rule("BT-118", "category", "cac:TaxCategory/cbc:ID", text),
        rule("BT-119", "rate", "cac:TaxCategory/cbc:Percent", number),
        rule("BT-121", "exemption_code", "cac:TaxCategory/cbc:TaxExemptionReasonCode", text),
        rule("BT-120", "exemption_reason", "cac:TaxCategory/cbc:TaxExemptionReason", lines),
    ),
)
TOTALS = group(
    core.Totals,
    (
        rule("BT-110", "vat", f"../{ONE_VAT_TOTAL}/cbc:TaxAmount", amount),
        rule("BT-111", "vat_in_tax_currency", f"../{VAT_TOTAL_IN_TAX_CURRENCY}/cbc:TaxAmount", number),
        rule("BT-106", "lines", "cbc:LineExtensionAmount", amount),
        rule("BT-109", "without_vat", "cbc:TaxExclusiveAmount", amount),
        rule("BT-112", "with_vat", "cbc:TaxInclusiveAmount", amount),
        rule("BT-107", "allowances", "cbc:AllowanceTotalAmount", amount),
        rule("BT-108", "charges", "cbc:ChargeTotalAmount", amount),
        rule("BT-113", "prepaid", "cbc:PrepaidAmount", amount),
        rule("BT-114", "rounding", "cbc:PayableRoundingAmount", amount),
        rule("BT-115", "payable", "cbc:PayableAmount", amount, needed=True),
    ),
)
PRICE = group(
    core.Price,
    (
        rule("BT-146", "net", "cbc:PriceAmount", amount, needed=True),
        rule("BT-149", "base_quantity", "cbc:BaseQuantity", number),
        rule("BT-150", "base_unit", "cbc:BaseQuantity/@unitCode", text),
        rule("BT-147", "discount", f"cac:AllowanceCharge[{IS_DISCOUNT}]/cbc:Amount", amount),
        rule("BT-148", "gross", f"cac:AllowanceCharge[{IS_DISCOUNT}]/cbc:BaseAmount", amount),
    ),
)
ATTRIBUTE = group(
    core.Attribute,
    (
        rule("BT-160", "name", "cbc:Name", text, needed=True),
        rule("BT-161", "value", "cbc:Value", lines),
    ),
)
ITEM = group(
    core.Item,
    (
        rule("BT-154", "description", "cbc:Description", lines),
        rule("BT-153", "name", "cbc:Name", text),
        rule("BT-156", "buyer_id", "cac:BuyersItemIdentification/cbc:ID", text),
        rule("BT-155", "seller_id", "cac:SellersItemIdentification/cbc:ID", text),
        rule("BT-157", "standard_id", "cac:StandardItemIdentification/cbc:ID", identifier),
        rule("BT-159", "origin", "cac:OriginCountry/cbc:IdentificationCode", text),
        rule("BT-158", "classes", "cac:CommodityClassification/cbc:ItemClassificationCode", identifier, many=True),
        rule("BG-32", "attributes", "cac:AdditionalItemProperty", ATTRIBUTE, many=True),
    ),
)


def line_rules(quantity):
    of_object = f"cac:DocumentReference[not(cbc:DocumentTypeCode[normalize-space()!='{INVOICED_OBJECT}'])]/cbc:ID"
    return (
        rule("BT-126", "id", "cbc:ID", text),
        rule("BT-127", "note", "cbc:Note", lines),
        rule("BT-129", "quantity", quantity, number),
        rule("BT-130", "unit", f"{quantity}/@unitCode", text),
        rule("BT-131", "net", "cbc:LineExtensionAmount", amount, needed=True),
        rule("BT-133", "accounting", "cbc:AccountingCost", text),
        rule("BG-26", "period", "cac:InvoicePeriod[cbc:StartDate or cbc:EndDate]", PERIOD),
        rule("BT-132", "order_line", "cac:OrderLineReference/cbc:LineID", text),
        rule("BT-128", "object", of_object, identifier),
        rule("BG-27, BG-28", "allowance_charges", "cac:AllowanceCharge", ALLOWANCE_CHARGE, many=True),
        rule("BG-31", "item", "cac:Item", ITEM, needed=True),
        rule("BG-30", "vat", "cac:Item/cac:ClassifiedTaxCategory", VAT),
        rule("BG-29", "price", "cac:Price", PRICE),
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
        rule("BT-6", "tax_currency", "cbc:TaxCurrencyCode", text),
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
        return Unreadable(Code.WRONG_NAMESPACE, element=name.localname, namespace=name.namespace or "")
    return Unreadable(Code.UNKNOWN_FORMAT, element=name.localname, profile=profile(root))

"""The parts of a UBL 2.1 document: which element holds which business term of each group of EN 16931."""

from lxml import etree

from . import core
from .reading import Rule, amount, day, email, endpoint, flag, group, identifier, lines, number, text

NAMESPACES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
# UNTDID 1001 codes that give a document reference its meaning.
INVOICED_OBJECT, PROJECT = "130", "50"

IS_VAT = "translate(normalize-space(cac:TaxScheme/cbc:ID),'vat','VAT')='VAT'"
IS_DISCOUNT = "normalize-space(cbc:ChargeIndicator)='false' or normalize-space(cbc:ChargeIndicator)='0'"
# The VAT total in the invoice's currency (BT-110), beside which one in the tax currency (BT-111) may stand.
OWN_CURRENCY = "normalize-space(cbc:TaxAmount/@currencyID)=$currency"
VAT_TOTAL = f"cac:TaxTotal[{OWN_CURRENCY} or not(cbc:TaxAmount/@currencyID)]"
TAX_CURRENCY = "normalize-space(cbc:TaxAmount/@currencyID)=$tax_currency"
VAT_TOTAL_IN_TAX_CURRENCY = f"cac:TaxTotal[{TAX_CURRENCY} and not({OWN_CURRENCY})]"


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
            "cac:PartyLegalEntity[1]/cbc:RegistrationName[1]"
            " | cac:PartyName[1]/cbc:Name[not(normalize-space(../../cac:PartyLegalEntity/cbc:RegistrationName))]",
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
            " | ../cbc:CustomerAssignedAccountID[1][not(normalize-space(../cbc:SupplierAssignedAccountID))]",
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
        # Where two of them differ, nobody can tell the VAT: none is taken, and BR-CO-15 speaks.
        rule("BT-110", "vat", f"../{VAT_TOTAL}/cbc:TaxAmount", amount, sole=True),
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

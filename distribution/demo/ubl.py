"""A bill as the bytes of an EN 16931 document in UBL 2.1: what the accounting systems of the story hand in."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lxml import etree

from invoicing.money import round_half_up

CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
ROOT = "urn:oasis:names:specification:ubl:schema:xsd:{0}-2"
PREFIXES = {"cac": CAC, "cbc": CBC}


@dataclass(frozen=True)
class Party:
    """Seller or buyer. `account` is the seller's: (number, what kind: "SE:BANKGIRO", "SE:PLUSGIRO" or a BIC)."""

    name: str
    street: str
    postcode: str
    city: str
    country: str
    number: str = ""
    legal_id: str = ""
    vat_id: str = ""
    email: str = ""
    contact: str = ""
    scheme: str = ""  # of the legal id: "0007" in Sweden, "0192" in Norway
    registration: str = ""  # "Godkänd för F-skatt", "Foretaksregisteret"
    account: tuple = ()


@dataclass(frozen=True)
class Item:
    """One line: `price` is net, in the bill's currency; a `rate` of 0 is exempt."""

    name: str
    quantity: Decimal
    unit: str
    price: Decimal
    rate: int
    description: str = ""

    @property
    def net(self):
        return round_half_up(self.quantity * self.price)


@dataclass(frozen=True)
class Bill:
    """One invoice, or a credit note when it `credits` the number of one. `whole`: rounded to whole kronor."""

    number: str
    issued_on: date
    due_on: date
    seller: Party
    buyer: Party
    items: tuple
    currency: str
    reference: str  # OCR or KID
    period: tuple = ()
    buyer_reference: str = ""
    exemption: str = ""
    note: str = ""
    terms: str = ""
    credits: str = ""
    whole: bool = False

    def vat_rows(self):
        """[(rate, taxable, VAT)]."""
        taxable = {}
        for item in self.items:
            taxable[item.rate] = taxable.get(item.rate, 0) + item.net
        return [(rate, net, round_half_up(net * rate / 100)) for rate, net in sorted(taxable.items())]

    def totals(self):
        """(net, VAT, gross, rounding, payable)."""
        net = sum(item.net for item in self.items)
        vat = sum(row[2] for row in self.vat_rows())
        gross = net + vat
        payable = round_half_up(gross, 0) if self.whole else gross
        return net, vat, gross, payable - gross, round_half_up(payable)


def document(bill):
    """The bytes. Elements stand in the order of the UBL 2.1 schema."""
    kind = "CreditNote" if bill.credits else "Invoice"
    namespace = ROOT.format(kind)
    root = etree.Element(f"{{{namespace}}}{kind}", nsmap={None: namespace, **PREFIXES})
    put(root, "cbc:CustomizationID", "urn:cen.eu:en16931:2017")  # BT-24
    put(root, "cbc:ID", bill.number)  # BT-1
    put(root, "cbc:IssueDate", bill.issued_on)  # BT-2
    if not bill.credits:
        put(root, "cbc:DueDate", bill.due_on)  # BT-9
    put(root, f"cbc:{kind}TypeCode", "381" if bill.credits else "380")  # BT-3
    put(root, "cbc:Note", bill.note)  # BT-22
    put(root, "cbc:DocumentCurrencyCode", bill.currency)  # BT-5
    put(root, "cbc:BuyerReference", bill.buyer_reference)  # BT-10
    if bill.period:
        span = put(root, "cac:InvoicePeriod")
        put(span, "cbc:StartDate", bill.period[0])  # BT-73
        put(span, "cbc:EndDate", bill.period[1])  # BT-74
    if bill.credits:
        before = put(put(root, "cac:BillingReference"), "cac:InvoiceDocumentReference")
        put(before, "cbc:ID", bill.credits)  # BT-25
    party(put(root, "cac:AccountingSupplierParty"), bill.seller)  # BG-4
    party(put(root, "cac:AccountingCustomerParty"), bill.buyer)  # BG-7
    payment(root, bill)
    totals(root, bill)
    for position, item in enumerate(bill.items, 1):
        line(root, kind, bill, item, position)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def put(parent, name, text=None, **attributes):
    """A new element; one that should hold a text but has none is left out."""
    if text == "":
        return None
    prefix, _, local = name.partition(":")
    element = etree.SubElement(parent, f"{{{PREFIXES[prefix]}}}{local}", attributes)
    element.text = None if text is None else str(text)
    return element


def party(side, who):
    inner = put(side, "cac:Party")
    if who.number:
        put(put(inner, "cac:PartyIdentification"), "cbc:ID", who.number)  # BT-46
    address = put(inner, "cac:PostalAddress")
    put(address, "cbc:StreetName", who.street)  # BT-35, BT-50
    put(address, "cbc:CityName", who.city)  # BT-37, BT-52
    put(address, "cbc:PostalZone", who.postcode)  # BT-38, BT-53
    put(put(address, "cac:Country"), "cbc:IdentificationCode", who.country)  # BT-40, BT-55
    for scheme, number in (("VAT", who.vat_id), ("TAX", who.registration)):  # BT-31, BT-48; BT-32
        if number:
            tax = put(inner, "cac:PartyTaxScheme")
            put(tax, "cbc:CompanyID", bare(number) if scheme == "VAT" else number)
            put(put(tax, "cac:TaxScheme"), "cbc:ID", scheme)
    entity = put(inner, "cac:PartyLegalEntity")
    put(entity, "cbc:RegistrationName", who.name)  # BT-27, BT-44
    put(entity, "cbc:CompanyID", bare(who.legal_id), **({"schemeID": who.scheme} if who.scheme else {}))  # BT-30, BT-47
    if who.contact or who.email:
        contact = put(inner, "cac:Contact")
        put(contact, "cbc:Name", who.contact)  # BT-41, BT-56
        put(contact, "cbc:ElectronicMail", who.email)  # BT-43, BT-58


def bare(number):
    """ "556677-8899" as the registers' schemes (0007, 0192) have it."""
    return number.replace("-", "").replace(" ", "")


def payment(root, bill):
    means = put(root, "cac:PaymentMeans")
    put(means, "cbc:PaymentMeansCode", "30")  # BT-81: credit transfer
    put(means, "cbc:PaymentID", bill.reference)  # BT-83
    number, kind = bill.seller.account
    account = put(means, "cac:PayeeFinancialAccount")
    put(account, "cbc:ID", number)  # BT-84
    put(put(account, "cac:FinancialInstitutionBranch"), "cbc:ID", kind)  # BT-86
    if bill.terms:
        put(put(root, "cac:PaymentTerms"), "cbc:Note", bill.terms)  # BT-20


def totals(root, bill):
    net, vat, gross, rounding, payable = bill.totals()
    own = {"currencyID": bill.currency}
    tax = put(root, "cac:TaxTotal")
    put(tax, "cbc:TaxAmount", vat, **own)  # BT-110
    for rate, taxable, amount in bill.vat_rows():
        row = put(tax, "cac:TaxSubtotal")
        put(row, "cbc:TaxableAmount", taxable, **own)  # BT-116
        put(row, "cbc:TaxAmount", amount, **own)  # BT-117
        category(row, "cac:TaxCategory", rate, exemption=bill.exemption)
    sums = put(root, "cac:LegalMonetaryTotal")
    put(sums, "cbc:LineExtensionAmount", net, **own)  # BT-106
    put(sums, "cbc:TaxExclusiveAmount", net, **own)  # BT-109
    put(sums, "cbc:TaxInclusiveAmount", gross, **own)  # BT-112
    if rounding:
        put(sums, "cbc:PayableRoundingAmount", rounding, **own)  # BT-114
    put(sums, "cbc:PayableAmount", payable, **own)  # BT-115


def category(parent, name, rate, *, exemption=""):
    vat = put(parent, name)
    put(vat, "cbc:ID", "S" if rate else "E")  # BT-118, BT-151
    put(vat, "cbc:Percent", rate)  # BT-119, BT-152
    put(vat, "cbc:TaxExemptionReason", "" if rate else exemption)  # BT-120
    put(put(vat, "cac:TaxScheme"), "cbc:ID", "VAT")


def line(root, kind, bill, item, position):
    own = {"currencyID": bill.currency}
    row = put(root, f"cac:{kind}Line")
    put(row, "cbc:ID", position)  # BT-126
    quantity = "CreditedQuantity" if bill.credits else "InvoicedQuantity"
    put(row, f"cbc:{quantity}", item.quantity, unitCode=item.unit)  # BT-129, BT-130
    put(row, "cbc:LineExtensionAmount", item.net, **own)  # BT-131
    thing = put(row, "cac:Item")
    put(thing, "cbc:Description", item.description)  # BT-154
    put(thing, "cbc:Name", item.name)  # BT-153
    category(thing, "cac:ClassifiedTaxCategory", item.rate)
    put(put(row, "cac:Price"), "cbc:PriceAmount", item.price, **own)  # BT-146

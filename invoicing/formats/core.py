"""CoreInvoice: the semantic invoice of EN 16931-1:2017, section 6.3, in the order of the standard.

Every field names its business term (BT) or group (BG). Amounts are `Decimal`, days are `date`, texts that are not
there are "", everything else that is not there is None or (). Amounts are kept as given and never recomputed: a
credit note holds positive amounts and says so by `is_credit`. Texts come from `texts.clean_text`.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .texts import NotOneAddress, one_address

ELECTRONIC_MAIL = "EM"  # EAS code: the electronic address is an e-mail address


@dataclass(frozen=True, slots=True)
class Identifier:
    value: str
    scheme: str = ""  # ISO 6523 ICD, EAS, UNTDID 1153 or 7143, as the term demands
    version: str = ""  # BT-158-2 only


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """BG-14 of the invoice, BG-26 of a line."""

    start: date | None = None  # BT-73, BT-134
    end: date | None = None  # BT-74, BT-135


@dataclass(frozen=True, slots=True, kw_only=True)
class Preceding:
    """BG-3: an invoice that this one corrects or credits."""

    number: str  # BT-25
    issued_on: date | None = None  # BT-26


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """BG-5 seller, BG-8 buyer, BG-12 tax representative, BG-15 place of delivery."""

    street: str = ""  # BT-35, 50, 64, 75
    street_2: str = ""  # BT-36, 51, 65, 76
    street_3: str = ""  # BT-162, 163, 164, 165
    city: str = ""  # BT-37, 52, 66, 77
    postcode: str = ""  # BT-38, 53, 67, 78
    region: str = ""  # BT-39, 54, 68, 79
    country: str = ""  # BT-40, 55, 69, 80: ISO 3166-1 alpha-2


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """BG-6 seller, BG-9 buyer."""

    name: str = ""  # BT-41, 56
    phone: str = ""  # BT-42, 57
    email: str = ""  # BT-43, 58: one address, or "" when the file's was not one


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """BG-4 seller, BG-7 buyer."""

    name: str  # BT-27, 44
    trading_name: str = ""  # BT-28, 45
    ids: tuple[Identifier, ...] = ()  # BT-29, 46
    legal_id: Identifier | None = None  # BT-30, 47
    vat_id: str = ""  # BT-31, 48
    tax_registration: str = ""  # BT-32: in Sweden "Godkänd för F-skatt", in Norway "Foretaksregisteret"
    legal_form: str = ""  # BT-33
    endpoint: Identifier | None = None  # BT-34, 49
    account_id: str = ""  # no term: the number the sender gave it (UBL CustomerAssignedAccountID)
    address: Address | None = None  # BG-5, 8
    contact: Contact | None = None  # BG-6, 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Payee:
    """BG-10: who is paid, where it is not the seller."""

    name: str  # BT-59
    id: Identifier | None = None  # BT-60
    legal_id: Identifier | None = None  # BT-61


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRepresentative:
    """BG-11."""

    name: str  # BT-62
    vat_id: str = ""  # BT-63
    address: Address | None = None  # BG-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """BG-13: where and when the goods or services arrived."""

    name: str = ""  # BT-70
    location: Identifier | None = None  # BT-71
    delivered_on: date | None = None  # BT-72
    address: Address | None = None  # BG-15


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """BG-17: an account to pay to."""

    number: str  # BT-84: IBAN, bankgiro, plusgiro or national account
    name: str = ""  # BT-85
    bank: str = ""  # BT-86: BIC, or SE:BANKGIRO and SE:PLUSGIRO (Peppol SE-R-011, SE-R-012)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """BG-18."""

    number: str  # BT-87: its last digits
    network: str = ""  # no term, but mandatory in UBL
    holder: str = ""  # BT-88


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """BG-19: direct debit."""

    reference: str = ""  # BT-89
    debited_account: str = ""  # BT-91


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """BG-16: one way to pay. The standard has one with several accounts; UBL repeats the whole group, and so do we."""

    means_code: str = ""  # BT-81: UNTDID 4461
    means_text: str = ""  # BT-82
    reference: str = ""  # BT-83: OCR, KID, viite, RF; a text, since leading zeros count
    account: Account | None = None  # BG-17
    card: Card | None = None  # BG-18
    mandate: Mandate | None = None  # BG-19


@dataclass(frozen=True, slots=True, kw_only=True)
class Vat:
    """The VAT category of a line (BG-30) or of a document allowance or charge."""

    category: str = ""  # BT-151, 95, 102: UNCL5305
    rate: Decimal | None = None  # BT-152, 96, 103: percent


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowanceCharge:
    """BG-20 and BG-21 of the invoice, BG-27 and BG-28 of a line."""

    is_charge: bool
    amount: Decimal  # BT-92, 99, 136, 141
    base: Decimal | None = None  # BT-93, 100, 137, 142
    percent: Decimal | None = None  # BT-94, 101, 138, 143
    vat: Vat | None = None  # BT-95, 96, 102, 103; none on a line
    reason: str = ""  # BT-97, 104, 139, 144
    reason_code: str = ""  # BT-98, 105, 140, 145


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """BG-22, and the two VAT totals."""

    lines: Decimal | None = None  # BT-106
    allowances: Decimal | None = None  # BT-107
    charges: Decimal | None = None  # BT-108
    without_vat: Decimal | None = None  # BT-109
    vat: Decimal | None = None  # BT-110
    vat_in_tax_currency: Decimal | None = None  # BT-111
    with_vat: Decimal | None = None  # BT-112
    prepaid: Decimal | None = None  # BT-113
    rounding: Decimal | None = None  # BT-114
    payable: Decimal  # BT-115


@dataclass(frozen=True, slots=True, kw_only=True)
class VatRow:
    """BG-23: the sums of one VAT category and rate."""

    taxable: Decimal  # BT-116
    amount: Decimal  # BT-117
    category: str = ""  # BT-118
    rate: Decimal | None = None  # BT-119
    exemption_reason: str = ""  # BT-120
    exemption_code: str = ""  # BT-121


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """BG-24: a supporting document. What is embedded stays in the archived file; its name and type are here."""

    reference: str  # BT-122
    description: str = ""  # BT-123
    url: str = ""  # BT-124
    filename: str = ""  # BT-125-2
    media_type: str = ""  # BT-125-1


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """BG-29."""

    net: Decimal  # BT-146: without VAT, after the discount
    discount: Decimal | None = None  # BT-147
    gross: Decimal | None = None  # BT-148
    base_quantity: Decimal | None = None  # BT-149: the price is for so many
    base_unit: str = ""  # BT-150


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """BG-32."""

    name: str  # BT-160
    value: str = ""  # BT-161


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """BG-31."""

    name: str = ""  # BT-153
    description: str = ""  # BT-154
    seller_id: str = ""  # BT-155
    buyer_id: str = ""  # BT-156
    standard_id: Identifier | None = None  # BT-157
    classes: tuple[Identifier, ...] = ()  # BT-158
    origin: str = ""  # BT-159: country
    attributes: tuple[Attribute, ...] = ()  # BG-32


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """BG-25."""

    id: str = ""  # BT-126
    note: str = ""  # BT-127
    object: Identifier | None = None  # BT-128
    quantity: Decimal | None = None  # BT-129
    unit: str = ""  # BT-130: UN/ECE Recommendation 20 or 21
    net: Decimal  # BT-131
    order_line: str = ""  # BT-132
    accounting: str = ""  # BT-133
    period: Period | None = None  # BG-26
    allowance_charges: tuple[AllowanceCharge, ...] = ()  # BG-27, 28
    price: Price | None = None  # BG-29
    vat: Vat | None = None  # BG-30
    item: Item  # BG-31


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreInvoice:
    is_credit: bool  # told by BT-3 or by the document's root
    number: str  # BT-1
    issued_on: date  # BT-2
    type_code: str = ""  # BT-3: UNTDID 1001
    currency: str  # BT-5: ISO 4217
    tax_currency: str = ""  # BT-6
    tax_point_on: date | None = None  # BT-7
    tax_point_code: str = ""  # BT-8
    due_on: date | None = None  # BT-9
    buyer_reference: str = ""  # BT-10
    project: str = ""  # BT-11
    contract: str = ""  # BT-12
    order: str = ""  # BT-13
    sales_order: str = ""  # BT-14
    receipt: str = ""  # BT-15
    despatch: str = ""  # BT-16
    tender: str = ""  # BT-17
    object: Identifier | None = None  # BT-18
    accounting: str = ""  # BT-19
    payment_terms: str = ""  # BT-20
    notes: tuple[str, ...] = ()  # BG-1: BT-22; in UBL the subject code BT-21 is part of the text (#AAI#...)
    process: str = ""  # BT-23
    profile: str = ""  # BT-24
    preceding: tuple[Preceding, ...] = ()  # BG-3
    seller: Party  # BG-4
    buyer: Party  # BG-7
    payee: Payee | None = None  # BG-10
    tax_representative: TaxRepresentative | None = None  # BG-11
    delivery: Delivery | None = None  # BG-13
    period: Period | None = None  # BG-14
    payments: tuple[Payment, ...] = ()  # BG-16
    creditor_id: str = ""  # BT-90: the bank's id of the seller or payee for direct debit
    allowance_charges: tuple[AllowanceCharge, ...] = ()  # BG-20, 21
    totals: Totals  # BG-22
    vat_rows: tuple[VatRow, ...] = ()  # BG-23
    documents: tuple[Document, ...] = ()  # BG-24
    lines: tuple[Line, ...] = ()  # BG-25

    @property
    def document_email(self):
        """The buyer's e-mail address in this document: the electronic address (BT-49) before the contact (BT-58)."""
        endpoint = self.buyer.endpoint
        if endpoint and endpoint.scheme == ELECTRONIC_MAIL:
            try:
                return one_address(endpoint.value)
            except NotOneAddress:
                pass  # the reader has reported it
        return self.buyer.contact.email if self.buyer.contact else ""

    @property
    def customer_number(self):
        """What the seller calls the buyer: BT-46 where it is from no register (no scheme), else the account id."""
        return next((each.value for each in self.buyer.ids if not each.scheme), self.buyer.account_id)

    @property
    def payment_reference(self):
        """The first payment reference (BT-83): Peppol wants the same one in every way to pay."""
        return next((payment.reference for payment in self.payments if payment.reference), "")

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.ids import uuid7
from recipients.models import ArchivedFile, Company, Customer, InvoiceReference, Organisation
from recipients.models.workspace import CompanyQuerySet


def signed_payable(path=""):
    """The payable amount as it counts in a sum, credit notes subtracted; `path` leads to the invoice ("invoice__")."""
    payable = models.F(f"{path}payable")
    return models.Case(models.When(**{f"{path}kind": Invoice.Kind.CREDIT}, then=-payable), default=payable)


class InvoiceQuerySet(CompanyQuerySet):
    """The office's words. Screens, jobs and tests use the same ones."""

    def issued(self):
        return self.filter(number__isnull=False)

    def drafts(self):
        return self.filter(number=None)

    def to_send(self):
        """Issued, never sent or failed since, and worth sending."""
        return self.issued().filter(sent_at=None, in_flight="", is_credited=False, is_books_only=False)

    def in_flight(self):
        return self.exclude(in_flight="")

    def needing_attention(self):
        return self.exclude(attention="")

    def sent(self):
        return self.filter(sent_at__isnull=False)

    def overdue(self, on):
        """Due before the day `on`, not paid and not credited."""
        return self.issued().filter(kind=Invoice.Kind.DEBIT, due_on__lt=on, balance__gt=0, is_credited=False)


class Invoice(models.Model):
    """What is owed (debit) or given back (credit). Amounts are positive in both kinds, as in UBL.

    Terms of EN 16931 are named beside the columns. Totals are taken as given and were checked at the door.
    """

    class Kind(models.TextChoices):
        DEBIT = "debit", _("Invoice")
        CREDIT = "credit", _("Credit note")

    class InFlight(models.TextChoices):
        WAITING = "waiting", _("Waiting to be sent")
        PARKED = "parked", _("Waiting for credits")
        DOUBT = "doubt", _("In doubt")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # No index of its own where a compound one begins with it, or where nobody asks: each is written at each change.
    company = models.ForeignKey(Company, models.PROTECT, related_name="invoices", db_index=False)
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.DEBIT)
    number = models.CharField(_("number"), max_length=60, null=True, blank=True)  # BT-1, null for drafts
    type_code = models.CharField(max_length=3, default="380")  # BT-3, UNCL1001
    source = models.CharField(max_length=20, default="import")

    # Who
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="invoices")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="invoices")
    reference = models.ForeignKey(InvoiceReference, models.SET_NULL, null=True, blank=True, related_name="invoices")
    credits = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="credit_notes", db_index=False
    )  # BG-3
    email = models.EmailField(_("e-mail for this invoice"), blank=True)  # typed by staff: goes before all others
    document_email = models.EmailField(blank=True)  # BT-58, as the document gave it

    # The buyer as the document names it (BG-7, BG-8): what the page shows, whatever the card says today
    buyer_name = models.CharField(max_length=200)  # BT-44
    buyer_contact = models.CharField(max_length=200, blank=True)  # BT-56
    buyer_street = models.CharField(max_length=200, blank=True)  # BT-50
    buyer_street_2 = models.CharField(max_length=200, blank=True)  # BT-51
    buyer_postcode = models.CharField(max_length=20, blank=True)  # BT-53
    buyer_city = models.CharField(max_length=100, blank=True)  # BT-52
    buyer_country = models.CharField(max_length=2, blank=True)  # BT-55
    buyer_number = models.CharField(max_length=60, blank=True)  # BT-46
    buyer_legal_id = models.CharField(max_length=60, blank=True)  # BT-47
    buyer_vat_id = models.CharField(max_length=60, blank=True)  # BT-48

    # What it says
    issued_on = models.DateField(_("issued"))  # BT-2
    due_on = models.DateField(_("due"), null=True, blank=True)  # BT-9
    delivered_on = models.DateField(null=True, blank=True)  # BT-72
    period_start = models.DateField(null=True, blank=True)  # BT-73
    period_end = models.DateField(null=True, blank=True)  # BT-74
    buyer_reference = models.CharField(max_length=200, blank=True)  # BT-10
    order_reference = models.CharField(max_length=200, blank=True)  # BT-13
    contract_reference = models.CharField(max_length=200, blank=True)  # BT-12
    seller_contact = models.CharField(max_length=200, blank=True)  # BT-41
    terms = models.TextField(blank=True)  # BT-20
    note = models.TextField(blank=True)  # BT-22
    language = models.CharField(max_length=5, blank=True)

    # Money
    currency = models.CharField(max_length=3)  # BT-5
    line_total = models.DecimalField(max_digits=16, decimal_places=2)  # BT-106
    allowance_total = models.DecimalField(max_digits=16, decimal_places=2, default=0)  # BT-107
    charge_total = models.DecimalField(max_digits=16, decimal_places=2, default=0)  # BT-108
    net = models.DecimalField(max_digits=16, decimal_places=2)  # BT-109
    vat = models.DecimalField(max_digits=16, decimal_places=2)  # BT-110
    gross = models.DecimalField(max_digits=16, decimal_places=2)  # BT-112
    prepaid = models.DecimalField(max_digits=16, decimal_places=2, default=0)  # BT-113
    rounding = models.DecimalField(max_digits=16, decimal_places=2, default=0)  # BT-114
    payable = models.DecimalField(_("amount"), max_digits=16, decimal_places=2)  # BT-115
    # [{"category": "S", "rate": "25", "net": "392.00", "vat": "98.00", "exemption": ""}]: BG-23
    vat_rows = models.JSONField(default=list)
    # [{"kind": "allowance"|"charge", "reason": ..., "amount": "10.00", "category": ..., "rate": ...}]: BG-20, BG-21
    allowances = models.JSONField(default=list)

    # How to pay (BG-16): as the document says, else the company's own accounts
    payment_reference = models.CharField(max_length=140, blank=True)  # BT-83: OCR, KID, viite, RF
    bankgiro = models.CharField(max_length=9, blank=True)  # digits
    plusgiro = models.CharField(max_length=9, blank=True)  # digits
    iban = models.CharField(max_length=60, blank=True)  # BT-84; an account number where there is no IBAN
    bic = models.CharField(max_length=11, blank=True)  # BT-86
    balance = models.DecimalField(max_digits=16, decimal_places=2)  # payable less payments and credit notes
    is_credited = models.BooleanField(default=False)  # in full
    is_books_only = models.BooleanField(default=False)  # a credit note of what never left: nobody is to get it

    original = models.ForeignKey(ArchivedFile, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)

    # Written by distribution's move() alone, in its own transaction; a pure function of the invoice's deliveries.
    sent_at = models.DateTimeField(null=True, blank=True)
    in_flight = models.CharField(max_length=8, choices=InFlight.choices, blank=True)
    attention = models.CharField(max_length=40, blank=True)
    reminder_count = models.PositiveSmallIntegerField(default=0)

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        constraints = [
            # Over debit and credit: numbers are one series for the reader. Null for drafts.
            models.UniqueConstraint(fields=["company", "number"], name="one_invoice_per_number"),
            models.CheckConstraint(
                condition=Q(customer__isnull=False) | Q(organisation__isnull=False), name="an_invoice_has_a_recipient"
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-issued_on", "-id"], name="invoice_list"),
            models.Index(fields=["company", "-issued_on", "-id"], condition=~Q(in_flight=""), name="invoice_in_flight"),
            models.Index(fields=["credits"], condition=Q(credits__isnull=False), name="invoice_credits"),
            models.Index(
                fields=["company", "-issued_on", "-id"],
                condition=Q(sent_at__isnull=True, in_flight="", is_credited=False, is_books_only=False),
                name="invoice_to_send",
            ),
            models.Index(fields=["company", "-issued_on", "-id"], condition=~Q(attention=""), name="invoice_attention"),
            models.Index(
                fields=["company", "-issued_on", "-id"], condition=Q(number__isnull=True), name="invoice_drafts"
            ),
            # What is owed: the overdue ones are counted and summed from the index alone.
            models.Index(
                fields=["company", "due_on", "currency", "balance"],
                condition=Q(number__isnull=False, kind="debit", balance__gt=0, is_credited=False),
                name="invoice_owed",
            ),
            # The search asks for the beginning of either (config.lookups.Prefix).
            models.Index(
                fields=["company", "number"], opclasses=["uuid_ops", "varchar_pattern_ops"], name="invoice_number"
            ),
            models.Index(
                fields=["company", "payment_reference"],
                opclasses=["uuid_ops", "varchar_pattern_ops"],
                name="invoice_payment_reference",
            ),
        ]

    def __str__(self):
        return self.number or str(_("Draft"))

    def shown(self):
        """The one status a person sees: the first that applies. A code; pages have its words and colour."""
        if self.number is None:
            return "draft"
        if self.is_credited:
            return "credited"
        if self.is_books_only:
            return "books_only"
        if self.in_flight:
            return {"doubt": "doubt", "parked": "waiting_credits", "waiting": "waiting"}[self.in_flight]
        if self.kind == self.Kind.DEBIT and self.balance <= 0:
            return "paid"
        if self.reminder_count:
            return "reminder"
        return "sent" if self.sent_at else "to_send"

    @property
    def takes_payments(self):
        """Money can come in for it: issued, and no credit note."""
        return self.number is not None and self.kind == self.Kind.DEBIT

    def levels(self, *, organisation_first):
        """Who is to be reached, as (name, card) pairs, best first: reference before organisation before person.

        The person alone where the company does not link invoices to the person's organisation.
        """
        person = ("customer", self.customer)
        if self.customer and not organisation_first:
            return (person,)
        organisation = self.organisation or (self.customer and self.customer.organisation)
        levels = (("reference", self.reference), ("organisation", organisation), person)
        return tuple((name, card) for name, card in levels if card)

    def recipient_name(self):
        return self.customer.name if self.customer else self.organisation.name


class Line(models.Model):
    """BG-25."""

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines")
    # On a credit note made here: the line that it gives back, or a part of
    credits = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="credit_lines", db_index=False
    )
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=500)  # BT-153
    description = models.TextField(blank=True)  # BT-154 and BT-127
    quantity = models.DecimalField(max_digits=20, decimal_places=6)  # BT-129
    unit = models.CharField(max_length=10, blank=True)  # BT-130, UN/ECE Rec 20
    # BT-146, net, per base_quantity; null on a draft whose price nobody has typed yet
    price = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    base_quantity = models.DecimalField(max_digits=20, decimal_places=6, default=1)  # BT-149
    net = models.DecimalField(max_digits=16, decimal_places=2)  # BT-131
    vat_category = models.CharField(max_length=3, blank=True)  # BT-151
    vat_rate = models.DecimalField(max_digits=7, decimal_places=4, null=True)  # BT-152, percent
    period_start = models.DateField(null=True, blank=True)  # BT-134
    period_end = models.DateField(null=True, blank=True)  # BT-135
    # [{"kind": "allowance"|"charge", "reason": ..., "amount": ..., "percent": ... or not there}]: BG-27, BG-28
    allowances = models.JSONField(default=list)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["invoice", "position"], name="one_line_per_position")]
        indexes = [models.Index(fields=["credits"], condition=Q(credits__isnull=False), name="line_credits")]

    def __str__(self):
        return self.name

"""What needs attention by cause, over all batches: deliveries that failed, and what could not be sent at all."""

from dataclasses import dataclass, field

from django.db.models import Count, F, Sum, Window
from django.db.models.functions import RowNumber

from distribution.models import Delivery, PlanLine
from distribution.reasons import Reason
from distribution.states import State
from invoicing.models.invoice import signed_payable
from recipients.methods import Method

SHOWN = 20  # rows of a group; the list and the Excel file have them all
DELIVERIES, LINES = "failed", "planned"  # of a group: what its rows are
# A better address mends these.
ADDRESS = (
    Reason.NO_EMAIL, Reason.BAD_EMAIL, Reason.NO_MAILBOX, Reason.MAILBOX_FULL, Reason.POLICY, Reason.REFUSED,
    Reason.GAVE_UP, Reason.RETURNED,
)  # fmt: skip
# A better postal address on the card mends these.
POSTAL = (Reason.NO_POSTAL_ADDRESS, Reason.BAD_POSTAL_ADDRESS)
# A manager mends these in the settings.
SETTINGS = (Reason.NOT_ACTIVE, Reason.NO_CHANNEL, Reason.METHOD_OFF)
CARDS = ("invoice__customer__organisation", "invoice__organisation", "invoice__reference", "invoice__company")


@dataclass(frozen=True)
class Group:
    """One cause: how many, how much, and the newest rows."""

    kind: str
    reason: Reason
    count: int
    sums: dict  # {"SEK": Decimal}
    rows: list = field(default_factory=list)

    @property
    def key(self):
        return f"{self.kind}-{self.reason}"

    @property
    def asks_for_address(self):
        return self.reason in ADDRESS

    @property
    def asks_for_postal_address(self):
        return self.reason in POSTAL

    @property
    def is_settings(self):
        return self.reason in SETTINGS

    @property
    def is_doubt(self):
        return self.reason == Reason.NO_ANSWER

    @property
    def mends_itself(self):
        return self.reason == Reason.TRY_LATER

    @property
    def is_deliveries(self):
        return self.kind == DELIVERIES


def rows_of(company, kind):
    """All rows of one kind that need attention, newest first."""
    if kind == DELIVERIES:
        return Delivery.objects.of(company).needing_attention().exclude(reason="").order_by("-created_at", "-pk")
    return PlanLine.objects.filter(batch__company=company).needing_attention().order_by("-pk")


def groups(company):
    """Groups, the largest first, in four queries whatever their number and size."""
    found = []
    for kind in (DELIVERIES, LINES):
        rows = rows_of(company, kind)
        numbers = (
            rows.order_by()
            .values("reason", "invoice__currency")
            .annotate(n=Count("pk"), total=Sum(signed_payable("invoice__")))
        )
        made = {}
        for row in numbers:
            group = made.setdefault(row["reason"], {"count": 0, "sums": {}})
            group["count"] += row["n"]
            group["sums"][row["invoice__currency"]] = row["total"]
        newest = Window(RowNumber(), partition_by=F("reason"), order_by=rows.query.order_by)
        shown = {}
        for row in rows.annotate(place=newest).filter(place__lte=SHOWN).select_related(*CARDS):
            shown.setdefault(row.reason, []).append(row)
        found += [
            Group(kind, Reason(reason), **numbers, rows=shown.get(reason, [])) for reason, numbers in made.items()
        ]
    return sorted(found, key=lambda group: (-group.count, group.key))


def source_of(row):
    """Where the address came from that a row used or lacked: "typed", "document", the name of a card, or ""."""
    return next((step["source"] for step in row.because if step["verdict"] == "used"), "")


def card_of(row):
    """The card on which a better address would be used, or None: only the invoice's own field would be."""
    invoice, source = row.invoice, source_of(row)
    if source in ("typed", "document") or invoice.email:
        return None
    levels = dict(invoice.levels(organisation_first=invoice.company.links_to_organisation))
    return levels.get(source) or invoice.customer or invoice.organisation


def takes_address(row):
    """Whether an e-mail address is what this row lacks."""
    return getattr(row, "state", State.FAILED) != State.IN_DOUBT and row.method in ("", Method.EMAIL)


def card_for_letters(row):
    """The card on which a better postal address would be used: the first that has one, else the recipient's own."""
    invoice = row.invoice
    cards = [card for _level, card in invoice.levels(organisation_first=invoice.company.links_to_organisation)]
    return next((card for card in cards if card.address_lines()), invoice.customer or invoice.organisation)

import uuid

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from distribution.reasons import Reason
from distribution.states import OPEN, STOPPABLE, State, sources
from invoicing.models import Invoice
from recipients import history
from recipients.methods import Method
from recipients.models import Company
from recipients.models.workspace import CompanyQuerySet

from .batch import Batch
from .parcel import Parcel

# Between these two an invoice shows the same thing, so its columns need no second look.
IN_THE_SENDERS_HANDS = (State.CLAIMED, State.HANDING_OVER)
# Past the gate: nobody can stop it any more.
LEFT = (State.HANDING_OVER, State.IN_DOUBT, State.SENT, State.RETURNED)


class DeliveryQuerySet(CompanyQuerySet):
    def principal(self):
        """Without the copies that accompany another delivery. Sums count these."""
        return self.filter(accompanies=None)

    def matching(self, text):
        """Number, customer or address, as somebody types it."""
        return self.filter(
            Q(invoice__number__istartswith=text)
            | Q(invoice__customer__name__icontains=text)
            | Q(invoice__organisation__name__icontains=text)
            | Q(address__icontains=text)
        )

    def left(self):
        """What is past the gate: nobody can stop it any more."""
        return self.filter(state__in=LEFT)

    def may_have_left(self):
        """What left, and the doubts that a person closed without knowing: the recipient may hold it."""
        closed = Q(state=State.FAILED, closed_by__isnull=False) & ~Q(reason=Reason.NOT_ARRIVED)
        return self.filter(Q(state__in=LEFT) | closed).exclude(reason=Reason.NOT_SENT)

    def open(self):
        return self.filter(state__in=OPEN)

    def stoppable(self):
        return self.filter(state__in=STOPPABLE)

    def unrouted(self):
        return self.filter(state=State.WAITING, method="")

    def unprepared(self):
        """Routed, without its files, and in nobody's hands."""
        return self.in_nobodys_hands().filter(state=State.WAITING, ready_at=None).exclude(method="")

    def leaving(self):
        """Whose time has come, prepared or not. Own printer waits for a person's download, never for a sender."""
        return self.filter(state=State.WAITING, leaves_at__lte=Now()).exclude(method=Method.OWN_PRINTER)

    def due(self):
        """What a sender may take now."""
        return self.leaving().filter(ready_at__isnull=False)

    def answer_overdue(self):
        """Sent, and the next party should have said by now what became of it."""
        return self.filter(state=State.SENT, receipt_due_at__lt=Now())

    def letters(self):
        """What counts against the limit of letters: all that may have been printed, not what was refused there."""
        printed = self.filter(method=Method.CENTRAL_PRINT, state__in=(State.SENT, State.IN_DOUBT, State.RETURNED))
        return printed.exclude(reason=Reason.NOT_PRINTED)

    def needing_attention(self):
        """Trouble that nobody has seen to, and that no later delivery of the invoice has taken the place of."""
        later = Delivery.objects.principal().exclude(state=State.UNDONE)
        later = later.filter(invoice=OuterRef("invoice"), created_at__gt=OuterRef("created_at"))
        # The states first and as one list, so that an index finds them: each page asks, and most deliveries are sent.
        return self.filter(
            Q(is_late=True) | ~Q(state=State.WAITING),
            ~Exists(later),
            state__in=(State.FAILED, State.RETURNED, State.IN_DOUBT, State.WAITING),
            handled_at=None,
        )

    def in_nobodys_hands(self):
        """Which no queue worker renders or packs now."""
        return self.filter(Q(prepare_until=None) | Q(prepare_until__lt=Now()))

    def in_order(self):
        """The same rows, locked until the transaction ends.

        Always in one order: two who want several of the same rows would else wait for each other in turn.
        """
        list(self.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
        return self

    def on_its_own(self):
        """The same rows without joins.

        Django turns an UPDATE over joins into `id IN (SELECT ...)`, with every condition inside. PostgreSQL does not
        look at those again when it has waited for another transaction: an undo would overrule a gate passed meanwhile.
        """
        joins = set(self.query.alias_map) - {Delivery._meta.db_table}
        return Delivery.objects.filter(pk__in=self.values("pk")) if joins else self

    @transaction.atomic
    def move(self, to, *, by=None, note="", **columns):
        """Move these rows to state `to` as far as they may go there; returns how many did.

        The only code that writes `state`, and the invoice's own columns. One UPDATE, restricted to the states from
        which `to` may be reached by a person (`by`) or the machine; then one Event each. `columns` are set in the same
        UPDATE (a lease, a reply). Who else could have moved a row is answered by the UPDATE itself: a fresh stamp tells
        which rows this call won.
        """
        stamp = uuid.uuid4()
        won = self.on_its_own().filter(state__in=sources(to, by=by)).update(state=to, stamp=stamp, **columns)
        if won:
            moved = Delivery.objects.filter(stamp=stamp)
            history.record(
                moved, f"delivery.{to}", by=by, method=F("method"), address=F("address"), reason=F("reason"), note=note
            )
            if to not in IN_THE_SENDERS_HANDS:
                show_on_invoices(Invoice.objects.filter(pk__in=moved.values("invoice")))
        return won


class Receipt(models.TextChoices):
    """A fact about what is SENT, told by the next party afterwards."""

    ACCEPTED = "accepted", _("Accepted")
    PRINTED = "printed", _("Printed")
    POSTED = "posted", _("Posted")


class Delivery(models.Model):
    """One document on its way to one recipient, by one method, once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Without indexes of their own: nearly always null, where a planner that picks them reads the whole table, or
    # the first column of a compound one already. Each is written at each move.
    company = models.ForeignKey(Company, models.PROTECT, related_name="deliveries", db_index=False)
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="deliveries")
    batch = models.ForeignKey(
        Batch, models.PROTECT, null=True, related_name="deliveries", db_index=False
    )  # null: sent outside
    position = models.PositiveIntegerField(default=0)  # in the list it was sent from
    accompanies = models.ForeignKey("self", models.PROTECT, null=True, related_name="copies", db_index=False)
    again_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="new_tries", db_index=False)
    created_at = models.DateTimeField(db_default=Now())

    state = models.CharField(max_length=12, choices=State.choices)
    stamp = models.UUIDField(default=uuid.uuid4, db_index=True)  # fresh at each move

    # The route, frozen when it is set
    method = models.CharField(max_length=20, choices=Method.choices, blank=True)
    address = models.CharField(max_length=800, blank=True)  # a postal one has a part a line: channels.postal
    because = models.JSONField(default=list)

    # The clock and the hands
    leaves_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)  # its files are archived
    prepare_until = models.DateTimeField(null=True)  # lease of whoever renders it
    token = models.UUIDField(null=True)  # written by the claim alone, so that a late answer still finds its row
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)  # temporary refusals; never fails a row by itself
    crashes = models.PositiveSmallIntegerField(default=0)  # +1 while somebody works on it, taken back at the end
    refused_since = models.DateTimeField(null=True)  # first temporary refusal
    is_late = models.BooleanField(default=False)  # refused for an hour: needs attention, goes on trying

    # The outcome
    finished_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=40, blank=True)  # distribution.reasons.Reason
    reply_code = models.CharField(max_length=20, blank=True)  # what the other side said last
    reply_text = models.CharField(max_length=500, blank=True)
    # What the other side told later
    receipt = models.CharField(max_length=12, choices=Receipt.choices, blank=True, db_default="")
    receipt_at = models.DateTimeField(null=True)
    receipt_due_at = models.DateTimeField(null=True)  # when the last one should be here; null: none is waited for
    parcel = models.ForeignKey(Parcel, models.SET_NULL, null=True, related_name="deliveries")
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )  # a doubt
    handled_at = models.DateTimeField(null=True)  # a person has seen to the failure

    objects = DeliveryQuerySet.as_manager()

    HISTORY = {"thread": "invoice_id"}

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"],
                condition=Q(state__in=OPEN, accompanies__isnull=True),
                name="one_open_delivery_per_invoice",
            ),
            models.UniqueConstraint(
                fields=["accompanies", "address"], condition=Q(accompanies__isnull=False), name="one_copy_per_address"
            ),
            models.CheckConstraint(
                condition=Q(state__in=(State.WAITING, State.UNDONE, State.FAILED)) | ~Q(method=""),
                name="what_left_had_a_method",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(State.CLAIMED, State.HANDING_OVER))
                | Q(token__isnull=False, ready_at__isnull=False),
                name="what_is_in_hands_has_a_token_and_its_files",
            ),
        ]
        indexes = [
            models.Index(fields=["leaves_at", "id"], condition=Q(state=State.WAITING), name="delivery_waiting"),
            models.Index(fields=["lease_until"], condition=Q(state__in=IN_THE_SENDERS_HANDS), name="delivery_in_hands"),
            models.Index(fields=["batch", "state"], name="delivery_batch"),
            models.Index(
                fields=["company", "receipt_due_at"], condition=Q(receipt_due_at__isnull=False), name="delivery_answer"
            ),
            models.Index(fields=["company", "-created_at", "-id"], name="delivery_list"),
            models.Index(fields=["company", "state", "-created_at", "-id"], name="delivery_state"),
            # The days of the overview, counted from the index alone. Written once, when a delivery ends: what is on
            # its way is not in it. `accompanies` is always null here, and asked for.
            models.Index(
                fields=["company", "finished_at", "state", "method", "batch", "accompanies"],
                condition=Q(finished_at__isnull=False, accompanies__isnull=True),
                name="delivery_outcome",
            ),
        ]

    def __str__(self):
        return f"{self.get_method_display()} {self.get_state_display()}"

    @property
    def is_stoppable(self):
        return self.state in STOPPABLE


IN_FLIGHT = Case(
    When(state=State.IN_DOUBT, then=Value(Invoice.InFlight.DOUBT)),
    When(state=State.PARKED, then=Value(Invoice.InFlight.PARKED)),
    default=Value(Invoice.InFlight.WAITING),
)


def shown_on_invoice():
    """The invoice's own columns as expressions over its deliveries: a pure function of them."""
    own = Delivery.objects.principal().filter(invoice=OuterRef("pk"))
    latest = own.exclude(state=State.UNDONE).order_by("-created_at", "-id")
    return {
        "sent_at": Subquery(own.filter(state=State.SENT).order_by("-finished_at").values("finished_at")[:1]),
        # At most one is open (a constraint holds it): one look says which.
        "in_flight": Coalesce(Subquery(own.open().values_list(IN_FLIGHT)[:1]), Value("")),
        "attention": Coalesce(
            Subquery(
                latest.values_list(
                    Case(
                        When(handled_at__isnull=False, then=Value("")),
                        When(state__in=(State.FAILED, State.RETURNED, State.IN_DOUBT), then=F("reason")),
                        When(state=State.WAITING, is_late=True, then=F("reason")),
                        default=Value(""),
                        output_field=models.CharField(),
                    )
                )[:1]
            ),
            Value(""),
        ),
    }


def show_on_invoices(invoices):
    """Write what these invoices' deliveries say into the invoices' own columns."""
    invoices.update(**shown_on_invoice())

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from config.ids import uuid7
from distribution.reasons import Reason
from invoicing.models import DocumentTemplate, Invoice
from recipients.methods import Method
from recipients.models import Company
from recipients.models.workspace import CompanyQuerySet

# Why something could not be sent, as far as a person can do something about it.
MENDABLE = (
    Reason.NO_EMAIL, Reason.BAD_EMAIL, Reason.NO_POSTAL_ADDRESS, Reason.BAD_POSTAL_ADDRESS, Reason.NOT_ACTIVE,
    Reason.NO_CHANNEL,
)  # fmt: skip


class BatchQuerySet(CompanyQuerySet):
    def confirmed(self):
        return self.filter(confirmed_at__isnull=False)


class Batch(models.Model):
    """One press on Send: the unit of undo. Unconfirmed while its sheet is open."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = models.ForeignKey(Company, models.PROTECT, related_name="batches")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(auto_now_add=True)
    planned_at = models.DateTimeField(null=True)  # its lines are complete; null while a large plan is being made
    confirmed_at = models.DateTimeField(null=True)
    leaves_at = models.DateTimeField(null=True)  # the end of the undo window
    template = models.ForeignKey(DocumentTemplate, models.PROTECT, null=True, related_name="batches")
    sends_again = models.BooleanField(default=False)  # those that were sent before go too
    # What was ticked: {"ids": [...]} or {"query": "tab=to_send&q=...", "exclude": [...]}; the plan is made from it
    selection = models.JSONField(default=dict)
    # The sum that must add up: selected = deliveries + cannot + left_out
    selected_count = models.PositiveIntegerField(default=0)
    cannot_count = models.PositiveIntegerField(default=0)
    left_out_count = models.PositiveIntegerField(default=0)

    objects = BatchQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["company", "-confirmed_at"], name="batch_list")]

    def __str__(self):
        return f"{timezone.localtime(self.opened_at):%Y-%m-%d %H:%M}"

    def get_absolute_url(self):
        return reverse("distribution:batch", args=[self.company.slug, self.pk])


class PlanLineQuerySet(models.QuerySet):
    def going(self, *, again):
        """What leaves when the sheet is confirmed; `again`: with those that were sent before."""
        lines = self.filter(reason="")
        return lines if again else lines.filter(sent_before=False)

    def left_out(self, *, again):
        return self.none() if again else self.filter(reason="", sent_before=True)

    def cannot(self):
        return self.exclude(reason="")

    def needing_attention(self):
        """What a person can mend, of confirmed batches, until it is sent, planned once more or seen to."""
        later = PlanLine.objects.filter(
            invoice=OuterRef("invoice"), batch__confirmed_at__gt=OuterRef("batch__confirmed_at")
        )
        return self.cannot().filter(
            ~Exists(later),
            reason__in=MENDABLE,
            handled_at=None,
            batch__confirmed_at__isnull=False,
            invoice__sent_at=None,
            invoice__in_flight="",
            invoice__is_credited=False,
            invoice__is_books_only=False,
        )

    def changed(self):
        """Lines whose invoice is not any more what the sheet showed."""
        return self.filter(
            ~Q(seen_in_flight=F("invoice__in_flight"))
            | ~Q(seen_email=F("invoice__email"))
            | ~Q(seen_credited=F("invoice__is_credited"))
            | Q(reason="", invoice__is_books_only=True)
            | Q(sent_before=True, invoice__sent_at=None)
            | Q(invoice__sent_at__gt=F("batch__planned_at"))
        )


class PlanLine(models.Model):
    """One invoice of a batch as its sheet showed it: where it would go, or why it cannot."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="lines")
    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="+")
    position = models.PositiveIntegerField()  # the order of the list it was ticked in
    method = models.CharField(max_length=20, choices=Method.choices, blank=True)
    address = models.CharField(max_length=800, blank=True)
    because = models.JSONField(default=list)  # the resolver's trace, see distribution.resolver
    reason = models.CharField(max_length=40, blank=True)  # why it cannot go; a code
    handled_at = models.DateTimeField(null=True)  # a person has seen to it
    sent_before = models.BooleanField(default=False)
    # What the invoice's own columns were, so that the confirmation can tell whether anything changed meanwhile
    seen_in_flight = models.CharField(max_length=8, blank=True)
    seen_email = models.EmailField(blank=True)
    seen_credited = models.BooleanField(default=False)

    objects = PlanLineQuerySet.as_manager()

    HISTORY = {"company": "batch__company_id", "about": "invoice_id", "thread": "invoice_id"}

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "invoice"], name="one_plan_line_per_invoice_of_a_batch"),
            models.CheckConstraint(condition=~Q(method="") | ~Q(reason=""), name="a_plan_line_goes_or_says_why_not"),
        ]
        indexes = [
            models.Index(
                fields=["batch", "reason"], condition=~Q(reason="") & Q(handled_at=None), name="plan_line_cannot"
            ),
        ]

    def __str__(self):
        return self.method or self.reason

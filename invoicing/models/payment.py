from django.db import models
from django.db.models import Q

from .invoice import Invoice


class Payment(models.Model):
    """Money that came in for an invoice, in the invoice's currency. One that was wrong is taken back by another row."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="payments")
    amount = models.DecimalField(max_digits=16, decimal_places=2)
    paid_on = models.DateField()
    note = models.CharField(max_length=140, blank=True)
    takes_back = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="taken_back")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="a_payment_is_not_nothing")]

    def __str__(self):
        return f"{self.amount} {self.paid_on}"

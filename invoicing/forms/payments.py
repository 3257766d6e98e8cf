"""What staff may type about money that came in."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .amounts import AmountField


class PaymentForm(forms.Form):
    """A payment of one invoice, all that is left to pay unless another amount is typed."""

    paid_on = forms.DateField(
        label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    note = forms.CharField(required=False, max_length=140, label=gettext_lazy("Note"))
    seen_balance = forms.DecimalField(widget=forms.HiddenInput)

    field_order = ["amount", "paid_on", "note"]

    def __init__(self, *args, invoice, **kwargs):
        balance = invoice.balance
        initial = {"amount": balance if balance > 0 else None, "paid_on": timezone.localdate(), "seen_balance": balance}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["amount"] = AmountField(currency=invoice.currency, label=_("Amount, %s") % invoice.currency)
        self.fields["amount"].required = True
        self.fields["amount"].error_messages["required"] = _("Type the amount that came in.")
        self.order_fields(self.field_order)

    def clean_amount(self):
        amount = self.cleaned_data["amount"]
        if amount < 0:
            raise forms.ValidationError(_("Type an amount above zero. A payment that was wrong is taken back below."))
        return amount

    def clean_paid_on(self):
        day = self.cleaned_data["paid_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet. Type the day on which the money came in."))
        return day

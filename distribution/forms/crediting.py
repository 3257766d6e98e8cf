"""What staff may ask of a credit note: all that is left, or so much of each line, and why."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.template_tags import money
from invoicing.actions.crediting import Part, net_of
from invoicing.forms.amounts import AmountField
from invoicing.forms.numbers import NumberField, typed

ALL, PARTS = "all", "parts"
REASON_MAX = 300


class CreditForm(forms.Form):
    """`left` is what can still be given back; `may_stop`: something of the invoice waits to be sent."""

    extent = forms.ChoiceField(label=gettext_lazy("How much"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=REASON_MAX,
        help_text=gettext_lazy("It stands on the credit note and in the history."),
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": REASON_MAX}),
    )
    sending = forms.ChoiceField(
        label=gettext_lazy("The invoice waits to be sent"),
        required=False,
        widget=forms.RadioSelect,
        choices=[
            ("stop", gettext_lazy("Stop the sending: the invoice shows To send again")),
            ("keep", gettext_lazy("Let it leave, and send the credit note after it")),
        ],
    )
    seen_left = forms.DecimalField(widget=forms.HiddenInput)

    def __init__(self, *args, left, may_stop, **kwargs):
        super().__init__(*args, initial={"extent": ALL, "seen_left": left.payable}, **kwargs)
        self.left = left
        currency = left.invoice.currency
        whole = _("All of it: %s") if not left.notes else _("All that is left: %s")
        self.fields["extent"].choices = [(ALL, whole % money(left.payable, currency)), (PARTS, _("A part"))]
        if not may_stop:
            del self.fields["sending"]
        for part in left.parts:
            if part.net:
                name = part.line.name
                quantity = NumberField(decimals=6, label=_("Quantity, %s") % name)
                quantity.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}
                amount = AmountField(currency=currency, label=_("Amount, %s") % name)
                self.fields |= {f"quantity_{part.line.pk}": quantity, f"amount_{part.line.pk}": amount}

    def rows(self):
        """(what is left of a line, its field of quantity, its field of amount), as they stand on the invoice."""
        for part in self.left.parts:
            if part.net:
                yield part, self[f"quantity_{part.line.pk}"], self[f"amount_{part.line.pk}"]

    def clean(self):
        data = super().clean()
        self.parts = None
        if data.get("extent") != PARTS:
            return data
        if "sending" in self.fields and not data.get("sending"):
            self.add_error("sending", _("Say what becomes of the invoice that waits."))
        self.parts = [part for left in self.left.parts if left.net and (part := self._part(left))]
        if not self.parts and not self.errors:
            self.add_error(None, _("Type how much of at least one line is credited."))
        return data

    def _part(self, left):
        quantity_name, amount_name = f"quantity_{left.line.pk}", f"amount_{left.line.pk}"
        quantity, amount = self.cleaned_data.get(quantity_name), self.cleaned_data.get(amount_name)
        if quantity and amount:
            self.add_error(amount_name, _("Type a quantity or an amount, not both."))
        elif quantity:
            net = net_of(left, quantity)
            if is_within(quantity, left.quantity) and is_within(net, left.net):
                return Part(left.line, quantity, net)
            self.add_error(quantity_name, _("At most %s is left.") % typed(left.quantity))
        elif amount:
            if is_within(amount, left.net):
                return Part(left.line, 0, amount)
            self.add_error(amount_name, _("At most %s is left.") % money(left.net, self.left.invoice.currency))
        return None

    def stops(self):
        return self.cleaned_data.get("sending") == "stop"


def is_within(value, limit):
    """Of the same sign and not more: a discount is a negative line, and is given back as one."""
    return value * limit > 0 and abs(value) <= abs(limit)

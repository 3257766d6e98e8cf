"""The head of a draft: who receives it and what it says. The lines have a form of their own."""

from datetime import timedelta
from uuid import UUID

from django import forms
from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from invoicing.actions.drafting import fill
from invoicing.models import Invoice
from invoicing.money import currency_of
from recipients.models import Customer, InvoiceReference, Organisation

CURRENCIES = ("SEK", "NOK", "EUR", "DKK", "GBP", "USD")
KINDS = {"customer": Customer, "organisation": Organisation}
FOUND = 12  # recipients shown of a search
LAST_YEARS = 5


class DayField(forms.DateField):
    """A day of this century that is not decades ahead: what else is typed is a slip."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, **kwargs):
        wrong = {"invalid": gettext_lazy("This is not a day. Type it as 2026-12-31.")}
        super().__init__(required=False, error_messages=wrong, **kwargs)

    def clean(self, value):
        day = super().clean(value)
        if day and not (day.year >= 2000 and day <= timezone.localdate() + timedelta(days=366 * LAST_YEARS)):
            raise forms.ValidationError(_("This day is too far away. Look at the year."))
        return day


class DraftForm(forms.ModelForm):
    """`instance` is the draft, new or stored; `issue_on` the day that it is to bear, where one was typed.

    `found` is what the search for a recipient gives, `card` the recipient that is chosen.
    """

    use_required_attribute = False
    recipient = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    find = forms.CharField(required=False, max_length=100, label=gettext_lazy("Customer or organisation"))
    reference = forms.ChoiceField(required=False, label=gettext_lazy("Invoice reference"))
    issue_on = DayField(label=gettext_lazy("Invoice date"), help_text=gettext_lazy("Empty: the day it is issued."))
    due_on = DayField(label=gettext_lazy("Due date"))
    delivered_on = DayField(label=gettext_lazy("Delivery date"))
    period_start = DayField(label=gettext_lazy("Period from"))
    period_end = DayField(label=gettext_lazy("Period to"))
    currency = forms.ChoiceField(label=gettext_lazy("Currency"))
    language = forms.ChoiceField(required=False, label=gettext_lazy("Language of the document"))

    class Meta:
        model = Invoice
        fields = [
            "due_on", "delivered_on", "period_start", "period_end", "buyer_reference", "order_reference",
            "contract_reference", "seller_contact", "terms", "note", "currency", "language",
        ]  # fmt: skip
        labels = {
            "buyer_reference": gettext_lazy("Your reference"),
            "order_reference": gettext_lazy("Order number"),
            "contract_reference": gettext_lazy("Contract"),
            "seller_contact": gettext_lazy("Our reference"),
            "terms": gettext_lazy("Terms"),
            "note": gettext_lazy("Message"),
        }
        widgets = {"terms": forms.Textarea(attrs={"rows": 2}), "note": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, data=None, *, instance, issue_on=None, user=None):
        self.company = instance.company
        super().__init__(data, instance=instance, initial=self.begin(instance, issue_on, user))
        self.fields["terms"].max_length = self.fields["note"].max_length = 2000
        days = self.company.series.payment_days
        self.fields["due_on"].help_text = _("Empty: %s days after the invoice date.") % days
        self.fields["find"].widget.attrs |= {"autocomplete": "off", "type": "search"}
        codes = CURRENCIES if instance.currency in ("", *CURRENCIES) else (*CURRENCIES, instance.currency)
        self.fields["currency"].choices = [(code, code) for code in codes]
        self.fields["language"].choices = [("", _("As on the card")), *settings.LANGUAGES]
        self.card = self.chosen(self["recipient"].value() or "")
        self.references = self.references_of(self.card)
        self.fields["reference"].choices = [("", _("None")), *((str(each.pk), each) for each in self.references)]

    @staticmethod
    def begin(instance, issue_on, user):
        """What the form has beside the columns: the recipient's code, the day; and what a new draft begins with."""
        kind = "customer" if instance.customer_id else "organisation"
        pk = instance.customer_id or instance.organisation_id
        begun = {
            "recipient": f"{kind}:{pk}" if pk else "",
            "reference": str(instance.reference_id or ""),
            "issue_on": issue_on,
        }
        if instance._state.adding:
            begun["currency"] = currency_of(instance.company.country)
            begun["seller_contact"] = user.name if user else ""
        return begun

    def chosen(self, code):
        """The card of "customer:<uuid>" or "organisation:<uuid>" in this company's directory, or None."""
        kind, _colon, text = code.partition(":")
        try:
            return KINDS[kind].objects.of(self.company).filter(pk=UUID(text)).first()
        except (KeyError, ValueError):
            return None

    def references_of(self, card):
        organisation = card.organisation_id if isinstance(card, Customer) else card and card.pk
        if not organisation:
            return []
        return list(InvoiceReference.objects.filter(organisation=organisation).order_by("code"))

    def found(self):
        """Cards that the search names: (code, card), customers before organisations; [] before one has searched."""
        text = (self["find"].value() or "").strip()
        if not text:
            return []
        found = []
        for kind, model in KINDS.items():
            condition = Q(name__icontains=text) | Q(number__istartswith=text)
            if model is Organisation:
                condition |= Q(legal_id__startswith=text)
            rows = model.objects.of(self.company).filter(condition).order_by("name", "pk")[:FOUND]
            found += [(f"{kind}:{row.pk}", row) for row in rows]
        return found[:FOUND]

    def clean_recipient(self):
        code = self.cleaned_data["recipient"]
        if not self.card:
            words = _("This recipient is not in the directory of %s. Search again.") % self.company
            raise forms.ValidationError(
                words if code else _("Search for a customer or an organisation and choose one.")
            )
        return self.card

    def clean_reference(self):
        code = self.cleaned_data["reference"]
        return next((each for each in self.references if str(each.pk) == code), None)

    def clean(self):
        data = super().clean()
        start, end = data.get("period_start"), data.get("period_end")
        if start and end and end < start:
            self.add_error("period_end", _("The period ends before it begins."))
        for name in ("terms", "note"):
            if len(data.get(name, "")) > self.fields[name].max_length:
                self.add_error(name, _("At most %s characters.") % self.fields[name].max_length)
        return data

    def all_errors(self):
        """(id of the control, sentence) of what cannot be read."""
        for name, sentences in self.errors.items():
            anchor = "id_find" if name == "recipient" else self[name].auto_id
            for sentence in sentences:
                label = "" if name == "recipient" else f"{self.fields[name].label}: "
                yield anchor, f"{label}{sentence}"

    def days(self):
        """The days on one of which a VAT rate has to hold."""
        if self.is_bound:
            self.is_valid()  # what can be read is in cleaned_data, also where something else cannot
            typed = [self.cleaned_data.get(name) for name in ("delivered_on", "period_start", "period_end")]
        else:
            typed = [self.instance.delivered_on, self.instance.period_start, self.instance.period_end]
        return {self.day_of_issue() or timezone.localdate(), *filter(None, typed)}

    def draft(self, lines):
        """The unsaved Invoice as far as it was typed in readable form, with the sums of its lines."""
        invoice, card = self.instance, self.card
        invoice.customer = card if isinstance(card, Customer) else None
        invoice.organisation = card if isinstance(card, Organisation) else None
        code = self["reference"].value()
        invoice.reference = next((each for each in self.references if str(each.pk) == code), None)
        invoice.currency = invoice.currency or self.initial["currency"]
        fill(invoice, lines, issue_on=self.day_of_issue())
        return invoice

    def day_of_issue(self):
        """The day that was typed, or None."""
        return self.cleaned_data.get("issue_on") if self.is_bound else self.initial["issue_on"]

    def shown(self):
        """{field name: (label, words)} of what the form holds, for the eye of a person who compares two of them."""
        found = {"recipient": (_("Recipient"), str(self.card or ""))}
        for name, field in self.fields.items():
            if name in ("recipient", "find"):
                continue
            value = self[name].value()
            choices = dict(field.choices) if isinstance(field, forms.ChoiceField) else {}
            found[name] = (str(field.label), str(choices.get(value, "" if value is None else value)))
        return found


def differences(theirs, their_rows, mine, my_rows):
    """(label, what is stored, what was typed) for each thing in which two forms of one draft differ."""
    stored, typed = theirs.shown(), mine.shown()
    for name, (label, words) in stored.items():
        if words.strip() != typed[name][1].strip():
            yield label, words, typed[name][1]
    for n in range(max(len(their_rows), len(my_rows))):
        left, right = (_row(rows[n]) if n < len(rows) else "" for rows in (their_rows, my_rows))
        if left != right:
            yield _("Line %s") % (n + 1), left, right


def _row(row):
    """Stretching · 10 × 349,00 · 25 %"""
    rate = row.get("vat", "").removeprefix("S:")
    facts = (row.get("name"), row.get("description"), row.get("quantity"), row.get("price"), row.get("discount"), rate)
    return " · ".join(fact for fact in facts if fact)

"""The cards of customers, organisations and their invoice references: how their invoices go out."""

from django import forms
from django.utils.translation import gettext_lazy as _

from recipients.actions.cards import CardChange
from recipients.forms.seen import SeenForm
from recipients.methods import Method
from recipients.models import Customer, InvoiceReference, Organisation
from recipients.models.preference import CHOOSABLE

ONE_ADDRESS = _("Type one e-mail address: name@domain.")


class CardForm(SeenForm):
    """How a card's invoices go out: the methods that it chooses, its addresses and its language.

    `company` is where one works; `is_shared`: the workspace has others, so a choice may be narrowed to this one.
    """

    nothing = _("Company default (%s)")

    method = forms.ChoiceField(required=False, label=_("Invoice distribution"))
    method_here = forms.ChoiceField(required=False)

    class Meta:
        fields = ["invoice_email", "email", "language"]
        error_messages = {name: {"invalid": ONE_ADDRESS} for name in ("invoice_email", "email")}

    def __init__(self, *args, company, is_shared, is_read_only, **kwargs):
        super().__init__(*args, **kwargs)
        self.company = company
        is_new = self.instance._state.adding
        stated = {} if is_new else {p.company_id: p.method for p in self.instance.preferences.all()}
        general, here = stated.get(None, ""), stated.get(company.pk, "")
        nothing = self.nothing % Method(company.distribution.default_method).label
        self._offer("method", nothing, general)
        if is_shared or here:
            self._offer("method_here", _("As everywhere"), here)
            self.fields["method_here"].label = _("Only at %s") % company.name
        else:
            del self.fields["method_here"]
        state_no_language(self.fields["language"])
        for field in self.fields.values():
            field.disabled = is_read_only
        self.remember_what_is_shown()

    def _offer(self, name, nothing, stored):
        """The methods that exist at this company, and the stored one, which may be another company's."""
        active = self.company.distribution.active_methods
        choices = [("", nothing), *((code, label) for code, label in CHOOSABLE if code in active)]
        if stored and stored not in active:
            choices.append((stored, _("%s (not active here)") % Method(stored).label))
        self.fields[name].choices = choices
        self.initial[name] = stored

    def stated(self):
        """What the card chooses here, in words."""
        stated = self.initial.get("method_here") or self.initial["method"]
        return Method(stated).label if stated else self.fields["method"].choices[0][1]

    def change(self):
        """The CardChange of a valid form."""
        where = {"method": None, "method_here": self.company}
        methods = {where[name]: self.cleaned_data[name] for name in where if name in self.changed_data}
        return CardChange(self.instance, self.changed_data, methods)


def state_no_language(field):
    field.choices = [("", _("Not stated")), *field.choices[1:]]


class CustomerForm(CardForm):
    class Meta(CardForm.Meta):
        model = Customer


class OrganisationForm(CardForm):
    class Meta(CardForm.Meta):
        model = Organisation


class InvoiceReferenceForm(CardForm):
    nothing = _("As the organisation")

    class Meta(CardForm.Meta):
        model = InvoiceReference
        fields = ["code", "name", *CardForm.Meta.fields]


InvoiceReferenceFormSet = forms.inlineformset_factory(
    Organisation, InvoiceReference, form=InvoiceReferenceForm, extra=1, can_delete=False
)

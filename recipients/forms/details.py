"""Who a customer or an organisation is: name, numbers and addresses."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from config.identifiers import has_right_check_digit, normal_legal_id
from recipients.actions.cards import CardChange, holder_of
from recipients.forms.cards import ONE_ADDRESS, state_no_language
from recipients.forms.directory import CardField
from recipients.forms.seen import SeenForm
from recipients.models import Customer, Organisation


class DetailsForm(SeenForm):
    """`taken_by` is the card that has the number or legal id that was typed, once one of them is refused for it."""

    taken_by = None

    class Meta:
        address = ["street", "street_2", "postcode", "city", "country"]
        reach = ["invoice_email", "email", "phone", "language"]
        error_messages = {
            "invoice_email": {"invalid": ONE_ADDRESS},
            "email": {"invalid": ONE_ADDRESS},
            "country": {"min_length": _("Two letters: SE, NO, FI, DK.")},
        }

    def __init__(self, *args, company, is_read_only=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.company = company
        self.instance.workspace_id = company.workspace_id
        if self.instance._state.adding:
            self.initial |= {"country": company.country, "language": company.language}
        state_no_language(self.fields["language"])
        self.fields["country"].widget.attrs |= {"size": 4, "autocapitalize": "characters"}
        for name, field in self.fields.items():
            field.widget.attrs["autocomplete"] = "off"  # the clerk's own address is of no use here
            field.disabled = is_read_only and name != "seen"
        self.set_up()
        self.remember_what_is_shown()

    def set_up(self):
        """What the fields of one kind of card need."""

    def clean_number(self):
        number = self.cleaned_data["number"] or None
        if number and "number" in self.changed_data:
            self._refuse_when_taken(number)
        return number

    def _refuse_when_taken(self, number):
        holder, is_former = holder_of(self.company.workspace_id, number)
        if holder is None or holder.pk == self.instance.pk:
            return
        self.taken_by = holder
        words = _("%s had this number before two cards were merged.") if is_former else _("%s has this number.")
        what_to_do = _("Each number belongs to one card; choose another.")
        raise forms.ValidationError(f"{words % holder.name} {what_to_do}")

    def clean_country(self):
        country = self.cleaned_data["country"].upper()
        if not re.fullmatch("[A-Z]{2}", country):
            raise forms.ValidationError(_("Two letters: SE, NO, FI, DK."))
        return country

    def change(self):
        """The CardChange of a valid form."""
        return CardChange(self.instance, self.changed_data, {})


class CustomerDetailsForm(DetailsForm):
    organisation = CardField(
        required=False,
        label=_("Organisation"),
        help_text=_("The one it belongs to: its customer number, organisation number or whole name."),
    )

    class Meta(DetailsForm.Meta):
        model = Customer
        fields = ["name", "number", "organisation", *DetailsForm.Meta.address, *DetailsForm.Meta.reach]

    def set_up(self):
        self.fields["organisation"].cards = Organisation.objects.of(self.company)
        self.fields["organisation"].nobody = _(
            "No organisation has that number or name. Type its number, or its whole name."
        )
        self.initial["organisation"] = self.instance.organisation


class OrganisationDetailsForm(DetailsForm):
    class Meta(DetailsForm.Meta):
        model = Organisation
        fields = [
            "name", "number", "legal_id", "vat_id", "endpoint", *DetailsForm.Meta.address, *DetailsForm.Meta.reach,
        ]  # fmt: skip
        help_texts = {"endpoint": _("Scheme and number: 0007:5560360793.")}

    def clean_endpoint(self):
        endpoint = "".join(self.cleaned_data["endpoint"].split())
        if endpoint and not re.fullmatch(r"[0-9]{4}:[\w.\-:]+|[^@\s]+@[^@\s]+", endpoint):
            raise forms.ValidationError(_("Four digits, a colon and the number: 0007:5560360793."))
        return endpoint

    def clean(self):
        cleaned = super().clean()
        for name in ("legal_id", "vat_id"):
            if name in self.changed_data and cleaned.get(name) and name not in self.errors:
                self._check(name, normal_legal_id(cleaned[name], country=cleaned.get("country", "")))
        return cleaned

    def _check(self, name, key):
        """The check digit, and that no other card has the organisation number (VAT numbers may be a group's)."""
        if not has_right_check_digit(key):
            self.add_error(name, _("The check digit does not fit: a digit is wrong, or two changed places."))
        elif name == "legal_id":
            others = Organisation.objects.of(self.company).filter(legal_key=key).exclude(pk=self.instance.pk)
            self.taken_by = others.first() or self.taken_by
            if others:
                self.add_error(name, _("%s has this organisation number.") % others[0].name)

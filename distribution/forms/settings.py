"""What a manager sets about the distribution of a company."""

from django import forms
from django.utils.translation import gettext_lazy as _

from distribution.channels import CHANNELS
from distribution.models import Connection, Settings
from invoicing.forms.numbers import NumberField, typed
from recipients.methods import Method

# The fields that an invoice's way depends on: see resolver.rules.
RULES = ("active_methods", "default_method", "reserve_method", "sends_to_document_address", "links_to_organisation")


class SettingsForm(forms.ModelForm):
    """A company's distribution. Methods that have no channel here are not offered."""

    active_methods = forms.MultipleChoiceField(
        label=_("Active methods"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(code, code.label) for code in CHANNELS],
    )
    links_to_organisation = forms.BooleanField(
        required=False,
        label=_("Link invoices to the person's organisation"),
        help_text=_(
            "When on, method and address come from the invoice reference first, then the organisation, "
            "then the person. When off, from the person alone."
        ),
    )

    letter_price = NumberField(
        decimals=2,
        label=_("Price of a letter"),
        help_text=_("By your agreement with the print provider. It is shown before you send."),
    )

    class Meta:
        model = Settings
        fields = [
            "active_methods", "default_method", "reserve_method", "undo_minutes", "sender_prefix", "sender_name",
            "reply_to", "sends_to_document_address", "letter_price",
        ]  # fmt: skip

    def __init__(self, data, *, instance, is_read_only):
        initial = {
            "links_to_organisation": instance.company.links_to_organisation,
            "letter_price": typed(instance.letter_price, decimals=2),
        }
        super().__init__(data, instance=instance, initial=initial)
        for name, nothing in (("default_method", []), ("reserve_method", [("", _("None"))])):
            stored = getattr(instance, name)
            offered = [(code, code.label) for code in CHANNELS]
            if stored and stored not in CHANNELS:
                offered.append((stored, Method(stored).label))
            self.fields[name].choices = [*nothing, *offered]
        self.fields["undo_minutes"].widget.attrs["min"] = 0
        self.fields["letter_price"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}
        self.fields["sender_name"].widget.attrs["placeholder"] = instance.company.name
        self.fields["reply_to"].widget.attrs["placeholder"] = instance.company.email
        for field in self.fields.values():
            field.disabled = is_read_only

    def clean_sender_prefix(self):
        prefix = self.cleaned_data["sender_prefix"].lower()
        others = Settings.objects.exclude(pk=self.instance.pk)
        if others.filter(sender_prefix__iexact=prefix).exists():
            raise forms.ValidationError(_("Another company sends from this address. Choose another prefix."))
        return prefix

    def clean_active_methods(self):
        """A method without a way is not activated. One that lost its way later stays: a banner says so."""
        active = self.cleaned_data["active_methods"]
        ways = Connection.objects.of(self.instance.company).filter(method=Method.CENTRAL_PRINT)
        if Method.CENTRAL_PRINT in set(active) - set(self.initial["active_methods"]) and not ways.exists():
            raise forms.ValidationError(_("Central print needs a connection to a print provider: add it first."))
        return active

    def clean(self):
        data = super().clean()
        active, default, reserve = (data.get(name) for name in ("active_methods", "default_method", "reserve_method"))
        if active and default and default not in active:
            self.add_error("default_method", _("This method is not active. Activate it, or choose an active one."))
        if reserve and active and reserve not in active:
            self.add_error("reserve_method", _("This method is not active. Activate it, or choose another or none."))
        if reserve and reserve == default:
            self.add_error("reserve_method", _("The same as the default method. Choose another, or none."))
        if "links_to_organisation" in data:
            self.instance.company.links_to_organisation = data["links_to_organisation"]
        return data

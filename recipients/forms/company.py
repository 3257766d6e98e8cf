"""The company's own details: every number with a check digit is checked before a document carries it."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from config import identifiers
from recipients.models import Company

BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", re.ASCII)  # ISO 9362
DIGIT = _("The check digit does not fit. Look for a digit that is wrong or missing.")
# Country -> (is a number of its register, how one looks)
LEGAL_IDS = {
    "SE": (identifiers.is_luhn, "556677-8899"),
    "NO": (identifiers.is_norwegian, "918 273 646"),
    "FI": (identifiers.is_y_tunnus, "1234567-1"),
}
# Scheme of an electronic address (EAS) -> the register whose check digit it has
SCHEMES = {"0007": "SE", "0192": "NO", "0212": "FI"}


class CompanyForm(forms.ModelForm):
    """What documents and e-mails say of the sender."""

    class Meta:
        model = Company
        fields = [
            "name", "legal_id", "vat_id", "registered_office", "has_f_tax", "street", "street_2", "postcode", "city",
            "country", "email", "phone", "website", "bankgiro", "plusgiro", "account", "iban", "bic", "endpoint",
            "language",
        ]  # fmt: skip
        labels = {
            "name": _("Name"),
            "bankgiro": _("Bankgiro"),
            "plusgiro": _("Plusgiro"),
            "language": _("Language"),
        }
        help_texts = {
            "legal_id": _("Invoice files that come in find the company by this number."),
            "has_f_tax": _("Invoices say so. Sweden only."),
            "email": _("Stands on invoices; answers go here when Distribution has no reply-to address."),
            "endpoint": _("Scheme and number, for example 0007:5566778899."),
            "language": _("Of a document when neither it nor its recipient has one."),
        }
        error_messages = {"email": {"invalid": _("Type one e-mail address: name@domain.")}}

    def __init__(self, data, *, instance, is_read_only):
        super().__init__(data, instance=instance)
        for field in self.fields.values():
            field.disabled = is_read_only

    def changes(self):
        """The fields that are other than what is stored: a number typed in another form is the same number."""
        return [name for name in self.changed_data if self.cleaned_data[name] != self.initial[name]]

    def clean_country(self):
        country = self.cleaned_data["country"].strip().upper()
        if not re.fullmatch("[A-Z]{2}", country, re.ASCII):
            raise forms.ValidationError(_("Two letters, as in SE, NO or FI."))
        return country

    def clean_bankgiro(self):
        typed = self.cleaned_data["bankgiro"]
        if typed and not identifiers.is_bankgiro(typed):
            has_length = re.fullmatch(r"\d{3,4}-?\d{4}", typed, re.ASCII)
            raise forms.ValidationError(DIGIT if has_length else _("A bankgiro has 7 or 8 digits, as in 5050-1055."))
        return identifiers.format_bankgiro(typed)

    def clean_plusgiro(self):
        typed = self.cleaned_data["plusgiro"]
        if typed and not identifiers.is_plusgiro(typed):
            digits = re.sub(r"[\s-]", "", typed)
            has_length = identifiers.is_digits(digits) and 2 <= len(digits) <= 8
            raise forms.ValidationError(DIGIT if has_length else _("A plusgiro has 2 to 8 digits, as in 28 65 43-4."))
        return typed

    def clean_iban(self):
        typed = re.sub(r"\s", "", self.cleaned_data["iban"]).upper()
        if typed and not identifiers.is_iban(typed):
            has_form = re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", typed, re.ASCII)
            words = _("An IBAN begins with two letters and two digits, as in FI21 1234 5600 0007 85.")
            raise forms.ValidationError(DIGIT if has_form else words)
        return typed

    def clean_bic(self):
        typed = re.sub(r"\s", "", self.cleaned_data["bic"]).upper()
        if typed and not BIC.fullmatch(typed):
            raise forms.ValidationError(_("A BIC has 8 or 11 characters, as in NDEASESS."))
        return typed

    def clean_endpoint(self):
        typed = re.sub(r"\s", "", self.cleaned_data["endpoint"])
        scheme, colon, value = typed.partition(":")
        if typed and not (colon and value and re.fullmatch(r"\d{4}", scheme, re.ASCII)):
            raise forms.ValidationError(_("Four digits of the scheme, a colon and the number: 0007:5566778899."))
        if scheme in SCHEMES and not LEGAL_IDS[SCHEMES[scheme]][0](value):
            raise forms.ValidationError(DIGIT)
        return typed

    def clean(self):
        data = super().clean()
        country = data.get("country", "")
        if data.get("legal_id"):
            self._check_register("legal_id", country)
        if data.get("vat_id"):
            self._check_register("vat_id", country)
        account = re.sub(r"[\s.]", "", data.get("account") or "")
        if account and country == "NO":
            if not re.fullmatch(r"\d{11}", account, re.ASCII):
                self.add_error("account", _("A Norwegian account number has 11 digits."))
            elif identifiers.mod11_digit(account[:-1]) != account[-1]:
                self.add_error("account", DIGIT)
        if data.get("legal_id") and "legal_id" not in self.errors:
            key = identifiers.normal_legal_id(data["legal_id"], country=country)
            if Company.objects.filter(legal_key=key).exclude(pk=self.instance.pk).exists():
                taken = _("Another company of this installation has this number, so invoice files could not tell them "
                          "apart. Look for a wrong digit.")  # fmt: skip
                self.add_error("legal_id", taken)
        return data

    def _check_register(self, name, country):
        """A number of a Nordic register, as it is known there. Others are taken as they are."""
        if country not in LEGAL_IDS:
            return
        fits, example = LEGAL_IDS[country]
        key = identifiers.normal_legal_id(self.cleaned_data[name], country=country)
        digits = key[2:]
        if not key.startswith(country) or not identifiers.is_digits(digits):
            if name == "vat_id":
                example = {"SE": "SE556677889901", "NO": "NO 918 273 646 MVA", "FI": "FI12345671"}[country]
            self.add_error(name, _("This is not a number of %(country)s. One looks like %(example)s.")
                           % {"country": country, "example": example})  # fmt: skip
        elif not fits(digits):
            self.add_error(name, DIGIT)

"""Who belongs to an organisation."""

from django import forms
from django.utils.translation import gettext_lazy as _

from recipients.forms.directory import CardField


class PersonForm(forms.Form):
    person = CardField(
        label=_("Add a customer"),
        help_text=_("An existing one: its customer number, or the whole name."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data, *, customers):
        super().__init__(data)
        self.fields["person"].cards = customers
        self.fields["person"].nobody = _("No customer has that number or name. Type the number, or the whole name.")

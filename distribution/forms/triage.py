"""The better addresses that staff type for the rows of a cause."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from distribution.triage import card_of, takes_address


class AddressesForm(forms.Form):
    """A field for each row of a group that lacks an address; empty ones are left as they are."""

    where = forms.ChoiceField(
        label=gettext_lazy("Store them"),
        widget=forms.RadioSelect,
        choices=[
            ("card", gettext_lazy("On the cards, for all invoices")),
            ("invoice", gettext_lazy("On these invoices only")),
        ],
        initial="card",
    )

    def __init__(self, data=None, *, group):
        super().__init__(data, prefix=group.key, use_required_attribute=False)
        self.group = group
        for row in group.rows:
            if takes_address(row):
                field = forms.EmailField(
                    required=False, max_length=254, label=_("Address for %s") % row.invoice,
                    error_messages={"invalid": _("Type one e-mail address: name@domain.")},
                )  # fmt: skip
                field.widget.attrs |= {"placeholder": row.address, "autocomplete": "off"}
                self.fields[f"email_{row.pk}"] = field

    def rows(self):
        """(row, its field or None, the card that would take the address or None)."""
        for row in self.group.rows:
            name = f"email_{row.pk}"
            yield row, self[name] if name in self.fields else None, card_of(row)

    def clean(self):
        data = super().clean()
        self.mended, on_card = [], {}
        for row in self.group.rows:
            address = data.get(f"email_{row.pk}")
            if not address:
                continue
            card = card_of(row) if data.get("where") == "card" else None
            if card and on_card.setdefault(card.pk, address) != address:
                self.add_error(f"email_{row.pk}", _("%s has another address above: type one of them.") % card.name)
            self.mended.append((row.invoice, card, address))
        return data

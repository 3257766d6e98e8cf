"""The better addresses, e-mail or postal, that staff type for the rows of a cause."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from distribution.channels.postal import of_card
from distribution.triage import card_for_letters, card_of, takes_address


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
        """(row, its fields, the card that would take the address or None)."""
        for row in self.group.rows:
            name = f"email_{row.pk}"
            yield row, [self[name]] if name in self.fields else [], card_of(row)

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


class PostalAddressesForm(forms.Form):
    """Street, postcode and town for each row of a group, as the card has them; what is not touched stays."""

    PARTS = {"street": gettext_lazy("Street"), "postcode": gettext_lazy("Postcode"), "city": gettext_lazy("Town")}

    def __init__(self, data=None, *, group):
        super().__init__(data, prefix=group.key, use_required_attribute=False)
        self.group = group
        self.cards = {row.pk: card_for_letters(row) for row in group.rows}
        for row in group.rows:
            card = self.cards[row.pk]
            for part, label in self.PARTS.items():
                most = card._meta.get_field(part).max_length
                named = _("%(part)s for %(number)s") % {"part": label, "number": row.invoice}
                field = forms.CharField(required=False, max_length=most, label=named, initial=getattr(card, part))
                field.widget.attrs |= {"autocomplete": "off", "placeholder": label}
                self.fields[f"{part}_{row.pk}"] = field

    def rows(self):
        """(row, its fields, the card that takes the address)."""
        for row in self.group.rows:
            yield row, [self[f"{part}_{row.pk}"] for part in self.PARTS], self.cards[row.pk]

    def clean(self):
        data = super().clean()
        self.mended, typed = [], {}
        for row in self.group.rows:
            card = self.cards[row.pk]
            address = {part: data.get(f"{part}_{row.pk}", "") for part in self.PARTS}
            was_shown = self.add_prefix(f"street_{row.pk}") in self.data  # else it came after the page
            if not was_shown or all(getattr(card, part) == text for part, text in address.items()):
                continue
            if typed.setdefault(card.pk, address) != address:
                self.add_error(f"street_{row.pk}", _("%s has another address above: type one of them.") % card.name)
            elif problem := self.problem(card, address):
                self.add_error(f"{problem[0]}_{row.pk}", problem[1])
            else:
                self.mended.append((card, address))
        return data

    def problem(self, card, address):
        """(the part that is wrong, why), or None."""
        if missing := next((part for part, text in address.items() if not text), ""):
            return missing, _("A letter needs street, postcode and town.")
        typed = card._meta.model(name=card.name, country=card.country, **address)
        if not of_card(typed, card.name).is_whole:
            said = {"postcode": address["postcode"], "country": card.country}
            return "postcode", _("%(postcode)s is no postcode of %(country)s.") % said
        return None

"""Which two cards are one, and what of each stays."""

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from recipients.actions.merging import PARTS
from recipients.forms.directory import CardField

KEEPER, OTHER = "keeper", "other"


class OtherForm(forms.Form):
    """The card that becomes a part of this one."""

    other = CardField(
        label=_("The other card"),
        help_text=_("Its customer number, or the whole name. You see both before anything happens."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data, *, cards):
        super().__init__(data)
        self.fields["other"].cards = cards


class MergeForm(forms.Form):
    """One choice for each part in which two cards differ; the other's fills what is empty on the keeper.

    `rows` are {"label", "keeper", "other", "choice"} of what either card has; no choice where there is none to make.
    """

    def __init__(self, data, *, keeper, other):
        super().__init__(data)
        self.rows = []
        for part, columns in PARTS[type(keeper)].items():
            ours, theirs = shown(keeper, part), shown(other, part)
            if not (ours or theirs):
                continue
            row = {"label": label(keeper, part, columns), KEEPER: ours, OTHER: theirs}
            self.rows.append(row)
            if theirs and ours != theirs:
                self.fields[part] = forms.ChoiceField(
                    label=row["label"],
                    choices=[(KEEPER, ours or _("Empty")), (OTHER, theirs)],
                    initial=KEEPER if ours else OTHER,
                    widget=forms.RadioSelect,
                )
                row["choice"] = self[part]

    def taken(self):
        """The parts of a valid form in which the other's content stays."""
        return [part for part, side in self.cleaned_data.items() if side == OTHER]


def shown(card, part):
    if part == "address":
        lines = card.address_lines()
        return ", ".join([*lines, card.country]) if lines else ""
    if part == "language":
        return card.get_language_display()
    return str(getattr(card, part) or "")


def label(card, part, columns):
    return _("Postal address") if part == "address" else capfirst(card._meta.get_field(columns[0]).verbose_name)

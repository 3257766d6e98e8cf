"""What staff may ask of the lists of customers and organisations, and how they name one card."""

from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.identifiers import normal_legal_id
from recipients.models.naming import sort_key
from recipients.models.preference import CHOOSABLE

SEPARATOR = " · "  # between a card's name and its number, where both stand in one field


class CardFilter(forms.Form):
    """The list's state as it stands in the URL. A value that means nothing is left out, never an error page."""

    DEFAULT = "default"  # the card has chosen no method
    METHODS = ((DEFAULT, _("Company default")), *CHOOSABLE)
    LACKS = (("email", _("No e-mail address")), ("post", _("No postal address")))
    INVOICES = (("open", _("With open invoices")),)

    q = forms.CharField(required=False, max_length=100)
    method = forms.ChoiceField(required=False, choices=METHODS)
    lacks = forms.ChoiceField(required=False, choices=LACKS)
    invoices = forms.ChoiceField(required=False, choices=INVOICES)
    organisation = forms.UUIDField(required=False)

    def __init__(self, data, *, company):
        super().__init__(data)
        self.company = company

    def cleaned(self):
        """The values that can be used; what cannot be read is as if it were not there."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}

    def apply(self, cards):
        """Narrow a queryset of cards to what is asked."""
        asked = self.cleaned()
        if "q" in asked:
            cards = cards.filter(matches(asked["q"], cards.kind))
        if "method" in asked:
            method = "" if asked["method"] == self.DEFAULT else asked["method"]
            cards = cards.stating(here=self.company).filter(stated=method)
        if asked.get("lacks") == "email":
            cards = cards.without_email(linked=self.company.links_to_organisation)
        if asked.get("lacks") == "post":
            cards = cards.without_post()
        if "invoices" in asked:
            cards = cards.owing(self.company)
        if "organisation" in asked and cards.kind == "customer":
            cards = cards.filter(organisation=asked["organisation"])
        return cards


def matches(text, kind):
    """Number, name, e-mail, town; for an organisation its legal ids, for a customer the organisation's name."""
    found = (
        Q(number__istartswith=text)
        | Q(email__icontains=text)
        | Q(invoice_email__icontains=text)
        # SQLite knows upper and lower case of ASCII alone: "örebro" is looked for as "Örebro" too
        | Q(city__icontains=text)
        | Q(city__icontains=text.title())
    )
    key = sort_key(text)
    if key:
        found |= Q(sort_name__contains=key)
    if kind == "organisation":
        legal = normal_legal_id(text)
        return found | Q(legal_id__icontains=text) | Q(legal_key=legal) | Q(vat_key=legal)
    return found | Q(organisation__sort_name__contains=key) if key else found


class CardField(forms.CharField):
    """One card of the workspace, named as people name it: number, whole name, or "name · number"; links name its key.

    `cards` are the ones that may be named; an organisation also goes by its legal id. Set `cards` before validation.
    """

    cards = None
    nobody = _("No card has that number or name. Type the customer number, or the whole name.")
    several = _("%(n)s cards have that name. Type the customer number.")

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        name, separator, number = text.rpartition(SEPARATOR)
        wanted = Q(pk=text) if is_key(text) else Q(number=number if separator else text)
        found = self.cards.filter(wanted)[:1] or self.cards.filter(self._named(name if separator else text))[:20]
        if not found:
            raise ValidationError(self.nobody)
        if len(found) > 1:
            raise ValidationError(self.several % {"n": len(found)})
        return found[0]

    def _named(self, text):
        named = Q(sort_name=sort_key(text))
        legal = normal_legal_id(text)
        return named | Q(legal_key=legal) | Q(vat_key=legal) if self.cards.kind == "organisation" else named

    def prepare_value(self, value):
        return as_typed(value) if hasattr(value, "sort_name") else value


def is_key(text):
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def as_typed(card):
    """How a CardField shows the card that it holds."""
    return f"{card.name}{SEPARATOR}{card.number}" if card.number else card.name

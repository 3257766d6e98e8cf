"""The two kinds of card, where their pages are the same but for their words, and how a page finds its card."""

from functools import wraps
from typing import NamedTuple

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recipients.forms.details import CustomerDetailsForm, DetailsForm, OrganisationDetailsForm
from recipients.models import Customer, FormerCard, Organisation


class Kind(NamedTuple):
    """`name` is that of the card's first page, of its model and of the columns that point at it."""

    name: str
    model: type
    form: type[DetailsForm]
    list_title: str
    new_title: str
    empty: str
    hint: str

    @property
    def list_url(self):
        return f"recipients:{self.name}s"

    def cards(self, company):
        cards = self.model.objects.of(company)
        return cards.select_related("organisation") if self.name == "customer" else cards


KINDS = {
    "customer": Kind(
        "customer",
        Customer,
        CustomerDetailsForm,
        gettext_lazy("Customers"),
        gettext_lazy("New customer"),
        gettext_lazy("No customers yet"),
        gettext_lazy("Number, name, e-mail, town"),
    ),
    "organisation": Kind(
        "organisation",
        Organisation,
        OrganisationDetailsForm,
        gettext_lazy("Organisations"),
        gettext_lazy("New organisation"),
        gettext_lazy("No organisations yet"),
        gettext_lazy("Number, name, organisation number, e-mail, town"),
    ),
}


def card_page(view):
    """A view (request, kind, card) of a card of the company's workspace; a merged one leads to what it became."""

    @wraps(view)
    def found(request, pk, kind):
        kind = KINDS[kind]
        card = kind.cards(request.company).filter(pk=pk).first()
        if card:
            return view(request, kind, card)
        former = FormerCard.objects.of(request.company).filter(pk=pk, **{f"{kind.name}__isnull": False}).first()
        if former is None:
            raise Http404
        messages.info(request, _("%s was merged into this card.") % former)
        return redirect(request.resolver_match.view_name, request.company.slug, getattr(former, f"{kind.name}_id"))

    return found

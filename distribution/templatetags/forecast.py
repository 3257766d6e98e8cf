"""How invoices to a card would go. Loaded by name in the directory's pages: {% load forecast %}."""

from django import template

from distribution import words
from distribution.resolver import chosen_by, routes_to_cards

register = template.Library()


@register.simple_tag(takes_context=True)
def forecast(context, card):
    """A sentence by the one resolver, in one query: E-mail to anna@borg.example, from the organisation."""
    company = context["company"]
    ((_card, route),) = routes_to_cards([card], chosen_by(card, company), company.distribution)
    return words.way(route, company.country)

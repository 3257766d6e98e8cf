"""How invoices to a card would go. Loaded by name in the directory's pages: {% load forecast %}."""

from django import template
from django.db.models import Q

from distribution import words
from distribution.channels.base import Recipient
from distribution.resolver import resolve, stated_by
from invoicing.models import Invoice
from recipients.models import Customer

register = template.Library()


@register.simple_tag(takes_context=True)
def forecast(context, card):
    """A sentence by the one resolver, in one query: E-mail to anna@borg.example, from the organisation."""
    company = context["company"]
    kind = "customer" if isinstance(card, Customer) else "organisation"
    settings = company.distribution
    recipient = Recipient(
        Invoice(company=company, **{kind: card}), settings.sends_to_document_address, company.links_to_organisation
    )
    cards = Q()
    for level, one in recipient.levels:
        cards |= Q(**{level: one})
    return words.way(resolve(recipient, stated_by(cards, company), settings))

"""How the cards of a list can be reached from a company, and what they owe it: {% load directory %}."""

from dataclasses import dataclass, field

from django import template
from django.db.models import F, Max, Q, Sum

from distribution.channels import CHANNELS
from distribution.channels.base import Objection, Recipient
from distribution.models import Delivery
from distribution.reasons import Reason
from distribution.states import State
from invoicing.models import Invoice
from recipients.methods import Method
from recipients.models import Preference

register = template.Library()

# What is said about an address, not about one mail.
OF_THE_ADDRESS = (
    Reason.NO_MAILBOX,
    Reason.BAD_EMAIL,
    Reason.MAILBOX_FULL,
    Reason.POLICY,
    Reason.REFUSED,
    Reason.RETURNED,
)


@dataclass
class Standing:
    """One card at one company. `level` is the card that chose the method ("" for the company's default); `owed` is
    [(amount, currency)]."""

    card: object
    method: str
    level: str = ""
    is_only_here: bool = False
    email: str = ""
    email_from: str = ""
    has_wrong_email: bool = False
    is_suspect: bool = False
    takes_post: bool = False
    takes_einvoices: bool = False
    owed: list = field(default_factory=list)

    @property
    def is_own(self):
        return self.level == self.card._meta.model_name


@register.simple_tag(takes_context=True)
def standings(context, page):
    """[Standing] of a page of cards of one kind; three queries whatever their number."""
    company = context["company"]
    if not page:
        return []
    kind = page[0]._meta.model_name
    reached = {card.pk: _recipient(card, kind, company) for card in page}
    choices = _choices([one.pk for recipient in reached.values() for _level, one in recipient.levels], company)
    found = {pk: _standing(recipient, kind, choices, company) for pk, recipient in reached.items()}
    ours = Invoice.objects.of(company).filter(**{f"{kind}__in": list(found)})
    for pk, address in _refused(ours, kind):
        found[pk].is_suspect |= address == found[pk].email
    owed = ours.issued().filter(kind=Invoice.Kind.DEBIT, balance__gt=0, is_credited=False)
    for row in owed.values(kind, "currency").annotate(total=Sum("balance")).order_by("currency"):
        found[row[kind]].owed.append((row["total"], row["currency"]))
    return list(found.values())


def _recipient(card, kind, company):
    settings = company.distribution
    invoice = Invoice(company=company, **{kind: card})
    return Recipient(invoice, settings.sends_to_document_address, company.links_to_organisation)


def _choices(cards, company):
    """{card id: (method, whether it is narrowed to this company)}."""
    stated = Preference.objects.of(company).filter(Q(company=None) | Q(company=company))
    stated = stated.filter(Q(customer__in=cards) | Q(organisation__in=cards)).order_by(
        F("company").asc(nulls_first=True)
    )
    return {each.customer_id or each.organisation_id: (each.method, each.company_id is not None) for each in stated}


def _standing(recipient, kind, choices, company):
    card = getattr(recipient.invoice, kind)
    found = Standing(card, company.distribution.default_method)
    found.takes_post = any(one.takes_post for _level, one in recipient.levels)
    found.takes_einvoices = any(getattr(one, "endpoint", "") for _level, one in recipient.levels)
    for level, one in recipient.levels:
        if one.pk in choices:
            found.level, (found.method, found.is_only_here) = level, choices[one.pk]
            break
    try:
        address = CHANNELS[Method.EMAIL].address(recipient)
        found.email, found.email_from = address.text, address.source
    except Objection as objection:
        found.has_wrong_email = objection.reason == Reason.BAD_EMAIL
    return found


def _refused(invoices, kind):
    """(card id, address) of the e-mail addresses of which the last thing heard is a refusal or a return."""
    mails = Delivery.objects.filter(invoice__in=invoices.values("pk"), method=Method.EMAIL).order_by()
    bad = Q(state__in=(State.FAILED, State.RETURNED), reason__in=OF_THE_ADDRESS)
    heard = mails.values(f"invoice__{kind}", "address").annotate(
        refused=Max("created_at", filter=bad), taken=Max("created_at", filter=Q(state=State.SENT))
    )
    last = heard.filter(refused__isnull=False).filter(Q(taken=None) | Q(refused__gt=F("taken")))
    return last.values_list(f"invoice__{kind}", "address")

"""The first steps of a new company. Each is done when the rows say so; nobody ticks anything."""

from dataclasses import dataclass

from django.db.models import Exists, Q
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from distribution.models import Delivery
from distribution.states import State
from invoicing.models import Invoice
from recipients.methods import Method
from recipients.models import Company, Customer, Event, Member, Organisation

ON_EVERY_INVOICE = ("legal_id", "street", "postcode", "city")
ACCOUNTS = ("bankgiro", "plusgiro", "account", "iban")


@dataclass(frozen=True)
class Step:
    title: str
    text: str
    url: str  # "" where there is no page for it here
    label: str
    is_done: bool


def first_steps(company):
    """The six Steps of a company, in one query."""
    directory = {"workspace": company.workspace_id}
    sent = Delivery.objects.of(company).filter(state=State.SENT).exclude(method=Method.OUTSIDE)
    tried = Event.objects.of(company).filter(about=company.pk, what="mail.tested")
    facts = Company.objects.filter(pk=company.pk).values(
        has_customers=Q(Exists(Customer.objects.filter(**directory)))
        | Q(Exists(Organisation.objects.filter(**directory))),
        has_invoices=Exists(Invoice.objects.of(company)),
        has_sent=Q(Exists(sent)) | Q(Exists(tried)),
        has_colleagues=Exists(Member.objects.of(company)[1:]),
    )[0]

    def step(title, text, label, names, is_done):
        return Step(title, text, page(company, *names), label, bool(is_done))

    return [
        step(
            _("Company details"),
            _("Name, address, organisation number and an account: they stand on every invoice."),
            _("Fill in"), ("recipients:company",),
            all(getattr(company, name) for name in ON_EVERY_INVOICE) and any(getattr(company, a) for a in ACCOUNTS),
        ),
        step(
            _("A way to send"),
            _("Activate e-mail or own printer. Nothing leaves before you press Send."),
            _("Activate"), ("distribution:settings",),
            company.distribution.active_methods,
        ),
        step(
            _("Customers"),
            _("Those of an imported invoice come in with it."),
            _("Add"), ("recipients:customers",),
            facts["has_customers"],
        ),
        step(
            _("Invoices"),
            _("Import those that your business system made."),
            _("Import"), ("distribution:upload",),
            facts["has_invoices"],
        ),
        step(
            _("A test to yourself"),
            _("See an invoice as your customers will."),
            _("Try"), ("distribution:mail_texts", "distribution:settings"),
            facts["has_sent"],
        ),
        step(
            _("Colleagues"),
            _("Invite those who send, approve or only look."),
            _("Invite"), ("recipients:members",),
            facts["has_colleagues"],
        ),
    ]  # fmt: skip


def page(company, *names):
    """The first of these pages that this installation has."""
    for name in names:
        try:
            return reverse(name, args=[company.slug])
        except NoReverseMatch:
            continue
    return ""

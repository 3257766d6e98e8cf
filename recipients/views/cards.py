"""The cards of customers and organisations: how their invoices go out, and the invoices that they have here."""

from django.contrib import messages
from django.db import IntegrityError
from django.db.models import Prefetch, Q, prefetch_related_objects
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from recipients.actions.cards import change_cards
from recipients.forms.cards import CustomerForm, InvoiceReferenceFormSet, OrganisationForm
from recipients.models import InvoiceReference, Preference, Role
from recipients.scope import role
from recipients.views.kinds import card_page

SHOWN = 50  # invoices and people on a card; the lists have them all


@role(Role.VIEWER, post=Role.CLERK)
@card_page
def distribution(request, kind, card):
    """A person's tab Invoices, an organisation's tab Economy: how invoices go out, and those that went."""
    prefetch_related_objects([card], preferences(request.company))
    form_class = CustomerForm if kind.name == "customer" else OrganisationForm
    form = form_class(request.POST or None, instance=card, **about(request))
    if form.is_valid():
        return saved(request, card, [form])
    invoices = card.invoices.of(request.company).order_by("-issued_on", "-id")
    context = {"form": form, "invoices": invoices[:SHOWN]}
    return page(request, kind, card, "distribution", context, is_wrong=form.is_bound)


@role(Role.VIEWER, post=Role.CLERK)
@card_page
def references(request, kind, card):
    """An organisation's own invoice references."""
    given = about(request)
    rows = InvoiceReference.objects.filter(organisation=card).prefetch_related(preferences(request.company))
    form_set = InvoiceReferenceFormSet(
        request.POST or None, instance=card, prefix="reference", form_kwargs=given, queryset=rows.order_by("code")
    )
    if given["is_read_only"]:
        form_set.extra = 0
    if form_set.is_valid():
        return saved(request, card, form_set.forms)
    return page(request, kind, card, "references", {"references": form_set}, is_wrong=form_set.is_bound)


def preferences(company):
    """What a card chose, as far as it counts at this company."""
    return Prefetch("preferences", Preference.objects.of(company).filter(Q(company=None) | Q(company=company)))


def about(request):
    return {
        "company": request.company,
        "is_shared": request.company.workspace.companies.exclude(pk=request.company.pk).exists(),
        "is_read_only": request.role < Role.CLERK,
    }


def stored(request, form):
    """Whether the change of a valid form could be stored: its number may have been taken meanwhile."""
    try:
        change_cards([form.change()] if form.has_changed() else [], company=request.company, by=request.user)
    except IntegrityError:
        form.add_error("number", _("Somebody else used this number a moment ago. Choose another."))
        return False
    return True


def saved(request, card, forms):
    changes = [form.change() for form in forms if form.has_changed()]
    change_cards(changes, company=request.company, by=request.user)
    return told(request, card, is_changed=bool(changes))


def told(request, card, *, is_changed):
    messages.success(request, _("Card saved.") if is_changed else _("Nothing was changed."))
    return redirect(request.resolver_match.view_name, request.company.slug, card.pk)


def page(request, kind, card, tab, context, *, is_wrong=False):
    """One tab of a card."""
    invoice_count = card.invoices.of(request.company).count()
    context |= {
        "card": card,
        "kind": kind,
        "tabs": tabs(request, kind, card, tab, invoice_count),
        "invoice_count": invoice_count,
        "may_change": request.role >= Role.CLERK,
    }
    return render(request, f"recipients/card_{tab}.html", context, status=422 if is_wrong else 200)


def tabs(request, kind, card, current, invoice_count):
    """The parts of a card as ui/_tabs.html shows them."""
    if kind.name == "customer":
        parts = {"details": _("Details"), "distribution": _("Invoices"), "history": _("History")}
        counts = {"distribution": invoice_count}
    else:
        parts = {
            "details": _("Details"),
            "distribution": _("Economy"),
            "references": _("References"),
            "people": _("People"),
            "history": _("History"),
        }
        counts = {
            "distribution": invoice_count,
            "references": card.references.count(),
            "people": card.people.count(),
        }
    return [
        {
            "label": label,
            "url": reverse(url_of(kind, part), args=[request.company.slug, card.pk]),
            "count": counts.get(part) or None,
            "current": part == current,
        }
        for part, label in parts.items()
    ]


def url_of(kind, part):
    """recipients:customer for the part that a link to a card leads to, else recipients:customer_details and so on."""
    return f"recipients:{kind.name}" if part == "distribution" else f"recipients:{kind.name}_{part}"

"""The cards of customers and organisations: how their invoices go out, and the invoices that they have here."""

from django.contrib import messages
from django.db.models import Prefetch, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from recipients import history
from recipients.actions.cards import change_cards
from recipients.forms.cards import CustomerForm, InvoiceReferenceFormSet, OrganisationForm
from recipients.models import Customer, Event, InvoiceReference, Organisation, Preference, Role
from recipients.scope import role

SHOWN = 50  # invoices on a card; the list of invoices has them all


@role(Role.VIEWER, post=Role.CLERK)
def customer(request, pk):
    """A person's card, tab Invoices."""
    customers = Customer.objects.of(request.company).select_related("organisation")
    card = get_object_or_404(customers.prefetch_related(preferences(request.company)), pk=pk)
    form = CustomerForm(request.POST or None, instance=card, **about(request))
    if form.is_valid():
        return saved(request, "recipients:customer", card, [form])
    context = {"card": card, "form": form, "tab": _("Invoices"), "about": [card.pk]}
    return page(request, "recipients/customer.html", context, is_wrong=form.is_bound)


@role(Role.VIEWER, post=Role.CLERK)
def organisation(request, pk):
    """An organisation's card, tab Economy, with its invoice references."""
    organisations = Organisation.objects.of(request.company)
    card = get_object_or_404(organisations.prefetch_related(preferences(request.company)), pk=pk)
    given = about(request)
    form = OrganisationForm(request.POST or None, instance=card, **given)
    references = InvoiceReferenceFormSet(
        request.POST or None,
        instance=card,
        prefix="reference",
        form_kwargs=given,
        queryset=InvoiceReference.objects.filter(organisation=card)
        .prefetch_related(preferences(request.company))
        .order_by("code"),
    )
    if given["is_read_only"]:
        references.extra = 0
    if form.is_valid() & references.is_valid():
        return saved(request, "recipients:organisation", card, [form, *references.forms])
    context = {
        "card": card,
        "form": form,
        "references": references,
        "people": card.people.order_by("name")[:SHOWN],
        "tab": _("Economy"),
        "about": [card.pk, *(each.instance.pk for each in references.initial_forms)],
    }
    return page(request, "recipients/organisation.html", context, is_wrong=form.is_bound)


def preferences(company):
    """What a card chose, as far as it counts at this company."""
    return Prefetch("preferences", Preference.objects.of(company).filter(Q(company=None) | Q(company=company)))


def about(request):
    return {
        "company": request.company,
        "is_shared": request.company.workspace.companies.exclude(pk=request.company.pk).exists(),
        "is_read_only": request.role < Role.CLERK,
    }


def saved(request, name, card, forms):
    changes = [form.change() for form in forms if form.has_changed()]
    change_cards(changes, company=request.company, by=request.user)
    messages.success(request, _("Card saved.") if changes else _("Nothing was changed."))
    return redirect(name, request.company.slug, card.pk)


def page(request, template, context, *, is_wrong):
    card = context["card"]
    invoices = card.invoices.of(request.company).order_by("-issued_on", "-id")
    events = Event.objects.of(request.company).filter(about__in=context["about"]).select_related("by").order_by("-id")
    context |= {
        "invoices": invoices[:SHOWN],
        "invoice_count": invoices.count(),
        "days": history.story(list(events[:20]), {}),
        "may_change": request.role >= Role.CLERK,
    }
    return render(request, template, context, status=422 if is_wrong else 200)

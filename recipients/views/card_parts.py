"""The other tabs of a card, making one and taking one away."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from config.listing import selection
from recipients import history as story_of
from recipients.actions.cards import InUse, delete_card, invoices_of, move_person
from recipients.forms.belonging import PersonForm
from recipients.models import Event, FormerCard, Role
from recipients.scope import role
from recipients.views.cards import SHOWN, page, stored, told
from recipients.views.kinds import KINDS, card_page


@role(Role.CLERK)
def new(request, kind):
    """A card by hand."""
    kind = KINDS[kind]
    form = kind.form(request.POST or None, company=request.company)
    if form.is_valid() and stored(request, form):
        messages.success(request, _("Card saved."))
        return redirect(f"recipients:{kind.name}", request.company.slug, form.instance.pk)
    context = {"kind": kind, "form": form}
    return render(request, "recipients/new_card.html", context, status=422 if form.is_bound else 200)


@role(Role.VIEWER, post=Role.CLERK)
@card_page
def details(request, kind, card):
    """Who it is and where."""
    is_read_only = request.role < Role.CLERK
    form = kind.form(request.POST or None, instance=card, company=request.company, is_read_only=is_read_only)
    if form.is_valid() and stored(request, form):
        return told(request, card, is_changed=form.has_changed())
    if form.is_bound:
        card.refresh_from_db()  # the page around the form shows what is stored
    return page(request, kind, card, "details", {"form": form}, is_wrong=form.is_bound)


@role(Role.VIEWER)
@card_page
def history(request, kind, card):
    """All that happened to a card, its references and the cards that were merged into it."""
    former = FormerCard.objects.filter(**{kind.name: card}).values_list("pk", flat=True)
    references = card.references.values_list("pk", flat=True) if kind.name == "organisation" else []
    events = Event.objects.of(request.company).filter(about__in=[card.pk, *former, *references])
    events = events.exclude(what="card.merged_away")  # this card says so itself
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        events = events.filter(pk__lt=before)
    found = list(events.select_related("by").order_by("-id")[: SHOWN + 1])
    context = {
        "days": story_of.story(found[:SHOWN], {}),
        "older": found[SHOWN - 1].pk if len(found) > SHOWN else None,
        "is_first": not before,
    }
    return page(request, kind, card, "history", context)


@role(Role.VIEWER, post=Role.CLERK)
@card_page
def people(request, kind, card):
    """The people of an organisation: who belongs to it, one more, one less."""
    customers = KINDS["customer"].cards(request.company)
    form = PersonForm(request.POST if "person" in request.POST else None, customers=customers)
    if form.is_valid():
        return moved(request, card, form.cleaned_data["person"], card)
    if request.method == "POST" and not form.is_bound:
        leaving = customers.filter(organisation=card, pk__in=selection(request.POST).get("ids", [])).first()
        if leaving:
            return moved(request, card, leaving, None)
        messages.warning(request, _("They do not belong to the organisation any more."))
    context = {
        "form": form,
        "people": card.people.order_by("sort_name", "id")[:SHOWN],
        "people_count": card.people.count(),
    }
    return page(request, kind, card, "people", context, is_wrong=form.is_bound)


def moved(request, card, person, organisation):
    before = person.organisation
    move_person(person, organisation, company=request.company, by=request.user)
    if organisation is None:
        text = _("%(person)s no longer belongs to %(organisation)s.") % {"person": person, "organisation": card}
    elif before and before != organisation:
        words = {"person": person, "organisation": organisation, "before": before}
        text = _("%(person)s belongs to %(organisation)s now, and to %(before)s no longer.") % words
    else:
        text = _("%(person)s belongs to %(organisation)s.") % {"person": person, "organisation": organisation}
    messages.success(request, text)
    return redirect("recipients:organisation_people", request.company.slug, card.pk)


@role(Role.CLERK)
@card_page
def delete(request, kind, card):
    """Asks once, with what goes along; a card with invoices stays."""
    invoices = invoices_of(card)
    if request.method == "POST" and not invoices:
        try:
            delete_card(card, company=request.company, by=request.user)
        except InUse as error:
            invoices = error.invoices
        else:
            messages.success(request, _("The card of %s is deleted.") % card.name)
            return redirect(kind.list_url, request.company.slug)
    people_count = card.people.count() if kind.name == "organisation" else 0
    context = {"kind": kind, "card": card, "invoices": invoices, "people_count": people_count}
    return render(request, "recipients/delete.html", context, status=409 if request.method == "POST" else 200)

"""Two cards that are one person or one body."""

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recipients.actions import merging
from recipients.forms.merging import MergeForm, OtherForm
from recipients.models import Company, Role
from recipients.scope import role
from recipients.views.kinds import card_page

ALIKE = 10  # cards that are offered
HANGING = {
    "invoices": gettext_lazy("Invoices"),
    "preferences": gettext_lazy("Choices of method"),
    "people": gettext_lazy("People"),
    "references": gettext_lazy("Invoice references"),
    "former_cards": gettext_lazy("Cards merged before"),
}


@role(Role.MANAGER)
@card_page
def merge(request, kind, keeper):
    """Which other card; then both side by side, with what hangs on the other; then it is a part of this one."""
    asked = request.POST if request.method == "POST" else request.GET
    others = kind.cards(request.company).exclude(pk=keeper.pk)
    found = OtherForm(asked if "other" in asked else None, cards=others)
    context = {"kind": kind, "card": keeper, "found": found}
    if not found.is_valid():
        context["alike"] = alike(keeper, others)
        return render(request, "recipients/merge.html", context, status=422 if found.is_bound else 200)
    other = found.cleaned_data["other"]
    form = MergeForm(request.POST if request.method == "POST" else None, keeper=keeper, other=other)
    if form.is_valid():
        try:
            merging.merge(other, keeper, taken=form.taken(), by=request.user)
        except ObjectDoesNotExist:
            messages.warning(request, _("Nothing was merged: somebody else merged or deleted one of them just now."))
        else:
            messages.success(request, _("%(other)s is now part of %(keeper)s.") % {"other": other, "keeper": keeper})
        return redirect(f"recipients:{kind.name}", request.company.slug, keeper.pk)
    context |= {"form": form, "other": other, "hanging": hanging(other), "places": places(request, other)}
    return render(request, "recipients/merge.html", context, status=422 if form.is_bound else 200)


def alike(card, others):
    """The cards that may well be the same: of the same name, or with the same address."""
    same = Q(sort_name=card.sort_name)
    for address in filter(None, (card.email, card.invoice_email)):
        same |= Q(email__iexact=address) | Q(invoice_email__iexact=address)
    return others.filter(same).order_by("sort_name", "id")[:ALIKE]


def hanging(card):
    """[(words, how many)] of what moves along."""
    return [
        (HANGING.get(relation.name, capfirst(relation.related_model._meta.verbose_name_plural)), n)
        for relation, n in merging.hanging(card)
    ]


def places(request, card):
    """[(company, invoices)]: by name where the user is a member, the rest of the workspace as one number."""
    mine = set(Company.objects.open_to(request.user).values_list("pk", flat=True))
    counts = card.invoices.values("company", "company__name").annotate(n=Count("pk")).order_by("company__name")
    named = [(row["company__name"], row["n"]) for row in counts if row["company"] in mine]
    rest = sum(row["n"] for row in counts if row["company"] not in mine)
    return [*named, (_("companies where you are no member"), rest)] if rest else named

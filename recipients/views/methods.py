"""Change method: one for all the cards that were ticked."""

from django.contrib import messages
from django.http import Http404, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from config.listing import selection
from config.template_tags import count
from recipients.actions.methods import change_methods, change_of
from recipients.forms.directory import CardFilter
from recipients.forms.methods import MethodsForm
from recipients.models import Role
from recipients.scope import role
from recipients.views.cards import about
from recipients.views.kinds import KINDS


@role(Role.CLERK)
@require_POST
def change(request, kind):
    """First which method and where; then what that changes, with the number in the button; then it is done."""
    kind, company = KINDS[kind], request.company
    cards = chosen(request, kind)
    is_shared = about(request)["is_shared"]
    form = MethodsForm(request.POST if "distribution" in request.POST else None, company=company, is_shared=is_shared)
    if not form.is_valid():
        return ask(request, kind, form, {"asked": cards.count()}, status=422 if form.is_bound else 200)
    method, where = form.chosen
    counts = {
        name: rows.count() for name, rows in change_of(cards, method, where=where, company=company)._asdict().items()
    }
    said = form.cleaned_data["counted"]
    if said is None or said != counts["changing"]:
        context = {"asked": sum(counts.values()), "counts": counts, "is_outdated": said is not None}
        return ask(request, kind, form, context, status=409 if said is not None else 200)
    changed = change_methods(cards, method, where=where, company=company, by=request.user)
    text = ngettext("%(n)s card now says %(method)s.", "%(n)s cards now say %(method)s.", changed)
    messages.success(request, text % {"n": count(changed), "method": form.method_label()})
    return redirect(back(request, kind))


def chosen(request, kind):
    """The cards that were ticked, or all that match the list's filter. Another workspace's are a 404."""
    picked = selection(request.POST)
    ours = kind.model.objects.of(request.company)
    if "query" in picked:
        form = CardFilter(QueryDict(picked["query"]), company=request.company)
        return form.apply(ours).exclude(pk__in=picked["exclude"])
    found = ours.filter(pk__in=picked["ids"])
    if found.count() != len(picked["ids"]):
        raise Http404
    return found


def back(request, kind):
    """The list as it was."""
    query = QueryDict(request.POST.get("query", "")).urlencode()
    return f"{reverse(kind.list_url, args=[request.company.slug])}?{query}"


def ask(request, kind, form, context, *, status):
    template = "recipients/_methods.html" if request.htmx else "recipients/methods.html"
    context |= {"form": form, "kind": kind, "posted": request.POST, "cancel_url": back(request, kind)}
    return render(request, template, context, status=status)

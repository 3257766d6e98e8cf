"""The search of the top bar, on a page of its own: everything that a word or a number leads to."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from distribution import search as finding
from distribution import words
from distribution.forms.search import SearchForm
from distribution.steps import page as page_of
from recipients.models import Role
from recipients.scope import role


@role(Role.VIEWER)
def search(request):
    """An exact invoice number opens the invoice."""
    company = request.company
    text = SearchForm(request.GET).asked()
    exact = finding.exact_invoice(company, text)
    if exact:
        return redirect("invoicing:invoice", company.slug, exact.pk)
    context = {"q": text, "groups": [], "is_too_short": 0 < len(text) < finding.SHORTEST}
    if text and not context["is_too_short"]:
        context["groups"] = groups(company, text)
    return render(request, "distribution/search.html", context)


def groups(company, text):
    """The groups that hold something: {"name", "title", "found", "url" of the list with all of them or ""}."""
    found = finding.search(company, text)
    for delivery in found["deliveries"].rows:
        delivery.note = words.note(delivery)
    query = urlencode({"q": text})
    lists = {
        "invoices": (_("Invoices"), f"{reverse('invoicing:invoices', args=[company.slug])}?tab=all&{query}"),
        "customers": (_("Customers"), _listed(page_of(company, "recipients:customers"), query)),
        "organisations": (_("Organisations"), _listed(page_of(company, "recipients:organisations"), query)),
        "deliveries": (_("Deliveries"), f"{reverse('distribution:deliveries', args=[company.slug])}?tab=all&{query}"),
        "batches": (_("Batches"), ""),
    }
    return [
        {"name": name, "title": title, "found": found[name], "url": url}
        for name, (title, url) in lists.items()
        if found[name].count
    ]


def _listed(url, query):
    return f"{url}?{query}" if url else ""

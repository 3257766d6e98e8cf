"""Which lists can keep their filter under a name, and how the views of a list are found.

A list offers itself where its page is defined: `saved_views.offer("invoices", InvoiceFilter, "invoicing:invoices",
_("Invoices"))`. Its form has `cleaned()`: the values that can be used.
"""

from collections.abc import Callable
from typing import NamedTuple

from django.http import QueryDict
from django.urls import reverse

from recipients.models import SavedView


class List(NamedTuple):
    form: Callable  # of the query's QueryDict
    url_name: str
    label: str


LISTS = {}


def offer(name, form, url_name, label):
    LISTS[name] = List(form, url_name, label)


def cleaned(name, query):
    """A query string of this list with only what its form can use, in one order: what is stored, and compared."""
    form = LISTS[name].form(QueryDict(query))
    kept = QueryDict(mutable=True)
    for field, value in form.cleaned().items():
        kept.setlist(field, [_text(each) for each in (value if isinstance(value, list | tuple) else [value])])
    return kept.urlencode()


def told(name, query):
    """A filter for a person to read: [(field, value)]."""
    form = LISTS[name].form(QueryDict(query))
    lines = []
    for field, value in form.cleaned().items():
        words = dict(getattr(form.fields[field], "choices", ()))
        values = value if isinstance(value, list | tuple) else [value]
        lines.append((form[field].label, ", ".join(str(words.get(each, each)) for each in values)))
    return lines


def _text(value):
    if hasattr(value, "pk"):
        return str(value.pk)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def of_list(request, name):
    """The views that this person may choose on a list, one query a page; each says whether it `is_open` now."""
    found = request.__dict__.setdefault("saved_views", {})
    if name not in found:
        here = cleaned(name, request.GET.urlencode())
        found[name] = list(SavedView.objects.of(request.company).open_to(request.user).filter(list=name))
        for view in found[name]:
            view.is_open = view.query == here
            view.url = f"?{view.query}"
    return found[name]


def address(view):
    """The page of a view."""
    return f"{reverse(LISTS[view.list].url_name, args=[view.company.slug])}?{view.query}"

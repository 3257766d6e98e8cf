"""The list of invoices: find, choose, send."""

from datetime import timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.bulk import counted
from config.listing import Listing, show
from invoicing.forms.invoice_list import InvoiceFilter
from invoicing.models import Invoice
from recipients import saved_views
from recipients.methods import Method
from recipients.models import Company, Role
from recipients.scope import remember, role

# What nobody has to act on is not counted: it is many.
COUNTED = ("to_send", "waiting", "attention", "overdue", "drafts")
MONTHS_BACK = 12
EMPTY = {
    "to_send": (
        gettext_lazy("Nothing to send"),
        gettext_lazy("What comes in next, and what could not be sent, stands here."),
    ),
    "waiting": (gettext_lazy("Nothing waits"), gettext_lazy("What you send stands here until it has left.")),
    "attention": (
        gettext_lazy("Nothing needs attention"),
        gettext_lazy("What fails or comes back stands here, with the reason."),
    ),
    "sent": (gettext_lazy("Nothing has been sent yet"), ""),
    "overdue": (gettext_lazy("Nothing is overdue"), gettext_lazy("What is not paid on its due day stands here.")),
    "drafts": (gettext_lazy("No drafts"), gettext_lazy("An invoice that is begun and not issued stands here.")),
    "all": (gettext_lazy("No invoices"), ""),
}

saved_views.offer("invoices", InvoiceFilter, "invoicing:invoices", gettext_lazy("Invoices"))


@role(Role.VIEWER)
def invoices(request):
    company = request.company
    remember(request)
    form = InvoiceFilter(request.GET)
    asked = form.cleaned()
    tab = asked.get("tab", "to_send")
    rows = Invoice.objects.of(company)
    counts = tab_counts(company, form, {*COUNTED, tab})
    cards = ("customer__organisation", "organisation")
    listing = Listing(request, rows.select_related(*cards), form, order=("issued_on", "id"), matching=counts[tab])
    return show(
        request,
        "invoicing/invoices.html",
        {
            "listing": listing,
            "now": timezone.now(),
            "tab": tab,
            "q": asked.get("q", ""),
            "tabs": tabs(listing, tab, counts),
            "chips": chips(listing, asked),
            "kept": [(name, value) for name, value in asked.items() if name != "q"],
            "is_filtered": bool(asked.keys() - {"tab"}),
            "is_new": not listing.rows and not rows.exists(),
            "bare_url": f"?tab={tab}",
            "empty": EMPTY[tab],
            "may_choose": request.role >= Role.CLERK and bool(company.distribution.active_methods),
        },
    )


def tab_counts(company, form, names):
    """{tab: invoices in the filter}, in one query; each count may use the index of its own tab."""
    narrowed = form.narrowed(Invoice.objects.of(company))
    counts = {name: counted(form.on_tab(narrowed, name)) for name in names}
    return Company.objects.filter(pk=company.pk).values(**counts).get()


def tabs(listing, tab, counts):
    return [
        {
            "label": label,
            "url": listing.url(tab=name),
            "count": counts[name] if name in COUNTED else None,
            "alarm": name == "attention" and counts[name] > 0,
            "current": name == tab,
        }
        for name, label in InvoiceFilter.TABS
    ]


def chips(listing, asked):
    """The filters of the list as ui/_chips.html shows them."""
    issued = issued_words(asked)
    months = [
        {
            "label": date_format(first, "F Y"),
            "url": listing.url(issued_from=first.isoformat(), issued_to=last.isoformat()),
        }
        for first, last in last_months()
    ]
    found = [
        {
            "label": _("Issued"),
            "value": issued and _("Issued %(when)s") % {"when": issued},
            "clear_url": listing.url(issued_from=None, issued_to=None),
            "options": months,
        },
        _choice(listing, asked, "method", _("Method"), Method.choices),
        _choice(listing, asked, "kind", _("Kind"), Invoice.Kind.choices),
        {
            "label": _("Jump to"),
            "options": [
                {"label": date_format(last, "F Y"), "url": listing.url(at=last.isoformat())}
                for _first, last in last_months()
            ],
        },
    ]
    if "batch" in asked:
        found.append({"label": _("Batch"), "value": _("One batch"), "clear_url": listing.url(batch=None)})
    return found


def _choice(listing, asked, name, label, choices):
    return {
        "label": label,
        "value": dict(choices).get(asked.get(name), ""),
        "clear_url": listing.url(**{name: None}),
        "options": [{"label": words, "url": listing.url(**{name: value})} for value, words in choices],
    }


def last_months():
    """(first day, last day) of this month and those before it, newest first."""
    first = timezone.localdate().replace(day=1)
    for _month in range(MONTHS_BACK):
        following = (first + timedelta(days=31)).replace(day=1)
        yield first, following - timedelta(days=1)
        first = (first - timedelta(days=1)).replace(day=1)


def issued_words(asked):
    """November 2026, or the days as they were typed; "" when the list is not narrowed by them."""
    span = asked.get("issued_from"), asked.get("issued_to")
    if span in set(last_months()):
        return date_format(span[0], "F Y")
    return " – ".join(day.isoformat() if day else "" for day in span).strip() if any(span) else ""

"""Deliveries: the list of what is on its way, and one delivery with all that is known of it."""

from django.db.models import Count
from django.shortcuts import get_object_or_404, render
from django.utils.formats import date_format
from django.utils.timezone import localtime, now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.listing import Listing, show
from distribution import words
from distribution.channels.email import message_id
from distribution.connection_words import holding
from distribution.forms.deliveries import DeliveryFilter
from distribution.models import Batch, Delivery
from distribution.reasons import Reason
from distribution.resolver import routes
from distribution.states import OPEN, STOPPABLE, State
from invoicing.models import Invoice
from recipients import history, saved_views
from recipients.methods import Method
from recipients.models import Event, Role
from recipients.scope import role

from . import envelope

EMPTY = {
    "waiting": (gettext_lazy("Nothing waits"), gettext_lazy("What you send waits here until its undo window closes.")),
    "sending": (gettext_lazy("Nothing is being sent"), gettext_lazy("A delivery stands here for a moment only.")),
    "doubt": (gettext_lazy("Nothing is in doubt"), gettext_lazy("Every other side has said what it did.")),
    "attention": (gettext_lazy("Nothing needs attention"), gettext_lazy("All that failed has been seen to.")),
    "overdue": (gettext_lazy("No answer is overdue"), gettext_lazy("Each letter was reported in time.")),
    "sent": (gettext_lazy("Nothing has been sent yet"), ""),
}

saved_views.offer("deliveries", DeliveryFilter, "distribution:deliveries", gettext_lazy("Deliveries"))


@role(Role.VIEWER)
def deliveries(request):
    """The outbox and what has left it, newest first."""
    form = DeliveryFilter(request.GET)
    asked = form.cleaned()
    tab = asked.get("tab", "all")
    ours = Delivery.objects.of(request.company)
    counts = tab_counts(form.narrowed(ours))
    rows = ours.select_related("invoice__customer", "invoice__organisation", "batch").defer("because")
    listing = Listing(request, rows, form, order=("created_at", "id"), matching=counts.get(tab))
    for delivery in listing.rows:
        delivery.note = words.note(delivery)
    may_act = request.role >= Role.CLERK and tab in ("waiting", "doubt", "attention", "overdue")
    return show(
        request,
        "distribution/deliveries.html",
        {
            "listing": listing,
            "tab": tab,
            "tabs": tabs(listing, tab, counts),
            "chips": chips(listing, request.company, asked),
            **{name: asked.get(name, "") for name in ("q", "method", "batch", "reason")},
            "clear_url": f"?tab={tab}",
            "is_filtered": bool(asked.keys() - {"tab"}),
            "empty": EMPTY.get(tab),
            "may_act": may_act,
            "now": now(),
        },
    )


def tab_counts(deliveries):
    """{tab: rows} in three queries. What has left is not counted: it is many, and nobody waits for it."""
    open_ones = deliveries.filter(state__in=OPEN).order_by().values("state").annotate(n=Count("pk"))
    n = {row["state"]: row["n"] for row in open_ones}
    return {
        "waiting": sum(n.get(state, 0) for state in STOPPABLE),
        "sending": n.get(State.HANDING_OVER, 0),
        "doubt": n.get(State.IN_DOUBT, 0),
        "attention": deliveries.needing_attention().count(),
        "overdue": deliveries.answer_overdue().count(),
    }


def tabs(listing, tab, counts):
    return [
        {
            "label": label,
            "url": listing.url(tab=name),
            "count": counts.get(name),
            "alarm": name in ("doubt", "attention", "overdue") and bool(counts[name]),
            "current": name == tab,
        }
        for name, label in DeliveryFilter.TABS
        if name != "overdue" or counts[name] or tab == name  # only who sends letters waits for answers
    ]


def chips(listing, company, asked):
    offered = company.distribution.active_methods
    method = asked.get("method")
    found = [
        {
            "label": _("Method"),
            "value": Method(method).label if method else "",
            "clear_url": listing.url(method=None),
            "options": [{"label": Method(code).label, "url": listing.url(method=code)} for code in offered],
        }
    ]
    if "reason" in asked:
        words = Reason(asked["reason"]).label
        found.append({"label": _("Reason"), "value": words, "clear_url": listing.url(reason=None)})
    if "batch" in asked:
        batch = get_object_or_404(Batch.objects.of(company), pk=asked["batch"])
        found.append(
            {
                "label": _("Batch"),
                "value": _("Batch of %s") % date_format(localtime(batch.opened_at), "Y-m-d H:i"),
                "clear_url": listing.url(batch=None),
            }
        )
    return found


@role(Role.VIEWER)
def delivery(request, pk):
    """One delivery: why this way, what was in it, what the other side said, and all that happened."""
    ours = Delivery.objects.of(request.company)
    row = get_object_or_404(
        ours.select_related(
            "company",
            "invoice__customer",
            "invoice__organisation",
            "batch__by",
            "batch__template",
            "parcel",
            "closed_by",
            "again_of",
        ),
        pk=pk,
    )
    row.note = words.note(row)
    kept_out = envelope.was_kept_out(row)
    shows_envelope = kept_out or (envelope.is_letter(row) and "envelope" in request.GET)
    events = Event.objects.of(request.company).filter(about=row.pk).select_related("by").order_by("-id")
    return render(
        request,
        "distribution/delivery.html",
        {
            "delivery": row,
            "steps": words.steps(row.because, row.address, request.company.country),
            "todo": words.REASONS.get(row.reason, ("", ""))[1],
            "kept_out": kept_out,
            "look": envelope.look(row) if shows_envelope else None,
            "may_look": envelope.is_letter(row) and not shows_envelope,
            "files": row.enclosures.select_related("file").order_by("id"),
            "days": history.story(list(events), words.REASONS, home=request.company.country),
            "new_tries": ours.filter(again_of=row).order_by("created_at"),
            "message_id": message_id(row) if row.method == Method.EMAIL else "",
            "changed_to": changed_way(row),
            "held": holding(row, now()),
            "may_act": request.role >= Role.CLERK,
            "now": now(),
            "may_decide": row.state == State.IN_DOUBT,
            "may_take_back": row.state == State.SENT and row.method == Method.OUTSIDE,
            "may_send_again": row.state in (State.FAILED, State.RETURNED),
            "needs_attention": ours.filter(pk=pk).needing_attention().exists(),
        },
    )


def changed_way(delivery):
    """Where it would go now, when that differs from the snapshot with which it waits; else ""."""
    if delivery.state not in STOPPABLE or not delivery.method:
        return ""
    invoices = Invoice.objects.of(delivery.company).filter(pk=delivery.invoice_id)
    ((_invoice, route),) = routes(invoices, delivery.company)
    same = (route.method, route.address) == (delivery.method, delivery.address)
    return "" if same else words.way(route, delivery.company.country)

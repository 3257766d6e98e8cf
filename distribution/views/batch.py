"""A batch on its way: its numbers, its undo, and the pills of the top bar."""

from django.contrib import messages
from django.db.models import F, OuterRef, Subquery
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy

from config.listing import selection, show
from distribution import words
from distribution.actions import planning, sending
from distribution.models import Batch, Delivery
from distribution.tally import Progress, pace
from distribution.views.doubts import chosen
from invoicing.models import Invoice
from recipients.methods import Method
from recipients.models import Role
from recipients.scope import role

LATEST = 20
# group of distribution.tally -> (words, tone of a bar, look of its number)
PARTS = {
    "sent": (gettext_lazy("Sent"), "1", ""),
    "sending": (gettext_lazy("Sending"), "2", ""),
    "waiting": (gettext_lazy("Waiting"), "rest", ""),
    "failed": (gettext_lazy("Failed"), "danger", "is-danger"),
    "in_doubt": (gettext_lazy("In doubt"), "warning", "is-warning"),
}
RARE = {
    "returned": (gettext_lazy("Returned"), "warning", "is-warning"),
    "undone": (gettext_lazy("Undone"), "neutral", ""),
    "cannot": (gettext_lazy("Could not be sent"), "rest", ""),
    "left_out": (gettext_lazy("Left out"), "rest", ""),
}


@role(Role.VIEWER)
def batch(request, pk):
    """The page of a batch; polled while anything of it is on its way. `?seen=` is what the page already lists."""
    ours = Batch.objects.of(request.company).select_related("by", "template")
    row = get_object_or_404(ours, pk=pk)
    if row.confirmed_at is None:
        return redirect("distribution:sheet", request.company.slug, pk)
    progress = Progress.of(row)
    groups = progress.groups | {"cannot": row.cannot_count, "left_out": row.left_out_count}
    parcels = list(row.parcels.with_states().order_by("part"))
    own = [parcel for parcel in parcels if parcel.method == Method.OWN_PRINTER]
    letters = [parcel for parcel in parcels if parcel.method == Method.CENTRAL_PRINT]
    moving = groups["sending"] + sum(
        numbers["waiting"] for method, numbers in progress.methods.items() if method != Method.OWN_PRINTER or not own
    )
    ended = str(progress.total - progress.open)
    url = reverse("distribution:batch", args=[request.company.slug, pk])
    context = {
        "batch": row,
        "groups": groups,
        "parts": parts(groups),
        "in_bar": [{"count": part["count"], "tone": part["tone"]} for part in parts(groups)],
        "total": progress.total,
        "methods": methods(progress),
        "heads": [name for name, _tone, _look in PARTS.values()],
        "note": words.started(row),
        "pace": words.rate(pace(row), progress.open) if moving else "",
        "poll_url": f"{url}?seen={ended}" if moving else "",
        "parcels": own,
        "letters": [{"parcel": parcel, "state": words.parcel(parcel)} for parcel in letters],
        "letter_count": posted(progress),
        "cost": words.cost(posted(progress), request.company),
        "lists_anew": request.GET.get("seen") != ended,
    }
    if context["lists_anew"]:
        latest = row.deliveries.select_related("invoice__customer", "invoice__organisation").defer("because")
        context["latest"] = latest.order_by(F("finished_at").desc(nulls_last=True), "position")[:LATEST]
        for delivery in context["latest"]:
            delivery.note = words.note(delivery)
    return show(request, "distribution/batch.html", context)


def parts(groups):
    """What is usual is always shown, what is rare when there is any. They add up to what was selected."""
    shown = PARTS | {name: part for name, part in RARE.items() if groups[name]}
    return [
        {"name": name, "count": groups[key], "tone": tone, "look": look} for key, (name, tone, look) in shown.items()
    ]


def posted(progress):
    """How many letters there are, or will be if nobody undoes them."""
    numbers = progress.methods.get(Method.CENTRAL_PRINT, {})
    return sum(n for name, n in numbers.items() if name not in ("undone", "failed"))


def methods(progress):
    """One row a method, most first, for the table by method."""
    rows = []
    for method, numbers in progress.methods.items():
        total = sum(numbers.values())
        open_ = numbers["waiting"] + numbers["sending"]
        kept = total - numbers["undone"]  # what was taken back is no part of what is done
        bar = [{"count": numbers[key], "tone": tone} for key, (_name, tone, _look) in PARTS.items() if key != "waiting"]
        rows.append({
            "method": method,
            "counts": [(name, numbers[key], look) for key, (name, _tone, look) in PARTS.items()],
            "total": total,
            "is_open": open_ > 0,
            "percent": 100 * (kept - open_) // kept if kept else None,
            "parts": bar,
        })  # fmt: skip
    return sorted(rows, key=lambda row: -row["total"])


@role(Role.VIEWER, post=Role.CLERK)
def undo(request, pk):
    """Take back what has not left of a batch, and go back to where one was."""
    row = get_object_or_404(Batch.objects.of(request.company).confirmed(), pk=pk)
    url = reverse("distribution:batch", args=[request.company.slug, pk])
    if request.method != "POST":
        return redirect(url)
    return undone(request, Delivery.objects.of(request.company).filter(batch=row), url)


@role(Role.VIEWER, post=Role.CLERK)
def undo_deliveries(request):
    """Take back the ticked ones: deliveries, or with `of=invoices` the newest delivery of each ticked invoice."""
    url = reverse("invoicing:invoices", args=[request.company.slug])
    if request.method != "POST":
        return redirect(url)
    deliveries = of_invoices(request) if request.POST.get("of") == "invoices" else chosen(request)
    pks = list(deliveries.values_list("pk", flat=True))  # their state is about to change
    return undone(request, Delivery.objects.of(request.company).filter(pk__in=pks), url)


def of_invoices(request):
    ours = Delivery.objects.of(request.company)
    newest = ours.principal().filter(invoice=OuterRef("pk")).order_by("-created_at", "-id").values("pk")[:1]
    picked = selection(request.POST)
    ticked = planning.selected(request.company, picked).order_by()
    if "ids" in picked and ticked.count() != len(picked["ids"]):
        raise Http404
    return ours.filter(pk__in=Invoice.objects.filter(pk__in=ticked.values("pk")).values(newest=Subquery(newest)))


def undone(request, deliveries, url):
    stopped, left = sending.undo(deliveries, by=request.user)
    level = messages.SUCCESS if stopped and not left else messages.WARNING
    messages.add_message(request, level, words.undone(stopped, left))
    came_from = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
    return redirect(came_from if ours else url)


@role(Role.VIEWER)
def outgoing(request):
    return render(request, "distribution/_outgoing.html")

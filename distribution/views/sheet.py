"""The send sheet: how each ticked invoice would go, and the one button that sends them."""

from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from config.listing import selection, show
from config.template_tags import count
from distribution import words
from distribution.actions import planning, sending
from distribution.channels import IN_PARCELS
from distribution.forms.sheet import SheetForm
from distribution.models import Batch
from distribution.tally import Tally
from invoicing.models import Invoice, InvoiceFile
from invoicing.pdf import missing_glyphs
from recipients.confirm import ask, with_factor
from recipients.methods import Method
from recipients.models import Role
from recipients.scope import role

LINES = 100  # of the list that a row of the sheet opens


@role(Role.VIEWER, post=Role.CLERK)
def plan(request):
    """What was ticked becomes a sheet."""
    if request.method != "POST":
        return redirect(request.company)
    chosen = selection(request.POST)
    if chosen.get("ids") == []:
        return refused(request, _("Nothing is ticked"), _("Tick the invoices to send, then press Send."))
    if "query" in request.POST:
        chosen["query"] = request.POST["query"]  # the list to come back to
    return opened(request, chosen)


def opened(request, chosen, **more):
    """Plan the selection and show its sheet, or say why there is none."""
    try:
        batch = planning.plan(request.company, chosen, by=request.user)
    except planning.TooMany as error:
        title = _("%(n)s invoices are ticked") % {"n": count(error.count)}
        text = _(
            "At most %(most)s can be sent at a time. Narrow the list, for example to one month, and send in parts."
        )
        return refused(request, title, text % {"most": count(settings.SENDING["batch_max"])})
    except Invoice.DoesNotExist as error:
        raise Http404 from error
    return page(request, batch, **more) if more else redirect("distribution:sheet", request.company.slug, batch.pk)


def refused(request, title, text):
    said = {"title": title, "text": text, "cancel_url": reverse("invoicing:invoices", args=[request.company.slug])}
    return show(request, "distribution/refused.html", said, status=422)


@role(Role.CLERK)
@with_factor
def sheet(request, pk):
    """The sheet of a plan; `?reason=` or `?method=` opens that part of it as a list."""
    batch = get_object_or_404(Batch.objects.of(request.company).select_related("template"), pk=pk)
    if batch.confirmed_at:
        return leave_for(request, batch.get_absolute_url())
    if "reason" in request.GET or "method" in request.GET:
        return part(request, batch)
    return page(request, batch)


def page(request, batch, *, form=None, problem="", status=None):
    """The sheet itself. Its numbers follow the choice of sending again; without its plan it asks for itself anew."""
    context = {"batch": batch, "cancel_url": list_url(batch), "problem": problem}
    if batch.planned_at:
        tally = Tally.of(batch)
        asked = form.data if form else request.GET
        again = asked.get("again") == "on"
        minutes = request.company.distribution.undo_minutes
        form = form or SheetForm(batch=batch, going=tally.going, initial=asked.dict())
        context |= {
            "form": form,
            "tally": tally,
            "again": again,
            "going": tally.going(again),
            "rows": tally.rows(again),
            "is_large": form.is_large(again),
            "unprintable": unprintable(batch),
            "unattached": unattached(batch, again=again),
            "letters": letters(tally, again),
            "cost": words.cost(letters(tally, again), request.company),
            "leaves_at": timezone.now() + timedelta(minutes=minutes) if minutes else None,
            "only": batch.lines.select_related("invoice").first() if batch.selected_count == 1 else None,
        }
    return show(request, "distribution/sheet.html", context, status=status)


def unprintable(batch):
    """The characters in the recipients' names that no font of ours has, as one text: they would be printed as boxes."""
    names = batch.lines.filter(reason="").order_by().values_list("invoice__buyer_name", flat=True).distinct()
    return " ".join(sorted(missing_glyphs(set().union(*names))))


def unattached(batch, *, again):
    """How many invoices have files that are left out: paper carries the invoice alone."""
    lines = batch.lines.going(again=again).filter(method__in=IN_PARCELS)
    files = InvoiceFile.objects.filter(invoice__company=batch.company_id)
    return lines.filter(invoice__in=files.values("invoice")).count()


def letters(tally, again):
    """How many leave by central print."""
    return sum(row["count"] for row in tally.rows(again) if row["method"] == Method.CENTRAL_PRINT)


def part(request, batch):
    """The invoices of one row of the sheet."""
    reason, method = request.GET.get("reason", ""), request.GET.get("method", "")
    going = batch.lines.going(again=request.GET.get("again") == "on")
    lines = batch.lines.filter(reason=reason) if reason else going.filter(method=method)
    lines = lines.select_related("invoice__customer", "invoice__organisation")
    shown = {"reason": reason, "method": method, "total": lines.count(), "lines": lines[:LINES]}
    return show(request, "distribution/sheet_part.html", {"batch": batch, "cancel_url": list_url(batch), **shown})


@role(Role.VIEWER, post=Role.CLERK)
@with_factor
def send(request, pk):
    """Confirm the sheet. Its other buttons show it with other numbers, or the first document."""
    batch = get_object_or_404(Batch.objects.of(request.company).select_related("company__distribution"), pk=pk)
    url = reverse("distribution:sheet", args=[request.company.slug, pk])
    if request.method != "POST" or not batch.planned_at:
        return redirect(url)
    if batch.confirmed_at:
        return leave_for(request, batch.get_absolute_url())
    choice = urlencode({name: request.POST[name] for name in ("template", "again") if request.POST.get(name)})
    if "update" in request.POST:
        return redirect(f"{url}?{choice}")
    if "preview" in request.POST:
        return preview(batch, choice)
    form = SheetForm(request.POST, batch=batch, going=Tally.of(batch).going)
    if not form.is_valid():
        return page(request, batch, form=form, status=422)
    chosen = form.cleaned_data
    if form.is_large(chosen["again"]) and (asked := ask(request, back=f"{url}?{choice}")):
        return asked
    try:
        sending.send(batch, template=chosen["template"], again=chosen["again"], by=request.user)
    except sending.Changed as changed:
        return opened(request, batch.selection, problem=words.changed(changed.count), status=409)
    except sending.NothingToSend:
        return page(request, batch, form=form, problem=_("None of these can be sent as they are now."), status=422)
    batch.refresh_from_db()
    say_sent(request, batch)
    return leave_for(request, list_url(batch))


def preview(batch, choice):
    """The first document that would leave, as a page of its own."""
    line = batch.lines.filter(reason="").first() or batch.lines.first()
    url = reverse("invoicing:invoice_preview", args=[batch.company.slug, line.invoice_id])
    return redirect(f"{url}?{choice}")


def say_sent(request, batch):
    waits = request.company.distribution.undo_minutes > 0
    text = words.sent(batch.deliveries.count(), batch.leaves_at if waits else None)
    messages.success(request, text, extra_tags="undo" if waits else "")


def list_url(batch):
    """Where the clerk came from: the list as it was filtered, or the one invoice."""
    company = batch.company
    if "query" in batch.selection:
        invoices = reverse("invoicing:invoices", args=[company.slug])
        return f"{invoices}?{QueryDict(batch.selection['query']).urlencode()}"
    return reverse("invoicing:invoice_delivery", args=[company.slug, batch.selection["ids"][0]])


def leave_for(request, url):
    """Go to another page, also out of the dialog."""
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)

"""Failures by cause over all batches, each with what mends it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.template_tags import METHODS, count, on_one_line
from distribution import triage, words
from distribution.actions import mending, planning, sending
from distribution.excel import workbook
from distribution.forms.triage import AddressesForm, PostalAddressesForm
from distribution.overview import answers_overdue
from distribution.reasons import Reason
from distribution.states import State
from distribution.views.doubts import sent_again
from recipients.confirm import factor_missing
from recipients.models import Role
from recipients.scope import role


@role(Role.VIEWER, post=Role.CLERK)
def board(request):
    """The causes, the largest first. Each is a form: addresses, and one press for all of the group."""
    found = triage.groups(request.company)
    if request.method != "POST":
        return page(request, found)
    group = next((group for group in found if group.key == request.POST.get("group")), None)
    if group is None:
        messages.warning(request, _("Nothing of this cause is left."))
        return redirect("distribution:triage", request.company.slug)
    form = form_of(group, request.POST)
    if form and not form.is_valid():
        return page(request, found, bound={group.key: form}, status=422)
    if form and form.mended:
        mend = mending.mend_postal_addresses if group.asks_for_postal_address else mending.mend_addresses
        mend(form.mended, company=request.company, by=request.user)
    rows = triage.rows_of(request.company, group.kind).filter(reason=group.reason)
    act = {"again": send_again, "handled": handled}.get(request.POST.get("verb"), saved)
    return act(request, group, rows, len(form.mended) if form else 0)


def form_of(group, data=None):
    """What mends the cause when it is typed; None where nothing can be."""
    if group.asks_for_postal_address:
        return PostalAddressesForm(data, group=group)
    return AddressesForm(data, group=group) if group.asks_for_address else None


def page(request, found, *, bound=(), status=None):
    forms = dict(bound)
    context = {
        "groups": [(group, forms.get(group.key) or form_of(group)) for group in found],
        "total": sum(group.count for group in found),
        "late": answers_overdue(request.company),
        "wrong": next(iter(dict(bound).values()), None),
    }
    return render(request, "distribution/triage.html", context, status=status)


def saved(request, group, rows, mended):
    if mended:
        text = ngettext("Saved %(n)s address.", "Saved %(n)s addresses.", mended) % {"n": count(mended)}
        messages.success(request, " ".join([text, _("Send these again when you like.")]))
    else:
        messages.warning(request, _("No address was typed, so nothing was saved."))
    return redirect("distribution:triage", request.company.slug)


def send_again(request, group, rows, mended):
    """Failed deliveries leave in a batch that can be undone; what never started gets its sheet again."""
    if missing := factor_missing(request):
        return missing
    try:
        if not group.is_deliveries:
            batch = mending.plan_again(rows, request.company, by=request.user)
            return redirect("distribution:sheet", request.company.slug, batch.pk)
        batch = sending.send_again(rows.filter(state__in=(State.FAILED, State.RETURNED)), by=request.user)
    except (sending.NothingToSend, sending.Changed):
        messages.error(request, _("None of these can be sent now. Open the invoice to see why."))
    except planning.TooMany as error:
        messages.error(request, _("%s are too many at a time. Send them from the list.") % count(error.count))
    else:
        messages.success(request, sent_again(batch), extra_tags="undo")
        return redirect("distribution:batch", request.company.slug, batch.pk)
    return redirect("distribution:triage", request.company.slug)


def handled(request, group, rows, mended):
    done = sending.mark_handled if group.is_deliveries else mending.mark_lines_handled
    seen = done(rows, by=request.user)
    text = ngettext("Marked %(n)s as handled.", "Marked %(n)s as handled.", seen) % {"n": count(seen)}
    messages.success(request, text)
    return redirect("distribution:triage", request.company.slug)


@role(Role.VIEWER)
def export(request):
    """All rows of a cause, `?group=`, as an Excel file."""
    kind, _dash, reason = request.GET.get("group", "").partition("-")
    if kind not in (triage.DELIVERIES, triage.LINES) or reason not in Reason:
        raise Http404
    rows = triage.rows_of(request.company, kind).filter(reason=reason).select_related(*triage.CARDS)
    header = [
        _("Number"), _("Customer"), _("Customer number"), _("Amount"), _("Currency"), _("Method"), _("To"),
        _("Reason"), _("What the server said"),
    ]  # fmt: skip
    lines = (
        [
            row.invoice.number, row.invoice.recipient_name(), row.invoice.buyer_number, row.invoice.payable,
            row.invoice.currency, str(METHODS[row.method][0]) if row.method else "",
            on_one_line(row.address, request.company.country),
            str(Reason(row.reason).label), getattr(row, "reply_text", ""),
        ]
        for row in rows
    )  # fmt: skip
    name = f"{request.company.slug}-{timezone.localdate():%Y%m%d}-{reason}.xlsx"
    return HttpResponse(
        workbook(str(words.SHORT.get(reason, reason))[:31], header, lines),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )

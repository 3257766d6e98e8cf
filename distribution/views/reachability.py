"""The reachability report: whom no active method reaches today, what hangs on it, and what to do."""

from collections import Counter
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from distribution.excel import workbook
from distribution.forms.reachability import ReachabilityFilter
from distribution.reachability import unreached
from distribution.reasons import Reason
from recipients.models import Role
from recipients.scope import role

SHOWN = 200  # on the page, those with the largest amounts; the Excel file has everybody


@role(Role.VIEWER)
def reachability(request):
    """Everybody whom an invoice could not reach today, the largest open amount first."""
    everybody = unreached(request.company)
    form = ReachabilityFilter(request.GET)
    asked = form.cleaned()
    rows = form.apply(everybody)
    return render(
        request,
        "distribution/reachability.html",
        {
            "rows": rows[:SHOWN],
            "total": len(rows),
            "sums": sums(rows),
            "to_send": sum(row.to_send for row in rows),
            "is_filtered": bool(asked),
            "chips": chips(asked, everybody),
            "query": urlencode(asked),
            "is_all_off": not request.company.distribution.active_methods,
        },
    )


def sums(rows):
    """{"SEK": Decimal}, the largest first."""
    found = Counter()
    for row in rows:
        found.update(row.open)
    return dict(found.most_common())  # a Counter answers 0 for what a template looks up in it


def chips(asked, everybody):
    def url(name, value=None):
        return "?" + urlencode({key: v for key, v in (asked | {name: value}).items() if v})

    reasons = Counter(row.reason for row in everybody)
    has = dict(ReachabilityFilter.HAS)
    return [
        {
            "label": _("Reason"),
            "value": Reason(asked["reason"]).label if "reason" in asked else "",
            "clear_url": url("reason"),
            "options": [
                {"label": f"{Reason(code).label} ({n})", "url": url("reason", code)}
                for code, n in reasons.most_common()
            ],
        },
        {
            "label": _("Has"),
            "value": has[asked["has"]] if "has" in asked else "",
            "clear_url": url("has"),
            "options": [{"label": label, "url": url("has", code)} for code, label in ReachabilityFilter.HAS],
        },
    ]


@role(Role.VIEWER)
def excel(request):
    """The same people as an Excel file, all of them, with room for the addresses that are missing."""
    rows = ReachabilityFilter(request.GET).apply(unreached(request.company))
    currencies = list(sums(rows))
    header = [
        _("Customer number"), _("E-mail"), _("CC"), _("Name"), _("Kind"), _("Reason"), _("What to do"), _("To send"),
        *(_("Open, %s") % currency for currency in currencies),
    ]  # fmt: skip
    lines = (
        [
            row.card.number or "",
            row.email,
            "",
            row.card.name,
            _("Customer") if row.is_person else _("Organisation"),
            str(Reason(row.reason).label),
            str(row.todo),
            row.to_send,
            *(row.open.get(currency) for currency in currencies),
        ]
        for row in rows
    )
    name = f"{request.company.slug}-{timezone.localdate():%Y%m%d}-reachability.xlsx"
    return HttpResponse(
        workbook(_("Reachability"), header, lines),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )

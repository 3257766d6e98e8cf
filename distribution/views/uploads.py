"""Invoices in: files handed in, and the report of what became of each."""

from django.db.models import Count
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _

from config.listing import show
from distribution.actions import importing, watching
from distribution.findings import sentence
from distribution.forms.uploads import UploadForm
from invoicing.models import Invoice
from recipients.models import Role, Upload, UploadedFile
from recipients.scope import role

Outcome = UploadedFile.Outcome
# What each number of the report is called, and how it looks when there is one.
NUMBERS = (
    ("", _("All files"), ""),
    (Outcome.TAKEN, _("Taken in"), ""),
    (Outcome.KNOWN, _("Already here"), ""),
    (Outcome.REFUSED, _("Refused"), "is-danger"),
)


@role(Role.CLERK)
def upload(request):
    """Choose files, say whether they were sent elsewhere, and go on to the report."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if not form.is_valid():
        latest = Upload.objects.of(request.company).select_related("by").annotate(n=Count("files"))[:5]
        return render(
            request, "distribution/upload.html", {"form": form, "latest": latest}, status=422 if form.is_bound else 200
        )
    files = ((file.name, file.size, file.read) for file in form.cleaned_data["files"])
    taken = importing.receive(
        request.company, files, already_sent=form.cleaned_data["history"] == "elsewhere", by=request.user
    )
    return redirect("distribution:upload_report", request.company.slug, taken.pk)


@role(Role.VIEWER)
def upload_report(request, pk):
    """What became of each file; asked for again every two seconds until all of them are read."""
    report = get_object_or_404(Upload.objects.of(request.company).select_related("by"), pk=pk)
    shown = request.GET.get("show", "")
    if shown not in Outcome.values and shown:
        raise Http404
    counts = {row["outcome"]: row["n"] for row in report.files.order_by().values("outcome").annotate(n=Count("pk"))}
    lines = list(report.files.filter(outcome=shown) if shown else report.files.all())
    tell(lines, invoices_of(lines, request.user))
    total = sum(counts.values())
    return show_report(request, report, lines, counts, total, shown)


def show_report(request, report, lines, counts, total, shown):
    waiting = counts.get(Outcome.WAITING, 0)
    return show(
        request,
        "distribution/upload_report.html",
        {
            "report": report,
            "lines": lines,
            "total": total,
            "read": total - waiting,
            "waiting": waiting,
            "numbers": [
                {
                    "name": name,
                    "n": counts.get(code, 0) if code else total,
                    "code": code,
                    "look": look,
                    "current": code == shown,
                }
                for code, name, look in NUMBERS
            ],
            "shown": shown,
            "is_stuck": bool(waiting) and watching.queue_is_silent(),
        },
    )


def invoices_of(lines, user):
    """{pk: invoice} of what the files became, as far as this user may open them: the seller chose the company."""
    found = Invoice.objects.filter(
        pk__in=[line.document for line in lines if line.document], company__members__user=user
    )
    return {
        invoice.pk: invoice
        for invoice in found.select_related("company").only("number", "kind", "company__slug", "company__name")
    }


def tell(lines, invoices):
    for line in lines:
        line.invoice = invoices.get(line.document)
        line.sentences = [sentence(finding) for finding in line.findings]

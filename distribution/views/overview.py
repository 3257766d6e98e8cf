"""Where one lands in a company: what there is to do today, how the last days went, and a new company's first steps."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from distribution import overview as numbers
from distribution import overview_words as said
from distribution import words
from distribution.actions.setting_up import put_first_steps_away
from distribution.states import State
from distribution.steps import first_steps
from recipients.models import Role
from recipients.scope import remember, role

SHOWN = 5  # failures, and batches


@role(Role.VIEWER)
def overview(request):
    company = request.company
    remember(request)
    batches = numbers.latest_batches(company, SHOWN)
    fortnight = numbers.Fortnight.of(company)
    steps = steps_left(company)
    return render(
        request,
        "distribution/overview.html",
        {
            "today": timezone.localdate(),
            "piles": piles(company, is_clerk=request.role >= Role.CLERK),
            "steps": steps,
            "steps_done": sum(step.is_done for step in steps),
            "fortnight": fortnight,
            "finding": said.finding(fortnight),
            "mix": said.mix(fortnight),
            "mix_finding": said.mix_finding(fortnight),
            "medians": [day.median for day in fortnight.days],
            "troubles": numbers.troubles(company, SHOWN),
            "failed_today": said.failed_today(company),
            "batches": [said.batch_line(batch, groups) for batch, groups in batches],
            "sum": said.sum_line(numbers.Today.of(company)),
        },
    )


@role(Role.VIEWER, post=Role.MANAGER)
def put_away(request):
    if request.method == "POST":
        put_first_steps_away(request.company.distribution, by=request.user)
    return redirect(request.company)


def steps_left(company):
    """The first steps while one of them is left and nobody put them away."""
    if company.distribution.first_steps_closed_at:
        return []
    steps = first_steps(company)
    return [] if all(step.is_done for step in steps) else steps


def piles(company, *, is_clerk):
    """The cells of the strip: {"label", "icon", "count", "look", "sums", "note", "url", "action"}."""
    invoices = reverse("invoicing:invoices", args=[company.slug])
    deliveries = reverse("distribution:deliveries", args=[company.slug])
    to_send, overdue = numbers.to_send(company), numbers.overdue(company)
    waiting, leaves_at = numbers.waiting(company)
    trouble = numbers.trouble(company)
    doubts = trouble.get(State.IN_DOUBT, 0)
    files = list(numbers.not_downloaded(company))
    leaves = _("first leaves %s") % words.clock(leaves_at) if leaves_at and leaves_at > timezone.now() else ""
    send, decide = (_("Send…"), _("Decide…")) if is_clerk else (_("Look"), _("Look"))
    cells = [
        cell(_("To send"), "send", to_send.count, f"{invoices}?tab=to_send", send, sums=to_send.sums),
        cell(_("Waiting"), "hourglass", waiting, f"{deliveries}?tab=waiting", note=leaves),
        cell(
            _("Needs attention"), "octagon-alert", sum(trouble.values()), f"{deliveries}?tab=attention",
            note=said.kinds(trouble), look="is-danger",
        ),
        cell(_("Overdue"), "clock-alert", overdue.count, f"{invoices}?tab=overdue", sums=overdue.sums),
    ]  # fmt: skip
    if doubts:
        note = _("may have arrived, or not")
        url = f"{deliveries}?tab=doubt"
        cells.append(cell(_("In doubt"), "circle-question-mark", doubts, url, decide, note=note, look="is-warning"))
    if late := numbers.answers_overdue(company):
        note = _("not reported as posted")
        cells.append(cell(_("Answer overdue"), "mail", late, f"{deliveries}?tab=overdue", note=note, look="is-warning"))
    if files:
        oldest = files[0].batch
        note = _("oldest of %s") % date_format(timezone.localtime(oldest.confirmed_at), "j M")
        url = reverse("distribution:batch", args=[company.slug, oldest.pk])
        cells.append(cell(_("To print yourself"), "printer", len(files), url, _("Download"), note=note))
    return cells


def cell(label, icon, n, url, action="", *, sums=None, note="", look=""):
    return {
        "label": label, "icon": icon, "count": n, "url": url, "action": action or _("Look"), "sums": sums or {},
        "note": note, "look": look if n else "",
    }  # fmt: skip

"""A person decides: what became of doubts, what has been seen to, what is sent again."""

from django.contrib import messages
from django.http import Http404, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from config.listing import selection
from config.template_tags import count
from distribution.actions import sending
from distribution.forms.deliveries import DecideForm, DeliveryFilter
from distribution.models import Delivery
from distribution.states import State
from recipients.confirm import with_factor
from recipients.models import Role
from recipients.scope import role


def chosen(request):
    """The deliveries that were ticked, or all that match the list's filter. Another company's are a 404."""
    picked = selection(request.POST)
    ours = Delivery.objects.of(request.company)
    if "query" in picked:
        return DeliveryFilter(QueryDict(picked["query"])).apply(ours).exclude(pk__in=picked["exclude"])
    found = ours.filter(pk__in=picked["ids"])
    if found.count() != len(picked["ids"]):
        raise Http404
    return found


def back(request):
    """The list as it was, or the page of the one delivery that was in question."""
    ids = request.POST.getlist("ids")
    if "query" not in request.POST and len(ids) == 1:
        return redirect("distribution:delivery", request.company.slug, ids[0])
    query = QueryDict(request.POST.get("query", "")).urlencode()
    return redirect(f"{reverse('distribution:deliveries', args=[request.company.slug])}?{query}")


@role(Role.CLERK)
@require_POST
@with_factor
def decide(request):
    """Asks once, with the numbers in the button and a reason to type; then the doubts are closed."""
    verdict = request.POST.get("verdict")
    if verdict not in DecideForm.VERDICTS:
        raise Http404
    doubts = chosen(request).filter(state=State.IN_DOUBT)
    asked = doubts.count()
    if not asked:
        messages.warning(request, _("None of these is in doubt any more."))
        return back(request)
    form = DecideForm(request.POST if "why" in request.POST else None, verdict=verdict, count=asked)
    if not form.is_valid():
        template = "distribution/_decide.html" if request.htmx else "distribution/decide.html"
        context = {"form": form, "asked": asked, "posted": request.POST, "cancel_url": back(request).url}
        return render(request, template, context, status=422 if form.is_bound else 200)
    try:
        decided, batch = sending.decide(doubts, verdict, why=form.cleaned_data["why"], by=request.user)
    except (sending.NothingToSend, sending.Changed):
        messages.error(request, _("Nothing was decided: these invoices cannot be sent again as they are now."))
        return back(request)
    if batch:
        messages.success(request, sent_again(batch), extra_tags="undo")
        return redirect("distribution:batch", request.company.slug, batch.pk)
    messages.success(request, form.done(decided))
    return back(request)


@role(Role.CLERK)
@require_POST
def handled(request):
    """The attention marks go; what is in doubt stays until somebody decides."""
    picked = chosen(request)
    doubts = picked.filter(state=State.IN_DOUBT).count()
    seen = sending.mark_handled(picked, by=request.user)
    text = ngettext("Marked %(n)s as handled.", "Marked %(n)s as handled.", seen) % {"n": count(seen)}
    if doubts:
        left = ngettext(
            "%(n)s is in doubt: decide what became of it.", "%(n)s are in doubt: decide what became of them.", doubts
        )
        text = f"{text} {left % {'n': count(doubts)}}"
    (messages.warning if doubts else messages.success)(request, text)
    return back(request)


@role(Role.CLERK)
@require_POST
@with_factor
def send_again(request):
    """New deliveries for what failed or came back, in a batch of their own that can be undone."""
    failed = list(chosen(request).filter(state__in=(State.FAILED, State.RETURNED)).values_list("pk", flat=True))
    if not failed:
        messages.warning(request, _("Nothing here has failed or come back, so nothing is sent again."))
        return back(request)
    try:
        # by key: with the new ones they no longer match the filter by which they were found
        batch = sending.send_again(Delivery.objects.filter(pk__in=failed), by=request.user)
    except (sending.NothingToSend, sending.Changed):
        messages.error(request, _("None of these can be sent now. Open the invoice to see why."))
        return back(request)
    messages.success(request, sent_again(batch), extra_tags="undo")
    return redirect("distribution:batch", request.company.slug, batch.pk)


def sent_again(batch):
    batch.refresh_from_db()
    started = batch.deliveries.count()
    text = ngettext("%(n)s invoice is sent again.", "%(n)s invoices are sent again.", started) % {"n": count(started)}
    if batch.cannot_count:
        cannot = ngettext("%(n)s cannot be sent.", "%(n)s cannot be sent.", batch.cannot_count)
        text = f"{text} {cannot % {'n': count(batch.cannot_count)}}"
    return text

"""The company's colour and logo, as every document shows them."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from invoicing.actions import designing
from invoicing.colour import READABLE, brand, contrast
from invoicing.forms.looks import ColourForm, LogoForm, told
from invoicing.logo import drawable
from invoicing.pdf import BOX, PAPER
from invoicing.views.template_preview import sample
from recipients.models import ArchivedFile, Event, Role
from recipients.scope import role

# A picture that somebody made is shown as a picture and can do nothing, also when it is opened by itself.
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"


@role(Role.VIEWER, post=Role.MANAGER)
def looks(request):
    """Everybody may look; a manager changes the colour here and the logo by `logo`."""
    form = ColourForm(
        request.POST or None, initial={"colour": brand(request.company)}, is_read_only=request.role < Role.MANAGER
    )
    if form.is_valid():
        changed = designing.change_colour(request.company, form.cleaned_data["colour"], by=request.user)
        messages.success(request, _("Colour saved.") if changed else _("Nothing was changed."))
        return redirect("invoicing:looks", request.company.slug)
    return page(request, form, LogoForm())


def page(request, colour_form, logo_form):
    company = request.company
    events = Event.objects.of(company).filter(about=company.pk, what__in=("company.logo", "company.logo_removed"))
    last = events.select_related("by").order_by("id").last()
    former = last.data.get("former") if last else ""
    context = {
        "form": colour_form,
        "logo_form": logo_form,
        "may_change": request.role >= Role.MANAGER,
        "sample": sample(company),
        "template": company.templates.offered().first(),
        "colour": brand(company),
        "unreadable": [ground for ground in (PAPER, BOX) if contrast(brand(company), ground) < READABLE],
        "changed": last,
        "former": ArchivedFile.objects.of(company).filter(pk=former).first() if former else None,
        "notes": [told(**note) for note in last.data.get("notes", [])] if last and company.logo_id else [],
        "part": "looks",
    }
    is_wrong = colour_form.is_bound or logo_form.is_bound
    return render(request, "invoicing/looks.html", context, status=422 if is_wrong else 200)


@role(Role.MANAGER)
@require_POST
def logo(request):
    """A new logo, or none any more; the page then shows it beside the one before."""
    if "remove" in request.POST:
        designing.remove_logo(request.company, by=request.user)
        messages.success(request, _("The logo was taken away. Documents show the name."))
        return redirect("invoicing:looks", request.company.slug)
    form = LogoForm(request.POST, request.FILES)
    if not form.is_valid():
        return page(request, ColourForm(initial={"colour": brand(request.company)}), form)
    designing.change_logo(request.company, form.cleaned_data["logo"], by=request.user)
    messages.success(request, _("Logo saved."))
    return redirect("invoicing:looks", request.company.slug)


@role(Role.VIEWER)
def picture(request, pk):
    """The logo, or the one before it: nothing else of the archive."""
    company = request.company
    data = Event.objects.of(company).filter(about=company.pk, what__startswith="company.logo")
    formers = {former for former in data.values_list("data__former", flat=True) if former}
    if pk != company.logo_id and str(pk) not in formers:
        raise Http404
    if not (found := drawable(pk)):
        raise Http404
    content, media_type = found
    return HttpResponse(content, content_type=media_type, headers={"Content-Security-Policy": PICTURE_POLICY})

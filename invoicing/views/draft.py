"""The form of a draft: all its buttons submit the one form, so it works without script; htmx asks for parts.

`do` says which was pressed: save, issue, overwrite:<version>, attach, detach:<file>; what only shows the page anew:
recalculate, find, choose, change, add, remove:<n>, up:<n>, down:<n>.
"""

from decimal import Decimal

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from invoicing import attachments
from invoicing.actions import drafting
from invoicing.forms.draft import DraftForm, differences
from invoicing.forms.lines import Lines, change_rows, posted_rows, stored_rows
from invoicing.forms.numbers import typed as typed_number
from invoicing.holes import Hole, holes
from invoicing.models import Draft, Invoice
from recipients.models import Role
from recipients.scope import role

from .invoice import invoice_of
from .issuing import issued

STORES = ("save", "issue", "overwrite", "attach", "detach")
# What a button shows anew where there is a script: the part of the page.
PARTS = {
    "recalculate": "invoicing/_edit_totals.html",
    "find": "invoicing/_edit_found.html",
    "choose": "invoicing/_edit_recipient.html",
    "change": "invoicing/_edit_recipient.html",
}


@role(Role.CLERK)
def new(request):
    return desk(request, Invoice(company=request.company), Draft(version=0))


@role(Role.CLERK)
def edit(request, pk):
    invoice = invoice_of(request, pk)
    if invoice.number is not None:
        return refused(request, invoice)
    return desk(request, invoice, drafting.draft_of(invoice))


def refused(request, invoice):
    words = _("%s is issued. Only how it goes out can be changed; credit it to take it back.")
    messages.warning(request, words % invoice)
    return redirect("invoicing:invoice_delivery", request.company.slug, invoice.pk)


def desk(request, invoice, draft):
    """The page of a draft, and what each of its buttons does."""
    if request.method != "POST":
        form = DraftForm(instance=invoice, issue_on=draft.issue_on, user=request.user)
        rows = [] if invoice._state.adding else stored_rows(invoice.lines.all())
        return page(request, form, rows, version=draft.version)
    data, rows = request.POST.copy(), posted_rows(request.POST)
    do, _colon, which = data.get("do", "recalculate").partition(":")
    version = int(data["version"]) if data.get("version", "").isdigit() else 0
    if do == "change":
        data["recipient"] = data["reference"] = ""
    form = DraftForm(data, instance=invoice)
    if do in STORES:
        return store(request, form, rows, do, which, version=version)
    if do in ("add", "remove", "up", "down"):
        rows = change_rows(rows, f"{do}:{which}", country=request.company.country)
    part = "invoicing/_edit_lines.html" if rows != posted_rows(request.POST) else PARTS.get(do, "")
    return page(request, form, rows, version=version, part=part if request.htmx else "", pressed=do)


def store(request, form, rows, do, which, *, version):
    """Save what was typed and go on to where the button leads; what cannot be saved is shown with its reasons."""
    lines = Lines(rows, country=request.company.country, days=form.days())
    errors = [*form.all_errors(), *lines.errors()]
    files = request.FILES.getlist("files")
    try:
        looked_at = [] if errors else look_at(form.instance, files)
    except attachments.Unfit as unfit:
        errors.append(("id_files", str(unfit)))
    if errors:
        if files:
            errors.append(("id_files", _("Choose the files again: a page cannot keep them.")))
        return page(request, form, rows, version=version, errors=errors, status=422)
    invoice, typed = form.draft(lines.lines()), lines.lines()
    seen = int(which) if do == "overwrite" and which.isdigit() else version
    try:
        drafting.save_draft(invoice, typed, issue_on=form.day_of_issue(), version=seen, by=request.user)
        drafting.attach(invoice, looked_at, by=request.user)
        if do == "detach":
            drafting.detach(invoice, which, by=request.user)
    except drafting.Stale as stale:
        return conflict(request, form, rows, stale.draft, version=version)
    except drafting.Issued as error:
        return refused(request, error.invoice)
    if do == "issue":
        return issued(request, invoice)
    if do in ("save", "overwrite"):
        messages.success(request, _("Draft saved."))
    return redirect("invoicing:invoice_edit", request.company.slug, invoice.pk)


def look_at(invoice, files):
    """(name, content, media type) of each uploaded file. Raises attachments.Unfit."""
    if not files:
        return []
    stored = [] if invoice._state.adding else list(invoice.files.select_related("file"))
    attachments.check_size([file.size for file in files], stored)
    looked_at = []
    for file in files:
        content = file.read()
        name, media_type = attachments.look(file.name, content)
        looked_at.append((name, content, media_type))
    return looked_at


def conflict(request, form, rows, draft, *, version):
    """Two clerks, one draft: who saved it meanwhile, in what the two differ, and a button to overwrite."""
    stored = invoice_of(request, draft.invoice_id)
    theirs = DraftForm(instance=stored, issue_on=draft.issue_on)
    their_rows = stored_rows(stored.lines.all())
    stale = {
        "draft": draft,
        "minutes": int((timezone.now() - draft.saved_at).total_seconds()) // 60,
        "changes": list(differences(theirs, their_rows, form, rows)),
    }
    return page(request, form, rows, version=version, stale=stale, status=409)


def page(request, form, rows, *, version, part="", pressed="", errors=(), stale=None, status=None):
    company = request.company
    if form.is_bound:
        form.is_valid()  # what can be read is in cleaned_data; only what cannot is marked
    lines = Lines(rows, country=company.country, days=form.days())
    if pressed == "add":
        lines.focus_last()
    unread = [] if form.is_bound is False else [*form.all_errors(), *lines.errors()]
    is_new = form.instance._state.adding
    typed = lines.lines()
    invoice = form.draft(typed)
    context = {
        "form": form,
        "lines": lines,
        "invoice": invoice,
        "is_new": is_new,
        "version": version,
        "part": part,
        "pressed": pressed,
        "errors": errors,
        "stale": stale,
        "vat_rows": [
            {"rate": typed_number(Decimal(row["rate"])), "net": Decimal(row["net"]), "vat": Decimal(row["vat"])}
            for row in invoice.vat_rows
            if row["category"]
        ],
        "holes": [
            *(Hole(sentence, anchor) for anchor, sentence in unread if anchor != "id_find"),
            *holes(invoice, typed, issue_on=invoice.issued_on),
        ],
        "files": [] if is_new else invoice.files.select_related("file"),
        "accept": attachments.ACCEPT,
    }
    return render(request, "invoicing/_edit_part.html" if part else "invoicing/edit.html", context, status=status)

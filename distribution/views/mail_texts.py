"""The words of a company's e-mails per kind of document and language, with a real one beside, and a test to oneself."""

import re
from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from distribution import placeholders
from distribution.actions import testing, wording
from distribution.channels.email import sender, sender_name
from distribution.forms.mail_texts import MailTextForm
from distribution.models import MailTest, MailText
from distribution.rendering import mail, shipped
from distribution.views.distribution_settings import CLOSED
from distribution.views.files import framed
from invoicing.models import Invoice
from recipients.models import Role
from recipients.scope import role

BODY = re.compile(r"<body[^>]*>")
LANGUAGES = dict(settings.LANGUAGES)
PATIENCE = timedelta(minutes=15)  # a mail server may take ten


@role(Role.VIEWER)
def mail_texts(request):
    """Every kind and language with its subject, and the test e-mail."""
    own = {(text.kind, text.language): text for text in MailText.objects.of(request.company)}
    rows = []
    for kind, label in Invoice.Kind.choices:
        for language, name in settings.LANGUAGES:
            text = own.get((kind, language))
            rows.append(
                {
                    "kind": kind,
                    "kind_label": label,
                    "language": language,
                    "name": name,
                    "subject": text.subject if text else words_of(kind, language)[0],
                    "is_own": text is not None,
                }
            )
    return render(request, "distribution/mail_texts.html", {"rows": rows, "part": "mails", **tested(request)})


def words_of(kind, language):
    with override(language):
        return shipped(kind)


def tested(request):
    """What there is to say about the last test e-mail of this person."""
    test = MailTest.objects.of(request.company).filter(by=request.user).order_by("asked_at", "pk").last()
    is_open = bool(test and not test.finished_at)
    return {
        "test": test,
        "is_waiting": is_open and timezone.now() - test.asked_at < PATIENCE,
        "is_stuck": is_open and not test.started_at and timezone.now() - test.asked_at > timedelta(minutes=1),
        "why": CLOSED[test.text][0] if test and test.outcome == MailTest.Outcome.CLOSED else "",
    }


@role(Role.VIEWER, post=Role.CLERK)
def mail_test(request):
    """POST sends a test e-mail to the one who asks; GET says what became of it."""
    here = f"{reverse('distribution:mail_texts', args=[request.company.slug])}#test"
    if request.method == "POST":
        try:
            testing.ask_for_test(request.company, template=template_of(request), by=request.user)
        except testing.TooMany:
            messages.error(request, _("Five test e-mails in ten minutes are the most. Wait a little."))
        return redirect(here)
    if request.htmx:
        return render(request, "distribution/_mail_test.html", tested(request))
    return redirect(here)


def template_of(request):
    offered = request.company.templates.offered()
    if asked := request.POST.get("template"):
        try:
            return get_object_or_404(offered, pk=asked)
        except ValidationError as error:
            raise Http404 from error
    return offered.filter(pk=request.company.distribution.last_template_id).first() or offered.first()


def text_of(request, kind, language):
    """The stored words, or a MailText that is not stored yet."""
    if kind not in Invoice.Kind.values or language not in LANGUAGES:
        raise Http404
    stored = MailText.objects.of(request.company).filter(kind=kind, language=language).first()
    return stored or MailText(company=request.company, kind=kind, language=language)


@role(Role.VIEWER, post=Role.MANAGER)
def mail_text(request, kind, language):
    """The words of one kind and language; a manager saves them or takes the shipped ones again."""
    text, company = text_of(request, kind, language), request.company
    ours = {"kind": kind, "language": language, "by": request.user}
    may_change = request.role >= Role.MANAGER
    if "shipped" in request.POST:
        wording.take_shipped_words(company, **ours)
        messages.success(request, _("The shipped words go out again."))
        return redirect("distribution:mail_text", company.slug, kind, language)
    form = MailTextForm(
        request.POST or None, instance=text, shipped=words_of(kind, language), is_read_only=not may_change
    )
    if form.is_valid():
        if form.is_shipped():
            wording.take_shipped_words(company, **ours)
        elif form.has_changed():
            wording.set_words(company, **ours, **form.cleaned_data)
        messages.success(request, _("Words saved.") if form.has_changed() else _("Nothing was changed."))
        return redirect("distribution:mail_text", company.slug, kind, language)
    context = {
        "form": form,
        "text": text,
        "is_own": not text._state.adding,
        "names": placeholders.names(kind),
        "languages": settings.LANGUAGES,
        "sample": sample(company, kind),
        "may_change": may_change,
    }
    return render(request, "distribution/mail_text.html", context, status=422 if form.is_bound else 200)


def sample(company, kind):
    rows = Invoice.objects.of(company).exclude(number=None).filter(kind=kind)
    return rows.select_related("company__distribution", "credits").order_by("-issued_on", "-id").first()


@role(Role.VIEWER, post=Role.MANAGER)
def mail_preview(request, kind, language):
    """A real e-mail for the frame: GET in the stored words, POST in the typed ones. Nothing is saved or sent."""
    words, invoice, errors = text_of(request, kind, language), sample(request.company, kind), {}
    if invoice is None:
        raise Http404
    if request.method == "POST":
        form = MailTextForm(request.POST, instance=words, shipped=("", ""))
        form.is_valid()
        errors = [(form[name].label, found) for name, found in form.errors.items()]
    if errors:
        response = render(request, "invoicing/preview_refused.html", {"said": errors}, status=422)
        response.frame_ancestors = "'self'"
        return response
    with override(language):
        made = mail(invoice, language, words=words if words.subject else None)
    context = {"mail": made, "from_name": sender_name(request.company), "from": sender(request.company)}
    above = render_to_string("distribution/_mail_above.html", context)
    return framed(BODY.sub(lambda body: body[0] + above, made["html"], count=1))

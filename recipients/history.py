"""The one writer of Event, and the sentences that its codes stand for."""

from datetime import UTC, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Cast, JSONObject
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.bulk import Typed, insert_select
from config.template_tags import METHODS, day_format, money

from .methods import Method
from .models import Customer, Event, InvoiceReference, Organisation, Role

# Which columns of a row hold its company, what the line is about, and its thread; a model's own HISTORY goes before.
WHERE = {"company": "company_id", "about": "pk", "thread": "pk"}


def record(about, what, *, by=None, company=None, **data):
    """Add one line of history about a row, or about each row of a queryset.

    `company` is for rows of the directory, which have none of their own. `data` holds the sentence's parameters; over a
    queryset they may be expressions, else they are stored as they are.
    """
    if isinstance(about, models.QuerySet):
        columns = {field: F(path) for field, path in (WHERE | getattr(about.model, "HISTORY", {})).items()}
        if company:
            columns["company"] = company.pk
        facts = Typed(_object(data), models.JSONField()) if data else {}
        return insert_select(Event, about, {**columns, "what": what, "by": by.pk if by else None, "data": facts})
    where = WHERE | getattr(about, "HISTORY", {})
    return Event.objects.create(
        company_id=company.pk if company else about.company_id,
        about=about.pk,
        thread=getattr(about, where["thread"]),
        what=what,
        by=by,
        data=data,
    )


def _object(data):
    return JSONObject(
        **{
            key: value if hasattr(value, "resolve_expression") else Cast(Value(str(value)), models.TextField())
            for key, value in data.items()
        }
    )


class Sentence(NamedTuple):
    """How a code is told: icon and tone of ui/_timeline.html, the words after a person's name, and without one."""

    icon: str
    tone: str
    person: str
    machine: str


SENTENCES = {
    "invoice.imported": Sentence(
        "receipt-text", "neutral", pgettext_lazy("Kim Berg …", "took the invoice in"), _("The invoice came in")
    ),
    "invoice.drafted": Sentence(
        "pencil", "neutral", pgettext_lazy("Kim Berg …", "began the draft"), _("The draft was begun")
    ),
    "invoice.duplicated": Sentence(
        "copy", "neutral", pgettext_lazy("Kim Berg …", "made it as a copy"), _("It was made as a copy")
    ),
    "invoice.edited": Sentence(
        "pencil", "neutral", pgettext_lazy("Kim Berg …", "changed the draft"), _("The draft was changed")
    ),
    "invoice.issued": Sentence(
        "receipt-text", "success", pgettext_lazy("Kim Berg …", "issued the invoice"), _("The invoice was issued")
    ),
    "invoice.deleted": Sentence(
        "trash-2", "neutral", pgettext_lazy("Kim Berg …", "deleted the draft"), _("The draft was deleted")
    ),
    "numbers.changed": Sentence(
        "pencil",
        "neutral",
        pgettext_lazy("Kim Berg …", "changed the numbers"),
        _("The numbers were changed"),
    ),
    "invoice.paid": Sentence(
        "circle-check-big", "success", pgettext_lazy("Kim Berg …", "registered a payment"), _("A payment came in")
    ),
    "invoice.payment_taken_back": Sentence(
        "undo-2", "warning", pgettext_lazy("Kim Berg …", "took a payment back"), _("A payment was taken back")
    ),
    "invoice.credited": Sentence(
        "circle-minus", "neutral", pgettext_lazy("Kim Berg …", "credited the invoice"), _("The invoice was credited")
    ),
    "invoice.credited_in_part": Sentence(
        "circle-minus",
        "neutral",
        pgettext_lazy("Kim Berg …", "credited a part of the invoice"),
        _("A part of the invoice was credited"),
    ),
    "invoice.credit_issued": Sentence(
        "receipt-text",
        "neutral",
        pgettext_lazy("Kim Berg …", "issued the credit note"),
        _("The credit note was issued"),
    ),
    "invoice.email": Sentence(
        "at-sign",
        "info",
        pgettext_lazy("Kim Berg …", "typed a new e-mail address"),
        _("A new e-mail address was typed"),
    ),
    "invoice.email_cleared": Sentence(
        "at-sign",
        "neutral",
        pgettext_lazy("Kim Berg …", "took the typed e-mail address away"),
        _("The typed e-mail address was taken away"),
    ),
    "invoice.not_sent": Sentence(
        "triangle-alert", "warning", pgettext_lazy("Kim Berg …", "could not send it"), _("It could not be sent")
    ),
    "invoice.not_sent_handled": Sentence(
        "check",
        "neutral",
        pgettext_lazy("Kim Berg …", "marked it as handled that it could not be sent"),
        _("That it could not be sent was seen to"),
    ),
    "invoice.differs": Sentence(
        "triangle-alert",
        "warning",
        pgettext_lazy("Kim Berg …", "found that it does not show what its deliveries say"),
        _("The nightly check: it does not show what its deliveries say"),
    ),
    "delivery.queued": Sentence(
        "hourglass", "info", pgettext_lazy("Kim Berg …", "pressed Send"), _("It was put in line to be sent")
    ),
    "delivery.waiting": Sentence(
        "hourglass",
        "warning",
        pgettext_lazy("Kim Berg …", "put it back in line"),
        _("Not yet: it is tried again by itself"),
    ),
    "delivery.parked": Sentence(
        "coins", "warning", pgettext_lazy("Kim Berg …", "made it wait for credits"), _("It waits for credits")
    ),
    "delivery.in_doubt": Sentence(
        "circle-question-mark",
        "warning",
        pgettext_lazy("Kim Berg …", "put it in doubt"),
        _("Nobody knows whether it arrived"),
    ),
    "delivery.sent": Sentence(
        "check", "success", pgettext_lazy("Kim Berg …", "found that it had arrived"), _("Sent by %(method)s")
    ),
    "delivery.printed": Sentence(
        "printer", "success", pgettext_lazy("Kim Berg …", "downloaded the file to print it"), _("Sent by %(method)s")
    ),
    "delivery.printed_again": Sentence(
        "printer",
        "neutral",
        pgettext_lazy("Kim Berg …", "downloaded the file again"),
        _("The file was downloaded again"),
    ),
    "delivery.outside": Sentence(
        "external-link",
        "neutral",
        pgettext_lazy("Kim Berg …", "marked it as sent outside the system"),
        _("Sent outside the system"),
    ),
    "delivery.returned": Sentence(
        "undo-2", "danger", pgettext_lazy("Kim Berg …", "marked it as returned"), _("It came back")
    ),
    "delivery.failed": Sentence(
        "octagon-alert",
        "danger",
        pgettext_lazy("Kim Berg …", "closed the doubt; the invoice shows what it showed before"),
        _("Not sent; the invoice shows what it showed before"),
    ),
    "delivery.undone": Sentence(
        "rotate-ccw", "neutral", pgettext_lazy("Kim Berg …", "undid the sending"), _("The sending was undone")
    ),
    "delivery.handled": Sentence(
        "check", "neutral", pgettext_lazy("Kim Berg …", "marked the failure as handled"), _("The failure was seen to")
    ),
    "card.changed": Sentence(
        "pencil", "neutral", pgettext_lazy("Kim Berg …", "changed the card"), _("The card was changed")
    ),
    "member.invited": Sentence(
        "user", "info", pgettext_lazy("Kim Berg …", "invited a colleague"), _("A colleague was invited")
    ),
    "member.mailed": Sentence(
        "mail", "success", pgettext_lazy("Kim Berg …", "sent the link"), _("The link was mailed")
    ),
    "member.not_mailed": Sentence(
        "triangle-alert",
        "warning",
        pgettext_lazy("Kim Berg …", "could not mail the link"),
        _("The link could not be mailed. Send it again, or give it yourself"),
    ),
    "member.role": Sentence("user", "neutral", pgettext_lazy("Kim Berg …", "changed a role"), _("A role was changed")),
    "member.removed": Sentence(
        "x", "neutral", pgettext_lazy("Kim Berg …", "ended a membership"), _("A membership was ended")
    ),
    "member.left": Sentence("log-out", "neutral", pgettext_lazy("Kim Berg …", "left the company"), _("A member left")),
    "company.changed": Sentence(
        "pencil",
        "neutral",
        pgettext_lazy("Kim Berg …", "changed the company's details"),
        _("The company's details were changed"),
    ),
    "view.shared": Sentence("eye", "neutral", pgettext_lazy("Kim Berg …", "shared a view"), _("A view was shared")),
    "view.unshared": Sentence(
        "eye", "neutral", pgettext_lazy("Kim Berg …", "took a view back"), _("A view is not shared any more")
    ),
    "view.deleted": Sentence(
        "trash-2", "neutral", pgettext_lazy("Kim Berg …", "deleted a shared view"), _("A shared view was deleted")
    ),
    "card.made": Sentence("plus", "neutral", pgettext_lazy("Kim Berg …", "made the card"), _("The card was made")),
    "card.method": Sentence(
        "route",
        "info",
        pgettext_lazy("Kim Berg …", "changed the invoice distribution"),
        _("The invoice distribution was changed"),
    ),
    "card.moved": Sentence(
        "building-2",
        "neutral",
        pgettext_lazy("Kim Berg …", "changed who belongs to the organisation"),
        _("It was changed who belongs to the organisation"),
    ),
    "card.merged": Sentence(
        "copy",
        "info",
        pgettext_lazy("Kim Berg …", "merged another card into this one"),
        _("Another card was merged in"),
    ),
    "card.merged_away": Sentence(
        "copy",
        "info",
        pgettext_lazy("Kim Berg …", "merged this card into another"),
        _("It was merged into another card"),
    ),
    "card.deleted": Sentence(
        "trash-2", "danger", pgettext_lazy("Kim Berg …", "deleted the card"), _("The card was deleted")
    ),
    "settings.changed": Sentence(
        "pencil", "neutral", pgettext_lazy("Kim Berg …", "changed the settings"), _("The settings were changed")
    ),
    "settings.steps_closed": Sentence(
        "check", "neutral", pgettext_lazy("Kim Berg …", "put the first steps away"), _("The first steps were put away")
    ),
    "template.made": Sentence(
        "file-text", "neutral", pgettext_lazy("Kim Berg …", "made a template"), _("A template was made")
    ),
    "template.changed": Sentence(
        "pencil", "neutral", pgettext_lazy("Kim Berg …", "changed a template"), _("A template was changed")
    ),
    "template.put_away": Sentence(
        "inbox", "neutral", pgettext_lazy("Kim Berg …", "put a template away"), _("A template was put away")
    ),
    "template.taken_back": Sentence(
        "rotate-ccw", "neutral", pgettext_lazy("Kim Berg …", "took a template back"), _("A template was taken back")
    ),
    "template.deleted": Sentence(
        "trash-2", "neutral", pgettext_lazy("Kim Berg …", "deleted a template"), _("A template was deleted")
    ),
    "company.colour": Sentence(
        "pencil", "neutral", pgettext_lazy("Kim Berg …", "changed the colour"), _("The colour was changed")
    ),
    "company.logo": Sentence(
        "upload", "neutral", pgettext_lazy("Kim Berg …", "uploaded a logo"), _("A logo was uploaded")
    ),
    "company.logo_removed": Sentence(
        "trash-2", "neutral", pgettext_lazy("Kim Berg …", "took the logo away"), _("The logo was taken away")
    ),
    "mail.changed": Sentence(
        "pencil",
        "neutral",
        pgettext_lazy("Kim Berg …", "changed the words of an e-mail"),
        _("The words of an e-mail were changed"),
    ),
    "mail.shipped": Sentence(
        "rotate-ccw",
        "neutral",
        pgettext_lazy("Kim Berg …", "took the shipped words of an e-mail again"),
        _("The shipped words of an e-mail were taken again"),
    ),
    "mail.tested": Sentence(
        "mail", "neutral", pgettext_lazy("Kim Berg …", "asked for a test e-mail"), _("A test e-mail was asked for")
    ),
}
# The names of columns and form fields that "card.changed" holds.
LABELS = {
    **{
        f.name: f.verbose_name
        for model in (InvoiceReference, Customer, Organisation)
        for f in model._meta.concrete_fields
    },
    "method": _("invoice distribution"),
    "method_here": _("invoice distribution at one company"),
}
# Steps on the way that say nothing to a clerk: told in the technical detail of what came of them.
TECHNICAL = {
    "delivery.claimed": "taken in hand",
    "delivery.handing_over": "handing over",
    "delivery.waiting": "back in line",
}


def story(events, reasons):
    """Events, newest first, as the days of ui/_timeline.html. `reasons`: {code: (words, what to do)}."""
    told, steps = [], {}
    for event in reversed(events):
        if is_technical(event):
            at = timezone.localtime(event.at)
            line = f"{at:%H:%M:%S} {TECHNICAL[event.what]} {event.data.get('note', '')}"
            steps.setdefault(event.about, []).append(line.strip())
        else:
            told.append(tell(event, reasons, steps.pop(event.about, [])))
    days = {}
    for line in reversed(told):
        days.setdefault(timezone.localtime(line["at"]).date(), []).append(line)
    return [{"title": _day(date), "events": lines} for date, lines in days.items()]


def is_technical(event):
    """Whether a clerk need not read it. Back in line with a reason is a refusal, and that one is told."""
    return event.what in TECHNICAL and not (event.what == "delivery.waiting" and event.data.get("reason"))


def in_a_sentence(name):
    """E-faktura (EHF) -> e-faktura (EHF); AvtaleGiro is a name and stays one."""
    first, rest = str(name)[:1], str(name)[1:]
    return str(name) if any(map(str.isupper, rest.partition(" ")[0])) else first.lower() + rest


def tell(event, reasons, steps=()):
    """One event as a line of ui/_timeline.html; `steps` are the technical ones that led to it."""
    data = event.data
    method = data.get("method", "")
    printed = event.what == "delivery.sent" and event.by_id and method == Method.OWN_PRINTER
    sentence = SENTENCES["delivery.printed" if printed else event.what]
    text = (sentence.person if event.by_id else sentence.machine) % {
        "method": in_a_sentence(METHODS[method][0]) if method else ""
    }
    reason, todo = reasons.get(data.get("reason", ""), ("", ""))
    return {
        "icon_name": METHODS[method][1] if event.what == "delivery.sent" and method else sentence.icon,
        "tone": sentence.tone,
        "who": str(event.by) if event.by_id else "",
        "text": text,
        "detail": _detail(event.what, data, reason),
        "todo": todo,
        "raw": "\n".join([*steps, *filter(None, [data.get("note")])]),
        "at": event.at,
    }


def _detail(what, data, reason):
    """Where to, how much, until when and why: what the sentence leaves open."""
    facts = []
    if what == "delivery.queued" and data.get("leaves_at"):
        leaves_at = timezone.localtime(_utc(parse_datetime(data["leaves_at"])))
        ahead = leaves_at > timezone.now()
        words = (
            _("It leaves at %(at)s and can be undone until then.") if ahead else _("It could be undone until %(at)s.")
        )
        facts.append(words % {"at": date_format(leaves_at, "H:i")})
    if data.get("address"):
        facts.append(_("To %(address)s.") % {"address": data["address"]})
    if data.get("person") and data.get("email"):
        facts.append(f"{data['person']}, {data['email']}.")
    elif data.get("email"):
        facts.append(data["email"])
    if data.get("role"):
        role = Role[data["role"]].label
        facts.append(
            _("%(was)s before, now %(role)s.") % {"was": Role[data["was"]].label, "role": role}
            if data.get("was")
            else _("Role: %(role)s.") % {"role": role}
        )
    if data.get("name"):
        facts.append(data["name"])
    if data.get("amount"):
        facts.append(money(Decimal(data["amount"]), data["currency"]))
    if data.get("way"):
        facts.append(_("%(day)s, %(way)s.") % {"day": _written(data["on"]), "way": data["way"]})
    if data.get("credit_note"):
        facts.append(_("Credit note %(number)s.") % {"number": data["credit_note"]})
    if data.get("credits"):
        facts.append(_("For invoice %(number)s.") % {"number": data["credits"]})
    if data.get("said"):
        facts.append(_("“%s”") % data["said"])
    if data.get("number"):
        facts.append(_("Number %(number)s.") % {"number": data["number"]})
    if data.get("copy_of"):
        facts.append(_("Of %(number)s.") % {"number": data["copy_of"]})
    if data.get("fields"):
        named = [str(LABELS.get(name, name)) for name in data["fields"].split(", ")]
        facts.append(f"{capfirst(', '.join(named))}.")
    if what == "card.method":
        facts.append(_method_change(data))
    if what == "card.moved":
        facts.append(_move(data))
    if what in ("card.merged", "card.merged_away"):
        number = data["other_number"] and f" ({data['other_number']})"
        facts.append(_("%(other)s is now %(keeper)s.") % {"other": data["other"] + number, "keeper": data["keeper"]})
    if reason:
        facts.append(f"{reason}.")
    return " ".join(str(fact) for fact in facts)


def _method_change(data):
    names = {when: METHODS[data[when]][0] if data[when] else _("Company default") for when in ("before", "after")}
    if "place" in data:
        return _("From %(before)s to %(after)s, only at %(place)s.") % (names | {"place": data["place"]})
    return _("From %(before)s to %(after)s.") % names


def _move(data):
    if data["before"] and data["after"]:
        return _("%(person)s: from %(before)s to %(after)s.") % data
    if data["after"]:
        return _("%(person)s belongs to %(after)s.") % data
    return _("%(person)s no longer belongs to %(before)s.") % data


def _written(day):
    return date_format(parse_date(day), day_format())


def _utc(moment):
    """A time that one SQL statement copied into JSON: SQLite keeps it in UTC and does not say so."""
    return moment if timezone.is_aware(moment) else moment.replace(tzinfo=UTC)


def _day(date):
    today = timezone.localdate()
    if date == today:
        return _("Today")
    return _("Yesterday") if date == today - timedelta(days=1) else date_format(date, day_format())

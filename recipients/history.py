"""The one writer of Event, and how its lines are told: the words stand in sentences.py."""

from datetime import UTC, timedelta
from decimal import Decimal

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Cast, JSONObject
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from config.bulk import Typed, insert_select
from config.template_tags import METHODS, day_format, money, on_one_line

from .methods import Method
from .models import Event, Role
from .sentences import LABELS, SENTENCES, TECHNICAL

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


def story(events, reasons, *, home=""):
    """Events, newest first, as the days of ui/_timeline.html. `reasons`: {code: (words, what to do)}; `home`: the
    country that postal addresses do not name.
    """
    told, steps = [], {}
    for event in reversed(events):
        if is_technical(event):
            at = timezone.localtime(event.at)
            line = f"{at:%H:%M:%S} {TECHNICAL[event.what]} {event.data.get('note', '')}"
            steps.setdefault(event.about, []).append(line.strip())
        else:
            told.append(tell(event, reasons, steps.pop(event.about, []), home=home))
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


def tell(event, reasons, steps=(), *, home=""):
    """One event as a line of ui/_timeline.html; `steps` are the technical ones that led to it."""
    data = event.data
    method = data.get("method", "")
    sentence = SENTENCES[_code(event, method)]
    text = (sentence.person if event.by_id else sentence.machine) % {
        "method": in_a_sentence(METHODS[method][0]) if method else "",
        "provider": data.get("provider") or _("the print provider"),
    }
    reason, todo = reasons.get(data.get("reason", ""), ("", ""))
    return {
        "icon_name": METHODS[method][1] if event.what == "delivery.sent" and method else sentence.icon,
        "tone": sentence.tone,
        "who": str(event.by) if event.by_id else "",
        "text": text,
        "detail": _detail(event.what, data, reason, home),
        "todo": todo,
        "raw": "\n".join([*steps, *filter(None, [data.get("note") if event.what != "delivery.returned" else ""])]),
        "at": event.at,
    }


def _code(event, method):
    """Paper is sent in other words: by a person's download, or into somebody's hands who posts it."""
    if event.what == "delivery.sent" and method == Method.CENTRAL_PRINT:
        return "delivery.handed_over"
    if event.what == "delivery.returned" and event.data.get("reason") == "not_printed":
        return "delivery.not_printed"
    printed = event.what == "delivery.sent" and event.by_id and method == Method.OWN_PRINTER
    return "delivery.printed" if printed else event.what


def _detail(what, data, reason, home):
    """Where to, how much, until when and why: what the sentence leaves open."""
    facts = []
    if what == "delivery.queued" and data.get("leaves_at"):
        leaves_at = timezone.localtime(_utc(parse_datetime(data["leaves_at"])))
        ahead = leaves_at > timezone.now()
        words = (
            _("It leaves at %(at)s and can be undone until then.") if ahead else _("It could be undone until %(at)s.")
        )
        facts.append(words % {"at": date_format(leaves_at, "H:i")})
    if data.get("told_at"):
        facts.append(_("They say: %(at)s.") % {"at": _moment(parse_datetime(data["told_at"]))})
    if what == "delivery.returned" and data.get("note"):  # in the words of whoever sent it back
        facts.append(_("“%s”") % data["note"])
    if data.get("address"):
        facts.append(_("To %(address)s.") % {"address": on_one_line(data["address"], home)})
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


def _moment(at):
    """2026-11-22 14:02"""
    at = timezone.localtime(at)
    return date_format(at, f"{day_format()} H:i")


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

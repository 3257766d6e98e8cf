"""A list page: filter form, order, one page by keyset, what was ticked, and the whole page or its fragment.

Pages are cut after a row, not by number: what comes in or leaves meanwhile never makes a row show twice or not at all.
"""

from datetime import datetime, time, timedelta
from functools import cached_property
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import DateTimeField, Q
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from config.template_tags import count

# Where in the list one is: the rows older or newer than a row, or those from a day on. Not part of the filter.
PLACES = ("older", "newer", "at")


class Listing:
    """One page of a list, as its address asks for it.

    `form` is the bound filter with `apply(rows)`; `order` names a field that is never null and a unique one, both
    descending; `matching` is the number of rows in the filter, where somebody counted them already. `Alphabet` is the
    other way round: older and newer are then further on and back.
    """

    SIZE = 50
    SIGN = "-"
    FURTHER, BACK = "lt", "gt"

    def __init__(self, request, rows, form, *, order, matching=None):
        self.request, self.form, self.order = request, form, order
        self.found = form.apply(rows)
        self.fields = [self.found.model._meta.get_field(name) for name in order]
        if matching is not None:
            self.matching = matching

    @cached_property
    def matching(self):
        return self.found.count()

    @cached_property
    def query(self):
        """The filter as a query string: names the list's choice of rows, and is what "all matching" stands for."""
        return self._query({})

    def url(self, **changes):
        """The address of the list's first page with another filter; None or "" takes a value away."""
        return "?" + self._query(changes)

    def _query(self, changes):
        query = self.request.GET.copy()
        for name in PLACES:
            query.pop(name, None)
        for name, value in changes.items():
            if value in (None, ""):
                query.pop(name, None)
            else:
                query[name] = value
        return query.urlencode()

    @cached_property
    def rows(self):
        """At most SIZE rows, newest first, or from A."""
        return self._cut[0]

    @cached_property
    def _cut(self):
        """(the page's rows, whether there are older ones)."""
        found = self.found.order_by(*(f"{self.SIGN}{name}" for name in self.order))
        place, value = self._place
        if place == "newer":
            rows = list(found.filter(self._beyond(value, self.BACK)).reverse()[: self.SIZE])
            return rows[::-1], True
        if place == "older":
            found = found.filter(self._beyond(value, self.FURTHER))
        elif place == "at":
            found = found.filter(self._at(value))
        rows = list(found[: self.SIZE + 1])
        return rows[: self.SIZE], len(rows) > self.SIZE

    @cached_property
    def _place(self):
        """(one of PLACES, the row's key or the moment), or ("", None) for the first page and what cannot be read."""
        asked = self.request.GET
        for place in ("older", "newer"):
            texts = asked.get(place, "").rsplit(",", len(self.fields) - 1)
            if len(texts) == len(self.fields) and "\0" not in texts[0]:
                try:
                    return place, [field.to_python(text) for field, text in zip(self.fields, texts, strict=True)]
                except ValidationError:
                    return "", None
        where = self._jump(asked.get("at", ""))
        return ("at", where) if where else ("", None)

    def _jump(self, text):
        """The first moment that is newer than the day that the text names, or None."""
        try:
            next_day = parse_date(text) + timedelta(days=1)
        except (ValueError, TypeError, OverflowError):
            return None
        if isinstance(self.fields[0], DateTimeField):
            return timezone.make_aware(datetime.combine(next_day, time.min))
        return next_day

    def _at(self, moment):
        return Q(**{f"{self.order[0]}__lt": moment})

    def _beyond(self, key, side):
        """Rows on one side ("gt" or "lt") of a key. The outer bound is what an index can use."""
        (first, unique), (value, pk) = self.order, key
        return Q(**{f"{first}__{side}e": value}) & (Q(**{f"{first}__{side}": value}) | Q(**{f"{unique}__{side}": pk}))

    def _key(self, row):
        values = (getattr(row, name) for name in self.order)
        return ",".join(value.isoformat() if hasattr(value, "isoformat") else str(value) for value in values)

    @cached_property
    def start(self):
        """The place of the page's first row in the list, from 1."""
        if not self._place[0] or not self.rows:
            return 1
        first = [getattr(self.rows[0], name) for name in self.order]
        return self.found.filter(self._beyond(first, self.BACK)).count() + 1

    @property
    def text(self):
        """1–50 of 1 003."""
        if not self.rows:
            return ""
        end = self.start + len(self.rows) - 1
        return _("%(start)s–%(end)s of %(total)s") % {
            "start": count(self.start), "end": count(end), "total": count(max(self.matching, end)),
        }  # fmt: skip

    @property
    def older_url(self):
        return self._turn("older", self.rows[-1]) if self.rows and self._cut[1] else ""

    @property
    def newer_url(self):
        if self.rows and self.start == 1:
            return ""
        if not self.rows or self.start <= self.SIZE + 1:
            return self.url() if self._place[0] else ""
        return self._turn("newer", self.rows[0])

    def _turn(self, place, row):
        return self.url(**{place: self._key(row)})


class Alphabet(Listing):
    """A list from A to Ö: both fields ascending, `?at=M` begins at a letter. `key_of` makes the sort key of a text."""

    SIGN = ""
    FURTHER, BACK = "gt", "lt"
    LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZÅÄÖ"

    def __init__(self, *given, key_of, **named):
        super().__init__(*given, **named)
        self.key_of = key_of

    def _jump(self, text):
        return self.key_of(text[:1]) or None

    def _at(self, key):
        return Q(**{f"{self.order[0]}__gte": key})

    @property
    def letters(self):
        """[{"label", "url", "current"}], as ui/_letters.html shows them."""
        here = self._place[1] if self._place[0] == "at" else None
        return [
            {"label": letter, "url": self.url(at=letter), "current": self.key_of(letter) == here}
            for letter in self.LETTERS
        ]


def selection(posted):
    """What was ticked, of a POST: {"ids": [...]}, or {"query": "tab=…", "exclude": [...]} for all that match.

    Raises Http404 for an id that is none.
    """
    if posted.get("scope") == "all":
        return {"query": posted.get("query", ""), "exclude": _ids(posted.getlist("exclude"))}
    return {"ids": _ids(posted.getlist("ids"))}


def _ids(texts):
    try:
        return list(dict.fromkeys(str(UUID(text)) for text in texts))
    except ValueError as error:
        raise Http404 from error


def show(request, template, context, *, status=None):
    """A whole page, or for htmx its own part: invoicing/invoices.html has invoicing/_invoices.html."""
    if request.htmx:
        folder, _slash, name = template.rpartition("/")
        template = f"{folder}/_{name}"
    return render(request, template, context, status=status)

"""One method for many cards."""

from typing import NamedTuple

from django.db import transaction
from django.db.models import F

from config.bulk import insert_select
from recipients import history
from recipients.methods import Method
from recipients.models import Preference


class Change(NamedTuple):
    """What choosing a method for some cards would do: three querysets, of which each card is in exactly one."""

    changing: object
    having: object
    unreachable: object


def change_of(cards, method, *, where, company):
    """The Change; method "" takes each card's choice away, `where` None is everywhere, else only at that company.

    Nothing is stored. `company` is where one works: it says whether an organisation's address serves its people.
    """
    stated = cards.stating(here=where, everywhere=where is None)
    unreachable = cards.none()
    others = stated.exclude(stated=method)
    if lacking := lacking_for(others, method, company):
        unreachable = others.filter(pk__in=lacking.values("pk"))
        others = others.exclude(pk__in=lacking.values("pk"))
    return Change(others, stated.filter(stated=method), unreachable)


def lacking_for(cards, method, company):
    """The cards that have not what the method needs, or None where it needs nothing of the card."""
    cards = cards.model.objects.of(company).filter(pk__in=cards.values("pk"))
    if method == Method.EMAIL:
        return cards.without_email(linked=company.links_to_organisation)
    if method == Method.CENTRAL_PRINT:
        return cards.without_post()
    if method == Method.EINVOICE and cards.kind == "organisation":
        return cards.filter(endpoint="")
    return None


@transaction.atomic
def change_methods(cards, method, *, where, company, by):
    """Let all these cards choose a method as `change_of` counts them; returns how many changed.

    Set by set, whatever their number. History keeps the old and the new one of each.
    """
    keys = list(change_of(cards, method, where=where, company=company).changing.values_list("pk", flat=True))
    for start in range(0, len(keys), IN_ONE_STATEMENT):
        some = cards.model.objects.filter(pk__in=keys[start : start + IN_ONE_STATEMENT])
        place = {"place": where.name} if where else {}
        stated = some.stating(here=where, everywhere=where is None)
        history.record(stated, "card.method", by=by, company=company, before=F("stated"), after=method, **place)
        choose(some, method, where)
    return len(keys)


IN_ONE_STATEMENT = 10_000  # SQLite takes no more than 32,766 parameters


def choose(cards, method, where):
    preferences = Preference.objects.filter(company=where, **{f"{cards.kind}__in": cards.values("pk")})
    if not method:
        preferences.delete()
        return
    preferences.update(method=method)
    columns = {"workspace": F("workspace_id"), cards.kind: F("pk"), "method": method}
    if where:
        columns["company"] = where.pk
    insert_select(Preference, cards.exclude(pk__in=preferences.values(cards.kind)), columns)

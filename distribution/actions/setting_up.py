"""What a company needs before it can send, and what it may change about it."""

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import override, pgettext

from distribution.models import Settings
from distribution.models.settings import PREFIX_MAX
from distribution.resolver import rules
from invoicing.actions.numbering import open_series
from invoicing.models import DocumentTemplate
from recipients import history


@transaction.atomic
def open_company(company):
    """Give a new company its settings, with a sender prefix that nobody else has, its numbers and a first template."""
    Settings.objects.create(company=company, sender_prefix=free_prefix(company.slug))
    open_series(company)
    with override(company.language):
        name = pgettext("document template", "Standard")
    DocumentTemplate.objects.create(company=company, name=name)


def free_prefix(slug):
    """fjordgym, or fjordgym-2 where another company was first: all of them share one sending domain."""
    wanted = slug.lower().replace("_", "-")[:PREFIX_MAX].strip("-") or "company"
    taken, prefix, number = Settings.objects.all(), wanted, 1
    while taken.filter(sender_prefix__iexact=prefix).exists():
        number += 1
        ending = f"-{number}"
        prefix = wanted[: PREFIX_MAX - len(ending)] + ending
    return prefix


class Stale(Exception):
    """Somebody else changed the settings meanwhile. Nothing was stored."""


@transaction.atomic
def change_settings(settings, changed, *, before, by):
    """Store changed settings of a company; `changed` names the columns, of Settings or of the company itself.

    `before` is what the decision was made by: raises Stale when the stored rules are not those any more.
    """
    company = settings.company
    stored = Settings.objects.select_for_update(of=("self",)).select_related("company").get(pk=settings.pk)
    if rules(stored) != rules(before):
        raise Stale
    own = [name for name in changed if name != "links_to_organisation"]
    if own:
        settings.save(update_fields=own)
    if len(own) < len(changed):
        company.save(update_fields=["links_to_organisation"])
    if changed:
        history.record(settings, "settings.changed", by=by, fields=", ".join(changed))


@transaction.atomic
def put_first_steps_away(settings, *, by):
    """The overview stops offering them. Nothing else changes."""
    if Settings.objects.filter(pk=settings.pk, first_steps_closed_at=None).update(first_steps_closed_at=Now()):
        history.record(settings, "settings.steps_closed", by=by)

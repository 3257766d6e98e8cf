"""What a company needs before it can send, and what it may change about it."""

from django.db import transaction
from django.utils.translation import override, pgettext

from distribution.models import Settings
from distribution.models.settings import PREFIX_MAX
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


@transaction.atomic
def change_settings(settings, changed, *, by):
    """Store changed settings of a company; `changed` names the columns, of Settings or of the company itself."""
    company = settings.company
    own = [name for name in changed if name != "links_to_organisation"]
    if own:
        settings.save(update_fields=own)
    if len(own) < len(changed):
        company.save(update_fields=["links_to_organisation"])
    if changed:
        history.record(settings, "settings.changed", by=by, fields=", ".join(changed))

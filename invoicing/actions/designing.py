"""How a company's documents look: its templates, its colour and its logo."""

from django.db import transaction
from django.db.models import ProtectedError
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from invoicing.models import DocumentTemplate
from recipients import history
from recipients.models import ArchivedFile, Company

NAME_MAX = DocumentTemplate._meta.get_field("name").max_length


class StillNeeded(Exception):
    """A template cannot go away: it is the company's last one. Its text says so."""


@transaction.atomic
def make_template(template, *, by):
    """Store a new one."""
    template.save(force_insert=True)
    history.record(template, "template.made", by=by, name=template.name)
    return template


@transaction.atomic
def change_template(template, changed, *, by):
    """Store what somebody changed; `changed` names the columns. What was sent keeps the words it was sent with."""
    if changed:
        template.save(update_fields=changed)
        history.record(template, "template.changed", by=by, name=template.name, fields=", ".join(changed))


@transaction.atomic
def copy_template(template, *, by):
    """A new one with the same layout and words, under the first name that is free."""
    names = set(DocumentTemplate.objects.of(template.company).values_list("name", flat=True))
    number, name = 1, ""
    while not name or name in names:
        number += 1
        ending = f" {number}"
        name = template.name[: NAME_MAX - len(ending)] + ending
    copy = DocumentTemplate(company=template.company, name=name, layout=template.layout, texts=template.texts)
    return make_template(copy, by=by)


@transaction.atomic
def remove_template(template, *, by):
    """Delete it, or put it away when something was sent with it; returns whether it was deleted.

    Raises StillNeeded for the last one that can be chosen.
    """
    # The company's row keeps two people from removing the last two at one time.
    company = Company.objects.select_for_update(of=("self",)).get(pk=template.company_id)
    if not DocumentTemplate.objects.of(company).offered().exclude(pk=template.pk).exists():
        raise StillNeeded(_("%s is the only template. Make another one first.") % template.name)
    pk = template.pk
    template.batches.filter(confirmed_at=None).update(template=None)  # a sheet that is only looked at
    try:
        with transaction.atomic():
            template.delete()
    except ProtectedError:
        DocumentTemplate.objects.filter(pk=pk).update(put_away_at=Now())
        history.record(template, "template.put_away", by=by, name=template.name)
        return False
    template.pk = pk
    history.record(template, "template.deleted", by=by, name=template.name)
    return True


@transaction.atomic
def take_back_template(template, *, by):
    """One that was put away can be chosen again."""
    if DocumentTemplate.objects.filter(pk=template.pk, put_away_at__isnull=False).update(put_away_at=None):
        history.record(template, "template.taken_back", by=by, name=template.name)


@transaction.atomic
def change_colour(company, colour, *, by):
    """Store the company's colour, "#rrggbb"; returns whether that was a change."""
    changed = Company.objects.filter(pk=company.pk).exclude(colour=colour).update(colour=colour)
    if changed:
        history.record(company, "company.colour", by=by, company=company, colour=colour)
    return bool(changed)


@transaction.atomic
def change_logo(company, picture, *, by):
    """Store a cleaned Picture as the company's logo; history keeps the one before, and what was done to this one."""
    former = company.logo_id
    logo = ArchivedFile.objects.keep(company, picture.content, media_type=picture.media_type)
    if logo.pk == former:
        return
    Company.objects.filter(pk=company.pk).update(logo=logo)
    notes = [note._asdict() for note in picture.notes]
    history.record(company, "company.logo", by=by, company=company, former=str(former or ""), notes=notes)


@transaction.atomic
def remove_logo(company, *, by):
    """Documents show the company's name again."""
    former = company.logo_id
    if Company.objects.filter(pk=company.pk, logo__isnull=False).update(logo=None):
        history.record(company, "company.logo_removed", by=by, company=company, former=str(former))

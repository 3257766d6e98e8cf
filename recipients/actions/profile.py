"""What a person changes about their own login, and what whoever runs the house takes away."""

from django.db import transaction
from django.db.models import F

from recipients import history, second_factor
from recipients.models import User


def change_profile(user, changed):
    """Store the named columns of one's own."""
    if changed:
        user.save(update_fields=changed)


@transaction.atomic
def change_password(user, password):
    """A new password ends every session of this person: the caller keeps its own."""
    user.set_password(password)
    user.save(update_fields=["password"])


def end_sessions(user):
    """Wherever this person is logged in, they have to log in again; `user` itself is up to date."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])


@transaction.atomic
def add_app(user, secret, code):
    """An app that shows codes; returns whether this is one of them. Other sessions end. Raises NoKey."""
    return second_factor.add_app(user, secret, code) and _added(user)


@transaction.atomic
def add_passkey(user, name, credential, *, alone):
    """A passkey; returns whether it fits what the browser was asked for. Other sessions end."""
    return second_factor.add_passkey(user, name, credential, alone=alone) and _added(user)


def _added(user):
    """Sessions that began without it end: the caller keeps its own."""
    second_factor.ensure_codes(user)
    end_sessions(user)
    return True


@transaction.atomic
def new_codes(user):
    """The old recovery codes open nothing any more."""
    second_factor.new_codes(user)


@transaction.atomic
def remove_factor(user, factor):
    """Take one away; the last one takes the recovery codes with it."""
    factor.delete()
    if not second_factor.has_factor(user):
        second_factor.remove_all(user)
    end_sessions(user)


@transaction.atomic
def reset_factors(user, *, by=None):
    """Take all of them from somebody who has lost them. The companies' history says so, and by whom."""
    second_factor.remove_all(user)
    end_sessions(user)
    for member in user.memberships.select_related("company"):
        company, person = member.company, {"person": str(user), "email": user.email}
        history.record(company, "member.factor_reset", by=by, company=company, **person)

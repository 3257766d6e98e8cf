"""What a person changes about their own login."""

from django.db import transaction


def change_profile(user, changed):
    """Store the named columns of one's own."""
    if changed:
        user.save(update_fields=changed)


@transaction.atomic
def change_password(user, password):
    """A new password ends every session of this person: the caller keeps its own."""
    user.set_password(password)
    user.save(update_fields=["password"])

"""Filters of lists under a name: kept, changed, taken away. What colleagues see of it is in the history."""

from django.db import transaction

from recipients import history


@transaction.atomic
def keep_view(view, *, by):
    """Store a new or a changed view."""
    is_new = view._state.adding
    was_shared = not is_new and type(view).objects.values_list("is_shared", flat=True).get(pk=view.pk)
    view.save()
    if view.is_shared != was_shared:
        history.record(view, "view.shared" if view.is_shared else "view.unshared", by=by, name=view.name)


@transaction.atomic
def delete_view(view, *, by):
    if view.is_shared:
        history.record(view, "view.deleted", by=by, name=view.name)
    view.delete()

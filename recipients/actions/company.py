"""What a manager changes about the company itself."""

from django.db import transaction

from recipients import history


@transaction.atomic
def change_company(company, changed, *, by):
    """Store the named columns. History names them, never their content."""
    if changed:
        company.save(update_fields=changed)
        history.record(company, "company.changed", by=by, company=company, fields=", ".join(changed))

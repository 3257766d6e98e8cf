"""What a manager changes about the company itself."""

from django.db import transaction

from recipients import history


@transaction.atomic
def change_company(company, changed, *, by):
    """Store the named columns. History names them, never their content."""
    if changed:
        company.save(update_fields=changed)
        history.record(company, "company.changed", by=by, company=company, fields=", ".join(changed))


@transaction.atomic
def require_second_factor(company, is_required, *, by):
    """Whether who sends, or changes connections and members, needs more than a password."""
    if company.requires_second_factor == is_required:
        return
    company.requires_second_factor = is_required
    company.save(update_fields=["requires_second_factor"])
    history.record(company, f"member.factor_{'required' if is_required else 'optional'}", by=by, company=company)

"""What the database itself holds about invoices."""

from config.triggers import Rule

OTHER_WORKSPACE = (
    "(NEW.{card}_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM recipients_{card} r, recipients_company c "
    "WHERE r.id = NEW.{card}_id AND c.id = NEW.company_id AND r.workspace_id = c.workspace_id))"
)

RULES = (
    Rule(
        "invoice_within_its_workspace",
        "invoicing_invoice",
        ("INSERT", "UPDATE"),
        OTHER_WORKSPACE.format(card="customer") + " OR " + OTHER_WORKSPACE.format(card="organisation"),
        "an invoice and its recipient belong to one workspace",
        columns="company_id, customer_id, organisation_id",
    ),
)

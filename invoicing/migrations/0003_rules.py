from django.db import migrations

from config.triggers import rule

OTHER_WORKSPACE = (
    "(NEW.{card}_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM recipients_{card} r, recipients_company c "
    "WHERE r.id = NEW.{card}_id AND c.id = NEW.company_id AND r.workspace_id = c.workspace_id))"
)


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0002_initial"), ("recipients", "0002_rules")]
    operations = [
        rule(
            "invoice_within_its_workspace",
            "invoicing_invoice",
            ["INSERT", "UPDATE"],
            OTHER_WORKSPACE.format(card="customer") + " OR " + OTHER_WORKSPACE.format(card="organisation"),
            "an invoice and its recipient belong to one workspace",
            when_changed="company_id, customer_id, organisation_id",
        )
    ]

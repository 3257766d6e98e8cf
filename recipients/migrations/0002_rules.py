from django.db import migrations

from config.triggers import rule

OTHER_HAS_NUMBER = (
    "NEW.number IS NOT NULL AND EXISTS "
    "(SELECT 1 FROM {other} o WHERE o.workspace_id = NEW.workspace_id AND o.number = NEW.number)"
)
TAKEN = "one customer number per customer or organisation of a workspace"


class Migration(migrations.Migration):
    dependencies = [("recipients", "0001_initial")]
    operations = [
        rule("history_is_only_added_to", "recipients_event", ["UPDATE", "DELETE"], "1 = 1", "history is only added to"),
        rule(
            "customer_number_of_customer",
            "recipients_customer",
            ["INSERT", "UPDATE"],
            OTHER_HAS_NUMBER.format(other="recipients_organisation"),
            TAKEN,
            when_changed="number",
        ),
        rule(
            "customer_number_of_organisation",
            "recipients_organisation",
            ["INSERT", "UPDATE"],
            OTHER_HAS_NUMBER.format(other="recipients_customer"),
            TAKEN,
            when_changed="number",
        ),
    ]

"""What the database itself holds about the directory and its history."""

from config.triggers import Rule

OTHER_HAS_NUMBER = (
    "NEW.number IS NOT NULL AND EXISTS "
    "(SELECT 1 FROM {other} o WHERE o.workspace_id = NEW.workspace_id AND o.number = NEW.number)"
)
TAKEN = "one customer number per customer or organisation of a workspace"

RULES = (
    Rule("history_is_only_added_to", "recipients_event", ("UPDATE", "DELETE"), "1 = 1", "history is only added to"),
    Rule(
        "customer_number_of_customer",
        "recipients_customer",
        ("INSERT", "UPDATE"),
        OTHER_HAS_NUMBER.format(other="recipients_organisation"),
        TAKEN,
        columns="number",
    ),
    Rule(
        "customer_number_of_organisation",
        "recipients_organisation",
        ("INSERT", "UPDATE"),
        OTHER_HAS_NUMBER.format(other="recipients_customer"),
        TAKEN,
        columns="number",
    ),
)

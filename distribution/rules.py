"""What the database itself holds about deliveries: nothing of one company touches another's."""

from config.triggers import Rule

SAME_COMPANY = (
    "(NEW.{column} IS NOT NULL AND NOT EXISTS "
    "(SELECT 1 FROM {table} o WHERE o.id = NEW.{column} AND o.company_id = NEW.company_id))"
)


RULES = (
    Rule(
        "delivery_within_its_company",
        "distribution_delivery",
        ("INSERT", "UPDATE"),
        " OR ".join(
            [
                SAME_COMPANY.format(column="invoice_id", table="invoicing_invoice"),
                SAME_COMPANY.format(column="batch_id", table="distribution_batch"),
                SAME_COMPANY.format(column="parcel_id", table="distribution_parcel"),
            ]
        ),
        "a delivery, its invoice, its batch and its parcel belong to one company",
        columns="company_id, invoice_id, batch_id, parcel_id",
    ),
    Rule(
        "plan_within_its_company",
        "distribution_planline",
        ("INSERT", "UPDATE"),
        "NOT EXISTS (SELECT 1 FROM distribution_batch b, invoicing_invoice i WHERE b.id = NEW.batch_id "
        "AND i.id = NEW.invoice_id AND b.company_id = i.company_id)",
        "a plan line and its invoice belong to one company",
        columns="batch_id, invoice_id",
    ),
    Rule(
        "enclosure_within_its_company",
        "distribution_enclosure",
        ("INSERT", "UPDATE"),
        "NOT EXISTS (SELECT 1 FROM distribution_delivery d, recipients_archivedfile f WHERE d.id = NEW.delivery_id "
        "AND f.id = NEW.file_id AND d.company_id = f.company_id)",
        "an enclosure and its file belong to one company",
        columns="delivery_id, file_id",
    ),
)

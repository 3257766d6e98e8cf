from django.db import migrations

from config.triggers import rule


def same_company(column, table):
    return (
        f"(NEW.{column} IS NOT NULL AND NOT EXISTS "
        f"(SELECT 1 FROM {table} o WHERE o.id = NEW.{column} AND o.company_id = NEW.company_id))"
    )


def first_rows(apps, schema_editor):
    apps.get_model("distribution", "Installation").objects.create(pk=1)
    apps.get_model("distribution", "Connection").objects.create(method="email")  # the relay, not set up yet


class Migration(migrations.Migration):
    dependencies = [("distribution", "0002_initial"), ("invoicing", "0003_rules")]
    operations = [
        rule(
            "delivery_within_its_company",
            "distribution_delivery",
            ["INSERT", "UPDATE"],
            " OR ".join(
                [
                    same_company("invoice_id", "invoicing_invoice"),
                    same_company("batch_id", "distribution_batch"),
                    same_company("parcel_id", "distribution_parcel"),
                ]
            ),
            "a delivery, its invoice, its batch and its parcel belong to one company",
            when_changed="company_id, invoice_id, batch_id, parcel_id",
        ),
        rule(
            "plan_within_its_company",
            "distribution_planline",
            ["INSERT", "UPDATE"],
            "NOT EXISTS (SELECT 1 FROM distribution_batch b, invoicing_invoice i WHERE b.id = NEW.batch_id "
            "AND i.id = NEW.invoice_id AND b.company_id = i.company_id)",
            "a plan line and its invoice belong to one company",
            when_changed="batch_id, invoice_id",
        ),
        rule(
            "enclosure_within_its_company",
            "distribution_enclosure",
            ["INSERT", "UPDATE"],
            "NOT EXISTS (SELECT 1 FROM distribution_delivery d, recipients_archivedfile f WHERE d.id = NEW.delivery_id "
            "AND f.id = NEW.file_id AND d.company_id = f.company_id)",
            "an enclosure and its file belong to one company",
            when_changed="delivery_id, file_id",
        ),
        migrations.RunPython(first_rows, migrations.RunPython.noop),
    ]

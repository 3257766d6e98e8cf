from django.db import migrations


def first_rows(apps, schema_editor):
    apps.get_model("distribution", "Installation").objects.get_or_create(pk=1)
    apps.get_model("distribution", "Connection").objects.get_or_create(method="email")  # the relay, not set up yet


class Migration(migrations.Migration):
    dependencies = [("distribution", "0002_initial")]
    operations = [migrations.RunPython(first_rows, migrations.RunPython.noop)]

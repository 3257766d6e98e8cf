from django.db import migrations, models

HELP = "Who sends, or changes connections and members, needs more than a password."


class Migration(migrations.Migration):
    dependencies = [("recipients", "0003_directory")]

    operations = [
        migrations.AddField(
            "user", "session_epoch", models.PositiveIntegerField(default=0, editable=False), preserve_default=True
        ),
        # Companies that are there go on as they did; a new one begins with it.
        migrations.AddField(
            "company",
            "requires_second_factor",
            models.BooleanField("second factor required", default=False, help_text=HELP),
        ),
        migrations.AlterField(
            "company",
            "requires_second_factor",
            models.BooleanField("second factor required", default=True, help_text=HELP),
        ),
    ]

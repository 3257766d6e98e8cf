"""`./dev manage makemessages`: all strings of the house into config/locale, for the three languages.

Django's own command, without guesses ("fuzzy"), line numbers and dates: a changed string is an untranslated one, and a
diff shows only what was written.
"""

import re
from pathlib import Path

from django.conf import settings
from django.core.management.commands import makemessages

NOT_OURS = [".venv", "var/*", "staticfiles/*", "docs/*"]
FOR_DEVELOPERS = ["tests/*", "templates/dev/*", "config/gallery*", "*/admin.py", "*/management/*"]
SOURCE = "en"
NOISE = re.compile(
    r'^"(POT-Creation-Date|Report-Msgid-Bugs-To|PO-Revision-Date|Last-Translator|Language-Team):.*\n', re.M
)


class Command(makemessages.Command):
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]

    def handle(self, *args, **options):
        if not options["locale"]:
            options["locale"] = [code for code, _name in settings.LANGUAGES if code != SOURCE]
        options["ignore_patterns"] = [*options["ignore_patterns"], *NOT_OURS, *FOR_DEVELOPERS]
        options |= {"add_location": "file", "no_wrap": True, "no_obsolete": True}
        super().handle(*args, **options)

    def write_po_file(self, potfile, locale):
        super().write_po_file(potfile, locale)
        written = Path(potfile).parent / locale / "LC_MESSAGES" / f"{self.domain}.po"
        written.write_text(NOISE.sub("", written.read_text(encoding="utf-8")), encoding="utf-8")

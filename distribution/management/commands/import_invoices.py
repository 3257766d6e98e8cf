"""Invoices from files, without the page: one sentence a file."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from distribution.actions.importing import Outcome, take_file
from distribution.findings import sentence
from invoicing.formats.findings import Code
from recipients.models import Company


class Command(BaseCommand):
    help = "Take in UBL 2.1 invoices and credit notes. The seller in each file chooses the company."

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument(
            "--already-sent", action="store_true", help="they were sent before: never offer to send them"
        )

    def handle(self, *, files, already_sent, **options):
        refused = 0
        for path in files:
            outcome, text = take(path, already_sent=already_sent)
            stream = self.stderr if outcome == Outcome.REFUSED else self.stdout
            stream.write(f"{path}: {text}")
            refused += outcome == Outcome.REFUSED
        if refused:
            raise SystemExit(1)


def take(path, *, already_sent):
    """(outcome, the sentence) of one file."""
    try:
        size = path.stat().st_size
        if size > settings.UPLOAD_MAX_BYTES:  # not even read
            params = {"size": size, "limit": settings.UPLOAD_MAX_BYTES}
            return Outcome.REFUSED, told([{"code": Code.TOO_LARGE, "params": params}])
        content = path.read_bytes()
    except OSError as error:
        return Outcome.REFUSED, _("The file cannot be read: %s.") % error.strerror
    report = take_file(content, Company.objects.all(), already_sent=already_sent, by=None)
    if report.outcome != Outcome.TAKEN:
        return report.outcome, told(report.findings)
    names = {"company": report.invoice.company.name, "number": report.invoice.number}
    taken = _("Invoice %(number)s of %(company)s is taken in.") % names
    return report.outcome, " ".join([taken, *(sentence(finding)[0] for finding in report.findings)])


def told(findings):
    return " ".join(text for finding in findings for text in sentence(finding))

"""The demo's data, told once."""

import socket
import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from distribution.demo import invoices, story
from distribution.models import Installation
from distribution.relay import Closed, relay
from recipients.models import Company


class Command(BaseCommand):
    help = "Load three companies whose invoices have met everything that can happen. Once; needs a mail sink."

    def add_arguments(self, parser):
        parser.add_argument("--invoices", type=int, default=300, help="about how many (default 300)")

    def handle(self, **options):
        count = options["invoices"]
        if story.is_told():
            self.stdout.write("The demo data is already here.")
            return
        self.refuse_wrong_places(count)
        began = time.monotonic()
        story.tell(count, say=self.stdout.write)
        self.stdout.write(f"The demo data is ready, after {time.monotonic() - began:.0f} s.")

    def refuse_wrong_places(self, count):
        """Never beside real data, never to real people."""
        if Installation.objects.this().mode() != "test":
            raise CommandError("DELIVERY_LIVE is on: demo data is only for an installation that sends nothing.")
        if count < invoices.FEWEST:
            raise CommandError(f"The story needs at least {invoices.FEWEST} invoices.")
        try:
            sink = relay()
            socket.create_connection((sink.host, sink.port), timeout=5).close()
        except Closed as error:
            raise CommandError("MAIL_SINK names no local mail server. ./dev demo starts one.") from error
        except OSError as error:
            raise CommandError(f"The mail server of MAIL_SINK does not answer: {error}") from error
        if not settings.CONNECTION_FOLDERS:
            raise CommandError("CONNECTION_FOLDERS names no folder for the print provider. ./dev demo makes one.")
        if Company.objects.exists():
            raise CommandError(
                "There are companies here already, perhaps of a load that was interrupted. "
                f"Start with an empty database: remove {connection.settings_dict['NAME']}."
            )

"""The last step of a backup: so that /health/ and /metrics know how old it is."""

from django.core.management.base import BaseCommand

from distribution.actions import watching


class Command(BaseCommand):
    help = "Note that a backup has just been made."

    def handle(self, **options):
        watching.backed_up()

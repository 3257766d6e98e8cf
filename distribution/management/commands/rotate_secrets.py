"""Secrets of connections and second factors, encrypted anew with the first key of SECRETS_KEYS.

Safe to run at any time, and twice.
"""

from django.core.management.base import BaseCommand, CommandError

from distribution.actions import connecting
from recipients import second_factor


class Command(BaseCommand):
    help = "Encrypt all stored secrets with the newest key, so that the older ones can be taken out of SECRETS_KEYS."

    def handle(self, **options):
        of_connections, locked = connecting.rotate_secrets()
        of_people, locked_out = second_factor.rotate_secrets()
        self.stdout.write(f"{of_connections + of_people} secrets are encrypted with the newest key.")
        if locked or locked_out:
            names = ", ".join([*locked, *locked_out])
            raise CommandError(
                f"No key opens those of {names}. Type them again, or put their key back behind the others."
            )

"""Secrets of connections, encrypted anew with the first key of SECRETS_KEYS. Safe to run at any time, and twice."""

from django.core.management.base import BaseCommand, CommandError

from distribution.actions.connecting import rotate_secrets


class Command(BaseCommand):
    help = "Encrypt all stored secrets with the newest key, so that the older ones can be taken out of SECRETS_KEYS."

    def handle(self, **options):
        done, locked = rotate_secrets()
        self.stdout.write(f"{done} secrets are encrypted with the newest key.")
        if locked:
            names = ", ".join(locked)
            raise CommandError(
                f"No key opens those of {names}. Type them again, or put their key back behind the others."
            )

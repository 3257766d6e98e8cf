"""For somebody who has lost the app, the passkey and the recovery codes; also for the last superuser."""

from django.core.management.base import BaseCommand, CommandError

from recipients.actions.profile import reset_factors
from recipients.models import User


class Command(BaseCommand):
    help = "Take away a person's second factor. Make sure first that it is they who ask."

    def add_arguments(self, parser):
        parser.add_argument("email")

    def handle(self, *, email, **options):
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            raise CommandError(f"Nobody logs in as {email}.")
        reset_factors(user)
        self.stdout.write(f"{user.email} logs in with the password alone now, and has to log in again everywhere.")

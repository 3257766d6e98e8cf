"""The first step after a restore: the database says who it is, and the environment has to agree before mail leaves."""

import uuid

from django.core.management.base import BaseCommand

from distribution.models import Installation


class Command(BaseCommand):
    help = "Give this database a new instance id and print it: nothing leaves until INSTANCE_ID is the same."

    def handle(self, **options):
        fresh = uuid.uuid4()
        Installation.objects.filter(pk=1).update(instance_id=fresh)
        self.stdout.write(str(fresh))

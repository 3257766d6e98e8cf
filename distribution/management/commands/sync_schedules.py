"""Make the queue's schedules equal to the table in config/schedules.py. Safe to run at each start."""

from datetime import datetime, timedelta

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone
from django_q.models import Schedule

from config.schedules import JOBS


class Command(BaseCommand):
    help = "Write the schedules of config/schedules.py to the queue, and delete all others."

    @transaction.atomic
    def handle(self, **options):
        Schedule.objects.exclude(name__in=[job.name for job in JOBS]).delete()
        for job in JOBS:
            Schedule.objects.update_or_create(
                name=job.name,
                defaults={"func": job.function, "schedule_type": Schedule.DAILY, "next_run": next_time(job.at)},
            )
            self.stdout.write(f"{job.at:%H:%M}  {job.function}  {job.name}")


def next_time(at):
    """The next moment at which the clock on the wall shows `at`."""
    now = timezone.localtime()
    today = timezone.make_aware(datetime.combine(now.date(), at))
    return today if today > now else timezone.make_aware(datetime.combine(now.date() + timedelta(days=1), at))

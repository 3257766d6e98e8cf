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
            when, said = timing(job)
            Schedule.objects.update_or_create(name=job.name, defaults={"func": job.function, **when})
            self.stdout.write(f"{said}  {job.function}  {job.name}")


def timing(job):
    """The columns of a Schedule that say when, and the same for a person."""
    if job.minutes:
        often = {"schedule_type": Schedule.MINUTES, "minutes": job.minutes, "next_run": timezone.now()}
        return often, f"{job.minutes:>3}’ "
    return {"schedule_type": Schedule.DAILY, "minutes": None, "next_run": next_time(job.at)}, f"{job.at:%H:%M}"


def next_time(at):
    """The next moment at which the clock on the wall shows `at`."""
    now = timezone.localtime()
    today = timezone.make_aware(datetime.combine(now.date(), at))
    return today if today > now else timezone.make_aware(datetime.combine(now.date() + timedelta(days=1), at))

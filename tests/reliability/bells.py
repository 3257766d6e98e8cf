"""A queue whose bells nobody hears."""

from django_q.brokers.orm import ORM


class Deaf(ORM):
    """Takes work out, but what is put in is lost."""

    def enqueue(self, task):
        return None

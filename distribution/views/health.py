"""For probes: does the process answer, and can the house do its work? Nobody logs in for these, so they name nobody."""

import uuid
from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from distribution.actions import watching

OLDEST_DUE = timedelta(minutes=5)


@login_not_required
@never_cache
def healthz(request):
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@never_cache
def readyz(request):
    """Database, migrations, storage, sender, queue and the oldest due delivery: 200 when all are well, else 503."""
    checks = {"storage": storage_works()}
    try:
        checks |= database_checks()
    except DatabaseError:
        checks["database"] = False
    return JsonResponse(checks, status=200 if all(checks.values()) else 503)


def database_checks():
    executor = MigrationExecutor(connection)
    is_migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not is_migrated:
        return {"database": True, "migrations": False}
    seen = watching.health()
    return {
        "database": True,
        "migrations": True,
        "sender": seen.sender_works,
        "queue": seen.queue_works,
        "oldest_due": seen.oldest_due_at is None or seen.oldest_due_at > timezone.now() - OLDEST_DUE,
    }


def storage_works():
    """A small file can be written, read back and taken away."""
    probe = f".ready-{uuid.uuid4().hex}"
    try:
        name = default_storage.save(probe, ContentFile(b"ready"))
        with default_storage.open(name) as file:
            same = file.read() == b"ready"
        default_storage.delete(name)
    except OSError:
        return False
    return same

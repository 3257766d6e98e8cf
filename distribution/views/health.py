"""Does the process answer, can the house do its work, and how well? For probes, Prometheus and who runs it."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache

from distribution import checkup, metrics
from distribution.actions import watching
from distribution.checkup_words import told
from recipients.scope import enter_last

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


@login_not_required
@never_cache
def metrics_page(request):
    """For Prometheus, which has the token of the environment. 404 to everybody else."""
    wanted = settings.METRICS_TOKEN
    if not wanted or not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {wanted}"):
        raise Http404
    return HttpResponse(metrics.page(), content_type=metrics.CONTENT_TYPE)


@never_cache
def health(request):
    """For who runs the house: each part, what is the matter with it, what that means and what to do. 503 when red."""
    if not request.user.is_superuser:
        raise Http404
    enter_last(request)
    found = checkup.checkup(is_migrated=is_migrated(), storage_works=storage_works())
    is_red = any(part.level == checkup.BAD for part in found)
    return render(request, "distribution/health.html", {"parts": list(map(told, found))}, status=503 if is_red else 200)


def is_migrated():
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def database_checks():
    if not is_migrated():
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

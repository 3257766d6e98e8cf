"""Probes: they need no login, and say what does not work."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from distribution.actions import watching
from distribution.views import health
from tests.factories import DeliveryFactory


def ready(client):
    response = client.get("/readyz")
    return response.status_code, {name for name, works in response.json().items() if not works}


@pytest.fixture
def alive(db):
    watching.sender_seen()
    watching.queue_seen()


def test_the_process_answers_without_a_database(client):
    assert client.get("/healthz").content == b"ok\n"


def test_ready_when_all_of_it_works(client, alive):
    assert ready(client) == (200, set())


def test_nobody_was_ever_seen(client, db):
    assert ready(client) == (503, {"sender", "queue"})


@pytest.mark.parametrize("ready_at", [timezone.now(), None], ids=["prepared", "not prepared"])
def test_what_is_due_for_five_minutes_is_trouble(client, alive, ready_at):
    delivery = DeliveryFactory(state="waiting", ready_at=ready_at, leaves_at=timezone.now() - timedelta(minutes=4))
    assert ready(client) == (200, set())
    delivery.leaves_at -= timedelta(minutes=2)
    delivery.save()
    assert ready(client) == (503, {"oldest_due"})


def test_an_archive_that_cannot_be_written_is_trouble(client, alive, settings, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    settings.MEDIA_ROOT = str(blocked)
    assert ready(client) == (503, {"storage"})


def test_the_probe_of_the_archive_leaves_nothing(client, alive, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    assert ready(client) == (200, set())
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_is_down_is_an_answer(client, alive, monkeypatch):
    def down():
        raise OperationalError

    monkeypatch.setattr(health.watching, "health", down)
    assert ready(client) == (503, {"database"})


def test_missing_migrations_are_told(client, alive, monkeypatch):
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda self, targets: ["one"])
    assert ready(client) == (503, {"migrations"})

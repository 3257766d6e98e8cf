"""Who runs the house sees what is the matter, what it means and what to do; a machine sees the same in figures."""

import re
import shutil
from datetime import timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ, Schedule
from lxml import html

from distribution import checkup, measures
from distribution.actions import watching
from distribution.checkup_words import MEANINGS, NAMES
from distribution.models import Connection, Installation, Measure
from distribution.models.measure import Measured
from distribution.views import health
from tests.factories import CompanyFactory, DeliveryFactory, UserFactory

TOKEN = "s3cret-of-prometheus"


@pytest.fixture
def boss(db, client):
    """A superuser who is a member of no company, at work."""
    client.force_login(UserFactory(is_superuser=True))
    return client


@pytest.fixture
def well(db, settings, tmp_path, monkeypatch):
    """An installation that has nothing to complain of."""
    settings.DELIVERY_LIVE, settings.MEDIA_ROOT = True, str(tmp_path)
    settings.INSTANCE_ID = str(Installation.objects.this().instance_id)
    Connection.objects.filter(company=None).update(host="mx.example")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**12, 0, 10**12))
    watching.sender_seen()
    watching.queue_seen()
    watching.backed_up()
    call_command("sync_schedules", stdout=StringIO())


def shown(client):
    """(status, {part: (how it is, what it means)}) of the page; well parts mean nothing."""
    response = client.get("/health/")
    rows = html.fromstring(response.content.decode()).xpath("//tbody/tr")
    cells = [[" ".join(cell.text_content().split()) for cell in row] for row in rows]
    return response.status_code, {name: (state, meaning) for name, state, meaning in cells}


def wrong(client):
    status, parts = shown(client)
    return status, {name for name, (_state, meaning) in parts.items() if meaning}


def move(column, **ago):
    Installation.objects.update(**{column: timezone.now() - timedelta(**ago)})


def test_all_is_well(boss, well):
    status, parts = shown(boss)
    assert status == 200
    assert list(parts) == [str(name) for name in NAMES.values()]
    assert {meaning for _state, meaning in parts.values()} == {""}
    assert parts["Jobs"][0] == "0 jobs wait."


@pytest.mark.parametrize(
    "column, name, unit", [("sender_seen_at", "Sender", "deliver"), ("queue_seen_at", "Queue", "qcluster")]
)
def test_a_dead_worker_is_red_within_three_minutes_for_people_and_machines(boss, well, column, name, unit):
    move(column, seconds=40)
    assert wrong(boss) == (200, set())
    assert Client().get("/readyz").status_code == 200
    move(column, seconds=181)
    status, parts = shown(boss)
    state, meaning = parts[name]
    assert (status, wrong(boss)[1]) == (503, {name})
    assert "Silent for 3 min." in state
    assert f"utskick-{unit}" in meaning
    assert Client().get("/readyz").status_code == 503
    Installation.objects.update(**{column: None})
    assert "Never seen." in shown(boss)[1][name][0]


def test_each_thing_that_may_be_the_matter_is_said(boss, well, settings):
    late = timezone.now() - timedelta(minutes=6)
    DeliveryFactory(state="waiting", method="email", ready_at=late, leaves_at=late)
    DeliveryFactory(state="in_doubt", method="email")
    OrmQ.objects.create(key="utskick", payload="", lock=late)
    Connection.objects.filter(company=None).update(paused_until=timezone.now() + timedelta(minutes=1))
    Connection.objects.create(company=CompanyFactory(), method="central_print", paused_until="9000-01-01T00:00Z")
    move("backed_up_at", days=3)
    status, parts = shown(boss)
    said = {name: state for name, (state, meaning) in parts.items() if meaning}
    assert status == 503
    assert set(said) == {"Jobs", "What is due", "Mail relay", "In doubt", "Connections of companies", "Backup"}
    assert "The oldest job has waited for 6 min." in said["Jobs"]
    assert "Due for 6 min." in said["What is due"]
    assert "1 delivery is in doubt." in said["In doubt"]
    assert "1 is paused." in said["Connections of companies"]
    assert "The last one was 3 days ago." in said["Backup"]


@pytest.mark.parametrize(
    "change, name, code, status",
    [
        (lambda settings: setattr(settings, "DELIVERY_LIVE", False), "Real deliveries", "Test mode.", 200),
        (lambda settings: setattr(settings, "INSTANCE_ID", "another"), "Real deliveries", "This is a copy.", 503),
        (lambda settings: Connection.objects.update(host=""), "Mail relay", "There is none.", 503),
        (lambda settings: Schedule.objects.first().delete(), "Periodic jobs", "1 is missing.", 503),
        (lambda settings: Installation.objects.update(backed_up_at=None), "Backup", "Never seen.", 200),
        (lambda settings: setattr(settings, "MEDIA_ROOT", "/proc/none"), "Archive", "It cannot be written.", 503),
    ],
)
def test_one_thing_is_the_matter(boss, well, settings, change, name, code, status):
    change(settings)
    found, parts = shown(boss)
    assert (found, {each for each, (_state, meaning) in parts.items() if meaning}) == (status, {name})
    assert code in parts[name][0]


def test_a_full_disk_and_clocks_that_differ(boss, well, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**12, 0, 10**10))
    ahead = SimpleNamespace(now=lambda: timezone.now() + timedelta(hours=2))
    monkeypatch.setattr(watching, "timezone", ahead)
    status, parts = shown(boss)
    assert (status, wrong(boss)[1]) == (503, {"Archive", "Clocks"})
    assert "2 h apart." in parts["Clocks"][0]


def test_a_program_that_is_newer_than_its_database_says_so_and_no_more(boss, well, monkeypatch):
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda self, targets: ["one"])
    status, parts = shown(boss)
    assert (status, list(parts)) == (503, ["Database schema"])
    assert "manage.py migrate" in parts["Database schema"][1]


def test_every_trouble_has_its_words():
    """Each (code, why) that the checkup may say, by reading its source: a new one cannot be forgotten."""
    source = Path(checkup.__file__).read_text()
    said = set(re.findall(r'(?:Part|unless)\("(\w+)", \w+, "(\w+)"', source))
    said |= {(code, why) for code in ("sender", "queue") for why in ("never", "silent")}
    said |= {("mode", "test"), ("mode", "copy")}
    assert said == set(MEANINGS)


def test_it_is_for_superusers(client, db):
    client.force_login(UserFactory())
    assert client.get("/health/").status_code == 404


# --- For Prometheus --------------------------------------------------------------------------------------------------


def scraped(client, token=TOKEN):
    response = client.get("/metrics", headers={"Authorization": f"Bearer {token}"} if token else {})
    lines = response.content.decode().splitlines() if response.status_code == 200 else []
    return response, dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


@pytest.mark.parametrize("configured, sent", [("", ""), ("", "None"), (TOKEN, ""), (TOKEN, "no"), (TOKEN, TOKEN[:-1])])
def test_metrics_are_off_or_need_the_token(client, db, settings, configured, sent):
    settings.METRICS_TOKEN = configured
    assert scraped(client, sent)[0].status_code == 404


def test_the_figures_of_the_house(client, well, settings, django_assert_num_queries):
    settings.METRICS_TOKEN = TOKEN
    measures.write()  # what other tests of this process have noted
    Measure.objects.all().delete()
    now = timezone.now()
    for state, method, minutes in [("waiting", "email", 7), ("waiting", "email", -7), ("in_doubt", "email", 9)]:
        DeliveryFactory(state=state, method=method, ready_at=now, leaves_at=now - timedelta(minutes=minutes))
    DeliveryFactory(state="sent", method="email", finished_at=now)
    DeliveryFactory(state="sent", method="email", finished_at=now - timedelta(days=2))
    DeliveryFactory(state="failed", method="email", finished_at=now)
    OrmQ.objects.create(key="utskick", payload="", lock=now - timedelta(minutes=2))
    OrmQ.objects.create(key="utskick", payload="", lock=now + timedelta(minutes=30))  # somebody has taken it
    Connection.objects.filter(company=None).update(paused_until=now + timedelta(minutes=1))
    move("queue_seen_at", seconds=90)
    for seconds in (0.05, 0.1, 2, 900):
        measures.note(Measured.HAND_OVER, seconds, method="email", outcome="taken")
    measures.note(Measured.RENDER, 0.4, method="central_print")
    measures.write()

    # companies, and who they are twice: vitals, jobs, open, ended; two histograms
    with django_assert_num_queries(8):
        response, found = scraped(client)
    assert response["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    counts = {state: found[f'utskick_deliveries{{state="{state}"}}'] for state in ("waiting", "in_doubt", "parked")}
    assert counts == {"waiting": "2", "in_doubt": "1", "parked": "0"}
    assert found['utskick_deliveries_ended_in_a_day{state="sent"}'] == "1"
    assert found['utskick_deliveries_ended_in_a_day{state="failed"}'] == "1"
    assert 419 <= int(found["utskick_due_oldest_seconds"]) <= 450
    assert 89 <= int(found["utskick_queue_silent_seconds"]) <= 120
    assert 0 <= int(found["utskick_sender_silent_seconds"]) <= 30
    assert (found["utskick_jobs_waiting"], found["utskick_relay_paused"]) == ("1", "1")
    assert 119 <= int(found["utskick_jobs_oldest_seconds"]) <= 150
    assert (found['utskick_mode{mode="live"}'], found['utskick_mode{mode="copy"}']) == ("1", "0")
    handed = {le: found[f'utskick_hand_over_seconds_bucket{{method="email",outcome="taken",le="{le}"}}'] for le in
              ("0.1", "1", "3", "600", "+Inf")}  # fmt: skip
    assert handed == {"0.1": "2", "1": "2", "3": "3", "600": "3", "+Inf": "4"}
    assert found['utskick_hand_over_seconds_sum{method="email",outcome="taken"}'] == "902.15"
    assert found['utskick_render_seconds_count{method="central_print"}'] == "1"


def test_a_family_of_metrics_is_announced_once_and_names_no_company(client, well, settings):
    settings.METRICS_TOKEN = TOKEN
    company = CompanyFactory(name="Kanarie AB", slug="kanarie")
    DeliveryFactory(state="waiting", method="email", invoice__company=company)
    page = scraped(client)[0].content.decode()
    names = re.findall(r"^# TYPE (\S+)", page, re.MULTILINE)
    assert sorted(set(names)) == sorted(names)
    assert "kanarie" not in page.lower()


def test_nobody_was_ever_seen(client, db, settings, tmp_path):
    settings.METRICS_TOKEN, settings.MEDIA_ROOT = TOKEN, str(tmp_path)
    found = scraped(client)[1]
    assert found["utskick_sender_silent_seconds"] == found["utskick_backup_age_seconds"] == "+Inf"


def test_two_processes_add_to_the_same_counts(db):
    for _process in range(2):
        measures.note(Measured.RENDER, 0.15, method="email")
        measures.note(Measured.RENDER, 0.15, method="email")
        measures.write()
        measures.write()  # nothing new
    row = Measure.objects.get()
    assert (row.bucket, row.count, round(row.seconds, 2)) == (1, 4, 0.6)

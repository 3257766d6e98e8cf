"""Commands for operators: import_invoices, sync_schedules, draw_states, deliver."""

import threading
import time
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import Schedule

from config.schedules import JOBS
from distribution.management.commands.deliver import Sender, SlowDomains
from invoicing.models import Invoice
from tests.distribution.test_findings import SAMPLES, se_invoice
from tests.factories import CompanyFactory

ROOT = Path(__file__).parents[2]


def run(*files, **how):
    """(exit code, lines of both streams) of import_invoices."""
    out, err = StringIO(), StringIO()
    try:
        call_command("import_invoices", *map(str, files), stdout=out, stderr=err, no_color=True, **how)
    except SystemExit as end:
        return end.code, out.getvalue().splitlines() + err.getvalue().splitlines()
    return 0, out.getvalue().splitlines() + err.getvalue().splitlines()


def test_each_file_gets_a_sentence_and_one_refusal_makes_the_exit_code(db, tmp_path):
    CompanyFactory(name="Fjordgym AB", legal_id="5560360793")
    good, pdf = SAMPLES / "se_invoice.xml", tmp_path / "scan.pdf"
    pdf.write_bytes(b"%PDF-1.7")
    assert run(good) == (0, [f"{good}: Invoice 2026-118 of Fjordgym AB is taken in."])
    code, lines = run(good, pdf, tmp_path / "missing.xml")
    assert code == 1
    assert lines[0].startswith(f"{good}: Invoice 2026-118 is already here since ")
    assert lines[1].startswith(f"{pdf}: The file is a PDF, which is for people to read. Export the invoice")
    assert lines[2] == f"{tmp_path / 'missing.xml'}: The file cannot be read: No such file or directory."


def test_already_sent_and_too_large(db, tmp_path, settings):
    CompanyFactory(legal_id="5560360793")
    assert run(SAMPLES / "se_invoice.xml", already_sent=True)[0] == 0
    assert Invoice.objects.get().sent_at
    settings.UPLOAD_MAX_BYTES = 10
    (tmp_path / "new.xml").write_bytes(se_invoice("2026-118", "2026-119"))
    code, lines = run(tmp_path / "new.xml")
    assert (code, "a file may be at most" in lines[0]) == (1, True)


def test_the_queues_schedules_become_those_of_the_table(db):
    Schedule.objects.create(name="old", func="distribution.jobs.gone", schedule_type=Schedule.DAILY)
    for _twice in range(2):
        call_command("sync_schedules", stdout=StringIO())
    assert set(Schedule.objects.values_list("name", "func")) == {(job.name, job.function) for job in JOBS}
    assert Schedule.objects.count() == len(JOBS)
    for schedule in Schedule.objects.filter(schedule_type=Schedule.DAILY):
        local = timezone.localtime(schedule.next_run)
        assert timezone.now() < schedule.next_run <= timezone.now() + timezone.timedelta(days=1, hours=1)
        assert local.time().replace(second=0, microsecond=0) in {job.at for job in JOBS}
    often = Schedule.objects.filter(schedule_type=Schedule.MINUTES).values_list("func", "minutes")
    assert dict(often) == {job.function: job.minutes for job in JOBS if job.minutes}


@pytest.mark.parametrize("job", JOBS)
def test_every_scheduled_job_exists(job):
    assert callable(import_string(job.function))


def test_the_drawing_of_the_states_in_the_documentation_is_the_one_of_today():
    out = StringIO()
    call_command("draw_states", stdout=out)
    assert out.getvalue() == (ROOT / "docs" / "states.md").read_text()


def test_idle_senders_ask_the_database_as_often_as_one_would(settings):
    settings.SENDING = settings.SENDING | {"idle": 0.05}
    stop, lookout, asked = threading.Event(), threading.Lock(), []
    threads = [
        threading.Thread(target=Sender(stop, SlowDomains()).work, args=[lambda: asked.append(1), lookout])
        for _number in range(8)
    ]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    time.sleep(1)
    stop.set()
    for thread in threads:
        thread.join()
    assert len(asked) <= (time.monotonic() - began) / 0.05 + 2 * len(threads)  # each has asked once before it is idle

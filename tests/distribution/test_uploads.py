"""Files in by the page: every one of them becomes an invoice or a sentence, and nothing is an error page."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django_q.models import OrmQ

from distribution import jobs
from distribution.models import Delivery
from invoicing.models import Invoice
from recipients.methods import Method
from recipients.models import Role, Upload
from tests.distribution.test_findings import SAMPLES, se_invoice
from tests.factories import CompanyFactory, MemberFactory


@pytest.fixture
def clerk(client, outbox):
    outbox.company.legal_id = "5560360793"
    outbox.company.save()
    client.force_login(outbox.clerk)
    return client


def hand_in(clerk, company, *files, history="new"):
    """Choose these (name, bytes) and press Import; returns the Upload, not yet read."""
    chosen = [SimpleUploadedFile(name, content, "text/xml") for name, content in files]
    response = clerk.post(reverse("distribution:upload", args=[company.slug]), {"files": chosen, "history": history})
    assert response.status_code == 302, response.content.decode()
    upload = Upload.objects.latest("at")
    assert response.url == reverse("distribution:upload_report", args=[company.slug, upload.pk])
    return upload


def report(clerk, company, upload, query=""):
    return clerk.get(reverse("distribution:upload_report", args=[company.slug, upload.pk]) + query)


def test_good_files_go_in_whatever_the_others_are(clerk, outbox):
    upload = hand_in(
        clerk, outbox.company,
        ("a.xml", se_invoice()), ("b.xml", se_invoice()), ("scan.pdf", b"%PDF-1.7"), ("empty.xml", b""),
        ("other.xml", se_invoice(">6921.00<", ">1.00<")),
    )  # fmt: skip
    running = report(clerk, outbox.company, upload).content.decode()
    assert 'hx-trigger="every 2s"' in running
    jobs.take_invoices(upload.pk)
    response = report(clerk, outbox.company, upload)
    content = response.content.decode()
    assert [number["n"] for number in response.context["numbers"]] == [5, 1, 1, 3]
    assert 'hx-trigger="every 2s"' not in content.split('id="_upload_report"')[1]
    for text in ("Invoice 2026-118", "is already here since", "is a PDF", "The file is empty.", "BT-115"):
        assert text in content
    invoice = Invoice.objects.get()
    assert reverse("invoicing:invoice", args=[outbox.company.slug, invoice.pk]) in content
    assert invoice.original.read() == se_invoice()


def test_the_numbers_are_filters(clerk, outbox):
    upload = hand_in(clerk, outbox.company, ("good.xml", se_invoice()), ("bad.xml", b"<a"))
    jobs.take_invoices(upload.pk)
    assert b"good.xml" not in report(clerk, outbox.company, upload, "?show=refused").content
    assert b"bad.xml" not in report(clerk, outbox.company, upload, "?show=taken").content
    assert b"No file ended this way" in report(clerk, outbox.company, upload, "?show=known").content
    assert report(clerk, outbox.company, upload, "?show=nonsense").status_code == 404


def test_a_file_over_the_limit_is_a_line_and_is_not_kept(clerk, outbox, settings):
    settings.UPLOAD_MAX_BYTES = 1024
    upload = hand_in(clerk, outbox.company, ("huge.xml", se_invoice()))
    line = upload.files.get()
    assert (line.outcome, line.file) == ("refused", None)
    jobs.take_invoices(upload.pk)
    assert "a file may be at most" in report(clerk, outbox.company, upload).content.decode()
    assert not Invoice.objects.exists()


def test_too_many_files_and_none_are_a_sentence_of_the_form(clerk, outbox, settings):
    settings.UPLOAD_MAX_FILES = 2
    address = reverse("distribution:upload", args=[outbox.company.slug])
    files = [SimpleUploadedFile(f"{n}.xml", b"<a/>") for n in range(3)]
    many = clerk.post(address, {"files": files, "history": "new"})
    none = clerk.post(address, {"history": "new"})
    assert (many.status_code, none.status_code) == (422, 422)
    assert "3 files at one time; 2 are the most." in many.content.decode()
    assert "Choose at least one file." in none.content.decode()
    assert not Upload.objects.exists()


def test_what_was_sent_elsewhere_is_never_offered(clerk, outbox):
    upload = hand_in(clerk, outbox.company, ("old.xml", se_invoice()), history="elsewhere")
    jobs.take_invoices(upload.pk)
    assert not Invoice.objects.to_send().exists()
    assert Delivery.objects.get().method == Method.OUTSIDE
    assert "already sent elsewhere" in report(clerk, outbox.company, upload).content.decode()


def test_the_reading_is_queued_and_a_silent_queue_is_told(clerk, outbox):
    upload = hand_in(clerk, outbox.company, ("a.xml", se_invoice()))
    assert any(row.func() == "distribution.jobs.take_invoices" for row in OrmQ.objects.all())
    assert "Nobody reads the files just now." in report(clerk, outbox.company, upload).content.decode()


def test_htmx_gets_the_report_alone(clerk, outbox):
    upload = hand_in(clerk, outbox.company, ("a.xml", se_invoice()))
    address = reverse("distribution:upload_report", args=[outbox.company.slug, upload.pk])
    fragment = clerk.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert 'id="_upload_report"' in fragment


def test_the_same_queries_for_one_file_and_for_many(clerk, outbox, django_assert_num_queries):
    one = hand_in(clerk, outbox.company, ("a.xml", se_invoice()))
    many = hand_in(clerk, outbox.company, *((f"{n}.xml", se_invoice("2026-118", f"N{n}")) for n in range(4)))
    for upload in (one, many):
        jobs.take_invoices(upload.pk)
        address = reverse("distribution:upload_report", args=[outbox.company.slug, upload.pk])
        with django_assert_num_queries(QUERIES):
            clerk.get(address, headers={"HX-Request": "true"})


QUERIES = 7  # session, user, member; the upload, its counts, its lines, their invoices


def test_an_invoice_of_another_company_is_linked_only_for_its_people(clerk, outbox):
    """The seller chooses the company, so an upload may fill another one of the workspace."""
    other = CompanyFactory(workspace=outbox.company.workspace, country="NO", legal_id="974760673", name="Annet AS")
    norwegian = (SAMPLES / "no_invoice.xml").read_bytes()
    MemberFactory(user=outbox.clerk, company=other)
    upload = hand_in(clerk, outbox.company, ("no.xml", norwegian))
    jobs.take_invoices(upload.pk)
    line = upload.files.get()
    assert line.outcome == "taken", line.findings
    address = reverse("invoicing:invoice", args=[other.slug, line.document])
    assert address in report(clerk, outbox.company, upload).content.decode()
    clerk.force_login(MemberFactory(company=outbox.company, role=Role.VIEWER).user)
    assert address not in report(clerk, outbox.company, upload).content.decode()


def test_viewers_read_reports_but_import_nothing(outbox, client):
    client.force_login(MemberFactory(company=outbox.company, role=Role.VIEWER).user)
    address = reverse("distribution:upload", args=[outbox.company.slug])
    assert client.get(address).status_code == 403
    assert client.post(address).status_code == 403
    upload = Upload.objects.create(company=outbox.company, by=outbox.clerk)
    assert report(client, outbox.company, upload).status_code == 200
    assert report(client, outbox.company, Upload.objects.create(company=CompanyFactory())).status_code == 404

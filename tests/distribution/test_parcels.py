"""Own printer, through HTTP: taking a part sends it, once; a part that was undone in is built again first."""

import io

import pytest
from django.urls import reverse
from pypdf import PdfReader

from distribution import jobs
from distribution.actions import sending
from distribution.models import Delivery, Parcel
from distribution.states import State
from recipients.models import Role
from tests.factories import CompanyFactory, MemberFactory


@pytest.fixture
def part(client, outbox):
    """A part with two invoices, built and not taken."""
    settings = outbox.company.distribution
    settings.active_methods, settings.default_method = ["own_printer"], "own_printer"
    settings.save()
    batch = outbox.sent_and_ready(outbox.invoice(), outbox.invoice())
    jobs.build_parcels(batch.pk)
    client.force_login(outbox.clerk)
    return Parcel.objects.get()


def address(outbox, part):
    return reverse("distribution:parcel_download", args=[outbox.company.slug, part.pk])


def test_the_first_download_sends_the_part(part, outbox, client):
    assert "They count as sent when the file is downloaded." in client.get(address(outbox, part)).content.decode()
    assert Delivery.objects.filter(state=State.WAITING).count() == 2
    response = client.post(address(outbox, part))
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'attachment; filename="{part.name}"'
    assert len(PdfReader(io.BytesIO(response.content)).pages) == 2
    assert Delivery.objects.filter(state=State.SENT).count() == 2
    assert "Download again" in client.get(address(outbox, part)).content.decode()
    assert client.post(address(outbox, part)).content == response.content


def test_after_an_undo_the_page_waits_and_the_part_comes_without_it(part, outbox, client):
    sending.undo(Delivery.objects.filter(pk=part.deliveries.first().pk), by=outbox.clerk)
    response = client.post(address(outbox, part), follow=True)
    content = response.content.decode()
    assert "The file is being built again" in content
    assert '<meta http-equiv="refresh" content="3">' in content
    assert Delivery.objects.filter(state=State.SENT).count() == 0
    jobs.tidy(part.batch_id)
    jobs.build_parcels(part.batch_id)
    again = client.post(address(outbox, part))
    assert len(PdfReader(io.BytesIO(again.content)).pages) == 1
    assert Delivery.objects.filter(state=State.SENT).count() == 1


def test_a_viewer_may_look_but_not_take(part, outbox, client):
    client.force_login(MemberFactory(company=outbox.company, role=Role.VIEWER).user)
    assert (
        "<button"
        not in client.get(address(outbox, part)).content.decode().split('class="empty"')[1].split("</section>")[0]
    )
    assert client.post(address(outbox, part)).status_code == 403
    assert Delivery.objects.filter(state=State.SENT).count() == 0


def test_another_companys_part_is_not_there(part, client):
    stranger = MemberFactory(company=CompanyFactory())
    client.force_login(stranger.user)
    address = reverse("distribution:parcel_download", args=[stranger.company.slug, part.pk])
    assert client.get(address).status_code == client.post(address).status_code == 404

"""Templates, logo and colour through HTTP: what a manager makes, what a form refuses, what the preview shows."""

import io

import pypdfium2 as pdfium
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from distribution.models import Batch
from invoicing.models import DocumentTemplate
from recipients.models import ArchivedFile, Company, Event, Role
from tests.factories import CompanyFactory, InvoiceFactory, MemberFactory

pytestmark = pytest.mark.django_db
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 14">%s</svg>'


@pytest.fixture(autouse=True)
def archive(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def company(db):
    return CompanyFactory(name="Fjordgym AB")


@pytest.fixture
def manager(client, company):
    client.force_login(MemberFactory(company=company, role=Role.MANAGER, user__name="Mia Lund").user)
    return client


def url(company, name, *args):
    return reverse(f"invoicing:{name}", args=[company.slug, *args])


def typed(**changes):
    return {
        "name": "Jul",
        "layout": "compact",
        "shown": "sv",
        "opening_sv": "God jul.",
        "closing_nb": "Takk.",
    } | changes


def page(response):
    return response.content.decode()


def offered(company):
    return sorted(company.templates.offered().values_list("name", flat=True))


# --- Making and changing ----------------------------------------------------------------------------------------------


def test_a_manager_makes_a_template_with_words_in_two_languages(manager, company):
    response = manager.post(url(company, "template_new"), typed(), follow=True)
    assert "Template saved." in page(response)
    made = company.templates.get(name="Jul")
    assert (made.layout, made.texts) == ("compact", {"sv": {"opening": "God jul."}, "nb": {"closing": "Takk."}})
    event = Event.objects.get(about=made.pk)
    assert (event.what, event.data["name"], event.by.name) == ("template.made", "Jul", "Mia Lund")


def test_what_changed_is_stored_and_told_and_nothing_else(manager, company):
    template = company.templates.get()
    manager.post(url(company, "template", template.pk), typed(name="Standard", layout="window"))
    manager.post(url(company, "template", template.pk), typed(name="Standard", layout="window"))
    assert [event.data["fields"] for event in Event.objects.filter(about=template.pk)] == ["texts"]


def test_lines_of_a_text_are_plain_text(manager, company):
    text = " Hej\u0007!\r\nTack\tför allt.  \r\n\r\n"
    manager.post(url(company, "template_new"), typed(opening_sv=text))
    assert company.templates.get(name="Jul").texts["sv"]["opening"] == "Hej!\nTack för allt."


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"name": " "}, "Type a name"),
        ({"name": "Standard"}, "Another template has this name."),
        ({"name": "N" * 81}, "at most 80 characters"),
        ({"layout": "sideways"}, "Select a valid choice."),
        ({"opening_fi": "y" * 601}, "at most 600 characters"),
        ({"closing_en": "a\n" * 14 + "b"}, "At most 12 lines fit."),
    ],
)
def test_what_cannot_be_stored_is_a_sentence_and_what_was_typed_stays(manager, company, changes, words):
    response = manager.post(url(company, "template_new"), typed(**changes))
    assert (response.status_code, words in page(response), "God jul." in page(response)) == (422, True, True)
    assert offered(company) == ["Standard"]
    assert not Event.objects.exists()


def test_the_pane_with_the_error_is_in_front(manager, company):
    response = manager.post(url(company, "template_new"), typed(opening_fi="y" * 601))
    assert 'name="shown" value="fi" checked' in page(response)


def test_characters_that_no_font_has_are_a_warning(manager, company):
    response = manager.post(url(company, "template_new"), typed(opening_sv="God jul 🎅"), follow=True)
    assert "No font has these characters, so they are printed as boxes: 🎅" in page(response)
    assert company.templates.filter(name="Jul").exists()


def test_a_viewer_may_look_and_only_look(client, company):
    client.force_login(MemberFactory(company=company, role=Role.VIEWER).user)
    InvoiceFactory(company=company, number="10240")
    body = page(client.get(url(company, "template", company.templates.get().pk)))
    assert ("Open PDF" in body, "Preview</button>" in body, "Save changes" in body) == (True, False, False)
    assert client.post(url(company, "template", company.templates.get().pk), typed()).status_code == 403
    assert "New template" not in page(client.get(url(company, "templates")))


# --- Going away -------------------------------------------------------------------------------------------------------


def used(company, template):
    clerk = MemberFactory(company=company).user
    return Batch.objects.create(company=company, by=clerk, template=template, confirmed_at=timezone.now())


def test_a_copy_has_a_name_of_its_own(manager, company):
    template = company.templates.get()
    for _press in range(2):
        manager.post(url(company, "template_copy", template.pk))
    assert offered(company) == ["Standard", "Standard 2", "Standard 3"]


def test_what_nothing_was_sent_with_is_deleted_and_the_other_is_put_away(manager, company):
    kept, gone = company.templates.get(), company.templates.create(name="Jul")
    company.templates.create(name="Alltid")
    used(company, kept)
    Batch.objects.create(company=company, by=kept.batches.get().by, template=gone)  # a sheet that nobody confirmed
    response = manager.post(url(company, "template_remove", gone.pk), follow=True)
    assert "Jul was deleted." in page(response)
    response = manager.post(url(company, "template_remove", kept.pk), follow=True)
    assert "Standard was put away." in page(response)
    assert (offered(company), company.templates.count()) == (["Alltid"], 2)
    manager.post(url(company, "template_take_back", kept.pk))
    assert offered(company) == ["Alltid", "Standard"]
    told = list(Event.objects.order_by("id").values_list("what", flat=True))
    assert told == ["template.deleted", "template.put_away", "template.taken_back"]


def test_the_last_one_stays(manager, company):
    response = manager.post(url(company, "template_remove", company.templates.get().pk), follow=True)
    assert "Standard is the only template. Make another one first." in page(response)
    assert offered(company) == ["Standard"]


def test_what_is_put_away_is_not_offered_when_sending(manager, outbox):
    away = outbox.company.templates.create(name="Avlagd", put_away_at="2026-11-01T00:00Z")
    outbox.company.distribution.last_template = away
    outbox.company.distribution.save()
    manager.force_login(outbox.clerk)
    sheet = reverse("distribution:sheet", args=[outbox.company.slug, outbox.plan(outbox.invoice()).pk])
    assert ("Avlagd" in page(manager.get(sheet)), "Standard" in page(manager.get(sheet))) == (False, True)
    batch = outbox.plan(outbox.invoice())
    send = reverse("distribution:send", args=[outbox.company.slug, batch.pk])
    assert manager.post(send, {"template": away.pk}).status_code == 422
    foreign = CompanyFactory().templates.get()
    assert manager.post(send, {"template": foreign.pk}).status_code == 422
    batch.refresh_from_db()
    assert batch.confirmed_at is None
    manager.post(send, {})
    batch.refresh_from_db()
    assert batch.template.name == "Standard"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_same_number_of_questions(manager, company, rows, django_assert_num_queries):
    InvoiceFactory(company=company)
    for number in range(rows - 1):
        used(company, company.templates.create(name=f"Mall {number}"))
    with django_assert_num_queries(9):
        assert page(manager.get(url(company, "templates"))).count("sheet-tile") == rows


# --- The preview ------------------------------------------------------------------------------------------------------


def test_the_preview_shows_what_is_typed_and_stores_nothing(manager, company):
    InvoiceFactory(company=company, number="10240")
    response = manager.post(url(company, "template_preview"), typed(name="", opening_sv="<b>Ny text</b>"))
    body = page(response)
    assert (response.status_code, 'class="compact' in body, "&lt;b&gt;Ny text&lt;/b&gt;" in body) == (200, True, True)
    assert "frame-ancestors 'self'" in response["Content-Security-Policy"]
    assert (offered(company), Event.objects.exists()) == (["Standard"], False)


def test_the_preview_speaks_the_language_in_front_and_finds_its_files(manager, company):
    invoice = InvoiceFactory(company=company, number="10240")
    body = page(manager.post(url(company, "template_preview"), typed(shown="nb")))
    assert ("Fakturadato" in body, "Takk." in body, "God jul." in body) == (True, True, False)
    folder = url(company, "invoice_preview", invoice.pk)
    assert f'href="{folder}company.css"' in body
    assert manager.get(f"{folder}code.png")["Content-Type"] == "image/png"


def test_the_preview_shows_the_invoice_that_is_asked_for(manager, company):
    InvoiceFactory(company=company, number="10240")
    InvoiceFactory(company=company, number="10241")
    assert "10240" in page(manager.post(url(company, "template_preview"), typed(number="10240")))
    InvoiceFactory(number="77")
    refused = manager.post(url(company, "template_preview"), typed(number="77"))
    assert (refused.status_code, "There is no invoice 77 here." in page(refused)) == (422, True)
    refused = manager.post(url(company, "template_preview"), typed(opening_sv="y" * 601))
    assert (refused.status_code, "at most 600 characters" in page(refused)) == (422, True)


def test_the_pdf_of_what_is_typed(manager, company):
    InvoiceFactory(company=company, number="10240")
    response = manager.post(url(company, "template_preview"), typed(**{"as": "pdf"}))
    text = pdfium.PdfDocument(response.content)[0].get_textpage().get_text_range()
    assert (response["Content-Type"], "God jul." in text) == ("application/pdf", True)


def test_a_new_template_begins_as_the_standard_layout_without_words(manager, company):
    InvoiceFactory(company=company, number="10240")
    address = page(manager.get(url(company, "template_new"))).partition('name="paper" src="')[2].partition('"')[0]
    assert "10240" in page(manager.get(address))


def test_a_template_of_another_company_is_not_there(manager, company):
    InvoiceFactory(company=company)
    foreign = CompanyFactory().templates.get()
    for asked in (foreign.pk, "nonsense", ""):
        assert manager.get(url(company, "template_preview"), {"template": asked}).status_code == 404
    assert manager.get(url(company, "template_preview"), {"template": company.templates.get().pk}).status_code == 200
    for name in ("template", "template_copy", "template_remove", "template_take_back"):
        assert manager.post(url(company, name, foreign.pk), typed()).status_code == 404
    assert DocumentTemplate.objects.get(pk=foreign.pk).name == "Standard"


def test_a_company_without_an_invoice_says_so(manager, company):
    assert "No invoice to show it with" in page(manager.get(url(company, "template", company.templates.get().pk)))
    assert "No invoice to show it with" in page(manager.get(url(company, "looks")))
    assert manager.get(url(company, "templates")).status_code == 200


# --- Logo and colour --------------------------------------------------------------------------------------------------


def png(size=(900, 200)):
    out = io.BytesIO()
    Image.new("RGB", size, "#c8102e").save(out, "PNG")
    return out.getvalue()


def upload(client, company, content, name="logo.png"):
    content = content.encode() if isinstance(content, str) else content
    return client.post(url(company, "logo"), {"logo": SimpleUploadedFile(name, content)}, follow=True)


def test_a_logo_is_cleaned_kept_and_shown_beside_the_one_before(manager, company):
    upload(manager, company, png())
    first = Company.objects.get(pk=company.pk).logo
    gradient = '<linearGradient id="a"><stop stop-color="#f00"/></linearGradient><rect fill="url(#a)"/>'
    body = page(upload(manager, company, SVG % gradient, "logo.svg"))
    second = Company.objects.get(pk=company.pk).logo
    assert "Gradients became one colour" in body
    assert [url(company, "logo_picture", each.pk) in body for each in (first, second)] == [True, True]
    assert (b"Gradient" in second.read(), second.media_type) == (False, "image/svg+xml")
    assert manager.get(url(company, "logo_picture", first.pk)).content[:4] == b"\x89PNG"
    shown = manager.get(url(company, "logo_picture", second.pk))
    assert (shown["Content-Type"], "sandbox" in shown["Content-Security-Policy"]) == ("image/svg+xml", True)


@pytest.mark.parametrize(
    "content, words",
    [
        (b"\x89PNG\r\n\x1a\n" + b"0" * 30 * 1024**2, "The file has 30.0\xa0MB; 2.0\xa0MB is the most."),
        (b"no png at all", "This is no PNG, JPEG or SVG picture, whatever its name says."),
        (b"\x89PNG\r\n\x1a\ncut off", "The picture cannot be read"),
        (SVG % "<script>alert(1)</script><rect/>", "The SVG holds a script."),
        (SVG % '<rect onload="x()"/>', "The SVG holds a script (onload)."),
        (SVG % '<use href="https://evil.test/a.svg"/>', "fetches something from outside (https://evil.test/a.svg)."),
        (b"", "The file is empty."),
    ],
)
def test_a_bad_logo_is_a_sentence_and_the_old_one_stays(manager, company, content, words):
    upload(manager, company, png())
    before = Company.objects.get(pk=company.pk).logo_id
    response = upload(manager, company, content)
    assert (response.status_code, words in page(response)) == (422, True)
    assert Company.objects.get(pk=company.pk).logo_id == before
    assert ArchivedFile.objects.of(company).count() == 1
    assert Event.objects.filter(what="company.logo").count() == 1


def test_a_logo_is_taken_away(manager, company):
    upload(manager, company, png())
    body = page(manager.post(url(company, "logo"), {"remove": "yes"}, follow=True))
    assert ("The logo was taken away." in body, Company.objects.get(pk=company.pk).logo) == (True, None)


def test_no_other_file_of_the_archive_is_shown_as_a_logo(manager, company):
    secret = ArchivedFile.objects.keep(company, (SVG % "<rect/>").encode(), media_type="image/svg+xml")
    foreign = CompanyFactory()
    foreign.logo = ArchivedFile.objects.keep(foreign, png(), media_type="image/png")
    foreign.save()
    for pk in (secret.pk, foreign.logo_id):
        assert manager.get(url(company, "logo_picture", pk)).status_code == 404


def test_a_colour_that_cannot_be_read_is_told(manager, company):
    body = page(manager.post(url(company, "looks"), {"colour": "#FFEE00"}, follow=True))
    assert ("Colour saved." in body, "Too light for text" in body) == (True, True)
    assert Company.objects.get(pk=company.pk).colour == "#ffee00"
    refused = manager.post(url(company, "looks"), {"colour": "red;}"})
    assert (refused.status_code, "Type a colour as # and six digits" in page(refused)) == (422, True)
    assert Company.objects.get(pk=company.pk).colour == "#ffee00"

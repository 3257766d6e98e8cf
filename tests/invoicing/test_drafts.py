"""The form of a draft through its page: what is typed, what is refused with a sentence, what is kept."""

import io
import zipfile
from datetime import date, timedelta
from decimal import Decimal

import lxml.html
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from invoicing import pdf
from invoicing.actions import drafting, issuing, numbering
from invoicing.documents import figures
from invoicing.formats import checks
from invoicing.models import Draft, Invoice, Line, Series
from recipients.models import Event, Role
from tests.factories import (
    CompanyFactory,
    CustomerFactory,
    InvoiceFactory,
    InvoiceReferenceFactory,
    MemberFactory,
    OrganisationFactory,
)

pytestmark = pytest.mark.django_db
D = Decimal
PDF = b"%PDF-1.7\n%\xe2\xe3\n"


@pytest.fixture(autouse=True)
def archive(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def company(db):
    return CompanyFactory(name="Fjordgym AB", slug="fjordgym")


@pytest.fixture
def eva(company):
    return CustomerFactory(workspace=company.workspace, name="Eva Lund", number="20005")


@pytest.fixture
def clerk(company, client):
    client.force_login(MemberFactory(company=company, user__name="Åsa Lindqvist").user)
    return client


def url(name, company, *args):
    return reverse(f"invoicing:{name}", args=[company.slug, *args])


def row(**fields):
    return {"name": "Årskort", "quantity": "1", "unit": "MON", "price": "100,00", "vat": "S:25", **fields}


def form(card=None, *rows, do="save", version=0, **fields):
    """What the page would post."""
    names = ("name", "description", "quantity", "unit", "price", "base_quantity", "discount", "vat")
    lines = {f"line_{name}": [each.get(name, "") for each in rows] for name in names}
    recipient = f"{card._meta.model_name}:{card.pk}" if card else ""
    return {"do": do, "version": version, "recipient": recipient, "currency": "SEK", **lines, **fields}


def drafted(clerk, company, card, *rows, **fields):
    response = clerk.post(url("invoice_new", company), form(card, *(rows or [row()]), **fields))
    assert response.status_code == 302, errors_of(response)
    return Invoice.objects.get(pk=response["Location"].split("/")[-3])


def errors_of(response):
    page = lxml.html.fromstring(response.content)
    return [" ".join(e.text_content().split()) for e in page.xpath("//*[@class='error-summary']//li")]


def holes_of(response):
    page = lxml.html.fromstring(response.content)
    return [" ".join(e.text_content().split()) for e in page.xpath("//*[@class='holes']/li")]


def toasts_of(response):
    page = lxml.html.fromstring(response.content)
    return " ".join(" ".join(e.text_content().split()) for e in page.xpath("//*[@id='toasts']"))


# --- Saving -----------------------------------------------------------------------------------------------------------


def test_a_draft_with_holes_is_saved_and_says_what_is_missing(clerk, company, eva):
    invoice = drafted(clerk, company, eva, {"name": "Yoga"})
    assert (invoice.number, invoice.payable, invoice.source) == (None, 0, "form")
    assert invoice.lines.get().price is None
    page = clerk.get(url("invoice_edit", company, invoice.pk))
    assert holes_of(page) == ["Line 1 has no price.", "Line 1 has no VAT."]
    assert [e.what for e in Event.objects.filter(thread=invoice.pk)] == ["invoice.drafted"]


def test_all_that_is_typed_is_stored_and_shown_again(clerk, company):
    borg = OrganisationFactory(
        workspace=company.workspace, name="Borg AB", street="Gatan 1", city="Umeå", legal_id="5560360793"
    )
    reference = InvoiceReferenceFactory(organisation=borg, code="4711", name="Inköp")
    said = {
        "reference": str(reference.pk), "buyer_reference": "Ref 9", "order_reference": "O-1", "contract_reference": "A",
        "seller_contact": "Åsa", "issue_on": "2026-11-23", "due_on": "2026-12-23", "delivered_on": "2026-11-20",
        "period_start": "2026-11-01", "period_end": "2026-11-30", "terms": "30 dagar", "note": "Tack\nför allt",
        "language": "fi", "currency": "EUR",
    }  # fmt: skip
    lines = [
        row(discount="10 %", description="Två\nrader"),
        row(name="Vatten", price="12,345", vat="S:12", quantity="2,5"),
    ]
    invoice = drafted(clerk, company, borg, *lines, **said)
    assert (invoice.organisation, invoice.reference, invoice.buyer_name, invoice.buyer_city) == (
        borg,
        reference,
        "Borg AB",
        "Umeå",
    )
    assert (invoice.net, invoice.vat, invoice.payable) == (D("120.86"), D("26.20"), D("147.06"))
    page = lxml.html.fromstring(clerk.get(url("invoice_edit", company, invoice.pk)).content)
    shown = dict(page.get_element_by_id("draft").form_values())
    assert {name: shown[name].removeprefix("\n") for name in said} == said
    assert [v for n, v in page.get_element_by_id("draft").form_values() if n == "line_price"] == ["100,00", "12,345"]
    assert [v for n, v in page.get_element_by_id("draft").form_values() if n == "line_discount"] == ["10 %", ""]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"price": "abc"}, "abc is not a number"),
        ({"price": "-5"}, "A price is not negative"),
        ({"price": "1,1234567"}, "At most 6 decimals"),
        ({"price": "9" * 13}, "too large"),
        ({"discount": "10,005"}, "At most 2 decimals"),
        ({"discount": "110 %"}, "between 0 and 100 %"),
        ({"vat": "S:17"}, "17 is no VAT rate of SE"),
        ({"vat": "X"}, "X is no VAT rate of SE"),
        ({"quantity": "two"}, "two is not a number"),
        ({"name": "x" * 501}, "at most 500 characters"),
    ],
)
def test_what_cannot_be_a_line_is_a_sentence_and_nothing_is_saved(clerk, company, eva, wrong, sentence):
    response = clerk.post(url("invoice_new", company), form(eva, row(), row(**wrong)))
    assert response.status_code == 422
    (error,) = errors_of(response)
    assert error.startswith("Line 2")
    assert sentence in error
    if "vat" not in wrong:  # that one no person can choose
        assert next(iter(wrong.values())) in response.content.decode(), "what was typed is gone"
    assert not Invoice.objects.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"due_on": "31/12/2026"}, "This is not a day"),
        ({"due_on": "2206-12-01"}, "too far away"),
        ({"period_start": "2026-12-02", "period_end": "2026-12-01"}, "The period ends before it begins"),
        ({"currency": "XXX"}, "XXX"),
        ({"buyer_reference": "x" * 201}, "200"),
        ({"recipient": ""}, "Search for a customer or an organisation"),
        ({"recipient": "customer:nonsense"}, "not in the directory of Fjordgym AB"),
    ],
)
def test_a_wrong_head_is_a_sentence(clerk, company, eva, fields, sentence):
    response = clerk.post(url("invoice_new", company), form(eva, row()) | fields)
    assert response.status_code == 422
    assert any(sentence in error for error in errors_of(response)), errors_of(response)
    assert not Invoice.objects.exists()


def test_recipients_and_references_of_others_are_not_found(clerk, company, eva):
    foreign = OrganisationFactory(name="Hemliga AB")
    response = clerk.post(url("invoice_new", company), form(foreign, row()))
    assert response.status_code == 422
    assert "Hemliga" not in response.content.decode()
    reference = InvoiceReferenceFactory(organisation=OrganisationFactory(workspace=company.workspace))
    response = clerk.post(url("invoice_new", company), form(eva, row(), reference=str(reference.pk)))
    assert response.status_code == 422
    assert not Invoice.objects.exists()


def test_the_buttons_of_the_lines_work_without_script(clerk, company, eva):
    two = [row(name="A"), row(name="B")]

    def names_after(do):
        page = lxml.html.fromstring(clerk.post(url("invoice_new", company), form(eva, *two, do=do)).content)
        return [value for name, value in page.get_element_by_id("draft").form_values() if name == "line_name"]

    assert names_after("add") == ["A", "B", ""]
    assert names_after("remove:1") == ["B"]
    assert names_after("up:2") == names_after("down:1") == ["B", "A"]
    assert names_after("up:1") == names_after("down:2") == names_after("remove:9") == ["A", "B"]
    assert not Invoice.objects.exists()


def test_totals_follow_what_is_typed(clerk, company, eva):
    typed = form(eva, row(price="349,50", quantity="2"), row(price="?"), do="recalculate")
    response = clerk.post(url("invoice_new", company), typed, headers={"hx-request": "true"})
    said = response.content.decode().replace("\u202f", " ").replace("\xa0", " ")
    assert "873,75 kr" in said
    assert 'id="row-1-amount" hx-swap-oob="innerHTML">699,00<' in said
    assert "? is not a number" in said
    assert "<html" not in said


def test_find_by_name_and_number(clerk, company, eva):
    CustomerFactory(name="Eva Okänd")
    for text in ("lund", "2000"):
        found = clerk.post(url("invoice_new", company), form(find=text, do="find"), headers={"hx-request": "true"})
        assert f"customer:{eva.pk}" in found.content.decode()
        assert "Okänd" not in found.content.decode()
    nobody = clerk.post(url("invoice_new", company), form(find="zzz", do="find"), headers={"hx-request": "true"})
    assert "Nobody in the directory" in nobody.content.decode()


def test_four_hundred_lines_and_the_limit(clerk, company, eva):
    rows = [row(name=f"Rad {n}", price="1,00") for n in range(400)]
    invoice = drafted(clerk, company, eva, *rows)
    assert (invoice.lines.count(), invoice.net) == (400, 400)
    printed = PdfReader(io.BytesIO(pdf.render(invoice, template=None, language="sv")))
    assert "Rad 399" in printed.pages[-1].extract_text() + printed.pages[-2].extract_text()
    assert clerk.get(url("invoice_edit", company, invoice.pk)).status_code == 200
    response = clerk.post(url("invoice_new", company), form(eva, *(row() for _n in range(1001))))
    assert response.status_code == 422
    assert any("at most 1" in error and "lines" in error for error in errors_of(response))


# --- Two clerks -------------------------------------------------------------------------------------------------------


def test_who_saves_second_sees_what_the_first_changed(clerk, company, eva):
    invoice = drafted(clerk, company, eva, row())
    edit = url("invoice_edit", company, invoice.pk)
    kim = MemberFactory(company=company, user__name="Kim Berg").user
    drafting.save_draft(Invoice.objects.get(pk=invoice.pk), [Line(
        name="Kims rad", quantity=1, price=D("50"), net=D("50.00"), vat_category="S", vat_rate=D("25")
    )], issue_on=None, version=1, by=kim)  # fmt: skip
    response = clerk.post(edit, form(eva, row(name="Min rad"), version=1, note="Min text"))
    said = response.content.decode()
    assert response.status_code == 409
    assert "This was changed by Kim Berg" in said
    assert all(text in said for text in ("Kims rad", "Min rad", "Min text"))
    assert invoice.lines.get().name == "Kims rad"
    assert clerk.post(edit, form(eva, row(name="Min rad"), version=1, do="overwrite:2")).status_code == 302
    assert invoice.lines.get().name == "Min rad"


def test_overwriting_does_not_hide_a_third_save(clerk, company, eva):
    invoice = drafted(clerk, company, eva, row())
    Draft.objects.filter(invoice=invoice).update(version=3)
    edit = url("invoice_edit", company, invoice.pk)
    assert clerk.post(edit, form(eva, row(name="Min rad"), version=1, do="overwrite:2")).status_code == 409


def test_after_issue_the_form_is_closed(clerk, company, eva):
    invoice = drafted(clerk, company, eva, row())
    clerk.post(url("invoice_issue", company, invoice.pk))
    for do in ("save", "issue", "overwrite:2", "attach"):
        response = clerk.post(
            url("invoice_edit", company, invoice.pk), form(eva, row(name="Ny"), version=1, do=do), follow=True
        )
        assert response.redirect_chain[0][0] == url("invoice_delivery", company, invoice.pk)
        assert "Only how it goes out can be changed" in toasts_of(response)
    assert invoice.lines.get().name == "Årskort"
    with pytest.raises(drafting.Issued):
        drafting.save_draft(invoice, [], issue_on=None, version=1, by=None)


# --- Issuing ----------------------------------------------------------------------------------------------------------


def test_issue_gives_number_reference_days_accounts_and_buyer(clerk, company, eva):
    Series.objects.filter(company=company).update(prefix="F-", next_number=12345, payment_days=20)
    invoice = drafted(clerk, company, eva, row())
    eva.street = "Nya vägen 1"
    eva.save()
    response = clerk.post(
        url("invoice_edit", company, invoice.pk), form(eva, row(), version=1, do="issue"), follow=True
    )
    assert "F-12345 is issued." in toasts_of(response)
    invoice.refresh_from_db()
    today = timezone.localdate()
    assert (invoice.number, invoice.payment_reference) == ("F-12345", "1234574")
    assert (invoice.issued_on, invoice.due_on) == (today, today + timedelta(days=20))
    assert (invoice.bankgiro, invoice.buyer_street, invoice.buyer_number) == ("50501055", "Nya vägen 1", "20005")
    assert invoice.vat_rows == [{"category": "S", "rate": "25", "net": "100.00", "vat": "25.00", "exemption": ""}]
    assert not checks.findings(figures(invoice, list(invoice.lines.all())))
    assert not Draft.objects.filter(invoice=invoice).exists()
    assert invoice.shown() == "to_send"
    assert Event.objects.filter(thread=invoice.pk, what="invoice.issued").get().data == {"number": "F-12345"}
    assert company.series.__class__.objects.get(company=company).next_number == 12346


@pytest.mark.parametrize(
    ("country", "number", "reference", "accounts"),
    [
        ("NO", 12345678, "123456782", ("86011117947", "")),
        ("FI", 123456, "1234561", ("FI2112345600000785", "NDEAFIHH")),
    ],
)
def test_the_reference_and_account_of_each_country(country, number, reference, accounts):
    own = {"NO": {"account": "86011117947", "iban": "NO9386011117947", "bic": "DNBANOKK"},
           "FI": {"iban": "FI21 1234 5600 0007 85", "bic": "NDEAFIHH"}}[country]  # fmt: skip
    company = CompanyFactory(country=country, bankgiro="", **own)
    Series.objects.filter(company=company).update(next_number=number)
    user = MemberFactory(company=company).user
    invoice = Invoice(company=company, customer=CustomerFactory(workspace=company.workspace), currency="EUR")
    rate = D("25") if country == "NO" else D("25.5")
    line = Line(name="x", quantity=1, price=D(10), net=D("10.00"), vat_category="S", vat_rate=rate)
    drafting.save_draft(invoice, [line], issue_on=None, version=0, by=user)
    issued = issuing.issue(invoice, by=user)
    assert (issued.payment_reference, (issued.iban, issued.bic)) == (reference, accounts)


@pytest.mark.parametrize(
    ("rows", "fields", "sentence"),
    [
        ([], {}, "It has no lines."),
        ([row(price="")], {}, "Line 1 has no price."),
        ([row(quantity="-2")], {}, "An invoice cannot be negative"),
        ([row(vat="AE")], {}, "Reverse charge needs the buyer's VAT number"),
        ([row()], {"issue_on": "2026-11-20", "due_on": "2026-11-01"}, "before its own date"),
    ],
)
def test_what_is_not_ready_is_not_issued_and_uses_no_number(clerk, company, eva, rows, fields, sentence):
    response = clerk.post(url("invoice_new", company), form(eva, *rows, do="issue", **fields), follow=True)
    assert "Not issued; it is kept as a draft" in toasts_of(response)
    assert any(sentence in hole for hole in holes_of(response)), holes_of(response)
    assert Invoice.objects.get().number is None
    assert Series.objects.get(company=company).next_number == 1001


def test_a_rate_that_was_ended_is_a_hole_of_the_draft():
    company = CompanyFactory(country="FI", bankgiro="", iban="FI2112345600000785")
    user = MemberFactory(company=company).user
    invoice = Invoice(company=company, customer=CustomerFactory(workspace=company.workspace), currency="EUR")
    line = Line(name="x", quantity=1, price=D(10), net=D("10.00"), vat_category="S", vat_rate=D("14"))
    drafting.save_draft(invoice, [line], issue_on=date(2026, 1, 7), version=0, by=user)
    with pytest.raises(issuing.NotReady) as refused:
        issuing.issue(invoice, by=user)
    assert [hole.text for hole in refused.value.holes] == [
        "Line 1: 14 % is no VAT rate of FI on the day of the invoice or its delivery."
    ]


def test_a_number_that_an_import_brought_is_refused_with_a_sentence(clerk, company, eva):
    InvoiceFactory(company=company, number="1001", buyer_name="Borg AB")
    InvoiceFactory(company=company, number="1002")
    invoice = drafted(clerk, company, eva, row())
    response = clerk.post(url("invoice_issue", company, invoice.pk), follow=True)
    assert "Number 1001 is taken by an invoice to Borg AB. Nothing was issued." in toasts_of(response)
    assert "sets the next number to 1003 under Numbers and terms" in toasts_of(response)
    invoice.refresh_from_db()
    assert invoice.number is None
    assert Series.objects.get(company=company).next_number == 1001


def test_a_second_press_on_issue_takes_no_second_number(clerk, company, eva):
    invoice = drafted(clerk, company, eva, row())
    clerk.post(url("invoice_issue", company, invoice.pk))
    response = clerk.post(url("invoice_issue", company, invoice.pk), follow=True)
    assert "It was issued already, as 1001." in toasts_of(response)
    assert Series.objects.get(company=company).next_number == 1002


def test_a_reference_that_pays_another_invoice_is_refused(clerk, company, eva):
    InvoiceFactory(company=company, number="old", payment_reference="100164")
    invoice = drafted(clerk, company, eva, row())
    response = clerk.post(url("invoice_issue", company, invoice.pk), follow=True)
    assert "would get the payment reference of invoice old" in toasts_of(response)
    assert "to 1002" in toasts_of(response)


def test_an_issue_that_is_rolled_back_leaves_no_gap(clerk, company, eva, monkeypatch):
    first, second = drafted(clerk, company, eva, row()), drafted(clerk, company, eva, row())
    user = MemberFactory(company=company).user

    def fail(*args, **kwargs):
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(issuing.history, "record", fail)
        with pytest.raises(RuntimeError):
            issuing.issue(first, by=user)
    assert issuing.issue(second, by=user).number == "1001"


# --- Duplicate, delete, list ------------------------------------------------------------------------------------------


def test_duplicate_takes_the_lines_and_no_number(clerk, company, eva):
    invoice = InvoiceFactory(
        company=company, customer=eva, note="Hej",
        allowances=[{"kind": "allowance", "reason": "Rabatt", "amount": "9.25", "category": "S", "rate": "6"}],
    )  # fmt: skip
    line = invoice.lines.get()
    line.allowances = [{"kind": "charge", "reason": "Frakt", "amount": "20.00"}]
    line.net += 20
    line.save()
    response = clerk.post(url("invoice_duplicate", company, invoice.pk))
    copy = Invoice.objects.get(number=None)
    assert response["Location"] == url("invoice_edit", company, copy.pk)
    assert (copy.customer, copy.note, copy.due_on, copy.payment_reference) == (eva, "Hej", None, "")
    assert [(each.name, each.quantity, each.net) for each in copy.lines.all()] == [
        ("Medlemskap, december 2026", 1, D("329.25")),
        ("Frakt", 1, D("20.00")),
        ("Rabatt", -1, D("-9.25")),
    ]
    assert copy.net == D("340.00")


def test_delete_says_what_goes_and_takes_drafts_only(clerk, company, eva):
    invoice = drafted(clerk, company, eva, row(), row())
    page = clerk.get(url("invoice_delete", company, invoice.pk)).content.decode()
    assert "its 2 lines are gone for good" in page
    clerk.post(url("invoice_delete", company, invoice.pk))
    assert not Invoice.objects.filter(pk=invoice.pk).exists()
    kept = InvoiceFactory(company=company)
    clerk.post(url("invoice_delete", company, kept.pk))
    assert Invoice.objects.filter(pk=kept.pk).exists()


def test_drafts_in_the_list_cannot_be_ticked(clerk, company, eva):
    invoice = drafted(clerk, company, eva, row())
    issued = InvoiceFactory(company=company)
    page = lxml.html.fromstring(clerk.get(f"{url('invoices', company)}?tab=all").content)
    assert page.xpath("//tr//input[@name='ids']/@value") == [str(issued.pk)]
    page = lxml.html.fromstring(clerk.get(f"{url('invoices', company)}?tab=drafts").content)
    assert page.xpath("//td[@class='cell-number']/a/@href") == [url("invoice", company, invoice.pk)]


def test_the_form_asks_the_same_number_of_queries_whatever_its_lines(clerk, company, eva, django_assert_num_queries):
    for rows in (1, 3):
        invoice = drafted(clerk, company, eva, *(row() for _n in range(rows)))
        with django_assert_num_queries(13):
            clerk.get(url("invoice_edit", company, invoice.pk))


# --- Files ------------------------------------------------------------------------------------------------------------


def office(*names):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return made.getvalue()


def test_files_are_attached_and_taken_away(clerk, company, eva):
    invoice = drafted(clerk, company, eva, row())
    edit = url("invoice_edit", company, invoice.pk)
    files = [SimpleUploadedFile("avtal.pdf", PDF), SimpleUploadedFile("../x\r\ny/avtal.pdf", PDF + b"2")]
    assert clerk.post(edit, form(eva, row(), do="attach", version=1) | {"files": files}).status_code == 302
    assert [file.name for file in invoice.files.all()] == ["avtal.pdf", "avtal-2.pdf"]
    first = invoice.files.first()
    assert clerk.get(url("invoice_file", company, invoice.pk, first.pk)).content == PDF
    clerk.post(edit, form(eva, row(), do=f"detach:{first.pk}", version=2))
    assert [file.name for file in invoice.files.all()] == ["avtal-2.pdf"]
    for nonsense in ("detach:x", "detach:", f"detach:{invoice.pk}"):
        assert clerk.post(edit, form(eva, row(), do=nonsense, version=invoice.draft.version)).status_code < 500


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("tom.pdf", b"", "tom.pdf is empty"),
        ("virus.exe", b"MZ\x90", "cannot go along"),
        ("virus.pdf", b"MZ\x90", "cannot go along"),
        ("bild.pdf", b"\x89PNG\r\n\x1a\n", "cannot go along"),
        ("makro.docx", office("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "cannot go along"),
        ("arkiv.zip", office("a.txt"), "cannot go along"),
        ("sida.txt", b"\x00\x01", "cannot go along"),
        ("stor.pdf", PDF + b"0" * (6 * 1024**2), "At most 6 MB"),
    ],
)
def test_a_file_that_may_not_go_along_is_a_sentence(clerk, company, eva, name, content, sentence):
    response = clerk.post(
        url("invoice_new", company), form(eva, row(), do="save") | {"files": [SimpleUploadedFile(name, content)]}
    )
    assert response.status_code == 422
    assert any(sentence in error for error in errors_of(response)), errors_of(response)
    assert not Invoice.objects.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("brev.docx", office("[Content_Types].xml", "word/document.xml")),
        ("bild.png", b"\x89PNG\r\n\x1a\nx"),
        ("rader.csv", "å;1\r\n".encode()),
    ],
)
def test_files_that_may(clerk, company, eva, name, content):
    upload = {"files": [SimpleUploadedFile(name, content)]}
    clerk.post(url("invoice_new", company), form(eva, row(), do="attach") | upload)
    assert Invoice.objects.get().files.get().name == name


# --- Numbers and terms ------------------------------------------------------------------------------------------------


def test_a_manager_sets_the_next_number_never_below_one_that_exists(company, client):
    client.force_login(MemberFactory(company=company, role=Role.MANAGER).user)
    InvoiceFactory(company=company, number="1050")
    InvoiceFactory(company=company, number="999-x")
    page = url("numbers", company)
    response = client.post(page, {"prefix": "", "next_number": "1050", "payment_days": "10"})
    assert response.status_code == 422
    assert "1050 exists already. The next number is 1051 or higher." in " ".join(errors_of(response))
    assert client.post(page, {"prefix": "", "next_number": "1051", "payment_days": "10"}).status_code == 302
    series = Series.objects.get(company=company)
    assert (series.next_number, series.payment_days) == (1051, 10)
    event = Event.objects.get(what="numbers.changed")
    assert (event.about, event.data) == (company.pk, {"fields": "next_number, payment_days"})
    assert client.post(page, {"prefix": "Å", "next_number": "1051", "payment_days": "10"}).status_code == 422


def test_a_finnish_series_begins_where_references_do(client):
    company = CompanyFactory(country="FI")
    company.series.delete()
    assert numbering.open_series(company).next_number == 100
    client.force_login(MemberFactory(company=company, role=Role.MANAGER).user)
    response = client.post(url("numbers", company), {"prefix": "", "next_number": "99", "payment_days": "14"})
    assert "makes no payment reference" in " ".join(errors_of(response))


# --- The paper --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "word", "warning"),
    [
        ("sv", "Utkast", "Detta är ett utkast"),
        ("nb", "Utkast", "Dette er et utkast"),
        ("fi", "Luonnos", "Tämä on luonnos"),
        ("en", "Draft", "This is a draft"),
    ],
)
def test_a_draft_is_stamped_in_the_recipients_language_and_cannot_be_paid(clerk, company, eva, language, word, warning):
    invoice = drafted(clerk, company, eva, *(row(name=f"Rad {n}") for n in range(2)), language=language)
    printed = PdfReader(io.BytesIO(pdf.render(invoice, template=None, language=language)))
    text = " ".join(" ".join(page.extract_text().split()) for page in printed.pages)
    assert word in text
    assert warning in text
    assert "5050-1055" not in text
    invoice = issuing.issue(invoice, by=MemberFactory(company=company).user)
    printed = PdfReader(io.BytesIO(pdf.render(invoice, template=None, language=language)))
    text = " ".join(printed.pages[0].extract_text().split())
    assert word not in text
    assert "5050-1055" in text

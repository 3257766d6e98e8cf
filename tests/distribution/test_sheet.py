"""From Send to the outbox, through HTTP: the sheet shows what will happen, and nothing else happens."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse

from distribution import jobs
from distribution.actions import planning
from distribution.models import Batch, Delivery
from distribution.states import State
from invoicing.models import DocumentTemplate, Invoice
from recipients.methods import Method
from recipients.models import Role
from tests.factories import CompanyFactory, InvoiceFactory, MemberFactory, OrganisationFactory, PreferenceFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def clerk(client, outbox):
    client.force_login(outbox.clerk)
    return client


def url(name, outbox, *args):
    return reverse(f"distribution:{name}", args=[outbox.company.slug, *args])


def tick(clerk, outbox, *invoices, **more):
    """Tick these in the list and press Send…; returns the answer that holds the sheet."""
    posted = {"ids": [invoice.pk for invoice in invoices], "query": "tab=all"} | more
    return clerk.post(url("plan", outbox), posted, follow=True)


def confirm(clerk, sheet, outbox, **more):
    batch = sheet.context["batch"]
    template = outbox.company.templates.first()
    return clerk.post(url("send", outbox, batch.pk), {"template": template.pk} | more)


def test_send_puts_what_the_sheet_showed_in_the_outbox(clerk, outbox):
    first, second = outbox.invoice(), outbox.invoice()
    sheet = tick(clerk, outbox, first, second)
    assert "Send 2 invoices</button>" in sheet.content.decode()
    answer = confirm(clerk, sheet, outbox)
    assert answer["Location"] == f"{reverse('invoicing:invoices', args=[outbox.company.slug])}?tab=all"
    assert Delivery.objects.filter(state=State.WAITING).count() == 2
    page = clerk.get(answer["Location"]).content.decode()
    at = sheet.context["batch"].__class__.objects.get().leaves_at.astimezone()
    assert f"2 invoices will be sent at {at:%H:%M}." in page
    assert page.count(url("undo", outbox, sheet.context["batch"].pk)) == 2  # in the toast and in the top bar


def test_all_that_match_are_a_filter_not_a_list_of_ids(clerk, outbox):
    invoices = [outbox.invoice(number=f"{n}", buyer_name="Borg AB") for n in range(10, 13)]
    outbox.invoice(number="77", buyer_name="Lund AB")
    sheet = clerk.post(
        url("plan", outbox), {"scope": "all", "query": "q=Borg", "exclude": [invoices[0].pk]}, follow=True
    )
    confirm(clerk, sheet, outbox)
    assert set(Delivery.objects.values_list("invoice__number", flat=True)) == {"11", "12"}


def test_the_sheet_is_the_dialogs_fragment_for_htmx(clerk, outbox):
    sheet = clerk.post(url("plan", outbox), {"ids": [outbox.invoice().pk]}, headers=HTMX, follow=True)
    body = sheet.content.decode()
    assert "<html" not in body
    assert 'id="_sheet"' in body
    answer = clerk.post(url("send", outbox, sheet.context["batch"].pk), headers=HTMX)
    assert answer.status_code == 200
    assert answer["HX-Redirect"].endswith(f"/invoices/{Invoice.objects.get().pk}/delivery/")


def test_the_numbers_add_up_and_each_reason_says_what_to_do(clerk, outbox):
    settings = outbox.company.distribution
    settings.active_methods, settings.reserve_method = [Method.EMAIL, Method.OWN_PRINTER], Method.OWN_PRINTER
    settings.save()
    mailed, sent, waiting = outbox.invoice(), outbox.invoice(), outbox.invoice()
    printed = outbox.invoice(customer__email="")
    credited = outbox.invoice(is_credited=True)
    outbox.sent(sent)
    outbox.send(waiting)
    sheet = tick(clerk, outbox, mailed, printed, credited, sent, waiting)
    tally = sheet.context["tally"]
    assert (tally.going(False), tally.cannot_count, tally.before) == (2, 2, 1)
    rows = {row["method"]: row for row in sheet.context["rows"]}
    assert (rows["email"]["count"], rows["own_printer"]["count"], rows["own_printer"]["by_reserve"]) == (1, 1, 1)
    body = sheet.content.decode()
    assert "Already waiting to be sent" in body
    assert "Undo it first" in body
    assert "Credited in full" in body
    assert "1 by the reserve method" in body
    assert f"{5 * 349},00" in body.replace("\u202f", "")
    confirm(clerk, sheet, outbox)
    batch = Batch.objects.latest("opened_at")
    assert batch.selected_count == 5 == batch.deliveries.count() + batch.cannot_count + batch.left_out_count


def test_a_choice_that_is_not_possible_gives_the_default_and_says_so(clerk, outbox):
    organisation = OrganisationFactory(workspace=outbox.company.workspace)
    PreferenceFactory(organisation=organisation, method=Method.OWN_PRINTER)
    sheet = tick(clerk, outbox, outbox.invoice(), outbox.invoice(customer=None, organisation=organisation))
    assert "1 by the default method, their own is not possible" in sheet.content.decode()


def test_sending_again_changes_the_number_also_without_script(clerk, outbox):
    sent, fresh = outbox.invoice(), outbox.invoice()
    outbox.sent(sent)
    sheet = tick(clerk, outbox, sent, fresh)
    assert "Send 1 invoice</button>" in sheet.content.decode()
    batch = sheet.context["batch"]
    again = clerk.post(url("send", outbox, batch.pk), {"again": "on", "update": "1"}, follow=True)
    assert "Send 2 invoices</button>" in again.content.decode()
    assert not Delivery.objects.filter(batch=batch).exists()
    confirm(clerk, again, outbox, again="on")
    assert Delivery.objects.filter(batch=batch).count() == 2


def test_one_invoice_is_one_line(clerk, outbox):
    invoice = outbox.invoice(number="10240", email="anna@lund.example")
    body = clerk.post(url("plan", outbox), {"ids": [invoice.pk]}, follow=True).content.decode()
    assert "Send invoice 10240" in body
    assert "anna@lund.example" in body
    assert "typed on the invoice" in body
    assert "Send the invoice</button>" in body


def test_one_invoice_that_cannot_go_has_no_button(clerk, outbox):
    body = tick(clerk, outbox, outbox.invoice(customer__email="")).content.decode()
    assert "No e-mail address" in body
    assert "Type an address" in body
    assert "button--primary" not in body.split('id="_sheet"')[1].split("</form>")[0]


def test_what_changed_meanwhile_gives_a_new_sheet_and_sends_nothing(clerk, outbox):
    first, second = outbox.invoice(), outbox.invoice()
    sheet = tick(clerk, outbox, first, second)
    outbox.send(second)
    answer = confirm(clerk, sheet, outbox)
    assert answer.status_code == 409
    body = answer.content.decode()
    assert "1 invoice changed while you were looking. New counts below." in body
    assert "Send 1 invoice</button>" in body
    assert not Delivery.objects.filter(batch=sheet.context["batch"]).exists()
    confirm(clerk, answer, outbox)
    assert Delivery.objects.filter(batch=answer.context["batch"]).get().invoice == first


def test_a_double_click_and_the_back_button_make_one_batch(clerk, outbox):
    sheet = tick(clerk, outbox, outbox.invoice())
    batch_page = url("batch", outbox, sheet.context["batch"].pk)
    confirm(clerk, sheet, outbox)
    assert confirm(clerk, sheet, outbox)["Location"] == batch_page
    assert clerk.get(url("sheet", outbox, sheet.context["batch"].pk))["Location"] == batch_page
    assert Delivery.objects.count() == 1


def test_two_browsers_with_a_sheet_each_send_once(clerk, outbox):
    invoice = outbox.invoice()
    mine, theirs = tick(clerk, outbox, invoice), tick(clerk, outbox, invoice)
    assert confirm(clerk, mine, outbox).status_code == 302
    assert confirm(clerk, theirs, outbox).status_code == 409
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize("headers, status", [({}, 422), (HTMX, 422)])
def test_nothing_ticked_is_said(clerk, outbox, headers, status):
    answer = clerk.post(url("plan", outbox), {"query": ""}, headers=headers)
    assert answer.status_code == status
    assert "Nothing is ticked" in answer.content.decode()
    assert not Batch.objects.exists()


def test_more_than_the_limit_is_refused_with_a_sentence(clerk, outbox, settings):
    settings.SENDING = {**settings.SENDING, "batch_max": 1}
    answer = tick(clerk, outbox, outbox.invoice(), outbox.invoice())
    assert answer.status_code == 422
    assert "2 invoices are ticked" in answer.content.decode()
    assert "At most 1 can be sent at a time" in answer.content.decode()


def test_another_companys_invoice_is_not_there(clerk, outbox):
    for ids in ([InvoiceFactory().pk], [outbox.invoice().pk, uuid4()], ["1"]):
        assert clerk.post(url("plan", outbox), {"ids": ids}).status_code == 404
    stranger = planning.plan(InvoiceFactory().company, {"query": ""}, by=outbox.clerk)
    assert clerk.get(url("sheet", outbox, stranger.pk)).status_code == 404
    assert clerk.post(url("send", outbox, stranger.pk)).status_code == 404


def test_a_large_batch_wants_its_number_typed(clerk, outbox, settings):
    settings.SENDING = {**settings.SENDING, "typed_confirmation_over": 1}
    sheet = tick(clerk, outbox, outbox.invoice(), outbox.invoice())
    assert 'name="number"' in sheet.content.decode()
    for typed in ("", "3"):
        answer = confirm(clerk, sheet, outbox, number=typed)
        assert answer.status_code == 422
        assert "Type 2, the number of invoices that leave." in answer.content.decode()
    assert not Delivery.objects.exists()
    assert confirm(clerk, sheet, outbox, number=" 2 ").status_code == 302


def test_a_large_plan_opens_at_once_and_asks_for_itself_until_it_is_made(clerk, outbox, monkeypatch):
    monkeypatch.setattr(planning, "PLAN_AT_ONCE", 1)
    outbox.invoice(), outbox.invoice()
    sheet = clerk.post(url("plan", outbox), {"scope": "all", "query": ""}, follow=True)
    batch = sheet.context["batch"]
    assert 'hx-trigger="every 1s"' in sheet.content.decode()
    assert "button--primary" not in sheet.content.decode().split('id="_sheet"')[1].split("</section>")[0]
    assert clerk.post(url("send", outbox, batch.pk))["Location"] == url("sheet", outbox, batch.pk)
    jobs.plan(batch.pk)
    planned = clerk.get(url("sheet", outbox, batch.pk), headers=HTMX).content.decode()
    assert "every 1s" not in planned
    assert "Send 2 invoices</button>" in planned


def test_each_row_of_the_sheet_opens_as_a_list(clerk, outbox):
    sheet = tick(clerk, outbox, outbox.invoice(number="GOES"), outbox.invoice(number="STAYS", customer__email=""))
    at = url("sheet", outbox, sheet.context["batch"].pk)
    assert "GOES" in clerk.get(at, {"method": "email"}).content.decode()
    stays = clerk.get(at, {"reason": "no_email"}).content.decode()
    assert "STAYS" in stays
    assert "GOES" not in stays


def test_the_template_that_was_used_last_is_chosen_and_can_be_seen_first(clerk, outbox):
    other = DocumentTemplate.objects.create(company=outbox.company, name="Zebra")
    foreign = CompanyFactory().templates.first()
    confirm(clerk, tick(clerk, outbox, outbox.invoice()), outbox, template=other.pk)
    sheet = tick(clerk, outbox, invoice := outbox.invoice(), outbox.invoice())
    assert f'value="{other.pk}" selected' in sheet.content.decode()
    shown = confirm(clerk, sheet, outbox, template=other.pk, preview="1")["Location"]
    assert shown.endswith(f"/preview/?template={other.pk}")
    assert str(invoice.pk) in shown or str(Invoice.objects.latest("created_at").pk) in shown
    assert confirm(clerk, sheet, outbox, template=foreign.pk).status_code == 422


def test_a_company_without_an_undo_window_is_told_that_it_leaves_at_once(clerk, outbox):
    outbox.company.distribution.undo_minutes = 0
    outbox.company.distribution.save()
    sheet = tick(clerk, outbox, outbox.invoice(), outbox.invoice())
    assert "Leaves at once." in sheet.content.decode()
    page = clerk.get(confirm(clerk, sheet, outbox)["Location"]).content.decode()
    assert "2 invoices are being sent." in page
    assert 'class="outgoing"' not in page


def test_sums_are_kept_apart_by_currency(clerk, outbox):
    sheet = tick(clerk, outbox, outbox.invoice(), outbox.invoice(currency="EUR", payable=Decimal("10.00")))
    assert "349,00\u00a0kr" in sheet.content.decode()
    assert "10,00\u00a0€" in sheet.content.decode()


def test_a_viewer_may_neither_plan_nor_send(client, outbox):
    client.force_login(MemberFactory(company=outbox.company, role=Role.VIEWER).user)
    batch = outbox.plan(outbox.invoice())
    assert client.post(url("plan", outbox), {"ids": []}).status_code == 403
    assert client.get(url("sheet", outbox, batch.pk)).status_code == 403
    assert client.post(url("send", outbox, batch.pk)).status_code == 403


@pytest.mark.parametrize("rows", [1, 3, 40])
def test_sheet_and_confirmation_take_the_same_queries(clerk, outbox, rows, django_assert_num_queries):
    outbox.send(outbox.invoice())  # what is looked up once in a process
    # one more than asked for: the sheet of a single invoice is another one
    sheet = tick(clerk, outbox, *(outbox.invoice() for _n in range(rows + 1)))
    batch = sheet.context["batch"]
    with django_assert_num_queries(12):
        clerk.get(url("sheet", outbox, batch.pk), headers=HTMX)
    with django_assert_num_queries(28):
        assert confirm(clerk, sheet, outbox).status_code == 302
    assert Delivery.objects.filter(batch=batch).count() == rows + 1
    assert batch.opened_at - Batch.objects.get(pk=batch.pk).confirmed_at < timedelta(0)


def test_a_name_that_no_font_has_is_a_warning_in_the_sheet(clerk, outbox):
    plain, strange = outbox.invoice(buyer_name="Łukasz Żółw"), outbox.invoice(buyer_name="Åsa 语 Lindqvist")
    assert "No font here has" not in tick(clerk, outbox, plain).content.decode()
    assert "No font here has 语." in tick(clerk, outbox, plain, strange).content.decode()

"""What a change of settings would do, said before it is saved; and the live tester beside the form. Through HTTP."""

from decimal import Decimal

import pytest
from django.urls import reverse

from distribution import what_if
from distribution.actions.setting_up import Stale, change_settings
from distribution.models import Delivery, Settings
from distribution.states import State
from distribution.views import distribution_settings
from distribution.what_if import WhatIf
from recipients.methods import Method
from recipients.models import Company, Event, Role
from tests.factories import (
    CompanyFactory,
    CustomerFactory,
    DeliveryFactory,
    InvoiceFactory,
    MemberFactory,
    OrganisationFactory,
    PreferenceFactory,
)

HTMX = {"HX-Request": "true"}


@pytest.fixture
def manager(client, outbox):
    client.force_login(MemberFactory(company=outbox.company, role=Role.MANAGER, user__name="Mia Lund").user)
    Settings.objects.filter(company=outbox.company).update(active_methods=["email", "own_printer"])
    return client


def address(outbox):
    return reverse("distribution:settings", args=[outbox.company.slug])


def form(outbox, **changes):
    return {
        "active_methods": ["email", "own_printer"],
        "default_method": "email",
        "reserve_method": "",
        "undo_minutes": "5",
        "sender_prefix": outbox.company.distribution.sender_prefix,
        "sender_name": "",
        "reply_to": "",
        "links_to_organisation": "on",
    } | changes


def to_print(outbox):
    return form(outbox, default_method="own_printer")


def stored(outbox):
    return Settings.objects.select_related("company").get(company=outbox.company)


def confirmed(response, **more):
    """What the page would post: the typed values and the key of what it answered."""
    posted = {}
    for name, value in response.context["typed"]:
        posted.setdefault(name, []).append(value)
    return posted | {"key": response.context["found"].key} | more


# --- What if ----------------------------------------------------------------------------------------------------------


def test_what_a_change_does_is_said_first_and_saved_when_confirmed(manager, outbox):
    mailed = outbox.invoice(payable=Decimal("1000.00"))
    outbox.invoice(payable=Decimal("200.00"), kind="credit")
    PreferenceFactory(customer=outbox.invoice().customer, method=Method.OWN_PRINTER)
    response = manager.post(address(outbox), to_print(outbox))
    page = response.content.decode()
    assert response.status_code == 200
    assert "2 invoices go another way" in page
    assert "of 3 to send" in page
    found = response.context["found"]
    assert found.ways == {"email": [2, 0], "own_printer": [1, 3]}
    (change,) = found.changes
    assert (change.count, change.sums) == (2, {"SEK": Decimal("800.00")})
    assert change.examples[0][0] == mailed
    assert mailed.customer.email not in change.examples[0][2].address
    assert stored(outbox).default_method == "email"
    assert not Event.objects.filter(what="settings.changed").exists()
    assert "Settings saved." in manager.post(address(outbox), confirmed(response), follow=True).content.decode()
    assert stored(outbox).default_method == "own_printer"
    assert stored(outbox).active_methods == ["email", "own_printer"]


def test_what_could_not_be_sent_any_more_is_a_warning_with_its_reason(manager, outbox):
    outbox.invoice()
    response = manager.post(address(outbox), form(outbox, active_methods=[]))
    page = response.content.decode()
    assert "1 invoice cannot be sent any more" in page
    assert "Method not active for this company" in page
    assert response.context["found"].ways == {"email": [1, 0], "": [0, 1]}


def test_some_that_cannot_be_sent_any_more_are_told_apart(manager, outbox):
    PreferenceFactory(customer=outbox.invoice().customer, method=Method.OWN_PRINTER)
    nowhere = CustomerFactory(workspace=outbox.company.workspace, email="")
    outbox.invoice(customer=nowhere)
    PreferenceFactory(customer=nowhere, method=Method.OWN_PRINTER)
    page = manager.post(address(outbox), form(outbox, active_methods=["email"])).content.decode()
    assert "2 invoices go another way" in page
    assert "1 of them cannot be sent any more." in page


def test_an_address_that_changes_is_a_change_too(manager, outbox):
    body = OrganisationFactory(workspace=outbox.company.workspace, email="info@borg.example")
    eva = CustomerFactory(workspace=outbox.company.workspace, organisation=body, email="eva@home.example")
    outbox.invoice(customer=eva)
    page = manager.post(address(outbox), form(outbox, links_to_organisation="")).content.decode()
    assert "info@borg.example before, then eva@home.example" in page
    assert Company.objects.get(pk=outbox.company.pk).links_to_organisation


@pytest.mark.parametrize("state", [{"number": None}, {"is_credited": True}, {"sent_at": "2026-11-20T12:00Z"}])
def test_where_nothing_is_affected_it_is_saved_at_once(manager, outbox, state):
    outbox.invoice(**state)
    InvoiceFactory()  # of another company
    assert manager.post(address(outbox), to_print(outbox)).status_code == 302
    assert stored(outbox).default_method == "own_printer"


def test_a_change_that_routes_nothing_is_saved_at_once(manager, outbox):
    outbox.invoice()
    assert manager.post(address(outbox), form(outbox, undo_minutes="7")).status_code == 302
    assert stored(outbox).undo_minutes == 7


def test_what_waits_by_a_method_that_is_switched_off_is_said_and_does_fail(manager, outbox):
    batch = outbox.sent_and_ready(outbox.invoice(), outbox.invoice())
    off = form(outbox, active_methods=["own_printer"], default_method="own_printer")
    response = manager.post(address(outbox), off)
    page = response.content.decode()
    assert "2 wait to leave: E-mail." in page
    assert f"{reverse('distribution:deliveries', args=[outbox.company.slug])}?tab=waiting&amp;method=email" in page
    assert response.context["found"].fails == {"email": 2}
    manager.post(address(outbox), confirmed(response))
    outbox.close_window(batch)
    outbox.deliver()
    assert list(Delivery.objects.values_list("state", "reason")) == [(State.FAILED, "method_off")] * 2


def test_paper_that_waits_for_its_download_does_not_fail(manager, outbox):
    DeliveryFactory(invoice=outbox.invoice(in_flight="waiting"), state="waiting", method="own_printer", address="")
    assert manager.post(address(outbox), form(outbox, active_methods=["email"])).status_code == 302
    assert "fails if you switch it off" not in manager.get(address(outbox)).content.decode()
    assert "1 waits to be downloaded" in manager.get(address(outbox)).content.decode()


def test_back_keeps_what_was_typed_and_stores_nothing(manager, outbox):
    outbox.invoice()
    response = manager.post(address(outbox), form(outbox, default_method="own_printer", sender_name="Gymmet"))
    back = manager.post(address(outbox), confirmed(response, back="1"))
    assert back.status_code == 200
    assert back.context["form"]["default_method"].value() == "own_printer"
    assert 'value="Gymmet"' in back.content.decode()
    assert "data-unsaved" not in back.content.decode()  # the bar stands there from the start
    assert stored(outbox).default_method == "email"


def test_a_confirmation_counts_for_the_change_that_was_shown_and_no_other(manager, outbox):
    outbox.invoice()
    response = manager.post(address(outbox), to_print(outbox))
    Settings.objects.filter(company=outbox.company).update(reserve_method="own_printer")  # somebody else, meanwhile
    again = manager.post(address(outbox), confirmed(response))
    assert again.status_code == 200
    assert again.context["found"].key != response.context["found"].key
    assert stored(outbox).default_method == "email"
    assert manager.post(address(outbox), confirmed(again)).status_code == 302
    assert stored(outbox).default_method == "own_printer"


def test_a_change_is_not_stored_over_one_that_nobody_looked_at(outbox):
    before, after = stored(outbox), stored(outbox)
    after.undo_minutes = 9
    Settings.objects.filter(company=outbox.company).update(sends_to_document_address=True)
    with pytest.raises(Stale):
        change_settings(after, ["undo_minutes"], before=before, by=outbox.clerk)
    assert stored(outbox).undo_minutes == 5


def test_who_is_late_by_a_moment_is_asked_anew(manager, outbox, monkeypatch):
    """Somebody else's change comes between the look at the settings and the save."""
    outbox.invoice(document_email="doc@borg.example")
    calls = []

    def first_somebody_else(*args, **kwargs):
        if not calls:
            calls.append(args)
            Settings.objects.filter(company=outbox.company).update(reserve_method="own_printer")
        return change_settings(*args, **kwargs)

    monkeypatch.setattr(distribution_settings, "change_settings", first_somebody_else)
    response = manager.post(address(outbox), form(outbox, undo_minutes="7"), follow=True)
    assert "Settings saved." in response.content.decode()
    assert (stored(outbox).undo_minutes, stored(outbox).reserve_method) == (7, "")  # as the form said


@pytest.mark.parametrize("size", [1, 3])
def test_the_answer_costs_the_same_queries_for_one_and_for_many(outbox, size, django_assert_num_queries):
    for _ in range(size):
        outbox.invoice()
    before, after = stored(outbox), stored(outbox)
    after.active_methods, after.default_method = ["own_printer"], "own_printer"
    with django_assert_num_queries(3):
        assert WhatIf.of(before, after).moved == size


def test_where_there_are_very_many_the_newest_are_looked_at_and_it_is_said(manager, outbox, monkeypatch):
    monkeypatch.setattr(what_if, "LOOKED_AT", 2)
    for day in ("2026-11-01", "2026-11-02", "2026-11-03"):
        outbox.invoice(issued_on=day, due_on=None)
    response = manager.post(address(outbox), to_print(outbox))
    assert "of the newest 2 to send; there are more" in response.content.decode()
    assert response.context["found"].moved == 2


# --- The tester -------------------------------------------------------------------------------------------------------


def tried(client, outbox, text, **typed):
    """The tester's answer as a page without script shows it; with `typed` settings, as htmx asks for it."""
    return client.get(address(outbox), {"test": text} | typed, headers=HTMX if typed else {}).content.decode()


def test_a_customer_an_organisation_and_an_invoice_are_found_by_number(manager, outbox):
    invoice = outbox.invoice(email="only@this.example")
    body = OrganisationFactory(workspace=outbox.company.workspace, email="info@borg.example")
    assert f"Used: {invoice.customer.email}, from the customer" in tried(manager, outbox, invoice.customer.number)
    assert "Used: info@borg.example, from the organisation" in tried(manager, outbox, body.number)
    page = tried(manager, outbox, f" {invoice.number} ")
    assert "Used: only@this.example, typed on the invoice" in page
    assert "With the settings as they are saved." in page


def test_why_not_and_what_to_do(manager, outbox):
    eva = CustomerFactory(workspace=outbox.company.workspace, email="")
    PreferenceFactory(customer=eva, method=Method.EINVOICE)
    page = tried(manager, outbox, eva.number)
    assert "Method not available here" in page
    assert "No way: No e-mail address." in page
    assert "Type an address on the invoice" in page


def test_an_invoice_that_cannot_be_sent_anyway_says_so(manager, outbox):
    credited, sent = outbox.invoice(is_credited=True), outbox.invoice(sent_at="2026-11-20T12:00Z")
    assert "Credited in full." in tried(manager, outbox, credited.number)
    assert "Sent before." in tried(manager, outbox, sent.number)


def test_several_are_a_list_to_choose_from_and_none_is_a_sentence(manager, outbox):
    workspace = outbox.company.workspace
    eva, evert = (CustomerFactory(workspace=workspace, name=name) for name in ("Eva Ek", "Evert Ek"))
    CustomerFactory(name="Eva Främling")  # of another workspace
    page = tried(manager, outbox, "ev")
    assert "Several match." in page
    assert page.index("Eva Ek") < page.index("Evert Ek")
    assert "Främling" not in page
    assert f"Used: {evert.email}" in tried(manager, outbox, "Evert")
    chosen = manager.get(address(outbox), {"test": "ev", "pick": str(eva.pk)}).content.decode()
    assert f"Used: {eva.email}" in chosen
    assert "Nothing here is called Främling." in tried(manager, outbox, "Främling")
    assert manager.get(address(outbox), {"test": "ev", "pick": "x'"}).status_code == 200


def test_it_is_tried_with_what_is_typed_and_says_so(manager, outbox):
    eva = CustomerFactory(workspace=outbox.company.workspace)
    page = tried(manager, outbox, eva.number, **to_print(outbox))
    assert "Own printer" in page
    assert "With what is typed here and not saved yet: Default method." in page
    assert f"As saved now: E-mail to {eva.email}, from the customer." in page
    assert "<html" not in page
    assert stored(outbox).default_method == "email"
    wrong = tried(manager, outbox, eva.number, **form(outbox, active_methods=["own_printer"]))
    assert "This method is not active." in wrong
    assert "Then it can be tried." in wrong


def test_who_may_not_change_tries_with_what_is_saved(client, outbox):
    client.force_login(MemberFactory(company=outbox.company, role=Role.VIEWER).user)
    eva = CustomerFactory(workspace=outbox.company.workspace)
    page = tried(client, outbox, eva.number, **to_print(outbox))
    assert f"Used: {eva.email}" in page
    assert "With the settings as they are saved." in page


def test_an_invoice_of_another_company_is_not_found(manager, outbox):
    other = InvoiceFactory(company=CompanyFactory(workspace=outbox.company.workspace), number="77001")
    assert f"Nothing here is called {other.number}." in tried(manager, outbox, other.number)

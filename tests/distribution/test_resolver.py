"""Who gets what: chosen x active x default x reserve x data present, with every method as data."""

import pytest

from distribution.channels.base import Address, Channel, Objection, Recipient
from distribution.channels.email import Email
from distribution.channels.own_printer import OwnPrinter
from distribution.models import Settings
from distribution.reasons import Reason
from distribution.resolver import Route, resolve, routes
from invoicing.models import Invoice
from recipients.methods import Method
from tests.factories import (
    CustomerFactory,
    InvoiceFactory,
    InvoiceReferenceFactory,
    OrganisationFactory,
    PreferenceFactory,
)

MAIL, PRINT, EINV, GIRO, OWN = "email", "central_print", "einvoice", "autogiro", "own_printer"


class Letter(Channel):
    """Central print as the resolver sees it: wants a complete postal address."""

    method = Method.CENTRAL_PRINT

    def address(self, recipient):
        card = recipient.levels[0][1]
        if not (card.street and card.postcode and card.city):
            raise Objection("incomplete_address")
        return Address(card.postcode, recipient.levels[0][0])


class Operator(Channel):
    """E-invoice as the resolver sees it: wants a participant id."""

    method = Method.EINVOICE

    def address(self, recipient):
        endpoint = getattr(recipient.levels[0][1], "endpoint", "")
        if not endpoint:
            raise Objection("no_endpoint")
        return Address(endpoint, recipient.levels[0][0])


class Debit(Channel):
    """Autogiro as the resolver sees it: nobody here has a mandate."""

    method = Method.AUTOGIRO

    def address(self, recipient):
        raise Objection("no_mandate")


ALL = {c.method: c for c in (Email(), OwnPrinter(), Letter(), Operator(), Debit())}

WHO_GETS_WHAT = [
    # chosen, active, default, reserve, has -> method or reason
    ("", {MAIL}, MAIL, "", {"email"}, MAIL),
    ("", {MAIL}, MAIL, "", set(), Reason.NO_EMAIL),
    ("", {MAIL, PRINT}, MAIL, PRINT, {"post"}, PRINT),  # BRP-54
    ("", {MAIL, PRINT}, PRINT, MAIL, {"email"}, MAIL),  # BRP-55
    ("", {MAIL, PRINT}, MAIL, PRINT, set(), Reason.NO_EMAIL),  # BRP-56
    (EINV, {EINV, MAIL, PRINT}, MAIL, PRINT, {"email", "post"}, MAIL),  # BRP-50b: not the reserve
    (EINV, {EINV, MAIL, PRINT}, MAIL, PRINT, {"email", "post", "endpoint"}, EINV),
    (EINV, {MAIL, PRINT}, MAIL, PRINT, {"email", "endpoint"}, MAIL),  # BRP-51: chosen, but not active here
    (MAIL, {PRINT}, PRINT, "", {"email", "post"}, PRINT),
    (MAIL, {MAIL, PRINT}, PRINT, "", {"post"}, PRINT),  # BRP-50
    (MAIL, {MAIL}, MAIL, MAIL, set(), Reason.NO_EMAIL),  # each method is tried once
    (GIRO, {GIRO, MAIL}, MAIL, "", {"email"}, MAIL),
    (GIRO, {GIRO, MAIL, PRINT}, MAIL, PRINT, {"post"}, PRINT),
    (OWN, {OWN, MAIL}, MAIL, "", set(), OWN),
    (PRINT, {PRINT, MAIL}, MAIL, "", {"post", "email"}, PRINT),
    ("", set(), MAIL, "", {"email"}, Reason.NOT_ACTIVE),
    ("", {PRINT}, MAIL, PRINT, {"email"}, "incomplete_address"),  # what can be mended goes before what is off
    ("", {MAIL, OWN}, MAIL, OWN, set(), OWN),
]


def recipient_with(has, chosen):
    body = OrganisationFactory.build(
        email="inkop@borg.example" if "email" in has else "",
        street="Box 1" if "post" in has else "",
        postcode="111 22" if "post" in has else "",
        city="Stockholm" if "post" in has else "",
        endpoint="0007:5560360793" if "endpoint" in has else "",
    )
    invoice = Invoice(organisation=body)
    choices = {body.pk: chosen} if chosen else {}
    return Recipient(invoice, uses_document_address=False, organisation_first=True), choices


@pytest.mark.parametrize("chosen, active, default, reserve, has, expected", WHO_GETS_WHAT)
def test_who_gets_what(chosen, active, default, reserve, has, expected):
    recipient, choices = recipient_with(has, chosen)
    settings = Settings(active_methods=list(active), default_method=default, reserve_method=reserve)
    route = resolve(recipient, choices, settings, channels=ALL)
    assert (route.method or route.reason) == expected
    used = [step["method"] for step in route.because if step["verdict"] == "used"]
    assert used == ([route.method] if route.method else [])


def test_a_method_without_a_channel_falls():
    recipient, choices = recipient_with({"email"}, EINV)
    settings = Settings(active_methods=[EINV, MAIL], default_method=MAIL)
    route = resolve(recipient, choices, settings, channels={Method.EMAIL: Email()})
    assert route.method == MAIL
    assert route.because[0]["verdict"] == Reason.NO_CHANNEL


def route_of(outbox, invoice):
    ((_invoice, route),) = routes(Invoice.objects.filter(pk=invoice.pk), outbox.company)
    return route


@pytest.fixture
def borg(outbox):
    """Eva Lund of Borg AB with its reference 4711, each with an address of its own; and an invoice to all three."""
    body = OrganisationFactory(workspace=outbox.company.workspace, email="info@borg.example")
    reference = InvoiceReferenceFactory(organisation=body, code="4711", email="inkop@borg.example")
    person = CustomerFactory(workspace=outbox.company.workspace, organisation=body, email="eva@home.example")
    return InvoiceFactory(company=outbox.company, customer=person, organisation=body, reference=reference)


def without(card, **fields):
    for name, value in fields.items():
        setattr(card, name, value)
    card.save()


def test_the_reference_before_the_organisation_before_the_person(outbox, borg):
    assert route_of(outbox, borg).address == "inkop@borg.example"
    without(borg.reference, email="")
    assert route_of(outbox, borg).address == "info@borg.example"
    without(borg.organisation, email="")
    assert route_of(outbox, borg).address == "eva@home.example"


def test_the_invoice_address_goes_before_the_ordinary_one_on_each_level(outbox, borg):
    without(borg.organisation, invoice_email="faktura@borg.example")
    assert route_of(outbox, borg).address == "inkop@borg.example"
    without(borg.reference, email="")
    assert route_of(outbox, borg).address == "faktura@borg.example"


def test_typed_text_goes_before_everything(outbox, borg):
    borg.email = "only@this.example"
    borg.save()
    route = route_of(outbox, borg)
    assert (route.address, route.because[0]["source"]) == ("only@this.example", "typed")


def test_the_documents_address_counts_when_the_setting_is_on(outbox, borg):
    borg.document_email = "doc@borg.example"
    borg.save()
    assert route_of(outbox, borg).address == "inkop@borg.example"
    without(outbox.company.distribution, sends_to_document_address=True)
    assert route_of(outbox, borg).address == "doc@borg.example"


def test_without_the_link_the_person_is_used_and_the_organisation_only_where_there_is_no_person(outbox, borg):
    outbox.company.links_to_organisation = False
    outbox.company.save()
    assert route_of(outbox, borg).address == "eva@home.example"
    borg.customer = None
    borg.save()
    assert route_of(outbox, borg).address == "inkop@borg.example"


def test_the_persons_organisation_counts_also_when_the_invoice_does_not_name_it(outbox, borg):
    borg.organisation = borg.reference = None
    borg.save()
    assert route_of(outbox, borg).address == "info@borg.example"


def test_the_method_comes_from_the_first_level_that_states_one(outbox, borg):
    without(outbox.company.distribution, active_methods=[MAIL, OWN], default_method=MAIL)
    PreferenceFactory(customer=borg.customer, method=OWN)
    assert route_of(outbox, borg).method == OWN
    PreferenceFactory(organisation=borg.organisation, method=MAIL)
    assert route_of(outbox, borg).method == MAIL
    PreferenceFactory(reference=borg.reference, method=OWN)
    route = route_of(outbox, borg)
    assert (route.method, route.because[0]["level"]) == (OWN, "reference")


def test_a_preference_for_this_company_goes_before_a_general_one(outbox, borg):
    without(outbox.company.distribution, active_methods=[MAIL, OWN], default_method=MAIL)
    PreferenceFactory(organisation=borg.organisation, method=OWN, company=outbox.company)
    PreferenceFactory(organisation=borg.organisation, method=MAIL)
    assert route_of(outbox, borg).method == OWN


def test_a_route_says_why_rung_by_rung(outbox, borg):
    without(outbox.company.distribution, active_methods=[MAIL, OWN], default_method=MAIL, reserve_method=OWN)
    PreferenceFactory(organisation=borg.organisation, method=EINV)
    assert route_of(outbox, borg) == Route(
        method=MAIL,
        address="inkop@borg.example",
        because=[
            {"rung": "chosen", "method": EINV, "level": "organisation", "source": "", "verdict": "no_channel"},
            {"rung": "default", "method": MAIL, "level": "", "source": "reference", "verdict": "used"},
            {"rung": "reserve", "method": OWN, "level": "", "source": "", "verdict": "not_needed"},
        ],
    )


@pytest.mark.parametrize("size", [1, 3])
def test_a_page_of_routes_costs_two_queries(outbox, size, django_assert_num_queries):
    for _ in range(size):
        outbox.invoice()
    with django_assert_num_queries(2):
        assert len(list(routes(Invoice.objects.all(), outbox.company))) == size

"""Every screen of the product: who looks, where it is, and what is pressed there first."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from django.contrib.sessions.backends.db import SessionStore
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from distribution.actions import planning, preparing
from distribution.actions.setting_up import open_company
from distribution.channels import postal
from distribution.demo import invoices, story
from distribution.models import Answer, Batch, Connection, Delivery, Parcel
from distribution.models.connection import UNTIL_RESUMED
from distribution.states import State
from invoicing.models import Invoice
from recipients.actions.people import login_link
from recipients.methods import Method
from recipients.models import Company, Customer, Member, Role, SavedView, Upload
from recipients.second_factor import factors
from tests.demo.sink import DEMO_PLAN
from tests.distribution.test_posting import PrintHouse
from tests.factories import (
    CompanyFactory,
    ConnectionFactory,
    CustomerFactory,
    DeliveryFactory,
    InvoiceFactory,
    MemberFactory,
)
from tests.factors import give_app

A_KEY, ANOTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB=="
GOOD = [["resolve", True, "", "203.0.113.7"], ["connect", True, "", "SSH-2.0-OpenSSH_9.2"], ["login", True, "", ""]]


class Office:
    """The demo's company and one that has just begun, and where their pages are."""

    def __init__(self, house):
        house.plan(*DEMO_PLAN)
        for worker in ("deliver", "qcluster"):  # the story does their work itself
            house.processes[worker].stop()
        folders = house.environment["CONNECTION_FOLDERS"]
        with override_settings(MAIL_SINK=f"127.0.0.1:{house.sink_port}", CONNECTION_FOLDERS=folders):
            story.tell(invoices.FEWEST, say=lambda sentence: house.write("story", sentence))
        self.printing = self.print_house(house.folder / "print")
        house.start("deliver", "qcluster")
        self.company = Company.objects.get(slug="fjordgym")
        self.newcomer = MemberFactory(company=CompanyFactory(slug="nyborjaren"), role=Role.MANAGER)
        self.connection = Connection.objects.get(company=self.company)
        self.impostor = ConnectionFactory(
            company=self.company, method="einvoice", host_key=A_KEY, shown_key=ANOTHER_KEY, tested_at=timezone.now(),
            test_steps=[*GOOD[:2], ["host_key", False, "changed_host_key", "shown SHA256:x, accepted SHA256:y"]],
        )  # fmt: skip
        # In the sister company, since each of its pages says so.
        self.sister = Company.objects.get(slug="fjordgym-norge")
        self.braked = ConnectionFactory(
            company=self.sister, profile="imail", brake={"why": "failures"}, paused_until=UNTIL_RESUMED,
            trouble="login", pause_reason="530 Login incorrect.", test_steps=GOOD, tested_at=timezone.now(),
        )  # fmt: skip

    def print_house(self, folder):
        """The manager of a company that sends letters: one batch is with the provider, one waits, one cannot go."""
        company = CompanyFactory(
            slug="brevgymmet", name="Brevgymmet AB", distribution__default_method="central_print",
            distribution__active_methods=["email", "central_print"], distribution__letter_price="9.50",
        )  # fmt: skip
        ConnectionFactory(company=company, kind="folder", folder="out", test_steps=GOOD, tested_at=timezone.now())
        (folder / company.slug / "out").mkdir(parents=True)
        member = MemberFactory(company=company, role=Role.MANAGER)
        letters = PrintHouse(company, member.user, folder / company.slug / "out")
        lost = CustomerFactory(workspace=company.workspace, street="", postcode="", city="", email="")
        nowhere = {"buyer_street": "", "buyer_postcode": "", "buyer_city": ""}
        with override_settings(CONNECTION_FOLDERS=str(folder)):
            letters.posted(*(letters.invoice() for _n in range(3)), letters.invoice(customer=lost, **nowhere))
        letters.built(*(letters.invoice() for _n in range(2)))
        self.printed = letters.invoice()
        for _n in range(3):
            DeliveryFactory(invoice=self.printed, method="central_print", finished_at=timezone.now())
        letters.invoice()
        letters.invoice(customer=lost, **nowhere)
        return member

    def of_letters(self, name, *args, query=""):
        return reverse(name, args=[self.printing.company.slug, *args]) + query

    def letter(self, state):
        return Delivery.objects.of(self.printing.company).filter(state=state).exclude(parcel=None).first()

    def second_step(self):
        self.login_of("careful")
        return reverse("recipients:login")

    def letters_sheet(self):
        selection = {"query": "tab=all", "exclude": []}
        return planning.plan(self.printing.company, selection, by=self.printing.user)

    def login_of(self, name):
        """Somebody of a company that asks for a second factor: "careless" has none, "careful" an app."""
        company, _new = Company.objects.get_or_create(
            slug="noggranna",
            defaults={"name": "Noggranna Gym AB", "workspace": self.company.workspace, "requires_second_factor": True},
        )
        if _new:
            open_company(company)
        email = f"{name}@noggranna.test"
        member = Member.objects.filter(user__email=email).first()
        if member is None:
            member = MemberFactory(company=company, role=Role.MANAGER, user__email=email, user__name="Nora Grann")
            if name == "careful":
                give_app(member.user)
        return member

    def of_careful(self, name, *args, query=""):
        return reverse(name, args=[self.login_of("careful").company.slug, *args]) + query

    def factor_of(self, name):
        return reverse("recipients:profile_factor_remove", args=[factors(self.login_of(name).user).first().pk])

    def member(self, login):
        if login in ("careful", "careless"):
            return self.login_of(login)
        if login == "printing":
            return self.printing
        if login == "newcomer":
            return self.newcomer
        return Member.objects.get(user__email=f"{login}@demo.test", company=self.company)

    def url(self, name, row=None, query=""):
        return reverse(name, args=[self.company.slug, *([row.pk] if row else [])]) + query

    def invoice(self, **fields):
        return Invoice.objects.of(self.company).filter(**fields).first()

    def delivery(self, state):
        return Delivery.objects.of(self.company).exclude(batch=None).filter(state=state).first()

    def enveloped(self, **fields):
        """A letter of yesterday as it was prepared, and then undone where its envelope had nothing against it."""
        number = f"L-{Delivery.objects.count()}"
        invoice = InvoiceFactory(company=self.company, language="en", number=number, **fields)
        clerk, yesterday = self.member("clerk").user, timezone.now() - timedelta(days=1)
        batch = Batch.objects.create(company=self.company, by=clerk, confirmed_at=yesterday)
        row = DeliveryFactory(
            invoice=invoice, batch=batch, state=State.WAITING, method=Method.CENTRAL_PRINT,
            address=str(postal.of_invoice(invoice)), leaves_at=timezone.now() + timedelta(hours=1),
        )  # fmt: skip
        preparing.prepare_one(row.pk)
        Delivery.objects.filter(pk=row.pk).move(State.UNDONE, by=clerk)
        return row

    def batch(self, **fields):
        return Batch.objects.of(self.company).confirmed().filter(**fields).order_by("-confirmed_at").first()

    def sheet(self, company=None):
        """An open sheet over all that is to be sent."""
        selection = {"query": "tab=to_send", "exclude": []}
        return planning.plan(company or self.company, selection, by=self.member("clerk").user)

    def with_views(self):
        """Saved views: one's own as a tab, and a shared one."""
        for user, shared in (("clerk", False), ("manager", True)):
            SavedView.objects.update_or_create(
                company=self.company, by=self.member(user).user, list="invoices", name=f"From {user}",
                defaults={"is_shared": shared, "is_pinned": True, "query": "tab=sent"},
            )  # fmt: skip
        return self.url("recipients:views")

    def password_link(self):
        return login_link(self.member("viewer").user, "")

    def sheet_with_reasons(self):
        """The sister company has no reserve method."""
        return reverse("distribution:sheet", args=[self.sister.slug, self.sheet(self.sister).pk])


def give_password(page):
    page.get_by_label("E-mail address").fill("careful@noggranna.test")
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Log in", exact=True).click()
    page.get_by_role("heading", name="Second step").wait_for()


def type_a_code(page):
    page.get_by_label("The six digits").fill("000000")
    page.get_by_role("button", name="Turn it on").click()
    page.locator(".errorlist").wait_for()


def guess_a_code(page):
    give_password(page)
    page.get_by_label("Code from your app").fill("nonsense")
    page.get_by_role("button", name="Log in").click()
    page.locator(".callout--danger").wait_for()


def make_codes(page):
    """New ones, so that they are shown whoever has looked before."""
    if page.get_by_role("button", name="Make new ones").count():
        page.get_by_role("button", name="Make new ones").click()
    page.locator(".codes").wait_for()


def grow_late(page):
    """The login of this window was some hours ago."""
    [key] = [cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "sessionid"]
    session = SessionStore(key)
    session["confirmed_at"] = (timezone.now() - timedelta(hours=3)).isoformat()
    session.save()


def invite_late(page):
    grow_late(page)
    page.get_by_label("E-mail address").fill("nina@fjordgym.example")
    page.get_by_label("Name").fill("Nina Sund")
    page.get_by_role("button", name="Invite").click()
    page.get_by_role("heading", name="Confirm that it is you").wait_for()


class Screen(NamedTuple):
    path: Callable  # of the Office
    login: str = "clerk"  # "": nobody has logged in
    steps: Callable = lambda page: None  # what is done there before one looks


def at(name, query="", **more):
    """A page of the company without a row in its address."""
    return Screen(lambda office: office.url(name, query=query), **more)


def of_person(name, login):
    """The page about a member of the demo's company, as its manager sees it."""

    def path(office):
        return reverse(name, args=[office.company.slug, office.member(login).user_id])

    return Screen(path, login="manager")


def of(name, find, query="", **more):
    """A page of a row, which `find` gets from the Office."""
    return Screen(lambda office: office.url(name, find(office), query), **more)


def tick_page(page):
    page.get_by_label("Select this page").check()


def open_sheet(page):
    tick_page(page)
    page.locator("[data-bar]").get_by_role("button", name="Send…").click()
    page.get_by_role("dialog").wait_for()


def open_decision(page):
    tick_page(page)
    page.get_by_role("button", name="Arrived…").click()
    page.get_by_role("dialog").wait_for()


def credit_a_part(page):
    page.get_by_label("A part").check()
    page.get_by_label("Amount").first.fill("0")
    page.get_by_role("button", name="Issue credit note").click()
    page.get_by_role("alert").wait_for()


def pay_too_much(page):
    page.get_by_label("Amount").fill("99999")
    page.get_by_role("button", name="Register", exact=True).click()
    page.get_by_text("too much has come in").wait_for()


def open_outside(page):
    tick_page(page)
    page.locator("[data-bar] summary").click()
    page.get_by_role("button", name="Sent outside the system…").click()
    page.get_by_role("dialog").wait_for()


def open_causes(page):
    closed = page.locator("details.cause:not([open]) > summary")
    while closed.count():
        closed.first.click()


def open_part(page):
    open_sheet(page)
    page.get_by_role("dialog").get_by_role("link", name="E-mail").click()
    page.get_by_role("link", name="Back").wait_for()


def open_numbers(page):
    page.get_by_text("The numbers", exact=True).click()


def fail_to_log_in(page):
    page.get_by_label("E-mail address").fill("nobody@demo.test")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("alert").wait_for()


def type_a_wrong_prefix(page):
    page.get_by_label("Sender prefix").fill("Å")
    page.get_by_role("button", name="Save changes").click()
    page.get_by_role("alert").first.wait_for()


def add_nothing(page):
    page.get_by_role("button", name="Add connection").click()
    page.get_by_role("alert").first.wait_for()


def type_a_wrong_bankgiro(page):
    page.get_by_label("Bankgiro").fill("5050-1056")
    page.get_by_role("button", name="Save changes").click()
    page.get_by_role("alert").first.wait_for()


def take_the_name_away(page):
    page.get_by_label("Name").fill("")
    page.get_by_role("button", name="Save changes").click()
    page.get_by_role("alert").first.wait_for()


def invite_a_member(page):
    page.get_by_label("E-mail address").fill("clerk@demo.test")
    page.get_by_role("button", name="Invite").click()
    page.get_by_role("alert").first.wait_for()


def open_help(page):
    page.locator("summary[aria-label='About this page']").click()


def open_views(page):
    page.locator(".saved-views summary").click()


def open_new_view(page):
    open_views(page)
    page.get_by_role("link", name="Save this view…").click()
    page.get_by_role("dialog").wait_for()


def ask_for_password(page):
    page.get_by_label("E-mail address").fill("nobody@demo.test")
    page.get_by_role("button", name="Send the link").click()
    page.get_by_role("heading", name="Look in your mailbox").wait_for()


def find_a_recipient(page):
    page.get_by_label("Customer or organisation").press_sequentially("a")
    page.locator("#found [type=radio]").first.wait_for()


def add_a_line(page):
    before = page.locator(".line").count()
    page.get_by_role("button", name="Add a line").click()
    page.locator(".line").nth(before).wait_for()


def type_a_wrong_price(page):
    page.get_by_label("Unit price").first.fill("abc")
    page.get_by_role("button", name="Save draft").click()
    page.get_by_role("alert").first.wait_for()


def open_more(page):
    page.locator("summary[aria-label=More]").click()


def send_the_fourth(page):
    page.get_by_role("button", name="Send…").click()
    page.get_by_text("Printed three times already.").wait_for()


def type_half_an_address(page):
    page.get_by_placeholder("Street").first.fill("Storgatan 1")
    page.get_by_role("button", name="Save addresses").click()
    page.get_by_role("alert").first.wait_for()


def draft(office):
    return office.invoice(number=None)


def ask_what_if(page):
    page.get_by_label("Default method").select_option("own_printer")
    page.get_by_label("Reserve method").select_option("email")
    page.wait_for_load_state("networkidle")  # the tester answers first: what is left under way complains in the console
    page.get_by_role("button", name="Save changes").click()
    page.get_by_role("button", name="Back to change").wait_for()


def try_somebody(page):
    page.get_by_label("Customer or invoice to try").fill("an")
    page.get_by_text("Several match").wait_for()
    page.locator("#_trial a").first.click()
    page.get_by_text("With the settings as they are saved.").wait_for()


def go_back(page):
    ask_what_if(page)
    page.get_by_role("button", name="Back to change").click()
    page.get_by_role("heading", name="Distribution").wait_for()


def open_methods(page):
    tick_page(page)
    page.get_by_role("button", name="Change method…").click()
    page.get_by_role("dialog").wait_for()


def count_methods(page):
    open_methods(page)
    page.get_by_role("dialog").get_by_label("Own printer").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Change ", exact=False).last.wait_for()


def save_nothing(page):
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").first.wait_for()


def a_customer(office):
    return Customer.objects.of(office.company).exclude(organisation=None).first()


def another(office):
    return Customer.objects.of(office.company).last()


def an_organisation(office):
    return a_customer(office).organisation


def type_an_unknown_name(page):
    page.get_by_label("Subject").fill("{{ nobody }}")
    page.get_by_role("button", name="Save changes").click()
    page.get_by_role("alert").first.wait_for()


def open_names(page):
    page.get_by_text("Names that are filled in").click()


def send_a_test(page):
    page.get_by_role("button", name="Send a test to myself").click()
    page.get_by_text("The mail server took it").wait_for()


def words(kind):
    return lambda office: reverse("distribution:mail_text", args=[office.company.slug, kind, "sv"])


def a_template(office):
    return office.company.templates.first()


def a_puzzle(office):
    """The connection of the demo, over which something came that nobody understands."""
    row = office.connection
    for name, told in {
        "half.json": {"trouble": Answer.Trouble.NOT_WHOLE},
        "fler.json": {
            "unmatched_count": 21,
            "unmatched": [{"id": str(uuid.uuid4()), "status": "posted", "message": "Flyttat", "why": "unknown"}] * 21,
        },
    }.items():
        Answer.objects.update_or_create(
            company=office.company, connection=row, name=name, defaults=told | {"filed_at": timezone.now()}
        )
    return row


def open_lines(page):
    page.locator("td details summary").first.click()


def sent(office):
    return office.delivery(State.SENT)


def failed(office):
    return office.delivery(State.FAILED)


def doubt(office):
    return office.delivery(State.IN_DOUBT)


def to_print(office):
    return Parcel.objects.of(office.company).filter(method="own_printer").first().batch


def of_a_doubt(office):
    return doubt(office).batch


SCREENS = {
    "login": Screen(lambda office: reverse("recipients:login"), login=""),
    "login-refused": Screen(lambda office: reverse("recipients:login"), login="", steps=fail_to_log_in),
    **{
        f"list-{tab}": at("invoicing:invoices", f"?tab={tab}")
        for tab in ("to_send", "waiting", "attention", "sent", "overdue", "drafts", "all")
    },
    "list-ticked": at("invoicing:invoices", "?tab=to_send", steps=tick_page),
    "list-filtered": at("invoicing:invoices", "?tab=all&kind=debit&method=email&q=a"),
    "list-nothing-matches": at("invoicing:invoices", "?q=zzzz"),
    "list-viewer": at("invoicing:invoices", login="viewer"),
    "list-new": Screen(lambda office: reverse("invoicing:invoices", args=["nyborjaren"]), login="newcomer"),
    "list-done": Screen(
        lambda office: reverse("invoicing:invoices", args=["nyborjaren"]) + "?tab=waiting", login="newcomer"
    ),
    "overview": at("distribution:overview"),
    "overview-viewer": at("distribution:overview", login="viewer", steps=open_numbers),
    "overview-new": Screen(lambda office: reverse("distribution:overview", args=["nyborjaren"]), login="newcomer"),
    "notifications": at("distribution:notifications"),
    "notifications-new": Screen(
        lambda office: reverse("distribution:notifications", args=["nyborjaren"]), login="newcomer"
    ),
    "search": at("distribution:search", "?q=an"),
    "search-nothing": at("distribution:search", "?q=zzzz"),
    "search-short": at("distribution:search", "?q=z"),
    "sheet-dialog": at("invoicing:invoices", "?tab=to_send", steps=open_sheet),
    "sheet": of("distribution:sheet", lambda office: office.sheet()),
    "sheet-with-reasons": Screen(lambda office: office.sheet_with_reasons()),
    "sheet-part": of("distribution:sheet", lambda office: office.sheet(), "?method=email"),
    "sheet-part-dialog": at("invoicing:invoices", "?tab=to_send", steps=open_part),
    "batch-waiting": of("distribution:batch", lambda office: office.batch()),
    "batch-done": of("distribution:batch", of_a_doubt),
    "batch-to-print": of("distribution:batch", to_print),
    "invoice-document": of("invoicing:invoice", lambda office: sent(office).invoice),
    "invoice-delivery": of("invoicing:invoice_delivery", lambda office: sent(office).invoice),
    "invoice-delivery-failed": of("invoicing:invoice_delivery", lambda office: failed(office).invoice),
    "invoice-delivery-waiting": of("invoicing:invoice_delivery", lambda office: office.delivery(State.WAITING).invoice),
    "invoice-history": of("invoicing:invoice_history", lambda office: failed(office).invoice),
    **{
        f"deliveries-{tab}": at("distribution:deliveries", f"?tab={tab}")
        for tab in ("waiting", "sending", "doubt", "attention", "sent", "all")
    },
    "deliveries-new": Screen(lambda office: reverse("distribution:deliveries", args=["nyborjaren"]), login="newcomer"),
    "credit": of("distribution:credit", lambda office: sent(office).invoice),
    "credit-part": of(
        "distribution:credit", lambda office: office.delivery(State.WAITING).invoice, steps=credit_a_part
    ),
    "payments": of("invoicing:invoice_payments", lambda office: sent(office).invoice, steps=pay_too_much),
    "outside": at("invoicing:invoices", "?tab=all", steps=open_outside),
    "triage": at("distribution:triage", steps=open_causes),
    "triage-viewer": at("distribution:triage", login="viewer"),
    "decide": at("distribution:deliveries", "?tab=doubt", steps=open_decision),
    "delivery-sent": of("distribution:delivery", sent),
    "delivery-failed": of("distribution:delivery", failed),
    "delivery-doubt": of("distribution:delivery", doubt),
    "delivery-waiting": of("distribution:delivery", lambda office: office.delivery(State.WAITING)),
    "parcel": of("distribution:parcel_download", lambda office: to_print(office).parcels.get(method="own_printer")),
    "letters-sheet": Screen(
        lambda office: office.of_letters("distribution:sheet", office.letters_sheet().pk), login="printing"
    ),
    "letters-sheet-fourth": Screen(
        lambda office: office.of_letters("invoicing:invoice_delivery", office.printed.pk),
        login="printing",
        steps=send_the_fourth,
    ),
    "letters-batch": Screen(
        lambda office: office.of_letters("distribution:batch", office.letter(State.SENT).batch_id), login="printing"
    ),
    "letters-batch-waiting": Screen(
        lambda office: office.of_letters("distribution:batch", office.letter(State.WAITING).batch_id), login="printing"
    ),
    "letters-delivery": Screen(
        lambda office: office.of_letters("distribution:delivery", office.letter(State.SENT).pk), login="printing"
    ),
    "letters-triage": Screen(lambda office: office.of_letters("distribution:triage"), login="printing"),
    "letters-triage-wrong": Screen(
        lambda office: office.of_letters("distribution:triage"), login="printing", steps=type_half_an_address
    ),
    "letters-settings": Screen(
        lambda office: office.of_letters("distribution:settings", query="?test=Eva"), login="printing"
    ),
    "delivery-envelope-finding": of(
        "distribution:delivery", lambda office: office.enveloped(buyer_street="S" * 100, buyer_name="Eva Lund " * 12)
    ),
    "delivery-envelope": of("distribution:delivery", lambda office: office.enveloped(), "?envelope=1", login="viewer"),
    "form-new": at("invoicing:invoice_new"),
    "form-found": at("invoicing:invoice_new", steps=find_a_recipient),
    "form-edit": of("invoicing:invoice_edit", draft),
    "form-line": of("invoicing:invoice_edit", draft, steps=add_a_line),
    "form-wrong": of("invoicing:invoice_edit", draft, steps=type_a_wrong_price),
    "form-delete": of("invoicing:invoice_delete", draft),
    "draft-document": of("invoicing:invoice", draft, steps=open_more),
    "numbers": at("invoicing:numbers", login="manager"),
    "numbers-read-only": at("invoicing:numbers", login="viewer"),
    "upload": at("distribution:upload"),
    "upload-report": of("distribution:upload_report", lambda office: Upload.objects.of(office.company).first()),
    "templates": at("invoicing:templates", login="manager"),
    "templates-viewer": at("invoicing:templates", login="viewer"),
    "template": of("invoicing:template", a_template, login="manager"),
    "template-wrong": of("invoicing:template", a_template, login="manager", steps=take_the_name_away),
    "template-read-only": of("invoicing:template", a_template, login="viewer"),
    "template-new": at("invoicing:template_new", login="manager"),
    "looks": at("invoicing:looks", login="manager"),
    "looks-read-only": at("invoicing:looks", login="viewer"),
    "mail-texts": at("distribution:mail_texts", login="manager", steps=send_a_test),
    "mail-text": Screen(words("debit"), login="manager", steps=open_names),
    "mail-text-wrong": Screen(words("debit"), login="manager", steps=type_an_unknown_name),
    "mail-text-read-only": Screen(words("credit"), login="viewer"),
    "settings": at("distribution:settings", login="manager"),
    "settings-wrong": at("distribution:settings", login="manager", steps=type_a_wrong_prefix),
    "settings-tried": at("distribution:settings", login="manager", steps=try_somebody),
    "settings-tried-plain": at("distribution:settings", "?test=an", login="viewer"),
    "settings-what-if": at("distribution:settings", login="manager", steps=ask_what_if),
    "settings-back": at("distribution:settings", login="manager", steps=go_back),
    "reachability": Screen(
        lambda office: reverse("distribution:reachability", args=["fjordgym-norge"]), login="manager"
    ),
    "reachability-all": at("distribution:reachability"),
    "settings-read-only": at("distribution:settings", login="viewer"),
    "connections": at("distribution:connections", login="manager"),
    "connections-none": Screen(
        lambda office: reverse("distribution:connections", args=["nyborjaren"]), login="newcomer"
    ),
    "connection-new": at("distribution:connection_new", login="manager"),
    "connection-form": at("distribution:connection_new", "?kind=sftp", login="manager"),
    "connection-wrong": at("distribution:connection_new", "?kind=ftp", login="manager", steps=add_nothing),
    "connection": of("distribution:connection", lambda office: office.connection, login="manager"),
    "connection-key-changed": of("distribution:connection", lambda office: office.impostor, login="manager"),
    "connection-braked": Screen(
        lambda office: reverse("distribution:connection", args=[office.sister.slug, office.braked.pk]), login="manager"
    ),
    "connections-braked": Screen(
        lambda office: reverse("distribution:connections", args=[office.sister.slug]), login="manager"
    ),
    "banner-braked": Screen(lambda office: reverse("distribution:deliveries", args=[office.sister.slug])),
    "connection-edit": of("distribution:connection_edit", lambda office: office.connection, login="manager"),
    "answers": of("distribution:answers", a_puzzle, login="manager", steps=open_lines),
    "answers-none": of("distribution:answers", lambda office: office.impostor, login="viewer"),
    "deliveries-overdue": at("distribution:deliveries", "?tab=overdue", steps=tick_page),
    "connection-remove": of("distribution:connection_remove", lambda office: office.connection, login="manager"),
    "company": at("recipients:company", login="manager"),
    "company-wrong": at("recipients:company", login="manager", steps=type_a_wrong_bankgiro),
    "company-read-only": at("recipients:company", login="viewer"),
    "members": at("recipients:members", login="manager"),
    "member": of_person("recipients:member", "clerk"),
    "member-self": of_person("recipients:member", "manager"),
    "invite": at("recipients:invite", login="manager"),
    "invite-wrong": at("recipients:invite", login="manager", steps=invite_a_member),
    "leave": at("recipients:leave"),
    "profile": Screen(lambda office: reverse("recipients:profile")),
    "profile-factors": Screen(lambda office: reverse("recipients:profile") + "#second-factor", login="careful"),
    "profile-app": Screen(lambda office: reverse("recipients:profile_app"), login="careless"),
    "profile-app-wrong": Screen(lambda office: reverse("recipients:profile_app"), login="careless", steps=type_a_code),
    "profile-passkey-no-name": Screen(lambda office: reverse("recipients:profile_passkey"), login="careless"),
    "profile-codes": Screen(lambda office: reverse("recipients:profile_codes"), login="careful", steps=make_codes),
    "profile-factor-remove": Screen(lambda office: office.factor_of("careful"), login="careful"),
    "second-step": Screen(lambda office: office.second_step(), login="", steps=give_password),
    "second-step-wrong": Screen(lambda office: office.second_step(), login="", steps=guess_a_code),
    "confirm": Screen(lambda office: office.of_careful("recipients:invite"), login="careful", steps=invite_late),
    "confirm-password": Screen(lambda office: office.url("recipients:invite"), login="manager", steps=invite_late),
    "factor-missing": Screen(lambda office: office.of_careful("recipients:invite"), login="careless"),
    "factor-banner": Screen(lambda office: office.of_careful("invoicing:invoices"), login="careless"),
    "members-careful": Screen(lambda office: office.of_careful("recipients:members"), login="careful"),
    "help": Screen(lambda office: reverse("recipients:help")),
    "help-open": at("invoicing:invoices", steps=open_help),
    "keys-open": at("invoicing:invoices", steps=lambda page: page.keyboard.press("?")),
    "views": Screen(lambda office: office.with_views(), login="clerk"),
    "views-menu": at("invoicing:invoices", steps=open_views),
    "view-dialog": at("invoicing:invoices", "?tab=sent&kind=debit", steps=open_new_view),
    "view-new": at("recipients:view_new", "?list=invoices&query=tab%3Dsent"),
    "views-none": Screen(lambda office: reverse("recipients:views", args=["nyborjaren"]), login="newcomer"),
    "password": Screen(lambda office: reverse("recipients:password"), login=""),
    "password-asked": Screen(lambda office: reverse("recipients:password"), login="", steps=ask_for_password),
    "password-choose": Screen(lambda office: office.password_link(), login=""),
    "password-link-old": Screen(lambda office: reverse("recipients:choose_password", args=["x", "x"]), login=""),
    "customers": at("recipients:customers"),
    "customers-ticked": at("recipients:customers", steps=tick_page),
    "customers-filtered": at("recipients:customers", "?q=a&lacks=email&method=default&invoices=open"),
    "customers-viewer": at("recipients:customers", login="viewer"),
    "customers-new": Screen(lambda office: reverse("recipients:customers", args=["nyborjaren"]), login="newcomer"),
    "customers-methods": at("recipients:customers", steps=open_methods),
    "customers-methods-counted": at("recipients:customers", steps=count_methods),
    "organisations": at("recipients:organisations"),
    "new-customer": at("recipients:new_customer"),
    "new-organisation": at("recipients:new_organisation", steps=save_nothing),
    "customer": of("recipients:customer", a_customer),
    "customer-details": of("recipients:customer_details", a_customer),
    "customer-history": of("recipients:customer_history", a_customer),
    "customer-delete": of("recipients:customer_delete", a_customer),
    "customer-merge": of("recipients:customer_merge", a_customer, login="manager"),
    "customer-merge-both": Screen(
        lambda office: office.url("recipients:customer_merge", a_customer(office), f"?other={another(office).pk}"),
        login="manager",
    ),
    "organisation": of("recipients:organisation", an_organisation),
    "organisation-details": of("recipients:organisation_details", an_organisation),
    "organisation-references": of("recipients:organisation_references", an_organisation),
    "organisation-people": of("recipients:organisation_people", an_organisation),
    "no-permission": at("distribution:upload", login="viewer"),
    "not-there": Screen(lambda office: office.url("invoicing:invoices") + "nothing/"),
    "health": Screen(lambda office: reverse("distribution:health"), login="admin"),
    "mailbox": Screen(lambda office: reverse("distribution:mailbox")),
    "mail": Screen(lambda office: reverse("distribution:mail", args=[1])),
}

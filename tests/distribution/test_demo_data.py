"""The demo's story: told once, by the real actions, against a real mail server, in every state there is."""

import sys
from collections import Counter
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from config.identifiers import is_luhn, is_norwegian, is_ocr
from distribution.demo import invoices, ubl
from distribution.models import Answer, Batch, Delivery, Settings
from distribution.reasons import Reason
from distribution.resolver import routes
from distribution.states import State
from invoicing.formats import checks
from invoicing.formats import ubl as reader
from invoicing.models import Invoice
from recipients.models import Company, Customer, Event, Member, Organisation, UploadedFile, User
from tests.demo import provider as printing
from tests.demo.processes import Process, Processes, free_port, provider, wait_for_port
from tests.demo.sink import DEMO_PLAN, read_log, write_plan

# A machine's own moments: no row rests in them while nobody works. Parked comes with credits.
PASSING = {State.CLAIMED, State.HANDING_OVER, State.PARKED}


def load(**options):
    said = StringIO()
    call_command("demo_data", stdout=said, **options)
    return said.getvalue()


@pytest.fixture(scope="module")
def sink(tmp_path_factory):
    """(host:port, log) of a real mail server that answers as the demo's does."""
    folder, port = tmp_path_factory.mktemp("sink"), free_port()
    log, plan = folder / "sink.jsonl", folder / "plan.json"
    write_plan(plan, DEMO_PLAN)
    command = [sys.executable, "-m", "tests.demo.sink", "--port", port, "--log", log, "--plan", plan]
    process = Process("sink", command, environment=None, output=lambda name, line: None)
    with Processes([process]) as processes:
        processes.start()
        wait_for_port(port)
        yield f"127.0.0.1:{port}", log


@pytest.fixture(scope="module")
def printers(tmp_path_factory):
    """The folder of a print provider that works."""
    folder = tmp_path_factory.mktemp("printers")
    process = provider(folder, environment=None, output=lambda name, line: None)
    with Processes([process]) as processes:
        processes.start()
        yield folder


@pytest.fixture(scope="module")
def told(sink, printers, django_db_setup, django_db_blocker, tmp_path_factory):
    """The story, told once for all tests here and rolled back after them."""
    archive = tmp_path_factory.mktemp("archive")
    here = override_settings(MAIL_SINK=sink[0], MEDIA_ROOT=str(archive), CONNECTION_FOLDERS=str(printers / "folders"))
    with here, django_db_blocker.unblock(), transaction.atomic():
        load(invoices=invoices.FEWEST)
        yield
        transaction.set_rollback(True)


pytestmark = pytest.mark.usefixtures("told", "db")


def test_every_status_and_every_state_can_be_seen():
    shown = {invoice.shown() for invoice in Invoice.objects.all()}
    assert shown == {"draft", "credited", "books_only", "doubt", "waiting", "paid", "sent", "to_send"}
    assert set(Delivery.objects.values_list("state", flat=True)) == set(State) - PASSING
    assert Invoice.objects.overdue(timezone.localdate()).exists()


def test_what_needs_a_person_says_why():
    reasons = set(Invoice.objects.needing_attention().values_list("attention", flat=True))
    assert reasons == {Reason.NO_MAILBOX, Reason.CHANGED, Reason.NO_ANSWER, Reason.RETURNED, Reason.NOT_PRINTED}
    seen_to = Delivery.objects.exclude(handled_at=None)
    assert set(seen_to.values_list("reason", "invoice__attention")) == {(Reason.NO_MAILBOX, "")}
    later = Delivery.objects.filter(state=State.WAITING, reason=Reason.TRY_LATER, reply_code="451")
    assert later.filter(leaves_at__gt=timezone.now()).count() == 2
    assert {report.outcome for report in UploadedFile.objects.all()} == {"taken", "known", "refused"}


def test_each_batch_adds_up():
    for batch in Batch.objects.all():
        assert batch.selected_count == batch.deliveries.count() + batch.cannot_count + batch.left_out_count > 0
    told_why = Event.objects.filter(what="invoice.not_sent").count()
    assert sum(Batch.objects.values_list("cannot_count", flat=True)) == told_why > 0


def test_the_mail_server_got_exactly_what_is_sent_or_in_doubt(sink):
    """A doubt, and one that a person settled, had arrived: the server took the mail before it cut the line."""
    left = Delivery.objects.filter(method="email", state__in=(State.SENT, State.RETURNED, State.IN_DOUBT))
    got = Counter(address for mail in read_log(sink[1]) for address in mail["rcpt"])
    assert got == Counter(left.values_list("address", flat=True))
    assert sum(got.values()) > 10


def test_letters_are_posted_refused_late_overdue_and_waiting(printers):
    letters = Delivery.objects.filter(method="central_print").values_list("invoice__buyer_name", "state", "receipt")
    assert set(letters) == {
        ("Vera Nordin", State.SENT, "posted"), ("Sixten Palm", State.RETURNED, ""),
        ("Märta Lilja", State.SENT, "accepted"), ("Algot Frisk", State.SENT, "accepted"),
        ("Dagny Kvist", State.WAITING, ""),
    }  # fmt: skip
    overdue = Delivery.objects.answer_overdue().values_list("invoice__buyer_name", flat=True)
    assert list(overdue) == ["Märta Lilja"]
    assert not Answer.objects.puzzling().exists()
    log = {(line["id"], line["status"]) for line in printing.read_log(printers / "provider.jsonl")}
    went = Delivery.objects.filter(method="central_print").exclude(state=State.WAITING)
    assert log == {(str(row.pk), "rejected" if row.state == State.RETURNED else "accepted") for row in went}


def test_a_window_is_open_and_a_part_is_ready_to_print():
    open_window = Delivery.objects.filter(state=State.WAITING, batch__leaves_at__gt=timezone.now())
    assert open_window.count() > 1
    assert not open_window.filter(ready_at=None).exists()
    ready = Delivery.objects.filter(state=State.WAITING, parcel__file__isnull=False, parcel__taken_at=None)
    assert ready.filter(method="own_printer").exists()
    assert Delivery.objects.filter(method="own_printer", state=State.SENT, parcel__taken_at__isnull=False).exists()


def test_every_kind_of_route_is_on_the_list():
    verdicts = set()
    for company in Company.objects.all():
        for _invoice, route in routes(Invoice.objects.of(company).to_send(), company):
            verdicts |= {(step["rung"], step["verdict"]) for step in route.because}
            verdicts |= {("source", step["source"]) for step in route.because}
            verdicts |= {("level", step["level"]) for step in route.because}
    assert verdicts >= {
        ("chosen", "used"), ("chosen", Reason.NO_CHANNEL), ("chosen", Reason.NOT_ACTIVE), ("default", "used"),
        ("default", Reason.NO_EMAIL), ("reserve", "used"), ("reserve", "not_needed"), ("source", "reference"),
        ("source", "customer"), ("source", "organisation"), ("source", "typed"), ("source", "document"),
        ("level", "reference"), ("level", "organisation"), ("level", "customer"),
    }  # fmt: skip


def test_four_people_log_in_and_see_their_companies():
    roles = {
        login: dict(Member.objects.filter(user__email=f"{login}@demo.test").values_list("company__slug", "role"))
        for login in ("manager", "clerk", "viewer", "admin")
    }
    assert roles == {
        "manager": {"fjordgym": 4, "fjordgym-norge": 4},
        "clerk": {"fjordgym": 2, "fjordgym-norge": 2},
        "viewer": {"fjordgym": 1, "fjordgym-norge": 1},
        "admin": {"fjordgym": 4, "fjordgym-norge": 4, "brf-solsidan": 4},
    }
    assert all(user.check_password("demo") for user in User.objects.all())
    assert User.objects.get(is_superuser=True, is_staff=True).email == "admin@demo.test"
    assert Company.objects.values("workspace").distinct().count() == 2


def test_every_company_could_be_saved_as_it_stands():
    """The rows come past no form, so their own rules are asked here."""
    for row in (*Company.objects.all(), *Settings.objects.all(), *Customer.objects.all(), *Organisation.objects.all()):
        row.full_clean()
    for row in (*Company.objects.all(), *Organisation.objects.all()):
        digits = row.legal_id.replace("-", "").replace(" ", "")
        assert is_norwegian(digits) if row.country == "NO" else is_luhn(digits), row


def test_a_second_time_changes_nothing():
    def counts():
        return [model.objects.count() for model in (Company, User, Customer, Invoice, Delivery, Batch, Event)]

    before = counts()
    assert load() == "The demo data is already here.\n"
    assert counts() == before


def test_a_load_that_was_interrupted_is_not_continued():
    for user in User.objects.all():
        user.set_unusable_password()
        user.save()
    with pytest.raises(CommandError, match="interrupted"):
        load()


def test_it_stays_away_from_an_installation_that_sends():
    User.objects.update(password="!")
    with override_settings(DELIVERY_LIVE=True), pytest.raises(CommandError, match="DELIVERY_LIVE"):
        load()


def test_without_a_mail_server_nothing_is_begun():
    User.objects.update(password="!")
    for address in ("", f"127.0.0.1:{free_port()}"):
        with override_settings(MAIL_SINK=address), pytest.raises(CommandError, match="MAIL_SINK"):
            load()


@pytest.mark.parametrize("company, currency, rates", [
    ("fjordgym", "SEK", {6, 12, 25}), ("fjordgym-norge", "NOK", {12, 15, 25}), ("brf-solsidan", "SEK", {0, 25}),
])  # fmt: skip
def test_every_bill_is_read_without_a_loss_and_adds_up(company, currency, rates):
    seller = ubl.Party("Vi", "Gatan 1", "111 47", "Stockholm", "SE", account=("5050-1055", "SE:BANKGIRO"))
    directory = {card.key: (card, str(20_001 + n)) for n, card in enumerate(invoices.cards(company, 300))}
    made = invoices.bills(company, seller, directory, 300, date(2026, 11, 20))
    assert made == invoices.bills(company, seller, directory, 300, date(2026, 11, 20))
    seen, lines = set(), set()
    for _card, bill in (row for rows in made.values() for row in rows):
        core, losses = reader.read(ubl.document(bill))
        assert (losses, checks.findings(core), core.currency) == ([], [], currency)
        assert is_ocr(core.payments[0].reference)
        seen |= {int(row.rate) for row in core.vat_rows}
        lines.add(len(core.lines))
    assert seen == rates
    assert min(lines) == 1
    assert max(lines) <= 8

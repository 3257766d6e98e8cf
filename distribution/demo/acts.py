"""What happens in the story: rows of the directory, then only what clerks, accounting systems and the sender do."""

import io
import time
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from distribution import channels
from distribution.actions import (
    answering,
    connecting,
    handing_over,
    importing,
    planning,
    posting,
    preparing,
    printing,
    sending,
)
from distribution.channels.base import Unreachable
from distribution.models import Connection, Delivery, Settings
from distribution.models.delivery import Receipt
from distribution.states import State
from invoicing.actions.numbering import highest, open_series
from invoicing.actions.paying import register_payment
from invoicing.models import DocumentTemplate
from invoicing.money import round_half_up
from recipients.actions.cards import set_preference
from recipients.methods import Method
from recipients.models import (
    ArchivedFile,
    Company,
    Customer,
    InvoiceReference,
    Member,
    Organisation,
    User,
    Workspace,
)

from .companies import COMPANIES, LOGOS, PASSWORD, USERS
from .people import REFERENCES
from .ubl import Party, document


class NoSink(Exception):
    """The local mail server does not answer; the text says how."""


class NoProvider(Exception):
    """Nobody takes the letters, or nobody answers about them."""


# --- Who is there -----------------------------------------------------------------------------------------------------


def hire():
    """{login: User}. Nobody can log in before the story is told: see `open_doors`."""
    return {
        login: User.objects.create_user(
            login, name=name, is_superuser=login.startswith("admin"), is_staff=login.startswith("admin")
        )
        for login, (name, _roles) in USERS.items()
    }


def open_doors(users):
    for user in users.values():
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])


def found(slug, users):
    """A Company with its settings, logo, templates and people."""
    told = COMPANIES[slug]
    workspace, _new = Workspace.objects.get_or_create(name=told["workspace"])
    # Everybody knows the demo's password: a second factor would only keep its visitors out.
    company = Company.objects.create(slug=slug, workspace=workspace, requires_second_factor=False, **told["company"])
    company.logo = ArchivedFile.objects.keep(company, (LOGOS / f"{slug}.svg").read_bytes(), media_type="image/svg+xml")
    company.save(update_fields=["logo"])
    templates = [
        DocumentTemplate.objects.create(company=company, name=name, texts=texts)
        for name, texts in told["templates"].items()
    ]
    Settings.objects.create(company=company, last_template=templates[0], **told["settings"])
    open_series(company)
    for login, (_name, roles) in USERS.items():
        if slug in roles:
            Member.objects.create(user=users[login], company=company, role=roles[slug])
    return company


def write_cards(company, cards):
    """{key: (Card, customer number)}, bodies before their people."""
    first = 20_001 + Customer.objects.of(company).count() + Organisation.objects.of(company).count()
    directory, bodies = {}, {}
    for number, card in enumerate(cards, first):
        street, postcode, city = card.home
        columns = {
            "workspace": company.workspace, "number": str(number), "name": card.name, "street": street,
            "postcode": postcode, "city": city, "country": card.country, "email": card.email,
            "language": card.language,
        }  # fmt: skip
        if card.legal_id:
            row = bodies[card.key] = Organisation.objects.create(**columns, legal_id=card.legal_id)
        else:
            row = Customer.objects.create(**columns, organisation=bodies.get(card.of))
        if card.method:
            set_preference(row, card.method, company=company if card.only_at else None)
        directory[card.key] = (card, str(number))
    for told in REFERENCES:
        if told.of in bodies:
            reference = InvoiceReference.objects.create(
                organisation=bodies[told.of], code=told.code, name=told.name, invoice_email=told.invoice_email
            )
            set_preference(reference, told.method, company=None)
    return directory


def seller(company):
    """The company as its own accounting system names it."""
    return Party(
        company.name, company.street, company.postcode, company.city, company.country,
        legal_id=company.legal_id, vat_id=company.vat_id,
        scheme="0007" if company.country == "SE" else "0192",
        registration="Godkänd för F-skatt" if company.country == "SE" else "Foretaksregisteret",
        contact="Kim Berg" if company.slug.startswith("fjordgym") else "",
        account=(
            (company.bankgiro, "SE:BANKGIRO") if company.bankgiro
            else (company.plusgiro, "SE:PLUSGIRO") if company.plusgiro
            else (company.iban, company.bic)
        ),
    )  # fmt: skip


# --- What comes in ----------------------------------------------------------------------------------------------------


def take(company, bill, *, by, already_sent=False):
    report = importing.take_file(
        document(bill), Company.objects.filter(pk=company.pk), already_sent=already_sent, by=by
    )
    assert report.invoice, report
    return report.invoice


def take_in(company, made, *, by):
    """All scenes but the uploaded one; returns {scene: {key or position: Invoice}}."""
    taken = {}
    for scene, rows in made.items():
        if scene == "uploaded":
            continue
        taken[scene] = {}
        for position, (card, bill) in enumerate(rows):
            invoice = take(company, bill, by=by, already_sent=scene == "sent_elsewhere")
            taken[scene].setdefault(card.key, invoice)
            taken[scene][position] = invoice
    return taken


def upload(company, rows, *, by):
    """The upload page with all that a report can say: taken in, already here, refused."""
    good = [(f"faktura-{bill.number}.xml", document(bill)) for _card, bill in rows]
    wrong = document(rows[0][1]).replace(b'PayableAmount currencyID="SEK">', b'PayableAmount currencyID="SEK">1')
    files = [
        *good,
        ("faktura-igen.xml", good[0][1]),
        ("summan-stammer-inte.xml", wrong),
        ("faktura.pdf", b"%PDF-1.7\n"),
        ("tom.xml", b""),
    ]
    handed_in = [(name, len(content), io.BytesIO(content).read) for name, content in files]
    importing.take_invoices(importing.receive(company, handed_in, already_sent=False, by=by))


def number_on(company):
    """What is issued here goes on after what the accounting system numbered."""
    series = company.series
    series.prefix = f"{timezone.localdate():%Y}/" if company.slug == "brf-solsidan" else ""
    series.next_number = highest(series, series.prefix) + 1
    series.save()


def credit(company, bill, number, *, by):
    """The accounting system credits a bill in full."""
    return take(company, replace(bill, number=number, credits=bill.number, issued_on=timezone.localdate()), by=by)


def pay(invoices, *, by, share=1):
    for invoice in invoices:
        invoice.refresh_from_db()
        amount = round_half_up(invoice.balance * Decimal(share), 0) if share < 1 else invoice.balance
        paid_on = min(invoice.due_on - timedelta(days=2), timezone.localdate())
        register_payment(invoice, amount, paid_on=paid_on, by=by)


# --- What goes out ----------------------------------------------------------------------------------------------------


def send(company, invoices, *, by, window=0):
    """Tick, press Send, confirm: the Batch. Nothing has been routed yet.

    `window`: minutes of this batch's undo window; the company's own setting stays as it is.
    """
    batch = planning.plan(company, {"ids": [str(invoice.pk) for invoice in invoices]}, by=by)
    batch.company.distribution.undo_minutes = window  # not saved
    sending.send(batch, template=company.distribution.last_template, again=False, by=by)
    return batch


def get_ready(batch):
    """What the queue does while the undo window is open."""
    while preparing.route_some(batch):
        pass
    while preparing.prepare(batch.deliveries.all()):
        pass
    printing.build_parcels(batch)


def hand_over():
    """What the sender does with all that is due."""
    channel = channels.open(Method.EMAIL)
    try:
        while claimed := handing_over.claim():
            for delivery in claimed:
                trouble = handing_over.hand_over(delivery, channel).trouble
                if trouble and trouble.slows == Unreachable.CONNECTION:
                    raise NoSink(trouble.text)
    finally:
        channel.close()
    channel = channels.open(Method.CENTRAL_PRINT)
    while parcel := posting.claim_parcel(Method.CENTRAL_PRINT):
        trouble = handing_over.hand_over(parcel, channel).trouble
        if trouble:
            raise NoProvider(trouble.text)


def connect(company, *, by):
    """The folder from which the local print provider fetches, set up and tested by a manager."""
    row = Connection(
        company=company, method=Method.CENTRAL_PRINT, kind=Connection.Kind.FOLDER, name="Tryckeriet", folder="print"
    )
    Path(settings.CONNECTION_FOLDERS, company.slug, row.folder).mkdir(parents=True, exist_ok=True)
    connecting.add_connection(row, by=by)
    connecting.test_connection(row)


def hear_from_printers(invoices, *, within=30):
    """What the queue does every few minutes, until the provider has said the last word about these."""
    deadline = time.monotonic() + within
    open_ones = Delivery.objects.filter(invoice__in=invoices, state=State.SENT).exclude(receipt=Receipt.POSTED)
    while open_ones.exists():
        if time.monotonic() > deadline:
            raise NoProvider("the print provider does not answer")
        for connection in Connection.objects.filter(method=Method.CENTRAL_PRINT):
            answering.read_answers(connection)
        time.sleep(0.2)


def delivery_of(invoice):
    return Delivery.objects.filter(invoice=invoice)


def all_of(scene):
    """The invoices of a scene, each once, in the order in which they came."""
    return [invoice for position, invoice in scene.items() if isinstance(position, int)]

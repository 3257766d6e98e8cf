"""The e-mail channel: whose address, which bytes, what a recipient's program sees, and where mail may go at all."""

import dataclasses
import json
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr
from types import SimpleNamespace

import pytest

from distribution import channels
from distribution.channels.base import Address, Objection, Recipient, Refused, Stopped, Unreachable
from distribution.channels.email import Email, in_ascii, message, sender_name
from distribution.models import Connection, Delivery, Enclosure, Installation
from distribution.reasons import Reason
from distribution.relay import Closed, relay
from distribution.states import State
from recipients.methods import Method
from recipients.models import ArchivedFile
from recipients.models.archived_file import path_of
from tests.factories import (
    CompanyFactory,
    CustomerFactory,
    InvoiceFactory,
    InvoiceReferenceFactory,
    OrganisationFactory,
)

from .smtp_server import Gate, Server

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 200
WORDS = {
    "subject": "Faktura 10240 från Fjordgym AB, 349,00 kr, förfaller 20 december",
    "text": "Hej Åsa!\n\n.\nHälsningar\n",
    "html": '<!doctype html><html lang="sv"><p>Hej Åsa Łódź!</p>' + "<b>lång rad</b>" * 200 + "</html>",
    "language": "sv",
}


@pytest.fixture(autouse=True)
def archive(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "archive")


@pytest.fixture
def make(db):
    """Makes a delivery with its files, ready to leave."""

    def delivery(address="eva@example.com", *, words=None, pdf=PDF, name="Faktura-10240.pdf", company=None, **settings):
        company = company or CompanyFactory(name="Fjordgym AB", email="ekonomi@fjordgym.example")
        for field, value in settings.items():
            setattr(company.distribution, field, value)
        made = Delivery.objects.create(
            company=company,
            invoice=InvoiceFactory(company=company),
            state=State.WAITING,
            method=Method.EMAIL,
            address=address,
            ready_at=datetime(2026, 11, 20, 14, 2, 33, 123456, tzinfo=UTC),
        )
        enclose(made, Enclosure.Role.PDF, name, pdf)
        enclose(made, Enclosure.Role.MAIL, "mail.json", json.dumps(WORDS | (words or {})).encode())
        return made

    return delivery


def enclose(delivery, role, name, content):
    file = ArchivedFile.objects.keep(delivery.company, content, media_type="application/octet-stream")
    return Enclosure.objects.create(delivery=delivery, role=role, name=name, file=file)


def read(data):
    return message_from_bytes(data, policy=policy.default)


# --- The address -----------------------------------------------------------------------------------------------------


@pytest.fixture
def everywhere(db):
    """A recipient with another address in each place that can hold one, and the places in the order they count."""
    company = CompanyFactory()
    workspace = {"workspace": company.workspace}
    organisation = OrganisationFactory(**workspace, email="o@o.test", invoice_email="oi@o.test")
    reference = InvoiceReferenceFactory(organisation=organisation, email="r@o.test", invoice_email="ri@o.test")
    customer = CustomerFactory(**workspace, organisation=organisation, email="c@c.test", invoice_email="ci@c.test")
    invoice = InvoiceFactory(
        company=company, customer=customer, reference=reference, email="typed@c.test", document_email="doc@c.test"
    )
    places = [
        (invoice, "email", "typed"),
        (invoice, "document_email", "document"),
        (reference, "invoice_email", "reference"),
        (reference, "email", "reference"),
        (organisation, "invoice_email", "organisation"),
        (organisation, "email", "organisation"),
        (customer, "invoice_email", "customer"),
        (customer, "email", "customer"),
    ]
    return invoice, places


def address(invoice, *, document=True, organisation_first=True):
    recipient = Recipient(invoice, uses_document_address=document, organisation_first=organisation_first)
    return Email().address(recipient)


def test_the_address_comes_from_the_first_place_that_has_one(everywhere):
    invoice, places = everywhere
    for card, field, source in places:
        assert address(invoice) == Address(getattr(card, field), source)
        setattr(card, field, "")
    with pytest.raises(Objection) as caught:
        address(invoice)
    assert caught.value.reason == Reason.NO_EMAIL


def test_the_documents_address_counts_only_where_the_company_says_so(everywhere):
    invoice, _places = everywhere
    invoice.email = ""
    assert address(invoice, document=True).source == "document"
    assert address(invoice, document=False) == Address("ri@o.test", "reference")


def test_the_person_alone_counts_where_companies_do_not_link_them(everywhere):
    invoice, _places = everywhere
    invoice.email = ""
    assert address(invoice, document=False, organisation_first=False) == Address("ci@c.test", "customer")


def test_a_wrong_address_is_not_passed_over_for_another_one(everywhere):
    invoice, _places = everywhere
    invoice.email = "eva@borg"
    with pytest.raises(Objection) as caught:
        address(invoice)
    assert caught.value.reason == Reason.BAD_EMAIL


@pytest.mark.parametrize(
    "text, carried",
    [
        ("Eva.Lund+faktura@Borg.test", "Eva.Lund+faktura@Borg.test"),
        ("eva@räksmörgås.se", "eva@xn--rksmrgs-5wao1o.se"),
        ("eva@Räksmörgås.se", "eva@xn--rksmrgs-5wao1o.se"),
        ("o'hara@borg.test", "o'hara@borg.test"),
    ],
)
def test_what_is_one_address(text, carried):
    assert in_ascii(text) == carried


@pytest.mark.parametrize(
    "text",
    [
        "eva",
        "eva@",
        "eva@borg",
        "eva@borg.test, ove@borg.test",
        "eva@borg.test;ove@borg.test",
        "eva@borg.test ove@borg.test",
        "Eva <eva@borg.test>",
        "eva@borg.test\r\nBcc: ove@borg.test",
        "eva@borg.test\n",
        "\teva@borg.test",
        "eva\x00@borg.test",
        "åsa@borg.test",
        '"eva lund"@borg.test',
        "eva@borg..test",
        "eva@\u202eborg.test",  # read from right to left
        "eva@bo\u200brg.test",  # a blank of no width
        "eva@straße.de",  # IDNA of 2003 would send it to strasse.de
        "eva@" + "x" * 64 + ".test",
        "e" * 64 + "@" + ("x" * 60 + ".") * 3 + "test.example",
        "eva@" + "ö" * 60 + ".test",
    ],
)
def test_what_is_not_one_address(text):
    with pytest.raises(ValueError, match=r"."):
        in_ascii(text)


def test_an_own_printer_needs_no_address_and_never_objects(db):
    recipient = Recipient(InvoiceFactory(), uses_document_address=False, organisation_first=True)
    assert channels.CHANNELS[Method.OWN_PRINTER].address(recipient) == Address("", "")
    assert set(channels.CHANNELS) == {Method.EMAIL, Method.OWN_PRINTER}


# --- The message -----------------------------------------------------------------------------------------------------


def test_what_the_recipients_program_sees(make, settings):
    settings.SENDING_DOMAIN = "utskick.example"
    delivery = make(sender_prefix="fjordgym", sender_name='Fjordgym: Åsa, "Ekonomi" <x@y.z>', reply_to="svar@fjord.no")
    data = message(delivery)
    mail = read(data)
    assert mail["Subject"] == WORDS["subject"]
    assert mail["To"] == "eva@example.com"
    (author,) = mail["From"].addresses
    assert (author.display_name, author.addr_spec) == ("Fjordgym Åsa Ekonomi x y.z", "fjordgym@utskick.example")
    assert mail["Reply-To"] == "svar@fjord.no"
    assert mail["Message-ID"] == f"<{delivery.pk}@utskick.example>"
    assert mail["Date"] == "Fri, 20 Nov 2026 14:02:33 +0000"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert mail["Content-Language"] == "sv"
    assert mail.get_body(["plain"]).get_content().splitlines() == WORDS["text"].splitlines()
    assert mail.get_body(["html"]).get_content().rstrip("\n") == WORDS["html"]
    (attached,) = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("Faktura-10240.pdf", "application/pdf")
    assert attached.get_content() == PDF
    assert {"Cc", "Bcc"} & set(mail) == set()


def test_a_message_is_of_whole_lines_that_servers_take(make):
    data = message(make())
    lines = data.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    head = lines[: lines.index(b"")]
    assert not [line for line in head if line.rstrip().endswith(b":")]  # a header that begins on its second line


def test_every_try_sends_the_same_bytes(make):
    delivery = make()
    assert message(delivery) == message(Delivery.objects.get(pk=delivery.pk))


def test_two_deliveries_share_neither_message_id_nor_boundary(make):
    company = CompanyFactory()
    one, other = (read(message(make(company=company))) for _ in range(2))
    assert one["Message-ID"] != other["Message-ID"]
    assert one.get_boundary() != other.get_boundary()


@pytest.mark.parametrize(
    "name, shown",
    [
        ("Fjordgym AB", "Fjordgym AB"),
        ("", "Åsas Gym Malmö"),
        ("Bank <security@bank.example>", "Bank security bank.example"),
        ('a@b.test", "Eva', "a b.test Eva"),
        ("Åsa \u202eLukasz\x00 Żółw Иван", "Åsa Lukasz Żółw Иван"),
        ("Ж" * 90, "Ж" * 75),
        ("@:,", ""),
    ],
)
def test_the_senders_name_cannot_pass_for_an_address(make, name, shown):
    delivery = make(company=CompanyFactory(name="Åsas Gym, Malmö"), sender_prefix="gym", sender_name=name)
    author = str(make_header(decode_header(message_from_bytes(message(delivery))["From"])))
    assert parseaddr(author) == (shown, "gym@utskick.example")
    assert len(sender_name(delivery.company)) <= 75


def test_the_reply_goes_to_the_company_and_else_to_the_sender(make):
    assert read(message(make()))["Reply-To"] == "ekonomi@fjordgym.example"
    assert read(message(make(company=CompanyFactory(email=""))))["Reply-To"] is None


def test_an_attachment_keeps_its_name(make):
    (attached,) = read(message(make(name="Räkning №7.pdf"))).iter_attachments()
    assert attached.get_filename() == "Räkning №7.pdf"


# --- What never leaves -----------------------------------------------------------------------------------------------


class NeverAsked:
    """A session that must not be reached."""

    def deliver(self, *_words):
        raise AssertionError("the relay was asked")


def refusal(delivery):
    gate = Gate()
    with pytest.raises(Refused) as caught:
        Email(NeverAsked()).hand_over([delivery], gate)
    assert gate.calls == 0
    return caught.value


@pytest.mark.parametrize("role", [Enclosure.Role.PDF, Enclosure.Role.MAIL])
def test_a_mail_without_one_of_its_parts(role, make):
    delivery = make()
    delivery.enclosures.filter(role=role).delete()
    assert refusal(delivery).reason == Reason.UNPRINTABLE


def test_a_mail_whose_document_was_changed_in_the_archive(make, settings):
    delivery = make()
    file = delivery.enclosures.get(role=Enclosure.Role.PDF).file
    with open(f"{settings.MEDIA_ROOT}/{path_of(file.company_id, file.sha256)}", "ab") as archived:
        archived.write(b"%%EOF")
    error = refusal(delivery)
    assert error.reason == Reason.UNPRINTABLE
    assert "has other bytes" in error.text


@pytest.mark.parametrize(
    "words, name",
    [
        ({"subject": "Faktura\r\nBcc: ove@borg.test"}, "a.pdf"),
        ({}, "a\r\nBcc: ove@borg.test.pdf"),
    ],
)
def test_a_mail_with_a_header_smuggled_in(words, name, make):
    assert refusal(make(words=words, name=name)).reason == Reason.UNPRINTABLE


def test_a_mail_to_what_is_not_an_address(make):
    assert refusal(make("åsa@borg.test")).reason == Reason.BAD_EMAIL


def test_a_mail_that_is_too_large(make, settings):
    delivery = make()
    size = len(message(delivery))
    settings.SENDING = {**settings.SENDING, "mail_max_bytes": size - 1}
    assert refusal(delivery).reason == Reason.TOO_LARGE
    settings.SENDING["mail_max_bytes"] = size
    with pytest.raises(AssertionError, match="the relay was asked"):
        Email(NeverAsked()).hand_over([delivery], Gate())


# --- The relay -------------------------------------------------------------------------------------------------------


@pytest.fixture
def installation(db):
    return Installation.objects.this()


@pytest.fixture
def row(db):
    """The relay's row as somebody has set it up."""
    connection = Connection.objects.get(company=None, method=Method.EMAIL)
    connection.host, connection.port, connection.username = "mx.example", 465, "us"
    connection.security = Connection.Security.TLS
    connection.set_password("secret")
    connection.save()
    return connection


def reason_closed():
    with pytest.raises(Closed) as caught:
        relay()
    return caught.value.reason


def test_test_mode_knows_the_sink_and_nothing_else(installation, row, settings):
    settings.DELIVERY_LIVE = False
    settings.MAIL_SINK = "127.0.0.1:2525"
    settings.INSTANCE_ID = str(installation.instance_id)
    way = relay()
    assert dataclasses.astuple(way) == ("127.0.0.1", 2525, "none", "", "", None)
    settings.MAIL_SINK = "[::1]:2525"
    assert relay().host == "::1"
    settings.MAIL_SINK = ""
    assert reason_closed() == "no_sink"


def test_the_live_database_uses_the_relay(installation, row, settings):
    settings.DELIVERY_LIVE, settings.MAIL_SINK = True, "127.0.0.1:2525"
    settings.INSTANCE_ID = str(installation.instance_id)
    assert dataclasses.astuple(relay()) == ("mx.example", 465, "tls", "us", "secret", row.pk)


@pytest.mark.parametrize("named", ["", "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"])
def test_a_copy_of_the_database_sends_nothing(named, row, settings):
    settings.DELIVERY_LIVE, settings.MAIL_SINK, settings.INSTANCE_ID = True, "127.0.0.1:2525", named
    assert reason_closed() == "copy"
    with pytest.raises(Closed):
        channels.open(Method.EMAIL)


def test_a_relay_that_cannot_be_used_closes_the_way(installation, row, settings):
    settings.DELIVERY_LIVE, settings.INSTANCE_ID = True, str(installation.instance_id)
    settings.SECRETS_KEYS = []
    assert reason_closed() == "no_key"
    row.host = ""
    row.save()
    assert reason_closed() == "no_relay"


# --- All together ----------------------------------------------------------------------------------------------------


@pytest.fixture
def sink(settings):
    gate = Gate()
    with Server(gate=gate) as server:
        settings.DELIVERY_LIVE, settings.MAIL_SINK = False, f"127.0.0.1:{server.port}"
        yield server


def test_a_delivery_is_handed_over(make, sink, settings):
    delivery = make("eva@räksmörgås.se", sender_prefix="fjordgym")
    channel = channels.open(Method.EMAIL)
    receipt = channel.hand_over([delivery], sink.gate)
    channel.close()
    assert (receipt.code, receipt.text) == ("250", "2.0.0 queued as 17")
    (mail,) = sink.mails
    assert (mail.sender, mail.recipient) == ("fjordgym@utskick.example", "eva@xn--rksmrgs-5wao1o.se")
    assert mail.data == message(delivery)
    assert mail.gate_passed
    assert sink.gate.calls == 1


def test_each_mail_holds_its_own_document_alone(make, sink):
    company = CompanyFactory()
    deliveries = [make(f"eva{n}@example.com", company=company, pdf=b"%%PDF-1.7 number %d" % n) for n in range(5)]
    channel = channels.open(Method.EMAIL)
    for delivery in deliveries:
        channel.hand_over([delivery], sink.gate)
    channel.close()
    assert [mail.recipient for mail in sink.mails] == [f"eva{n}@example.com" for n in range(5)]
    for number, mail in enumerate(sink.mails):
        (attached,) = read(mail.data).iter_attachments()
        assert attached.get_content() == b"%%PDF-1.7 number %d" % number
    assert sink.connections == 1


def test_what_the_relay_says_becomes_the_contracts_words(make, sink):
    delivery = make()
    sink.script = {"rcpt": ["550 5.1.1 unknown", "451 4.7.1 slower"], "greeting": [None]}
    channel = channels.open(Method.EMAIL)
    with pytest.raises(Refused) as refused:
        channel.hand_over([delivery], sink.gate)
    with pytest.raises(Unreachable) as later:
        channel.hand_over([delivery], sink.gate)
    assert (refused.value.reason, refused.value.code) == (Reason.NO_MAILBOX, "550")
    assert (later.value.slows, later.value.code) == (Unreachable.DOMAIN, "451")
    sink.gate.shut = Stopped()
    with pytest.raises(Stopped):
        channel.hand_over([delivery], sink.gate)
    sink.wait_until_left()
    assert sink.mails == []


def test_one_delivery_at_a_time():
    """A mail to two recipients has one answer for both, or an answer that hides one of them."""
    with pytest.raises(ValueError, match="too many values"):
        Email(NeverAsked()).hand_over([SimpleNamespace(), SimpleNamespace()], Gate())

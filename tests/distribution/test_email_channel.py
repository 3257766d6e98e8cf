"""The e-mail channel: which bytes leave, what a recipient's program sees, and what never leaves."""

import json
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest

from distribution import channels
from distribution.channels.base import Refused, Stopped, Unreachable
from distribution.channels.email import Email, message, sender_name
from distribution.models import Delivery, Enclosure
from distribution.reasons import Reason
from distribution.states import State
from recipients.methods import Method
from recipients.models import ArchivedFile
from recipients.models.archived_file import path_of
from tests.factories import (
    CompanyFactory,
    InvoiceFactory,
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


# --- The message ------------------------------------------------------------------------------------------------------


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


# --- What never leaves ------------------------------------------------------------------------------------------------


class NeverAsked:
    """A session that must not be reached."""

    def deliver(self, *_words):
        raise AssertionError("the relay was asked")


def refusal(delivery):
    gate = Gate()
    with pytest.raises(Refused) as caught:
        Email(NeverAsked()).hand_over(delivery, gate)
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
        Email(NeverAsked()).hand_over(delivery, Gate())


# --- All together -----------------------------------------------------------------------------------------------------


@pytest.fixture
def sink(settings):
    gate = Gate()
    with Server(gate=gate) as server:
        settings.DELIVERY_LIVE, settings.MAIL_SINK = False, f"127.0.0.1:{server.port}"
        yield server


def test_a_delivery_is_handed_over(make, sink, settings):
    delivery = make("eva@räksmörgås.se", sender_prefix="fjordgym")
    channel = channels.open(Method.EMAIL)
    receipt = channel.hand_over(delivery, sink.gate)
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
        channel.hand_over(delivery, sink.gate)
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
        channel.hand_over(delivery, sink.gate)
    with pytest.raises(Unreachable) as later:
        channel.hand_over(delivery, sink.gate)
    assert (refused.value.reason, refused.value.code) == (Reason.NO_MAILBOX, "550")
    assert (later.value.slows, later.value.code) == (Unreachable.DOMAIN, "451")
    sink.gate.shut = Stopped()
    with pytest.raises(Stopped):
        channel.hand_over(delivery, sink.gate)
    sink.wait_until_left()
    assert sink.mails == []

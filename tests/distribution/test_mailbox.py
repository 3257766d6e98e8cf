"""/dev/mailbox/: what the sink got."""

import json
from email.message import EmailMessage

import pytest

from tests.factories import UserFactory


@pytest.fixture
def sink(client, db, settings, tmp_path):
    """Puts a mail into the sink's log, as the sink itself writes it; the client is logged in."""
    settings.MAIL_SINK_LOG = str(tmp_path / "sink.jsonl")
    client.force_login(UserFactory())

    def receive(subject, *, html=""):
        mail = EmailMessage()
        mail["Subject"], mail["To"], mail["X-Number"] = subject, "eva@borg.example", "10240"
        mail.set_content(f"Plain {subject}")
        if html:
            mail.add_alternative(html, subtype="html")
            mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="Faktura-1.pdf")
        lines = (tmp_path / "sink.jsonl").read_text().splitlines() if (tmp_path / "sink.jsonl").exists() else []
        name = f"{len(lines) + 1}.eml"
        (tmp_path / name).write_bytes(mail.as_bytes())
        line = {
            "at": "2026-11-20T13:30:00+00:00",
            "rcpt": ["eva@borg.example"],
            "subject": subject,
            "size": 1,
            "path": name,
        }
        with (tmp_path / "sink.jsonl").open("a") as log:
            log.write(json.dumps(line) + "\n")

    return receive


def test_an_empty_mailbox_says_what_comes_here(sink, client):
    assert b"No mail yet" in client.get("/dev/mailbox/").content


def test_the_newest_is_first_and_half_a_line_is_left_out(sink, client, settings):
    sink("First")
    sink("Second")
    with open(settings.MAIL_SINK_LOG, "a") as log:
        log.write('{"at": "2026')
    content = client.get("/dev/mailbox/").content.decode()
    assert content.index("Second") < content.index("First")


def test_one_mail_with_its_html_in_a_frame_and_its_attachment(sink, client):
    sink("Invoice 1", html="<p>Hello <b>Eva</b></p><script>alert(1)</script>")
    content = client.get("/dev/mailbox/1/").content.decode()
    assert "Plain Invoice 1" in content
    assert "X-Number: 10240" in content
    assert "<script>alert" not in content
    framed = client.get("/dev/mailbox/1/?part=html")
    assert b"<b>Eva</b>" in framed.content
    assert "sandbox" in framed["Content-Security-Policy"]
    assert client.get("/dev/mailbox/1/?part=1").content == b"%PDF-1.7"


@pytest.mark.parametrize(
    "path", ["/dev/mailbox/2/", "/dev/mailbox/0/", "/dev/mailbox/1/?part=2", "/dev/mailbox/1/?part=x"]
)
def test_what_is_not_there(sink, client, path):
    sink("Only one")
    assert client.get(path).status_code == 404


def test_it_is_absent_in_production_and_needs_a_login_elsewhere(sink, client, settings):
    sink("Secret")
    settings.DEV_PAGES = False
    assert [client.get(path).status_code for path in ("/dev/mailbox/", "/dev/mailbox/1/")] == [404, 404]
    settings.DEV_PAGES = True
    client.logout()
    assert client.get("/dev/mailbox/").status_code == 302

"""The SMTP server that the installation hands its mail to, and the mails that arrived there."""

import io
from email import message_from_bytes, policy

import pypdfium2
import zxingcpp

from tests.demo.sink import read_log, write_plan


class Mailserver:
    """The demo's sink, a program of its own. A test sees what came in since it began."""

    def __init__(self, folder, port):
        self.address = f"127.0.0.1:{port}"
        self.folder, self.log, self.plan = folder, folder / "sink.jsonl", folder / "sink-plan.json"

    def begin(self):
        self.before = len(read_log(self.log))
        self.answer()

    def answer(self, *rules):
        """Plan how it misbehaves: rules of tests.demo.sink."""
        write_plan(self.plan, rules)

    def received(self):
        """The mails, oldest first."""
        return [Mail(line, (self.folder / line["path"]).read_bytes()) for line in read_log(self.log)[self.before :]]

    def recipients(self):
        """To whom the mails came, in alphabetical order."""
        return sorted(mail.to for mail in self.received())


class Mail:
    def __init__(self, line, content):
        (self.to,) = line["rcpt"]  # one envelope recipient each
        self.at = line["at"]
        self.mail_from = line["mail_from"]
        self.message = message_from_bytes(content, policy=policy.SMTP)
        self.subject = self.message["Subject"]

    @property
    def text(self):
        return self.message.get_body(["plain"]).get_content()

    @property
    def html(self):
        return self.message.get_body(["html"]).get_content()

    @property
    def pdf(self):
        """The one file that the mail carries."""
        (pdf,) = self.message.iter_attachments()
        assert pdf.get_content_type() == "application/pdf"
        return pdf.get_content()

    @property
    def paper(self):
        return text_of(self.pdf)


def text_of(pdf):
    """The words of a PDF's pages, with ordinary spaces."""
    pages = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in pages).split())


def codes_of(pdf):
    """What a camera reads from the printed pages."""
    pages = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return [code.text for page in pages for code in zxingcpp.read_barcodes(page.render(scale=3).to_pil())]

"""A company with one of everything, every text of it marked: what the walk looks for."""

import hashlib
import json

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from distribution.actions import planning, sending
from distribution.models import Answer, Connection, Delivery, Enclosure, MailTest, MailText, Notification, Parcel
from distribution.states import State
from invoicing.actions import paying
from invoicing.models import Invoice, InvoiceFile
from recipients import history
from recipients.methods import Method
from recipients.models import ArchivedFile, Role, Upload, UploadedFile
from tests.factories import (
    CompanyFactory,
    CustomerFactory,
    InvoiceFactory,
    InvoiceReferenceFactory,
    MemberFactory,
    OrganisationFactory,
    SavedViewFactory,
)


class World:
    def __init__(self, name, **company):
        self.name = name
        self.canary = f"kanari{name}"
        self.directory_canary = f"kartotek{name}"
        self.company = CompanyFactory(name=f"{self.canary} AB", slug=name, email=f"{self.canary}@x.example", **company)
        distribution = self.company.distribution
        distribution.sender_name, distribution.reply_to = f"{self.canary} avsändare", f"{self.canary}@svar.example"
        distribution.active_methods = [Method.EMAIL, Method.OWN_PRINTER]
        distribution.save()
        self.template = self.company.templates.get()
        self.template.name, self.template.texts = f"{self.canary} mall", {"sv": {"opening": f"{self.canary} hälsar"}}
        self.template.save()
        drawing = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><title>{self.canary}</title></svg>'
        self.logo = ArchivedFile.objects.keep(self.company, drawing.encode(), media_type="image/svg+xml")
        self.company.logo = self.logo
        self.company.save()
        MailText.objects.create(
            company=self.company, kind="debit", language="sv", subject=f"{self.canary} ämne", body=f"{self.canary} brev"
        )
        self.clerk = MemberFactory(company=self.company, role=Role.MANAGER, user__name=f"{self.canary} Berg").user
        workspace = self.company.workspace
        card = {"name": f"{self.directory_canary} kort", "email": f"{self.directory_canary}@kort.example"}
        self.colleague = MemberFactory(company=self.company, user__name=f"{self.canary} Ek").user
        self.saved_view = SavedViewFactory(company=self.company, by=self.clerk, name=self.canary, query="tab=sent")
        self.organisation = OrganisationFactory(workspace=workspace, **card, number=f"{name}-1")
        self.reference = InvoiceReferenceFactory(organisation=self.organisation, code=f"{self.directory_canary}-ref")
        self.customer = CustomerFactory(workspace=workspace, **card, number=f"{name}-2")
        self.invoice = self.make_invoice("1")
        self.sent = self.make_invoice("2")
        self.draft = self.make_invoice("3")
        Invoice.objects.filter(pk=self.draft.pk).update(number=None)
        self.batch = self.send(self.sent)
        self.delivery = Delivery.objects.get(batch=self.batch)
        self.sheet = planning.plan(self.company, {"ids": [str(self.invoice.pk)]}, by=self.clerk)
        self.file = ArchivedFile.objects.keep(self.company, f"{self.canary} innehåll".encode(), media_type="text/plain")
        self.invoice_file = InvoiceFile.objects.create(invoice=self.invoice, file=self.file, name=f"{self.canary}.txt")
        self.enclosure = Enclosure.objects.create(
            delivery=self.delivery, file=self.file, name=f"{self.canary}.pdf", role=Enclosure.Role.PDF
        )
        self.parcel = Parcel.objects.create(
            company=self.company, batch=self.batch, method=Method.OWN_PRINTER, part=1, name=f"{self.canary}.pdf",
            file=self.file, taken_at=timezone.now(),
        )  # fmt: skip
        self.letters = Parcel.objects.create(
            company=self.company, batch=self.batch, method=Method.CENTRAL_PRINT, part=1, name=f"{self.canary}.zip",
            file=self.file, documents=1, taken_at=timezone.now(),
        )  # fmt: skip
        self.upload = Upload.objects.create(company=self.company, by=self.clerk, finished_at=timezone.now())
        UploadedFile.objects.create(
            upload=self.upload, position=1, name=f"{self.canary}.xml", file=self.file, outcome="refused",
            findings=[{"code": "unknown-seller", "params": {"seller": self.canary, "ids": self.canary}}],
        )  # fmt: skip
        self.connection = Connection.objects.create(
            company=self.company, method=Method.CENTRAL_PRINT, kind="sftp", name=f"{self.canary} tryckeri",
            host=f"{self.canary}.example", port=22, username=self.canary, folder=self.canary,
        )  # fmt: skip
        Answer.objects.create(
            company=self.company, connection=self.connection, name=f"{self.canary}.json", unmatched_count=1,
            unmatched=[{"id": self.canary, "status": "posted", "message": self.canary, "why": "unknown"}],
        )  # fmt: skip
        self.news = Notification.objects.create(
            company=self.company, kind=Notification.Kind.RELAY_PAUSED, key=name, role=Role.VIEWER,
            data={"waiting": 1, "reason": self.canary},
        )  # fmt: skip
        MailTest.objects.create(
            company=self.company, by=self.clerk, address=f"{self.canary}@test.example", text=self.canary
        )
        self.payment = paying.register_payment(
            self.invoice, 100, paid_on="2026-11-20", note=f"{self.canary} betalning", by=self.clerk
        )
        history.record(self.invoice, "invoice.email", by=self.clerk, email=f"{self.canary}@historik.example")

    def make_invoice(self, number):
        content = f"<x>{self.canary}</x>".encode()
        return InvoiceFactory(
            company=self.company,
            customer=self.customer,
            organisation=self.organisation,
            number=f"{self.canary}-{number}",
            buyer_name=f"{self.canary} köpare",
            note=self.canary,
            email=f"{self.canary}@faktura.example",
            original=ArchivedFile.objects.keep(self.company, content, media_type="application/xml"),
        )

    def send(self, invoice):
        batch = planning.plan(self.company, {"ids": [str(invoice.pk)]}, by=self.clerk)
        sending.send(batch, template=self.company.templates.get(), again=False, by=self.clerk)
        Delivery.objects.filter(batch=batch).update(
            method=Method.EMAIL, address=f"{self.canary}@leverans.example", reply_text=self.canary
        )
        Delivery.objects.filter(batch=batch).move(State.FAILED, reason="no_mailbox", finished_at=timezone.now())
        batch.refresh_from_db()
        return batch

    def address_of(self, kind):
        """The keyword arguments of a URL about one object of this world."""
        if kind == "enclosure":
            return {"pk": self.delivery.pk, "id": self.enclosure.pk}
        if kind == "payment":
            return {"pk": self.invoice.pk, "payment": self.payment.pk}
        if kind == "invoice_file":
            return {"pk": self.invoice.pk, "id": self.invoice_file.pk}
        if kind == "mail_text":
            return {"kind": "debit", "language": "sv"}
        if kind == "preview_file":
            return {"pk": self.invoice.pk, "name": "company.css"}
        return {"pk": getattr(self, kind).pk}

    def form(self):
        """Ids and words of this world under every field name that a form or a query string has."""
        ids = [str(self.invoice.pk), str(self.sent.pk), str(self.delivery.pk)]
        one = {"batch": self.batch.pk, "template": self.company.templates.get().pk, "invoice": self.invoice.pk}
        words = {"scope": "all", "verdict": "again", "reason": "x", "why": "x", "method": "email", "tab": "all"}
        words |= {"group": "failed-no_mailbox", "verb": "handled", "way": "x", "sent_on": "2026-11-20"}
        draft = {
            "do": "save", "recipient": f"customer:{self.customer.pk}", "reference": self.reference.pk,
            "currency": "SEK", "line_name": "x", "version": 0,
        }  # fmt: skip
        cards = {"customer": self.customer.pk, "organisation": self.organisation.pk, "person": self.customer.number}
        cards |= {"other": self.customer.pk, "distribution": "own_printer", "where": "everywhere"}
        looks = {"former": self.logo.pk, "shown": "sv", "layout": "window"}
        return {"ids": ids, "exclude": ids, **one, **words, **draft, **looks, **cards, "email": "", "list": "invoices"}


def everything_of(world, *, cards=True):
    """A hash over every row of this company, and of its workspace's cards."""
    digest = hashlib.sha256()
    for model in apps.get_models():
        names = {field.name for field in model._meta.concrete_fields}
        rows = None
        if "company" in names:
            rows = model.objects.filter(company=world.company)
        elif cards and "workspace" in names:
            rows = model.objects.filter(workspace=world.company.workspace)
        if rows is not None:
            for row in rows.order_by("pk").values():
                digest.update(json.dumps(row, cls=DjangoJSONEncoder, sort_keys=True, default=str).encode())
    return digest.hexdigest()

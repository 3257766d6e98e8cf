"""The two sides of the benchmark of sending, and the invoices that they send."""

from datetime import timedelta
from decimal import Decimal

from django.core.mail import EmailMessage, get_connection
from django.db.models import F
from django.utils import timezone

from distribution import channels, jobs
from distribution.actions import handing_over, planning, sending
from distribution.models import Delivery
from invoicing.models import Invoice, Line
from recipients.methods import Method
from recipients.models import Event
from tests.benchmarks.naive import naive_pdf
from tests.factories import CompanyFactory, CustomerFactory, InvoiceFactory, MemberFactory


def company():
    return CompanyFactory(colour="#0b6a61")


def invoices(seller, count, series, dice):
    """So many invoices of 5 to 25 lines, 25 % VAT, to as many customers."""
    made = []
    for number in range(count):
        prices = [Decimal(dice.randrange(1000, 90000)) / 100 for _ in range(dice.randrange(5, 26))]
        net = sum(prices)
        gross = net + (net / 4).quantize(Decimal("0.01"))
        customer = CustomerFactory(workspace=seller.workspace)
        invoice = InvoiceFactory(
            company=seller, customer=customer, number=f"{series}-{number}", payable=gross, vat=gross - net,
            payment_reference=f"{dice.randrange(10**9)}", vat_rows=[
                {"category": "S", "rate": "25", "net": str(net), "vat": str(gross - net), "exemption": ""}
            ],
        )  # fmt: skip
        invoice.lines.all().delete()
        Line.objects.bulk_create(
            Line(
                invoice=invoice,
                position=position,
                name=f"Bokning av sal {position}, tisdagar 18-19",
                description="1, 8 och 15 december",
                quantity=1,
                unit="HUR",
                price=price,
                net=price,
                vat_category="S",
                vat_rate=25,
            )
            for position, price in enumerate(prices, 1)
        )
        made.append(invoice)
    return made


class Ours:
    """The product's own steps, one after another in this process."""

    def __init__(self, seller):
        self.seller, self.clerk = seller, MemberFactory(company=seller).user
        self.channel = None

    def send(self, work):
        batch = planning.plan(self.seller, {"ids": [str(invoice.pk) for invoice in work]}, by=self.clerk)
        sending.send(batch, template=self.seller.templates.first(), again=False, by=self.clerk)
        jobs.route(batch.pk)
        while Delivery.objects.filter(batch=batch).unprepared().exists():
            jobs.prepare(batch.pk)
        Delivery.objects.filter(batch=batch).update(leaves_at=F("leaves_at") - timedelta(hours=1))
        self.channel = self.channel or channels.open(Method.EMAIL)
        while claimed := handing_over.claim():
            for delivery in claimed:
                handing_over.hand_over(delivery, self.channel)
        sent = batch.deliveries.filter(state="sent").count()
        assert sent == len(work), f"{sent} of {len(work)} arrived"


class Naive:
    """One invoice at a time: print, mail over a connection of its own, save."""

    def __init__(self, seller):
        self.seller = seller

    def send(self, work):
        for pk in [invoice.pk for invoice in work]:
            invoice = Invoice.objects.select_related("company", "customer").get(pk=pk)
            invoice.in_flight = "waiting"
            invoice.save()
            pdf = naive_pdf(invoice, template=self.seller.templates.first(), language="sv")
            mail = EmailMessage(
                f"Faktura {invoice.number}", "Fakturan ligger ved.", "faktura@utskick.example", [invoice.customer.email]
            )
            mail.attach(f"Faktura-{invoice.number}.pdf", pdf, "application/pdf")
            mail.connection = smtp()
            mail.send()
            invoice.in_flight, invoice.sent_at = "", timezone.now()
            invoice.save()
            Event.objects.create(company=self.seller, about=invoice.pk, thread=invoice.pk, what="naive.sent")


def smtp():
    return get_connection("django.core.mail.backends.smtp.EmailBackend")

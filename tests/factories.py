"""Rows for tests: small, valid and readable. Amounts in SEK unless said."""

from datetime import date, timedelta
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory, Password

from config.ids import uuid7
from config.sealing import sealed
from distribution.models import Connection, Delivery, Settings
from distribution.states import State
from invoicing.models import DocumentTemplate, Invoice, Line, Series
from recipients.methods import Method
from recipients.models import (
    Company,
    Customer,
    InvoiceReference,
    Member,
    Organisation,
    Preference,
    Role,
    SavedView,
    User,
    Workspace,
)


class WorkspaceFactory(DjangoModelFactory):
    class Meta:
        model = Workspace

    name = factory.Sequence("Workspace {}".format)


class CompanyFactory(DjangoModelFactory):
    """A company that can send by e-mail, with its settings and its standard template."""

    class Meta:
        model = Company
        skip_postgeneration_save = True

    workspace = factory.SubFactory(WorkspaceFactory)
    name = factory.Sequence("Fjordgym {} AB".format)
    slug = factory.Sequence("fjordgym-{}".format)
    legal_id = factory.Sequence(lambda n: f"55667{n:05d}")
    vat_id = factory.LazyAttribute(lambda o: f"SE{o.legal_id}01")
    street, postcode, city, country = "Hamngatan 12", "111 47", "Stockholm", "SE"
    email = factory.LazyAttribute(lambda o: f"ekonomi@{o.slug}.example")
    bankgiro = "5050-1055"
    language = "sv"
    requires_second_factor = False

    @factory.post_generation
    def distribution(self, create, extracted, **settings):
        settings = {
            "active_methods": [Method.EMAIL],
            "default_method": Method.EMAIL,
            "sender_prefix": self.slug,
            "undo_minutes": 5,
        } | settings
        Settings.objects.create(company=self, **settings)
        DocumentTemplate.objects.create(company=self, name="Standard")
        Series.objects.create(company=self, next_number=1001)


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence("kim{}@fjordgym.example".format)
    name = "Kim Berg"
    password = Password("demo")


class MemberFactory(DjangoModelFactory):
    class Meta:
        model = Member

    user = factory.SubFactory(UserFactory)
    company = factory.SubFactory(CompanyFactory)
    role = Role.CLERK


class SavedViewFactory(DjangoModelFactory):
    """All that was sent, shared with the company."""

    class Meta:
        model = SavedView

    company = factory.SubFactory(CompanyFactory)
    by = factory.SubFactory(UserFactory)
    list = "invoices"
    name = factory.Sequence("View {}".format)
    query = "tab=sent"
    is_shared = True


class OrganisationFactory(DjangoModelFactory):
    class Meta:
        model = Organisation

    workspace = factory.SubFactory(WorkspaceFactory)
    name = factory.Sequence("Borg {} AB".format)
    number = factory.Sequence("O{:05d}".format)
    email = factory.Sequence("info@borg{}.example".format)
    language = "sv"


class InvoiceReferenceFactory(DjangoModelFactory):
    class Meta:
        model = InvoiceReference

    organisation = factory.SubFactory(OrganisationFactory)
    code = factory.Sequence("47{:02d}".format)
    name = "Inköp"


class CustomerFactory(DjangoModelFactory):
    class Meta:
        model = Customer

    workspace = factory.SubFactory(WorkspaceFactory)
    name = factory.Sequence("Eva Lund {}".format)
    number = factory.Sequence("K{:05d}".format)
    email = factory.Sequence("eva{}@example.com".format)
    street, postcode, city, country = "Solvägen 4", "133 31", "Saltsjöbaden", "SE"
    language = "sv"


class PreferenceFactory(DjangoModelFactory):
    class Meta:
        model = Preference

    workspace = factory.LazyAttribute(lambda o: (o.customer or o.organisation or o.reference.organisation).workspace)
    reference = organisation = customer = company = None
    method = Method.EMAIL


class InvoiceFactory(DjangoModelFactory):
    """An issued invoice of one line to a person, 349 kr of which 19.75 VAT (6 %)."""

    class Meta:
        model = Invoice
        skip_postgeneration_save = True

    company = factory.SubFactory(CompanyFactory)
    customer = factory.SubFactory(CustomerFactory, workspace=factory.SelfAttribute("..company.workspace"))
    organisation = None
    number = factory.Sequence(lambda n: str(10000 + n))
    buyer_name = factory.LazyAttribute(lambda o: (o.customer or o.organisation).name)
    buyer_street, buyer_postcode, buyer_city, buyer_country = "Solvägen 4", "133 31", "Saltsjöbaden", "SE"
    buyer_number = factory.LazyAttribute(lambda o: (o.customer or o.organisation).number or "")
    issued_on = date(2026, 11, 20)
    due_on = factory.LazyAttribute(lambda o: o.issued_on + timedelta(days=30))
    currency = "SEK"
    payable = Decimal("349.00")
    gross = factory.SelfAttribute("payable")
    vat = factory.LazyAttribute(lambda o: (o.gross * 6 / 106).quantize(Decimal("0.01")))
    net = factory.LazyAttribute(lambda o: o.gross - o.vat)
    line_total = factory.SelfAttribute("net")
    balance = factory.SelfAttribute("payable")
    vat_rows = factory.LazyAttribute(
        lambda o: [{"category": "S", "rate": "6", "net": str(o.net), "vat": str(o.vat), "exemption": ""}]
    )
    payment_reference = factory.LazyAttribute(lambda o: f"{o.number}0" if o.number else "")

    @factory.post_generation
    def lines(self, create, extracted, **kwargs):
        Line.objects.create(
            invoice=self, position=1, name="Medlemskap, december 2026", quantity=1, unit="MON",
            price=self.net, net=self.net, vat_category="S", vat_rate=6,
        )  # fmt: skip


class ConnectionFactory(DjangoModelFactory):
    """To a print provider over SFTP, with a password; nobody has accepted its key."""

    class Meta:
        model = Connection

    company = factory.SubFactory(CompanyFactory)
    method = Method.CENTRAL_PRINT
    kind = Connection.Kind.SFTP
    name = "Tryckeriet Norden"
    host, port, username, folder = "sftp.tryckeriet.example", 22, "fjordgym", "in"
    id = factory.LazyFunction(uuid7)
    secret = factory.LazyAttribute(lambda o: sealed(str(o.id), "hemligt"))


class DeliveryFactory(DjangoModelFactory):
    """A delivery by e-mail as it lies in the table; what it went through is not made up."""

    class Meta:
        model = Delivery

    company = factory.SelfAttribute("invoice.company")
    invoice = factory.SubFactory(InvoiceFactory)
    state = State.SENT
    method = Method.EMAIL
    address = factory.SelfAttribute("invoice.customer.email")

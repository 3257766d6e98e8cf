"""A company with many invoices in a test database, and a look at the processes that work on it."""

from pathlib import Path

from config.ids import uuid7
from invoicing.models import Invoice, Line
from tests.factories import CompanyFactory, InvoiceFactory, MemberFactory


def company_with(series, size):
    """(company, clerk): for each name in `series` so many invoices whose numbers begin with it, one line each."""
    company = CompanyFactory()
    clerk = MemberFactory(company=company).user
    model = InvoiceFactory(company=company)
    values = {field.attname: getattr(model, field.attname) for field in Invoice._meta.concrete_fields}
    for name in series:
        made = Invoice.objects.bulk_create(
            Invoice(**{**values, "id": uuid7(), "number": f"{name}{n}"}) for n in range(size)
        )
        Line.objects.bulk_create(
            Line(invoice=invoice, position=1, name="Medlemskap", quantity=1, price=model.net, net=model.net, vat_rate=6)
            for invoice in made
        )
    return company, clerk


def address_of(connection):
    """The test database as a URL, for processes of their own."""
    if connection.vendor == "sqlite":
        return f"sqlite:///{connection.settings_dict['NAME']}"
    s = connection.settings_dict
    password = f":{s['PASSWORD']}" if s["PASSWORD"] else ""
    return f"postgres://{s['USER']}{password}@{s['HOST'] or 'localhost'}:{s['PORT'] or 5432}/{s['NAME']}"


def family_of(pid):
    """The process and its descendants."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(relative for child in children for relative in family_of(int(child)))]


def memory_of(pid):
    """Peak resident memory, in MB; 0 of one that has ended and waits for its parent."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0)

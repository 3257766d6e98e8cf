"""`./dev bench directory --customers N --json`: how long the list of customers and Change method answer.

Real requests through the views, each list several times; the median in milliseconds of server time.
"""

import argparse
import json
import os
import statistics
import time

import django

TIMES = 9
PAGES = {
    "first_page": "",
    "letter": "?at=S",
    "further": "?older=s,018bcfe5-6800-7000-8000-000000000000",
    "search": "?q=åsa",
    "method": "?method=own_printer",
    "lacks_email": "?lacks=email",
    "open_invoices": "?invoices=open",
}


def main():
    arguments = argparse.ArgumentParser(prog="dev bench directory")
    arguments.add_argument("--customers", type=int, default=5_000)
    arguments.add_argument("--json", action="store_true")
    asked = arguments.parse_args()
    from django.test.runner import DiscoverRunner

    runner = DiscoverRunner(verbosity=0)
    databases = runner.setup_databases()
    try:
        result = run(asked.customers)
    finally:
        runner.teardown_databases(databases)
    print(json.dumps(result) if asked.json else "\n".join(f"{name:20}{value}" for name, value in result.items()))


def run(size):
    from django.db import connection
    from django.test import Client

    from recipients.models import Customer

    company, clerk = directory_of(size)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client(SERVER_NAME="localhost")
    client.force_login(clerk)
    address = f"/c/{company.slug}/customers/"
    result = {"database": connection.vendor, "customers": size, "invoices": 2 * size}
    for name, query in PAGES.items():
        result[f"{name}_ms"] = statistics.median(timed(lambda q=query: client.get(address + q)) for _ in range(TIMES))
    form = {
        "scope": "all",
        "query": "",
        "distribution": "own_printer",
        "counted": Customer.objects.count() - size // 10,
    }
    result["change_method_of_all_ms"] = timed(lambda: client.post(f"{address}methods/", form), expected=302)
    return result


def timed(request, *, expected=200):
    began = time.perf_counter()
    answer = request()
    assert answer.status_code == expected, (answer.status_code, answer.content[-2000:])
    return round(1000 * (time.perf_counter() - began))


def directory_of(size):
    """(company, clerk): customers with two invoices and two deliveries each; every tenth has a choice, or no e-mail."""
    from config.ids import uuid7
    from distribution.models import Delivery
    from invoicing.models import Invoice
    from recipients.models import Customer, Preference
    from tests.benchmarks.ledger import company_with

    company, clerk = company_with((), 0)
    company.distribution.active_methods = ["email", "own_printer"]
    company.distribution.save()
    workspace = company.workspace
    customers = Customer.objects.bulk_create(
        Customer(
            workspace=workspace,
            number=str(50_000 + n),
            name=name,
            street="Solvägen 4",
            city="Örebro",
            email="" if n % 10 == 1 else f"{n}@post.example",
        )
        for n, name in enumerate(names(size))
    )
    Preference.objects.bulk_create(
        Preference(workspace=workspace, customer=customer, method="own_printer") for customer in customers[::10]
    )
    model = Invoice.objects.get()
    values = {field.attname: getattr(model, field.attname) for field in Invoice._meta.concrete_fields}
    invoices = Invoice.objects.bulk_create(
        Invoice(**{**values, "id": uuid7(), "number": f"D{n}", "customer_id": customers[n % size].pk})
        for n in range(2 * size)
    )
    Delivery.objects.bulk_create(
        Delivery(company=company, invoice=invoice, method="email", address=f"{n % size}@post.example", state="sent")
        for n, invoice in enumerate(invoices)
    )
    return company, clerk


def names(size):
    first = (
        "Anna",
        "Björn",
        "Eva",
        "Göran",
        "Ingrid",
        "Kari",
        "Lars",
        "Maja",
        "Pekka",
        "Sofia",
        "Tove",
        "Åsa",
        "Örjan",
    )
    last = ("Andersson", "Berg", "Dahl", "Ek", "Hansen", "Lund", "Nieminen", "Sandberg", "Virtanen", "Åberg", "Öberg")
    return (f"{first[n % 13]} {last[n % 11]} {n // 143}" for n in range(size))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    main()

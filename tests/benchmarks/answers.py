"""`./dev bench answers --invoices N --cards M --json`: how long what-if, reachability report and tester take to answer.

Real requests through the views. Half of the cards have an address; every invoice is to a card of its own, as far as
there are cards. Seconds, and of them the ones that this process computed (on a busy machine they differ).
"""

import argparse
import json
import os
import time

import django


def main():
    arguments = argparse.ArgumentParser(prog="dev bench answers")
    arguments.add_argument("--invoices", type=int, default=10_000)
    arguments.add_argument("--cards", type=int, default=5_000)
    arguments.add_argument("--json", action="store_true")
    asked = arguments.parse_args()
    from django.test.runner import DiscoverRunner

    runner = DiscoverRunner(verbosity=0)
    databases = runner.setup_databases()
    try:
        result = run(asked.invoices, asked.cards)
    finally:
        runner.teardown_databases(databases)
    print(json.dumps(result) if asked.json else "\n".join(f"{name:16}{value}" for name, value in result.items()))


def run(size, cards):
    from django.db import connection
    from django.test import Client
    from django.test.utils import setup_test_environment

    from distribution.models import Settings
    from distribution.resolver import routes
    from invoicing.models import Invoice
    from recipients.models import Customer, Member, Role
    from tests.benchmarks.ledger import company_with

    setup_test_environment()  # keeps what a page was made of
    company, clerk = company_with(("N",), size)
    Member.objects.filter(user=clerk).update(role=Role.MANAGER)
    Settings.objects.filter(company=company).update(active_methods=["email", "own_printer"])
    made = Customer.objects.bulk_create(
        Customer(
            workspace=company.workspace, name=f"Eva {n}", number=f"K-{n}", email=f"eva{n}@x.example" if n % 2 else ""
        )
        for n in range(cards)
    )
    invoices = list(Invoice.objects.of(company).only("pk"))
    for place, invoice in enumerate(invoices):
        invoice.customer_id = made[place % cards].pk
    Invoice.objects.bulk_update(invoices, ["customer"], batch_size=400)
    company.refresh_from_db()
    client = Client(SERVER_NAME="localhost")
    client.force_login(clerk)
    base = f"/c/{company.slug}"

    def timed(work):
        work()  # templates are compiled once
        began, used = time.perf_counter(), time.process_time()
        found = work()
        return found, [round(time.perf_counter() - began, 2), round(time.process_time() - used, 2)]

    settings = {
        "active_methods": ["email", "own_printer"], "default_method": "own_printer", "reserve_method": "",
        "undo_minutes": 5, "sender_prefix": company.distribution.sender_prefix, "links_to_organisation": "on",
    }  # fmt: skip
    one_pass = timed(lambda: sum(1 for _ in routes(Invoice.objects.of(company).to_send(), company)))[1]
    answer, what_if_s = timed(lambda: client.post(f"{base}/settings/distribution/", settings))
    report, report_s = timed(lambda: client.get(f"{base}/reports/reachability/"))
    excel, excel_s = timed(lambda: client.get(f"{base}/reports/reachability/excel/"))
    tester, tester_s = timed(lambda: client.get(f"{base}/settings/distribution/?test=Eva 1"))
    assert {each.status_code for each in (answer, report, excel, tester)} == {200}
    return {
        "database": connection.vendor,
        "invoices": size,
        "cards": cards,
        "resolve_s": one_pass,
        "what_if_s": what_if_s,
        "moved": answer.context["found"].moved,
        "report_s": report_s,
        "unreached": report.context["total"],
        "excel_s": excel_s,
        "tester_s": tester_s,
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    main()

"""The logs of web, queue and sender after good and bad days: they tell what happened, and nothing about people."""

import json
import urllib.error
import urllib.parse
import urllib.request
from decimal import Decimal

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from django_q.tasks import async_task

from distribution.models import Delivery, Enclosure
from distribution.states import State
from recipients.actions.people import login_link
from tests.demo.sink import Rule
from tests.factories import CustomerFactory

from .conftest import Office, soon

pytestmark = pytest.mark.processes

CANARY = "Kanarie"  # in each text about a person, a company or a document
AMOUNT = "98765"


def known(house):
    """A company, its clerk and four invoices whose every text is a canary."""
    office = Office(
        house, name=f"{CANARY} AB", slug="kanarie-slug", street=f"{CANARY} 1", city=CANARY, email="box@kanarie.test"
    )
    office.clerk.name, office.clerk.email = CANARY, "clerk@kanarie.test"
    office.clerk.save()
    invoices = []
    for kind in ("taken", "refused", "later", "damaged"):
        customer = CustomerFactory(
            workspace=office.company.workspace, name=f"{CANARY} {kind}", email=f"{kind}@kanarie.test",
            street=f"{CANARY} 2", city=CANARY,
        )  # fmt: skip
        invoices.append(office.invoice(customer=customer, number=f"{CANARY}-{kind}", payable=Decimal(AMOUNT)))
    return office, invoices


def ask(house, path, *, user=None, data=None):
    """The status of an answer of the real web process."""
    request = urllib.request.Request(f"{house.url}{path}", data and urllib.parse.urlencode(data).encode())
    if user:
        client = Client()
        client.force_login(user)
        request.add_header("Cookie", f"sessionid={client.cookies['sessionid'].value}")
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


def test_the_logs_name_nobody(running):
    with running(LOG_FORMAT="json", LOG_LEVEL="INFO") as house:
        house.plan(
            Rule("^refused@", "rcpt", answer="550 5.1.1 <refused@kanarie.test>: Kanarie does not live here"),
            Rule("^later@", "rcpt", answer="451 4.2.0 later@kanarie.test is over quota"),
        )
        office, invoices = known(house)
        batch = office.ready(*invoices)
        damaged = Enclosure.objects.filter(delivery__invoice=invoices[3]).first()
        damaged.file.on_disk().write_bytes(b"Kanarie")
        house.close_window(batch)
        soon(lambda: office.states(batch) == {State.SENT: 1, State.FAILED: 2, State.WAITING: 1})
        soon(Delivery.objects.filter(attempts__gt=0).exists)
        async_task("distribution.jobs.read_answers", "kanarie@kanarie.test")  # no id at all: Django quotes it
        async_task("distribution.jobs.mail_password_link", "clerk@kanarie.test", "https://kanarie.test")

        slug, link = office.company.slug, login_link(office.clerk, "")
        token = default_token_generator.make_token(office.clerk)
        assert ask(house, f"/c/{slug}/invoices/?q={CANARY}", user=office.clerk) == 200
        assert ask(house, f"/c/{slug}/{CANARY}/", user=office.clerk) == 404
        assert ask(house, link) == 200
        assert ask(house, "/login/", data={"username": "clerk@kanarie.test", "password": CANARY}) == 403
        url = f"/c/{slug}/deliveries/{damaged.delivery_id}/files/{damaged.pk}/"
        assert ask(house, url, user=office.clerk) == 200  # it says that the file cannot be read
        log = house.folder / "processes.log"
        soon(lambda: "a job broke" in log.read_text() and "mail_password_link" in log.read_text())

    said = log.read_text()
    found = [line for line in said.splitlines() if CANARY.lower() in line.lower() or AMOUNT in line or token in line]
    assert found == []
    secrets = {house.environment["SECRET_KEY"], *house.environment["SECRETS_KEYS"].split(","), link.split("/")[-2]}
    assert [secret for secret in secrets if secret in said] == []

    lines = {"web": [], "qcluster": [], "deliver": []}
    for line in said.splitlines():
        who, _bar, words = line.partition("| ")
        if who.strip() in lines and (words.startswith("{") or who.strip() != "web"):  # gunicorn's own are plain here
            lines[who.strip()].append(json.loads(words))
    # And they do tell what happened: who asks for a delivery by its id finds its story.
    handed = {line["delivery"]: (line["outcome"], line["message"]) for line in lines["deliver"] if "outcome" in line}
    outcomes = {
        str(row.pk): row.invoice.customer.email.partition("@")[0] for row in Delivery.objects.filter(batch=batch)
    }
    assert {outcomes[pk]: story for pk, story in handed.items()} == {
        "taken": ("taken", "handed over: 250"), "refused": ("refused", "handed over: 550"),
        "later": ("not_now", "handed over: 451"), "damaged": ("refused", "handed over: …"),
    }  # fmt: skip
    jobs = {line["work"]: line for line in lines["qcluster"] if "work" in line}
    assert jobs["route"]["batch"] == str(batch.pk)
    assert len(jobs["prepare"]["job"]) == 32
    broke = [line for line in lines["qcluster"] if line["message"] == "a job broke"]
    assert broke[0]["exceptions"][0]["type"] == "django.core.exceptions.ValidationError"
    assert (broke[0]["work"], broke[0]["connection"]) == ("read_answers", "…")
    views = {line["view"]: line for line in lines["web"] if line["message"] == "answered"}
    assert views["invoicing:invoices"]["status"] == 200
    assert len(views["invoicing:invoices"]["request"]) == 32

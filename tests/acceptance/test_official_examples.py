"""The official UBL examples all the way: through the upload page, Send, and into the letter box, each once."""

import re
from collections import Counter

from invoicing.models import Invoice
from recipients.models import Customer, Organisation
from tests.conformance import company_of_each_seller, examples
from tests.factories import MemberFactory, UserFactory

from .clerk import Clerk

ALLOWED = re.compile(r"is taken since|, BT-1\d\d\) is")  # the number is already here, or a sum does not add up


def test_the_official_examples_arrive_once_each(db, work, minutes_pass, mailserver):
    files = [(path.name, path.read_bytes()) for path in examples("ubl")]
    assert len(files) == 60
    companies = company_of_each_seller(content for _name, content in files)
    user = UserFactory()
    for company in companies:
        MemberFactory(user=user, company=company)

    clerk = Clerk(user, companies[0]).login().upload(*files)
    work()
    report = clerk.open(clerk.url).rows()
    taken = [row for row in report if "Taken in" in row]
    refused = [row for row in report if "Refused" in row]
    assert len(taken) >= 44
    assert len(taken) + len(refused) == 60
    assert [row for row in refused if not ALLOWED.search(row)] == []

    for card in (*Customer.objects.all(), *Organisation.objects.all()):
        card.email = f"{card.pk}@buyer.example"
        card.save()
    for company in companies:
        clerk.open(company.get_absolute_url()).follow("Invoices", within="nav")  # where the switcher leads; To send
        if everything := [label for label in clerk.labels() if label.startswith("Select all ")]:
            clerk.tick(*everything).press_send().confirm()
    minutes_pass(6)

    arrived, invoices = Counter(), list(Invoice.objects.select_related("company"))
    for mail in mailserver.received():
        (invoice,) = (each for each in invoices if is_about(mail, each))
        assert "".join(invoice.number.split()) in "".join(mail.paper.split())
        assert mail.to == f"{invoice.organisation_id or invoice.customer_id}@buyer.example"
        arrived[invoice.pk] += 1
    assert len(arrived) == len(taken)
    assert set(arrived.values()) == {1}


def is_about(mail, invoice):
    """The sender is the invoice's company and the subject names its number, as a whole word."""
    whole = rf"(?<![\w/-]){re.escape(invoice.number)}(?![\w/-])"
    return mail.mail_from.startswith(f"{invoice.company.slug}@") and re.search(whole, mail.subject)

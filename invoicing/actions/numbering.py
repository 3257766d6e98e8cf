"""The number that a document gets when it is issued."""

from invoicing.models import Invoice
from recipients.models import Company


class NumberTaken(Exception):
    """The next number is another invoice's already: `text`."""

    def __init__(self, text):
        super().__init__(text)
        self.text = text


def take_number(company):
    """The next number of the company as (text, payment reference), held until the transaction ends."""
    Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    numbers = Invoice.objects.of(company).filter(number__regex=r"^[0-9]{1,18}$").values_list("number", flat=True)
    return str(max(map(int, numbers), default=0) + 1), ""

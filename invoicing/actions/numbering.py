"""The series of a company's invoice numbers: what comes next, and what is taken."""

from django.db import transaction
from django.db.models.functions import Length

from invoicing.models import FIRST, FIRST_IN_FINLAND, Invoice, Series
from recipients import history


class NumberTaken(Exception):
    """The next number, or the payment reference made of it, is another invoice's already: `invoice`.

    `free` is the first number from there on that nobody has; nothing was issued and nothing was used up.
    """

    def __init__(self, text, invoice, free):
        super().__init__(text)
        self.text, self.invoice, self.free = text, invoice, free


def open_series(company):
    """A new company's series: from 1, in Finland from the first number that makes a reference."""
    first = FIRST_IN_FINLAND if company.country == "FI" else FIRST
    return Series.objects.create(company=company, next_number=first)


def take_number(company):
    """The next number as (text, payment reference). Call it in the transaction that saves the invoice under it.

    The row of the series stays locked until that transaction ends: two clerks get two numbers that follow each other,
    and what is rolled back leaves no gap. Raises NumberTaken.
    """
    series = Series.objects.of(company).select_for_update(no_key=True).get()
    text = str(series)
    reference = series.reference_of(text)
    others = Invoice.objects.of(company).issued()
    if taken := others.filter(number=text).first() or others.filter(payment_reference=reference).first():
        raise NumberTaken(text, taken, free=free_from(series))
    series.next_number += 1
    series.save(update_fields=["next_number"])
    return text, reference


def highest(series, prefix):
    """The highest number in use that is this prefix and digits alone, or 0."""
    used = Invoice.objects.of(series.company).filter(number__regex=rf"^{prefix}[0-9]{{1,12}}$")
    longest = used.order_by(-Length("number"), "-number").values_list("number", flat=True).first()
    return int(longest.removeprefix(prefix)) if longest else 0


def free_from(series):
    """The first number from the next one on that no invoice has, nor its reference."""
    step = 500
    others = Invoice.objects.of(series.company).issued()
    for start in range(series.next_number, series.next_number + 100 * step, step):
        texts = {n: series.text_of(n) for n in range(start, start + step)}
        references = {n: series.reference_of(text) for n, text in texts.items()}
        taken = set(others.filter(number__in=texts.values()).values_list("number", flat=True))
        paid_by = others.filter(payment_reference__in=references.values())
        taken |= set(paid_by.values_list("payment_reference", flat=True))
        for n, text in texts.items():
            if text not in taken and references[n] not in taken:
                return n
    return highest(series, series.prefix) + 1


@transaction.atomic
def change_series(series, changed, *, by):
    """Store changed columns of a series; `changed` names them. Numbers that were passed over stay unused."""
    if changed:
        series.save(update_fields=changed)
        history.record(series, "numbers.changed", by=by, fields=", ".join(changed))

"""Many invoices at once by e-mail and by letter, and whether what arrived is what was sent."""

import contextlib
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

from invoicing.models import Invoice
from recipients.methods import Method
from recipients.models import Company, User
from tests.benchmarks.ledger import company_with
from tests.demo.sink import read_log
from tests.factories import ConnectionFactory, CustomerFactory
from tests.servers.real import OpenSsh

from . import checker, evidence


@dataclass(frozen=True)
class Ways:
    company: Company
    clerk: User
    root: Path  # the print provider's folder


@contextlib.contextmanager
def two_ways(folder, size, channel):
    """A company with `size` invoices, an OpenSSH server as its print provider; yields Ways.

    `channel`: "email", "central-print", or "both": every other customer has no e-mail address.
    """
    company, clerk = company_with(("CH",), size)
    distribution = company.distribution
    distribution.active_methods = [Method.EMAIL, Method.CENTRAL_PRINT]
    distribution.default_method, distribution.reserve_method = Method.EMAIL, Method.CENTRAL_PRINT
    distribution.save()
    invoices = list(Invoice.objects.filter(company=company, number__startswith="CH"))
    paper = CustomerFactory(workspace=company.workspace, email="")
    for number, invoice in enumerate(invoices):
        invoice.number = f"CH{number:06}"
        if channel == "central-print" or (channel == "both" and number % 2):
            invoice.customer = paper
    Invoice.objects.bulk_update(invoices, ["number", "customer"], batch_size=500)
    with OpenSsh(folder / "openssh") as server:
        row = ConnectionFactory(
            company=company, host="127.0.0.1", port=server.port, username=server.username, folder="files",
            host_key=server.host_key(), secret="",
        )  # fmt: skip
        row.set_private_key(server.private_key)
        row.save()
        yield Ways(company, clerk, server.root)


def arrived(folder, root):
    """Every mail that the sink in `folder` took, and every letter in the files under `root`."""
    sink = SimpleNamespace(folder=folder, accepted=lambda: read_log(folder / "sink.jsonl"))
    letters = [letter for path in sorted(root.iterdir()) for letter in evidence.letters(path)]
    return evidence.mails(sink) + letters


def promises(batch, undone, mails):
    """How often each promise was broken: {name: number}; see checker.check."""
    confirmed = [str(pk) for pk in batch.deliveries.values_list("pk", flat=True)]
    found = checker.check(confirmed, map(str, undone), evidence.rows(), mails)
    return {name: len(ids) for name, ids in found.items()}

"""The official e-invoices, which stay outside the repository: CONFORMANCE_DIR, else beside the checkout."""

import os
from pathlib import Path

import pytest

from distribution.actions.importing import named_ids, seller_of
from invoicing.formats import ubl
from recipients.models import Company
from tests.factories import CompanyFactory

FOLDER = Path(os.environ.get("CONFORMANCE_DIR", Path(__file__).resolve().parents[2] / "shared" / "conformance"))


def examples(format_name):
    """The example files of one format, sorted; skips the test, saying why, where they are missing."""
    folder = FOLDER / format_name / "examples"
    if not folder.is_dir():
        pytest.skip(f"no official examples in {folder}: set CONFORMANCE_DIR")
    return sorted(folder.iterdir())


def company_of_each_seller(contents):
    """One company per seller of these UBL documents, all in one workspace."""
    companies = []
    for content in contents:
        seller = ubl.read(content)[0].seller
        if seller_of(seller, Company.objects.all()):
            continue
        ids = named_ids(seller)
        assert ids, seller.name
        legal = seller.legal_id.value if seller.legal_id else ""
        company = CompanyFactory(
            **({"workspace": companies[0].workspace} if companies else {}),
            name=seller.name[:100],
            country=seller.address.country if seller.address and seller.address.country else "SE",
            legal_id=legal,
            vat_id=seller.vat_id or ("" if legal else ids[0]),
        )
        companies.append(company)
    return companies

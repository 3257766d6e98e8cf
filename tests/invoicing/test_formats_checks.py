"""The arithmetic of EN 16931, on our own numbers and on the official unit tests of the rules."""

import os
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from invoicing.formats import checks, ubl
from invoicing.formats.findings import Code, Finding

ROOT = Path(__file__).parents[2]
CONFORMANCE = Path(os.environ.get("CONFORMANCE_DIR") or ROOT.parent / "shared" / "conformance")
RULES = [f"BR-CO-{number}" for number in range(10, 18)]
UNIT_TESTS = [
    path for kind in ("invoice", "creditnote") for path in sorted((CONFORMANCE / f"ubl/unit/cen-{kind}").glob("*.xml"))
]

SAMPLE, _ = ubl.read((ROOT / "tests/samples/ubl/fi_invoice.xml").read_bytes())
ROUNDED, _ = ubl.read((ROOT / "tests/samples/ubl/se_invoice.xml").read_bytes())


def with_totals(invoice=SAMPLE, **changes):
    changes = {name: None if value is None else Decimal(value) for name, value in changes.items()}
    return replace(invoice, totals=replace(invoice.totals, **changes))


def codes(invoice):
    return [finding.code.value for finding in checks.findings(invoice)]


def test_the_sample_adds_up():
    assert checks.findings(SAMPLE) == []


def test_a_finding_gives_both_amounts():
    assert checks.findings(with_totals(ROUNDED, payable="6920.63")) == [
        Finding(Code.BR_CO_16, {"given": Decimal("6920.63"), "expected": Decimal("6921.00")})
    ]


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({"lines": "314.66"}, ["BR-CO-10", "BR-CO-13"]),
        ({"lines": None}, ["BR-CO-10", "BR-CO-13"]),
        ({"allowances": "31.48"}, ["BR-CO-11", "BR-CO-13"]),
        ({"allowances": None}, ["BR-CO-11", "BR-CO-13"]),
        ({"charges": "0"}, []),
        ({"charges": "1"}, ["BR-CO-12", "BR-CO-13"]),
        ({"without_vat": "283.19"}, ["BR-CO-13", "BR-CO-15"]),
        ({"vat": "72.22"}, ["BR-CO-14", "BR-CO-15"]),
        ({"vat": None}, ["BR-CO-14", "BR-CO-15"]),
        ({"with_vat": "355.40"}, ["BR-CO-15", "BR-CO-16"]),
        ({"with_vat": None}, ["BR-CO-15", "BR-CO-16"]),
        ({"payable": "355.38"}, ["BR-CO-16"]),
        ({"prepaid": "55.39", "payable": "300"}, []),
        ({"prepaid": "55.39", "payable": "300.01"}, ["BR-CO-16"]),
        ({"prepaid": "55.39", "rounding": "-0.50", "payable": "299.50"}, []),
        ({"prepaid": "55.39", "rounding": "-0.50", "payable": "300"}, ["BR-CO-16"]),
    ],
)
def test_each_total_is_held_against_its_parts(changes, expected):
    assert codes(with_totals(**changes)) == expected


@pytest.mark.parametrize(
    "amount, rate, is_right",
    [
        ("73.20", "25.5", True),  # 72.21 is right; less than 1 away passes
        ("73.21", "25.5", False),
        ("71.22", "25.5", True),
        ("71.21", "25.5", False),
        ("-72.21", "25.5", True),  # the standard compares sizes
        ("0", None, True),
        ("0.49", "0", True),
        ("0.50", "0", False),
        ("72.21", None, False),
    ],
)
def test_the_vat_of_a_row_may_be_less_than_one_off(amount, rate, is_right):
    row = replace(SAMPLE.vat_rows[0], amount=Decimal(amount), rate=rate and Decimal(rate))
    found = [code for code in codes(replace(SAMPLE, vat_rows=(row,))) if code == "BR-CO-17"]
    assert found == ([] if is_right else ["BR-CO-17"])


def test_half_a_cent_in_a_sum_goes_up_as_in_the_official_rules():
    def line(net):
        return replace(SAMPLE.lines[0], net=Decimal(net))

    def sum_is_right(total, *nets):
        invoice = replace(with_totals(lines=total), lines=tuple(line(net) for net in nets))
        return "BR-CO-10" not in codes(invoice)

    assert sum_is_right("0.01", "0.003", "0.002")
    assert sum_is_right("0", "-0.003", "-0.002")
    assert not sum_is_right("-0.01", "-0.003", "-0.002")


def test_long_numbers_are_summed_exactly():
    """With the 28 digits that Decimal has by itself this would be half a cent, and one cent in the sum."""
    line = replace(SAMPLE.lines[0], net=Decimal("123456789012345.00499999999999999999"))
    invoice = replace(with_totals(lines="123456789012345.00"), lines=(line,))
    assert "BR-CO-10" not in codes(invoice)


def test_a_charge_without_its_total_is_found():
    charge = replace(SAMPLE.allowance_charges[0], is_charge=True)
    invoice = replace(SAMPLE, allowance_charges=(*SAMPLE.allowance_charges, charge))
    assert checks.findings(invoice) == [Finding(Code.BR_CO_12, {"given": None, "expected": Decimal("31.47")})]


# --- The official unit tests: fragments of documents, each with the rules that must hold and must not -----------------


def official():
    """(id, fragment, {rule: whether it must hold}) of every fragment that speaks of one of our rules."""
    for path in UNIT_TESTS:
        tests = etree.parse(path).findall("{*}test")
        for index, test in enumerate(tests):
            says = {
                each.text.strip(): etree.QName(each).localname == "success"
                for each in test.find("{*}assert")
                if etree.QName(each).localname in ("success", "error", "fatal", "warning")
            }
            if ours := {rule: holds for rule, holds in says.items() if rule in RULES}:
                yield pytest.param(test[-1], ours, id=f"{path.stem}-{index}")


def completed(fragment):
    """The fragment as a document that can be read: what the rules do not speak of is added."""
    cac, cbc = (f"{{{ubl.NAMESPACES[prefix]}}}" for prefix in ("cac", "cbc"))
    root = etree.fromstring(etree.tostring(fragment))

    def ensure(parent, tag, text=None):
        element = parent.find(tag)
        if element is None:
            element = etree.SubElement(parent, tag)
            element.text = text
        return element

    for tag, text in (("ID", "1"), ("IssueDate", "2026-11-20"), ("DocumentCurrencyCode", "EUR")):
        ensure(root, cbc + tag, text)
    for role in ("AccountingSupplierParty", "AccountingCustomerParty"):
        party = ensure(ensure(root, cac + role), f"{cac}Party")
        ensure(ensure(party, f"{cac}PartyLegalEntity"), f"{cbc}RegistrationName", "Name")
    ensure(ensure(root, f"{cac}LegalMonetaryTotal"), f"{cbc}PayableAmount", "0")
    for line in [*root.findall(f"{cac}InvoiceLine"), *root.findall(f"{cac}CreditNoteLine")]:
        ensure(line, f"{cac}Item")
        ensure(line, f"{cbc}LineExtensionAmount", "0")
    for row in root.iter(f"{cac}TaxSubtotal"):
        for tag in ("TaxableAmount", "TaxAmount"):
            ensure(row, cbc + tag, "0")
    return etree.tostring(root)


@pytest.mark.skipif(not UNIT_TESTS, reason=f"no official unit tests in {CONFORMANCE} (CONFORMANCE_DIR)")
@pytest.mark.parametrize("fragment, holds", list(official()))
def test_the_official_unit_tests(fragment, holds):
    invoice, _ = ubl.read(completed(fragment))
    broken = set(codes(invoice))
    assert {rule: rule not in broken for rule in holds} == holds

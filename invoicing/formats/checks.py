"""The arithmetic of EN 16931-1, section 6.4.3: are the totals of a document right as given?

The rules are held exactly as CEN's Schematron for UBL (1.3.16) holds them, its tolerances and its rounding included,
so that no document which is valid there is refused here. Two things are milder on purpose: a document without any
VAT total counts as having none to pay, and totals in other currencies are not looked at.
"""

from decimal import ROUND_FLOOR, Decimal, localcontext

from .findings import Code, Finding

CENT = Decimal("0.01")
NOTHING = Decimal(0)
PRECISION = 120  # digits: sums and products of the longest numbers that a reader lets through stay exact


def findings(invoice):
    """The totals of a CoreInvoice that do not add up; each of them makes the document one to refuse."""
    checks = (lines, allowances, charges, without_vat, vat, with_vat, payable, vat_rows)
    with localcontext(prec=PRECISION):
        return [finding for check in checks for finding in check(invoice)]


def lines(invoice):
    """BR-CO-10: BT-106 = Σ BT-131."""
    return differs(Code.BR_CO_10, invoice.totals.lines, to_cents(total(line.net for line in invoice.lines)))


def allowances(invoice):
    """BR-CO-11: BT-107 = Σ BT-92."""
    amounts = [each.amount for each in invoice.allowance_charges if not each.is_charge]
    if amounts or invoice.totals.allowances is not None:
        yield from differs(Code.BR_CO_11, invoice.totals.allowances, to_cents(total(amounts)))


def charges(invoice):
    """BR-CO-12: BT-108 = Σ BT-99."""
    amounts = [each.amount for each in invoice.allowance_charges if each.is_charge]
    if amounts or invoice.totals.charges is not None:
        yield from differs(Code.BR_CO_12, invoice.totals.charges, to_cents(total(amounts)))


def without_vat(invoice):
    """BR-CO-13: BT-109 = BT-106 - BT-107 + BT-108."""
    totals = invoice.totals
    expected = (totals.lines or NOTHING) + (totals.charges or NOTHING) - (totals.allowances or NOTHING)
    if totals.charges is not None or totals.allowances is not None:
        expected = to_cents(expected)
    return differs(Code.BR_CO_13, totals.without_vat, expected)


def vat(invoice):
    """BR-CO-14: BT-110 = Σ BT-117."""
    if invoice.vat_rows:
        yield from differs(Code.BR_CO_14, invoice.totals.vat, to_cents(total(row.amount for row in invoice.vat_rows)))


def with_vat(invoice):
    """BR-CO-15: BT-112 = BT-109 + BT-110."""
    totals = invoice.totals
    expected = to_cents((totals.without_vat or NOTHING) + (totals.vat or NOTHING))
    return differs(Code.BR_CO_15, totals.with_vat, expected)


def payable(invoice):
    """BR-CO-16: BT-115 = BT-112 - BT-113 + BT-114."""
    totals = invoice.totals
    due, given = totals.with_vat or NOTHING, totals.payable
    if totals.prepaid is not None:
        due = to_cents(due - totals.prepaid)
    if totals.rounding is not None:
        given = to_cents(given - totals.rounding)
    if given != due:
        yield Finding(Code.BR_CO_16, {"given": totals.payable, "expected": due + (totals.rounding or NOTHING)})


def vat_rows(invoice):
    """BR-CO-17: BT-117 = BT-116 x BT-119 / 100, less than 1 apart; where the rate is nothing, so is the amount."""
    for row in invoice.vat_rows:
        if to_units(row.rate or NOTHING) == 0:
            expected, is_right = NOTHING, to_units(row.amount) == 0
        else:  # the standard compares sizes, whatever the signs
            size = to_cents(abs(row.taxable) * row.rate / 100)
            expected, is_right = size.copy_sign(row.taxable), abs(abs(row.amount) - size) < 1
        if not is_right:
            params = {"given": row.amount, "expected": expected, "category": row.category, "rate": row.rate}
            yield Finding(Code.BR_CO_17, params)


def differs(code, given, expected):
    if given != expected:
        yield Finding(code, {"given": given, "expected": expected})


def total(amounts):
    return sum(amounts, NOTHING)


def to_units(value):
    """XPath's round(): half a unit goes up, towards plus infinity, so -2.5 becomes -2."""
    return (value + Decimal("0.5")).to_integral_value(ROUND_FLOOR)


def to_cents(value):
    return to_units(value * 100) * CENT

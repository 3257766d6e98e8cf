"""The sums of an invoice that is made here: EN 16931-1, section 6.4.3. `formats.checks` is its judge.

Plain Python, Decimal only. Each is rounded half up to two decimals: the line first, the VAT on the sum of its rate.
"""

from decimal import Decimal
from typing import NamedTuple

from .money import round_half_up

CENT = Decimal("0.01")
NOTHING = Decimal("0.00")


class Discount(NamedTuple):
    """What is taken off a line (BG-27): a percentage of it, or an amount."""

    percent: Decimal | None = None
    amount: Decimal | None = None

    def of(self, whole):
        return round_half_up(whole * self.percent / 100) if self.amount is None else self.amount


class Sums(NamedTuple):
    lines: Decimal  # BT-106
    vat: Decimal  # BT-110
    gross: Decimal  # BT-112
    rows: list  # of VatSum, BG-23, the highest rate first


class VatSum(NamedTuple):
    category: str  # BT-118
    rate: Decimal  # BT-119
    net: Decimal  # BT-116
    vat: Decimal  # BT-117


def line_sums(quantity, price, *, base=1, discount=None):
    """(BT-131 net, BT-136 amount of the discount) of one line."""
    whole = quantity * price / base
    off = discount.of(round_half_up(whole)) if discount else NOTHING
    return round_half_up(whole) - off, off


def sums(lines):
    """The Sums of (category, rate, net) triples."""
    nets = {}
    for category, rate, net in lines:
        nets[category, rate] = nets.get((category, rate), NOTHING) + net
    rows = [
        VatSum(category, rate, net, round_half_up(net * rate / 100))
        for (category, rate), net in sorted(nets.items(), key=lambda item: (-item[0][1], item[0][0]))
    ]
    net, vat = sum((row.net for row in rows), NOTHING), sum((row.vat for row in rows), NOTHING)
    return Sums(net, vat, net + vat, rows)

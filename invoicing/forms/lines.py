"""The lines of a draft as they are typed: any number of rows under the same field names, in the order of the page."""

from datetime import date
from decimal import Decimal

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from config.template_tags import count
from invoicing.models import Line
from invoicing.money import format_percent
from invoicing.totals import NOTHING, line_sums
from invoicing.vat import EXEMPT, RATES, REVERSE_CHARGE, STANDARD, ZERO, known_rates, rates_on

from .numbers import DiscountField, NumberField, typed

MOST = 1000
FIELDS = ("name", "description", "quantity", "unit", "price", "base_quantity", "discount", "vat")
UNITS = (
    ("C62", pgettext_lazy("unit", "pcs")), ("HUR", pgettext_lazy("unit", "hours")),
    ("DAY", pgettext_lazy("unit", "days")), ("WEE", pgettext_lazy("unit", "weeks")),
    ("MON", pgettext_lazy("unit", "months")), ("ANN", pgettext_lazy("unit", "years")), ("KGM", "kg"), ("LTR", "l"),
    ("MTR", "m"), ("MTK", "m²"), ("MTQ", "m³"), ("KMT", "km"), ("KWH", "kWh"),
)  # fmt: skip
WITHOUT_VAT = {
    ZERO: gettext_lazy("0 %"),
    EXEMPT: gettext_lazy("Exempt"),
    REVERSE_CHARGE: gettext_lazy("Reverse charge"),
}


SELECTED = SafeString(" selected")


class QuickSelect(forms.Select):
    """A select without a template of its own: a page may hold two thousand of them."""

    def render(self, name, value, attrs=None, renderer=None):
        chosen = str(value or "")
        options = format_html_join(
            "", "<option value=\"{}\"{}>{}</option>",
            ((code, SELECTED if str(code) == chosen else "", label) for code, label in self.choices),
        )  # fmt: skip
        return format_html('<select name="{}" id="{}"{}>{}</select>', name, *_rest(self, attrs), options)


class QuickInput(forms.TextInput):
    """An input without a template of its own."""

    def render(self, name, value, attrs=None, renderer=None):
        text = "" if value is None else value
        return format_html('<input name="{}" id="{}" value="{}"{}>', name, attrs["id"], text, _rest(self, attrs)[1])


class QuickArea(forms.Textarea):
    """A text area without a template of its own; it grows with its text."""

    def render(self, name, value, attrs=None, renderer=None):
        text = "" if value is None else value
        return format_html('<textarea name="{}" id="{}" rows="1"{}>\n{}</textarea>', name, *_rest(self, attrs), text)


def _rest(widget, attrs):
    """(id, the other attributes as HTML)."""
    every = widget.build_attrs(widget.attrs, attrs)
    others = ((name, value) for name, value in every.items() if name != "id" and value not in (None, False))
    return every["id"], format_html_join("", ' {}="{}"', others)


class LineForm(forms.Form):
    """One row. Nothing is required: a draft may have holes."""

    use_required_attribute = False
    name = forms.CharField(required=False, max_length=500, label=gettext_lazy("Description"))
    description = forms.CharField(required=False, max_length=2000, label=gettext_lazy("More text"))
    quantity = NumberField(decimals=6, label=gettext_lazy("Quantity"))
    unit = forms.CharField(required=False, max_length=10, label=gettext_lazy("Unit"))
    price = NumberField(decimals=6, label=gettext_lazy("Unit price"))
    base_quantity = NumberField(decimals=6)
    discount = DiscountField(decimals=2, label=gettext_lazy("Discount"))
    vat = forms.CharField(required=False, max_length=12, label=gettext_lazy("VAT"))

    def __init__(self, row, *, n, rates, units, country):
        super().__init__({f"line_{name}": row.get(name) or "" for name in FIELDS}, auto_id=f"row-{n}-%s")
        self.row, self.n, self.country = row, n, country
        for name, choices in (("unit", units), ("vat", rates)):
            self.fields[name].widget = QuickSelect(choices=choices)
        for name in ("name", "quantity", "price", "discount"):
            self.fields[name].widget = QuickInput()
        self.fields["description"].widget = QuickArea()
        self.fields["base_quantity"].widget = forms.HiddenInput()
        self.fields["quantity"].widget.attrs |= {"inputmode": "decimal", "placeholder": "1"}
        self.fields["price"].widget.attrs["inputmode"] = "decimal"
        self.fields["discount"].widget.attrs["placeholder"] = "%"
        self.fields["description"].widget.attrs["placeholder"] = _("More text")

    def add_prefix(self, field_name):
        """The same names in every row: a page holds them in order."""
        return f"line_{field_name}"

    def mark_errors(self):
        for name in self.errors:
            said = {"aria-invalid": "true", "aria-describedby": f"row-{self.n}-error"}
            self.fields[name].widget.attrs |= said

    def clean_vat(self):
        code = self.cleaned_data["vat"]
        if not code:
            return "", None
        category, _colon, rate = code.partition(":")
        if category in WITHOUT_VAT and not rate:
            return category, Decimal(0)
        percent = Decimal(rate) if rate.replace(".", "", 1).isdigit() and rate.isascii() else None
        known = known_rates(self.country)
        if category != STANDARD or percent is None or (known and percent not in known):
            words = _("%(rate)s is no VAT rate of %(country)s. Choose one of the list.")
            raise forms.ValidationError(words % {"rate": rate or code, "country": self.country})
        return category, percent

    def clean_unit(self):
        unit = self.cleaned_data["unit"]
        if not unit.isascii():
            raise forms.ValidationError(_("Choose a unit of the list."))
        return unit

    def clean_price(self):
        price = self.cleaned_data["price"]
        if price is not None and price < 0:  # BR-27
            raise forms.ValidationError(_("A price is not negative. Type the quantity as -1 to take something off."))
        return price

    def clean_base_quantity(self):
        return self.cleaned_data["base_quantity"] or Decimal(1)

    @property
    def amount(self):
        """What the row comes to, or None as long as it cannot be read."""
        return self.line().net if is_filled(self.row) and self.is_valid() else None

    def line(self):
        """The unsaved Line of a valid row, with its sums."""
        data = self.cleaned_data
        quantity, price, discount = data["quantity"], data["price"], data["discount"]
        quantity = Decimal(1) if quantity is None else quantity
        net, off = (NOTHING, NOTHING) if price is None else line_sums(
            quantity, price, base=data["base_quantity"], discount=discount
        )  # fmt: skip
        category, rate = data["vat"]
        taken_off = {"kind": "allowance", "reason": "", "amount": str(off)}
        if discount and discount.percent is not None:
            taken_off["percent"] = f"{discount.percent:f}"
        return Line(
            position=self.n,
            name=data["name"],
            description=data["description"],
            quantity=quantity,
            unit=data["unit"],
            price=price,
            base_quantity=data["base_quantity"],
            net=net,
            vat_category=category,
            vat_rate=rate,
            allowances=[taken_off] if discount and (off or "percent" in taken_off) else [],
        )


class Lines:
    """All rows of the form. `rows` are dicts of what was typed."""

    def __init__(self, rows, *, country, days):
        self.rows = rows or [blank(country, days)]
        self.country, self.days = country, days
        offered = [*rates_on(country, days)]
        stored = {row.get("vat", "").partition(":")[2] for row in self.rows if row.get("vat", "").startswith("S:")}
        old = [rate for rate in known_rates(country) if rate not in offered and f"{rate:f}" in stored]
        if country not in RATES:
            offered = [Decimal(rate) for rate in sorted(stored) if rate.replace(".", "", 1).isdigit()]
        rates = [(f"S:{rate:f}", format_percent(rate, "sv")) for rate in [*offered, *old]]
        rates = [("", "–"), *rates, *((code, str(label)) for code, label in WITHOUT_VAT.items())]
        units = [("", "–"), *((code, str(label)) for code, label in UNITS)]
        others = sorted({row.get("unit", "") for row in self.rows} - {code for code, _label in units})
        units += [(code, code) for code in others]
        self.forms = [
            LineForm(row, n=n, rates=rates, units=units, country=country) for n, row in enumerate(self.rows, 1)
        ]
        for form in self.forms:
            form.mark_errors()

    def focus_last(self):
        """Put the cursor into the row that was just added."""
        self.forms[-1].fields["name"].widget.attrs["autofocus"] = "autofocus"

    @property
    def filled(self):
        """The forms of rows in which something is typed."""
        return [form for form in self.forms if is_filled(form.row)]

    def is_valid(self):
        return len(self.filled) <= MOST and all(form.is_valid() for form in self.filled)

    @property
    def too_many(self):
        return len(self.filled) > MOST

    def lines(self):
        """The unsaved Lines of the rows that can be read."""
        return [form.line() for form in self.filled if form.is_valid()]

    def errors(self):
        """(id of the control, sentence) of what cannot be read."""
        if self.too_many:
            yield "lines", _("An invoice here has at most %s lines. Make two of it.") % count(MOST)
        for form in self.filled:
            for name, sentences in form.errors.items():
                for sentence in sentences:
                    said = {"n": form.n, "what": form.fields[name].label, "sentence": sentence}
                    yield form[name].auto_id, _("Line %(n)s, %(what)s: %(sentence)s") % said


def is_filled(row):
    return any((row.get(name) or "").strip() for name in ("name", "description", "quantity", "price", "discount"))


def blank(country, days):
    """A new row: one of something, at the country's standard rate."""
    rates = rates_on(country, days)
    return {"vat": f"S:{max(rates):f}" if rates else ""}


def posted_rows(data):
    """The rows of a POST."""
    columns = {name: data.getlist(f"line_{name}") for name in FIELDS}
    count = max(map(len, columns.values()))
    return [{name: column[n] if n < len(column) else "" for name, column in columns.items()} for n in range(count)]


def stored_rows(lines):
    """The rows of stored Lines, as they would be typed."""
    return [
        {
            "name": line.name,
            "description": line.description,
            "quantity": typed(line.quantity),
            "unit": line.unit,
            "price": typed(line.price, decimals=2),
            "base_quantity": typed(line.base_quantity) if line.base_quantity != 1 else "",
            "discount": _discount(line),
            "vat": _vat(line),
        }
        for line in lines
    ]


def _discount(line):
    if not line.allowances:
        return ""
    (each,) = line.allowances
    return f"{typed(Decimal(each['percent']))} %" if "percent" in each else typed(Decimal(each["amount"]), decimals=2)


def _vat(line):
    if line.vat_rate is None:
        return ""
    if line.vat_category == STANDARD:
        return f"S:{line.vat_rate.normalize():f}"
    return line.vat_category if line.vat_category in WITHOUT_VAT else ""  # the form has no others: it is asked for


def change_rows(rows, what, *, country, days=(date.max,)):
    """The rows after a press on one of their buttons: "add", or "remove", "up" or "down" with a number from 1."""
    name, _colon, number = what.partition(":")
    if name == "add":
        return [*rows, blank(country, days)]
    n = int(number) - 1 if number.isdigit() else -1
    if not 0 <= n < len(rows):
        return rows
    if name == "remove":
        return rows[:n] + rows[n + 1 :]
    other = n + (-1 if name == "up" else 1)
    if 0 <= other < len(rows):
        rows = list(rows)
        rows[n], rows[other] = rows[other], rows[n]
    return rows

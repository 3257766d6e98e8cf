"""The sample data of the gallery: one story, Fjordgym AB on Friday 20 November 2026 at 14:30."""

from datetime import date, datetime
from decimal import Decimal

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils import timezone

from config.template_tags import METHODS, PILLS


class Sample(dict):
    """A dict that templates read like the model it stands for."""

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


def at(clock, day=20):
    """A moment of the story, in November 2026: it is Friday the 20th, 14:30."""
    hour, minute = (int(part) for part in clock.split(":"))
    return timezone.make_aware(datetime(2026, 11, day, hour, minute))


# --- the list --------------------------------------------------------------------------------------------------------
ROWS = """\
10280|Åsa Lindqvist||20|349|email||to_send|
10279|Borg AB|Inköp, Stefan Borg|20|12480|einvoice||to_send|
10278|Emil Öberg||20|1249|email||to_send|Mailbox full
10277|Tommy Wallin||20|1249|central_print|reserve|to_send|
10276|Maja Söderström||20|349|email||waiting|
10275|Nordanvind Bygg AB||19|28740|einvoice||sent|
10274|Kari Haugen|Haugen AS|19|698|email||to_send|
10273|Sjöbergs Bageri HB||19|2490|||to_send|
10272|Elif Yıldız||19|349|email||sent|
10271|Hägersten Padel AB||19|9360|central_print||to_send|
10270|Björn Åkesson||18|1249|email||doubt|The answer was lost
10269|Linnea Wikström||18|349|email||paid|
10268|Företagshälsan Väst AB||18|16200|einvoice||to_send|
10267|Ingrid Solheim||18|349|own_printer||reminder|
10266|Vikens Roddklubb||17|4200|email||credited|
10265|Oskar Hultén||17|698|email||to_send|
10264|Tyra Engström||17|349|email||to_send|
10263|Alva Norrman||17|349|email||to_send|
"""


def invoices():
    rows = []
    for line in ROWS.splitlines():
        number, name, organisation, day, amount, method, reserve, state, attention = line.split("|")
        rows.append(
            Sample(
                pk=number,
                number=number,
                name=name,
                organisation=organisation,
                issued_on=date(2026, 11, int(day)),
                due_on=date(2026, 12, int(day)),
                amount=Decimal(amount),
                currency="SEK",
                method=method,
                reserve=reserve,
                state=state,
                attention=attention,
            )
        )
    tabs = [
        ("To send", 951, False), ("Waiting", 40, False), ("Needs attention", 3, True), ("Sent", None, False),
        ("Overdue", 86, False), ("All", None, False),
    ]  # fmt: skip
    methods = [{"label": name, "url": f"?method={code}"} for code, (name, icon) in METHODS.items()]
    return {
        "invoices": rows,
        "matching": 1003,
        "filter": "issued=2026-11",
        "tabs": [
            {"label": label, "url": "#", "count": count, "alarm": alarm, "current": label == "All"}
            for label, count, alarm in tabs
        ],
        "chips": [
            {"label": "Issued", "value": "Issued November 2026", "clear_url": "#"},
            {"label": "Method", "options": methods},
            {"label": "Customer", "options": [{"label": "Borg AB", "url": "#"}]},
        ],
    }


# --- the sheet -------------------------------------------------------------------------------------------------------
class SheetForm(forms.Form):
    template = forms.ChoiceField(
        choices=[("1", "Medlemsfaktura, standard"), ("2", "Föreningsfaktura")],
        widget=forms.Select(attrs={"autofocus": True}),
        help_text="Central print always uses the standard template with your logotype.",
    )


def sheet():
    return {
        "form": SheetForm(auto_id="sheet_%s"),
        "total": 1003,
        "going": 986,
        "amount": Decimal("1874312"),
        "leaves_at": at("14:35"),
        "tally": [
            {"count": 801, "method": "email", "text": "PDF attached", "tone": "1"},
            {"count": 127, "method": "central_print", "text": "14 lack e-mail", "tag": "reserve", "tone": "2"},
            {"count": 58, "method": "einvoice", "text": "Peppol BIS Billing 3", "tone": "3"},
        ],
        "cannot": [
            {"count": 2, "text": "No e-mail address and no complete postal address", "url": "#"},
            {"count": 2, "text": "Already waiting to be sent, leave at 14:34", "url": "#"},
            {"count": 1, "text": "Already printed three times", "url": "#"},
        ],
        "cannot_count": 5,
        "before_count": 12,
        **{name: value for name, value in invoices().items() if name != "tally"},
    }


# --- the batch -------------------------------------------------------------------------------------------------------
def batch():
    counts = [
        ("Sent", 794, "1", ""), ("Sending", 24, "2", ""), ("Waiting", 160, "rest", ""),
        ("Failed", 6, "danger", "is-danger"), ("In doubt", 2, "warning", "is-warning"),
    ]  # fmt: skip
    methods = [
        ("email", "122 a minute, 2 min left", 160, 24, 612, 3, 2),
        ("central_print", "One file handed to the printer 14:36", 0, 0, 127, 0, 0),
        ("einvoice", "Done 14:35", 0, 0, 55, 3, 0),
    ]
    return {
        "parts": [{"name": name, "count": n, "tone": tone, "look": look} for name, n, tone, look in counts],
        "total": 986,
        "methods": [
            {
                "method": method,
                "text": text,
                "counts": list(zip(["Waiting", "Sending", "Sent", "Failed", "In doubt"], counted, strict=True)),
                "total": sum(counted),
                "percent": 100 * (sent + failed + doubt) // sum(counted),
                "parts": [
                    {"count": sent, "tone": "1"},
                    {"count": sending, "tone": "2"},
                    {"count": failed, "tone": "danger"},
                    {"count": doubt, "tone": "warning"},
                ],
            }
            for method, text, *counted in methods
            for waiting, sending, sent, failed, doubt in [counted]
        ],
        "deliveries": [
            ("10232", "Alva Norrman", "alva.norrman@example.se", "sent", "", "14:39:58"),
            ("10231", "Oskar Hultén", "oskar@hulten.example", "handing_over", "", ""),
            ("10228", "Vikens Roddklubb", "kassor@vikensrk.example", "failed", "No such mailbox", "14:39:41"),
            ("10225", "Tyra Engström", "tyra.e@example.se", "in_doubt", "The answer was lost", "14:37:12"),
            ("10219", "Emil Öberg", "emil.oberg@example.se", "waiting", "Mailbox full, next try 14:45", ""),
        ],
    }  # fmt: skip


# --- one invoice -----------------------------------------------------------------------------------------------------
def invoice():
    return {
        "invoice": Sample(
            number="10198",
            name="Brf Solsidan",
            customer_number="20418",
            due_on=date(2026, 12, 1),
            amount=Decimal(4995),
            currency="SEK",
            state="to_send",
            attention="Letter came back",
        ),
        "facts": [("OCR", "101982041853"), ("Template", "Föreningsfaktura"), ("Language", "Svenska")],
    }


def part_tabs(current):
    tabs = [("Document", None, "document"), ("Delivery", 3, "delivery"), ("History", 9, "history")]
    return [
        {"label": label, "url": f"/dev/gallery/{page}/", "count": count, "current": page == current}
        for label, count, page in tabs
    ]


def step(title, method, state, text):
    return {"title": title, "method": method, "state": state, "text": text}


CHAIN = [
    step("Customer’s choice", "einvoice", "passed", "Not possible: no e-invoice address for the customer"),
    step("Standard method", "email", "chosen", "Will be used, to the address typed on this invoice"),
    step("Reserve method", "central_print", "unused", "Not needed. Postal address complete, 2 of 3 prints used"),
]


class AddressForm(forms.Form):
    email = forms.EmailField(label="E-mail for this invoice", required=False, initial="karin.holm@brfsolsidan.se")
    email.tag = "typed here"
    cc = forms.EmailField(label="CC", required=False, widget=forms.EmailInput(attrs={"placeholder": "Add address"}))


def delivery():
    return invoice() | {
        "tabs": part_tabs("delivery"),
        "steps": CHAIN,
        "form": AddressForm(),
        "attempts": [
            (at("9:12", 18), "central_print", "Solsidevägen 4", "133 31 Saltsjöbaden", "returned", "Print 2 of 3"),
            (at("9:00", 9), "central_print", "Box 118", "133 22 Saltsjöbaden", "returned", "Print 1 of 3"),
            (at("8:31", 2), "email", "info@brfsolsidan.se", "from the organisation", "failed", "No such mailbox"),
        ],
    }


def event(icon, tone, who, text, moment, **more):
    """more: when, detail, todo, raw."""
    return {"icon_name": icon, "tone": tone, "who": who, "text": text, "at": moment, **more}


def document():
    today = [
        event(
            "mail", "info", "Kim Berg", "typed a new e-mail address", at("11:04"), detail="karin.holm@brfsolsidan.se"
        ),
        event("eye", "neutral", "Kim Berg", "looked at the document", at("10:58")),
    ]
    this_week = [
        event("undo-2", "danger", "", "The letter came back", at("14:10", 19), when="Thu 14:10",
              detail="Moved, address unknown.", todo="ask for a new address, then send again."),
        event("mailbox", "success", "", "Sent by central print, print 2 of 3", at("9:12", 18), when="Wed 09:12",
              detail="To Solsidevägen 4, 133 31 Saltsjöbaden"),
        event("hourglass", "warning", "Kim Berg", "sent it with 41 others", at("9:07", 18), when="Wed 09:07",
              detail="Waited until 09:12, could be undone"),
    ]  # fmt: skip
    earlier = [
        event("octagon-alert", "danger", "", "E-mail failed, status back to To send", at("8:31", 2), when="2 Nov 08:31",
              detail="info@brfsolsidan.se: the mailbox does not exist",
              raw="RCPT TO:<info@brfsolsidan.se>\n550 5.1.1 User unknown"),
        event("receipt-text", "neutral", "", "Imported from invoices-november.xml", at("6:00", 1), when="1 Nov 06:00"),
    ]  # fmt: skip
    return invoice() | {
        "tabs": part_tabs("document"),
        "days": [
            {"title": "Today", "events": today},
            {"title": "18–19 November", "events": this_week},
            {"title": "Earlier in November", "events": earlier},
        ],
    }


# --- settings and forms ----------------------------------------------------------------------------------------------
CHOICES = [("email", "E-mail"), ("central_print", "Central print"), ("own_printer", "Own printer")]


class MethodsForm(forms.Form):
    default = forms.ChoiceField(
        label="Standard method", choices=CHOICES,
        help_text="Used when the customer has no choice of its own, or when that choice is not possible.",
    )  # fmt: skip
    reserve = forms.ChoiceField(
        label="Reserve method", choices=[("", "None"), *CHOICES], required=False, initial="central_print",
        help_text="Used when the standard method is not possible. If neither is, the invoice stays in To send.",
    )  # fmt: skip


def distribution():
    return {
        "form": MethodsForm(),
        "pages": [("General", ""), ("Methods", "page"), ("Sending", ""), ("Undo window", "")],
        "methods": [
            ("email", "Sender and reply address set", True, True, ""),
            ("central_print", "Return address set, printed at most 3 times", True, True, ""),
            ("einvoice", "Peppol, test passed 2026-11-18", True, True, ""),
            ("autogiro", "Needs: bankgiro agreement number", True, False, "needs"),
            ("own_printer", "One PDF in list order", True, True, ""),
        ],
        "steps": [
            CHAIN[0] | {"text": "No e-invoice address"},
            CHAIN[1] | {"state": "passed", "text": "No e-mail address"},
            CHAIN[2] | {"state": "chosen", "text": "Postal address complete"},
        ],
    }


def login():
    return {"form": AuthenticationForm()}


class AnyForm(forms.Form):
    prefix = forms.SlugField(label="Sender prefix", help_text="The part before @utskick.example.", max_length=40)
    method = forms.ChoiceField(choices=CHOICES, help_text="How it goes out.")
    reply_to = forms.EmailField(label="Reply to", required=False)
    note = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    linked = forms.BooleanField(
        label="Link invoices to the person’s organisation",
        required=False,
        help_text="Then its reference and address come first.",
    )
    earlier = forms.ChoiceField(
        label="The files are", choices=[("new", "New: to be sent from here"), ("old", "Already sent elsewhere")],
        widget=forms.RadioSelect, initial="new",
    )  # fmt: skip
    files = forms.FileField(help_text="UBL 2.1, at most 25 MB each.")


SENT_AND_FAILED = (
    (9, 41, 0),
    (10, 62, 6),
    (11, 38, 0),
    (12, 55, 0),
    (13, 71, 5),
    (14, 6, 0),
    (19, 203, 6),
    (20, 121, 5),
)


def components():
    wrong = AnyForm({"prefix": "fjord gym", "method": "email", "reply_to": "eva@", "earlier": "new"})
    return (
        batch()
        | document()
        | {
            "pills": list(PILLS),
            "methods_all": list(METHODS),
            "steps": CHAIN,
            "wrong": wrong,
            "days_of_sending": [
                Sample(date=date(2026, 11, day), sent=sent, failed=failed, total=sent + failed)
                for day, sent, failed in SENT_AND_FAILED
            ],
            "medians": [310, 290, None, 402, 280, 250, 262, 220, 231, 200],
            "mix": [{"count": 612, "tone": "1"}, {"count": 118, "tone": "2"}, {"count": 66, "tone": "3"}],
            "letters": [{"label": letter, "url": "#", "current": letter == "L"} for letter in "ABCDEFGHIJKLÅÄÖ"],
            **invoices(),
        }
    )


SAMPLES = {
    "components": components,
    "invoices": invoices,
    "sheet": sheet,
    "batch": batch,
    "delivery": delivery,
    "document": document,
    "settings": distribution,
    "login": login,
}

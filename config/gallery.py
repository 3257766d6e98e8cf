"""/dev/gallery/: every component in every state, and the main screens built from them, with sample data only."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone

from config import template_tags

SCREENS = ["components", "invoices", "sheet", "batch", "delivery", "document", "settings", "login", "empty", "missing"]


@login_not_required
def show(request, screen="components"):
    """One page of the gallery; 404 unless settings.DEV_PAGES."""
    if not settings.DEV_PAGES or screen not in SCREENS:
        raise Http404
    template = f"dev/_{screen}.html" if request.headers.get("HX-Request") else f"dev/{screen}.html"
    return render(request, template, shell(screen) | SAMPLES.get(screen, dict)())


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


def company(name, slug):
    return Sample(name=name, slug=slug, get_absolute_url=f"#{slug}")


def shell(screen):
    """What base.html reads, as the context processor of recipients fills it."""
    now = timezone.now()
    fjordgym = company("Fjordgym AB", "fjordgym")
    work = [
        {"label": "Invoices", "url": "/dev/gallery/invoices/", "icon": "receipt-text", "count": 951, "key": "g i"},
        {"label": "Deliveries", "url": "/dev/gallery/batch/", "icon": "send", "count": 3, "alarm": True, "key": "g d"},
    ]
    set_up = [{"label": "Distribution", "url": "/dev/gallery/settings/", "icon": "route"}]
    place = {"batch": work[1], "settings": set_up[0]}.get(screen, work[0])
    place["current"] = True
    waiting = Sample(count=40, leaves_at=now + timedelta(seconds=228), now=now, undo_url="#undo", batch_url="#batch")
    return {
        "screens": SCREENS,
        "company": fjordgym,
        "companies": [
            fjordgym,
            company("Fjordgym Syd AB", "fjordgym-syd"),
            company("Nordanvind Bygg AB", "nordanvind"),
        ],
        "nav": [{"title": "Work", "items": work}, {"title": "Set up", "items": set_up}],
        "sender": {
            "works": screen != "empty",
            "seen_at": now,
            "banners": [{"title": "Nothing has been sent since 14:18: the sender is not running.", "text": "Your deliveries are safe."}]
            if screen == "empty"
            else [],
            "test_mode": "Nothing leaves this machine." if screen in {"components", "empty"} else "",
        },
        "outgoing": [] if screen == "batch" else [waiting],
        "user": Sample(name="Kim Berg", email="clerk@demo.test", is_authenticated=True, theme=""),
        "now": now,
        "soon": waiting.leaves_at,
    }


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
    methods = [{"label": name, "url": f"?method={code}"} for code, (name, icon) in template_tags.METHODS.items()]
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
        ("Sent", 794, "1", ""), ("Sending", 24, "2", ""), ("Waiting", 160, "rest", ""), ("Failed", 6, "danger", "is-danger"),
        ("In doubt", 2, "warning", "is-warning"),
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
                "counts": [("Waiting", waiting), ("Sending", sending), ("Sent", sent), ("Failed", failed), ("In doubt", doubt)],
                "total": waiting + sending + sent + failed + doubt,
                "percent": 100 * (sent + failed + doubt) // (waiting + sending + sent + failed + doubt),
                "parts": [
                    {"count": sent, "tone": "1"},
                    {"count": sending, "tone": "2"},
                    {"count": failed, "tone": "danger"},
                    {"count": doubt, "tone": "warning"},
                ],
            }
            for method, text, waiting, sending, sent, failed, doubt in methods
        ],
        "deliveries": [
            ("10232", "Alva Norrman", "alva.norrman@example.se", "sent", "", "14:39:58"),
            ("10231", "Oskar Hultén", "oskar@hulten.example", "handing_over", "", ""),
            ("10228", "Vikens Roddklubb", "kassor@vikensrk.example", "failed", "No such mailbox, back to To send", "14:39:41"),
            ("10225", "Tyra Engström", "tyra.e@example.se", "in_doubt", "The answer was lost", "14:37:12"),
            ("10219", "Emil Öberg", "emil.oberg@example.se", "waiting", "Mailbox full, next try 14:45", ""),
        ],
    }  # fmt: skip


# --- one invoice -----------------------------------------------------------------------------------------------------
def invoice():
    return {
        "invoice": Sample(
            number="10198", name="Brf Solsidan", customer_number="20418", due_on=date(2026, 12, 1), amount=Decimal(4995),
            currency="SEK", state="to_send", attention="Letter came back",
        ),
        "facts": [("OCR", "101982041853"), ("Template", "Föreningsfaktura"), ("Language", "Svenska"), ("Source", "Contract 883")],
    }  # fmt: skip


def part_tabs(current):
    tabs = [("Document", None, "document"), ("Delivery", 3, "delivery"), ("History", 9, "history")]
    return [
        {"label": label, "url": f"/dev/gallery/{page}/", "count": count, "current": page == current}
        for label, count, page in tabs
    ]


CHAIN = [
    {"title": "Customer’s choice", "method": "einvoice", "state": "passed", "text": "Not possible: no e-invoice address for the customer"},
    {"title": "Standard method", "method": "email", "state": "chosen", "text": "Will be used, to the address typed on this invoice"},
    {"title": "Reserve method", "method": "central_print", "state": "unused", "text": "Not needed. Postal address complete, 2 of 3 prints used"},
]  # fmt: skip


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


def document():
    smtp = "RCPT TO:<info@brfsolsidan.se>\n550 5.1.1 User unknown"

    def event(icon, tone, who, text, moment, **more):
        return {"icon_name": icon, "tone": tone, "who": who, "text": text, "at": moment, **more}

    return invoice() | {
        "tabs": part_tabs("document"),
        "days": [
            {"title": "Today", "events": [
                event("mail", "info", "Kim Berg", "typed a new e-mail address", at("11:04"), detail="karin.holm@brfsolsidan.se"),
                event("skip-forward", "warning", "Automatic dispatch", "ignored the invoice", at("0:05"),
                      detail="Two letters came back. It is not tried again by itself."),
            ]},
            {"title": "18–19 November", "events": [
                event("undo-2", "danger", "", "The letter came back", at("14:10", 19), when="Thu 14:10",
                      detail="Moved, address unknown.", todo="ask for a new address, then send again."),
                event("mailbox", "success", "", "Sent by central print, print 2 of 3", at("9:12", 18), when="Wed 09:12",
                      detail="To Solsidevägen 4, 133 31 Saltsjöbaden"),
                event("hourglass", "warning", "Kim Berg", "sent it with 41 others", at("9:07", 18), when="Wed 09:07",
                      detail="Waited until 09:12, could be undone"),
            ]},
            {"title": "Earlier in November", "events": [
                event("octagon-alert", "danger", "", "E-mail failed, status back to To send", at("8:31", 2), when="2 Nov 08:31",
                      detail="info@brfsolsidan.se: the mailbox does not exist", raw=smtp),
                event("receipt-text", "neutral", "", "Created from contract 883", at("6:00", 1), when="1 Nov 06:00"),
            ]},
        ],
    }  # fmt: skip


# --- settings and forms ----------------------------------------------------------------------------------------------
CHOICES = [("email", "E-mail"), ("central_print", "Central print"), ("own_printer", "Own printer")]


class MethodsForm(forms.Form):
    default = forms.ChoiceField(
        label="Standard method", choices=CHOICES,
        help_text="Used when the customer has no choice of its own, or when that choice is not possible.",
    )  # fmt: skip
    reserve = forms.ChoiceField(
        label="Reserve method", choices=[("", "None"), *CHOICES], required=False, initial="central_print",
        help_text="Used when the standard method is not possible. If neither is, the invoice stays in To send with the reason.",
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


def components():
    wrong = AnyForm({"prefix": "fjord gym", "method": "email", "reply_to": "eva@", "earlier": "new"})
    return (
        batch()
        | document()
        | {
            "pills": list(template_tags.PILLS),
            "methods_all": list(template_tags.METHODS),
            "steps": CHAIN,
            "wrong": wrong,
            **invoices(),
        }
    )


SAMPLES = {
    "components": components, "invoices": invoices, "sheet": sheet, "batch": batch, "delivery": delivery, "document": document,
    "settings": distribution, "login": login,
}  # fmt: skip

"""What is owed: scenes of bills, numbered in the order of their days, as each company's accounting system made them."""

import random
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.utils import translation
from django.utils.formats import date_format

from config.identifiers import luhn_digit

from .people import CAST, crowd
from .ubl import Bill, Item, Party

FEWEST = 40  # so that every part of the cast has its invoice
EXEMPT = "Undantag från skatteplikt: upplåtelse av bostad"  # ML (2023:200) 10 kap. 35 §


@dataclass(frozen=True)
class Scene:
    """Invoices with one fate. `share` is theirs of all invoices; the cast comes on top where the share is too small."""

    name: str
    share: float
    days_ago: tuple  # oldest, youngest
    cast: tuple = ()


PLOT = {
    "fjordgym": (
        Scene("sent_elsewhere", 0.08, (96, 70)),
        Scene(
            "last_month",
            0.1,
            (46, 38),
            (
                "silent_once",
                "moved",
                "refused",
                "credited",
                "nowhere",
                "borg",
                "letter",
                "letter_refused",
                "letter_overdue",
            ),
        ),
        Scene(
            "this_week",
            0.053,
            (5, 3),
            ("refused_again", "busy", "silent", "nowhere_too", "mover", "english", "letter_late"),
        ),
        Scene("undone", 0.033, (3, 2), ("padel", "boss")),
        Scene("waiting", 0.04, (1, 0), ("credited_in_time", "finnish", "paper", "letter_waiting")),
        Scene("uploaded", 0.01, (1, 0)),
        Scene("to_send", 0.27, (26, 4)),
        Scene("fresh", 0.08, (3, 0), ("buyer", "nordanvind", "bakery", "nowhere_yet")),
    ),
    "fjordgym-norge": (
        Scene("sent_elsewhere", 0.033, (80, 65)),
        Scene("this_week", 0.033, (7, 6), ("busy_no", "refused_no", "nowhere_no", "finnish_no")),
        Scene("to_send", 0.13, (18, 0), ("haugen", "kari", "narrowed", "nowhere_no_too")),
    ),
    "brf-solsidan": (
        Scene("sent_elsewhere", 0.033, (66, 64)),
        Scene("this_week", 0.02, (9, 9), ("shop",)),
        Scene("to_send", 0.08, (2, 2), ("by_document", "nowhere_brf")),
    ),
}
FIRST_NUMBER = {"fjordgym": 10_001, "fjordgym-norge": 50_001, "brf-solsidan": 1}

# What is sold to people and to bodies: name, quantities, unit (UN/ECE Rec 20), net price, VAT rate
GOODS = {
    "fjordgym": (
        [("Medlemskap, {month}", (1,), "MON", "329.25", 6), ("Medlemskap student, {month}", (1,), "MON", "234.91", 6)],
        [("Gruppträning, klippkort 10 gånger", (1,), "H87", "849.06", 6), ("Padelbana", (1, 2, 3), "HUR", "301.89", 6),
         ("Personlig träning", (1, 2, 5), "HUR", "632.00", 25), ("Hyra av skåp", (1,), "MON", "79.20", 25),
         ("Kaffe och smörgås", (1, 2, 4), "H87", "53.57", 12), ("Proteinpulver 1 kg", (1, 2), "H87", "266.07", 12),
         ("Handduk", (1, 2), "H87", "119.20", 25)],
        [("Företagsmedlemskap, {month}", (8, 15, 24, 40), "H87", "220.00", 6),
         ("Bokning av sal B", (4, 5), "HUR", "237.50", 6), ("Låneutrustning", (1,), "SET", "392.00", 25),
         ("Fruktkorg till omklädningsrummet", (4, 5), "H87", "187.50", 12)],
    ),
    "fjordgym-norge": (
        [("Medlemskap, {month}", (1,), "MON", "319.20", 25), ("Medlemskap ung, {month}", (1,), "MON", "239.20", 25)],
        [("Personlig trening", (1, 2, 5), "HUR", "680.00", 25), ("Leie av skap", (1,), "MON", "79.20", 25),
         ("Proteinbar", (2, 6, 12), "H87", "26.09", 15), ("Inngang til Fjordløpet", (1, 2), "H87", "348.21", 12)],
        [("Bedriftsmedlemskap, {month}", (6, 12, 30), "H87", "239.20", 25), ("Leie av sal", (2,), "HUR", "450.00", 25)],
    ),
    "brf-solsidan": (
        [("Årsavgift, {month}", (1,), "MON", "4311.00", 0), ("Årsavgift, {month}", (1,), "MON", "5874.00", 0)],
        [("Garageplats, {month}", (1,), "MON", "680.00", 25), ("Laddning av elbil", (38, 61, 84), "KWH", "2.15", 25),
         ("Förråd", (1,), "MON", "120.00", 25)],
        [("Lokalhyra, {month}", (1,), "MON", "18400.00", 25), ("Värme och vatten", (1,), "MON", "2310.00", 25)],
    ),
}  # fmt: skip


def cards(company, invoices):
    """Everybody around a company when the whole story has `invoices` invoices: most get one or two."""
    share = sum(scene.share for scene in PLOT[company])
    return [*CAST[company], *crowd(company, max(8, round(invoices * share / 1.5)))]


def bills(company, seller, directory, invoices, today):
    """{scene: [(card, Bill)]}. `directory` maps keys to (card, customer number)."""
    dice = random.Random(f"{company} bills")  # noqa: S311 - a story, no secret
    others = list(directory.keys() - {card.key for card in CAST[company]})
    others.sort()  # a set has no order, and the story is the same at every telling
    planned = []  # (day, scene, key)
    for scene in PLOT[company]:
        count = max(round(scene.share * invoices), len(scene.cast) + 2)
        keys = [*scene.cast, *(dice.choice(others) for _other in range(count - len(scene.cast)))]
        oldest, youngest = scene.days_ago
        days = sorted(today - timedelta(days=dice.randint(youngest, oldest)) for _key in keys)
        dice.shuffle(keys)
        planned += [(day, scene.name, key) for day, key in zip(days, keys, strict=True)]
    planned.sort(key=lambda row: row[0])
    made = {scene.name: [] for scene in PLOT[company]}
    for position, (day, scene, key) in enumerate(planned):
        card, number = directory[key]
        made[scene].append((card, bill(company, seller, card, number, FIRST_NUMBER[company] + position, day, dice)))
    return made


def bill(company, seller, card, customer_number, position, day, dice):
    start = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    end = (start + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    language = "nb" if company == "fjordgym-norge" else "sv"
    with translation.override(language):
        month = date_format(start, "F Y")
    swedish = language == "sv"
    digits = f"{position}{customer_number}"
    return Bill(
        number=f"{day:%Y}/{position:04}" if company == "brf-solsidan" else str(position),
        issued_on=day,
        due_on=day + timedelta(days=30 if swedish else 14),
        seller=seller,
        buyer=buyer(card, customer_number),
        items=tuple(items(company, is_body=bool(card.legal_id), month=month, dice=dice)),
        currency="SEK" if swedish else "NOK",
        reference=digits + luhn_digit(digits),
        period=(start, end),
        buyer_reference=card.reference,
        exemption=EXEMPT if company == "brf-solsidan" else "",
        terms="30 dagar netto" if swedish else "14 dager netto",
        whole=swedish,
    )


def buyer(card, customer_number):
    street, postcode, town = card.home
    scheme = {"SE": "0007", "NO": "0192"}.get(card.country, "") if card.legal_id else ""
    return Party(
        card.name, street, postcode, town, card.country,
        number=customer_number, legal_id=card.legal_id, scheme=scheme, email=card.document_email,
    )  # fmt: skip


def items(company, *, is_body, month, dice):
    """One to eight lines; the first is what the customer has every month."""
    every_month, extras, of_bodies = GOODS[company]
    first, others = (of_bodies[0], of_bodies[1:]) if is_body else (dice.choice(every_month), extras)
    wanted = dice.choices(range(8), weights=[50, 20, 12, 7, 4, 3, 2, 2])[0]
    for name, quantities, unit, price, rate in (first, *dice.sample(others, min(wanted, len(others)))):
        quantity = Decimal(dice.choice(quantities))
        yield Item(name.format(month=month), quantity, unit, Decimal(price), rate)

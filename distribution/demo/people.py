"""Who receives: a cast with parts to play, and a crowd around it. Every address ends in a domain that cannot exist.

The local mail server answers by what follows the plus: +451 "try later", +550 "no such mailbox", +reset takes the mail
and cuts the connection before it says so. The local print provider refuses letters to Återvändsgränd and is late with
those to Dröjgatan.
"""

import random
import unicodedata
from dataclasses import dataclass

from recipients.methods import Method


@dataclass(frozen=True)
class Card:
    """A person; a body when it has a `legal_id`. `of` is the key of a person's organisation in the same workspace."""

    key: str
    name: str
    home: tuple  # street, postcode, town
    email: str = ""
    country: str = "SE"
    language: str = ""
    of: str = ""
    legal_id: str = ""
    method: str = ""  # what it chose
    only_at: str = ""  # the company that the choice is narrowed to
    reference: str = ""  # BT-10 on its invoices
    document_email: str = ""  # BT-58: in the file alone, not on the card


@dataclass(frozen=True)
class Reference:
    """An organisation's own invoice reference."""

    of: str
    code: str
    name: str
    invoice_email: str
    method: str


SALTSJÖBADEN, OSLO = ("133 31", "Saltsjöbaden"), ("0459", "Oslo")
HARBOUR = ("Hamnplan 1", "111 20", "Stockholm")
CAST = {
    "fjordgym": (
        # Bodies first, so that their people find them
        Card("borg", "Borg AB", ("Borgvägen 7", "169 70", "Solna"), "info@borg.example", legal_id="556012-3456"),
        Card("nordanvind", "Nordanvind Bygg AB", ("Industrigatan 22", "972 41", "Luleå"),
             "faktura@nordanvind.example", legal_id="559123-4561", method=Method.EINVOICE),
        Card("bakery", "Sjöbergs Bageri HB", ("Bagargränd 3", "621 57", "Visby"), legal_id="969771-2348"),
        Card("padel", "Hägersten Padel AB", ("Personnevägen 40", "129 40", "Hägersten"),
             "ekonomi@hagerstenpadel.example", legal_id="556812-3987", method=Method.OWN_PRINTER),
        Card("buyer", "Eva Lund", HARBOUR, "eva.lund@borg.example", of="borg", reference="4711"),
        Card("boss", "Stefan Borg", HARBOUR, of="borg"),
        Card("refused", "Emil Öberg", ("Ågatan 5", "582 22", "Linköping"), "emil.oberg+550@example.com"),
        Card("refused_again", "Tuva Ekström", ("Storgatan 61", "903 26", "Umeå"), "tuva.ekstrom+550@example.org"),
        Card("busy", "Linnea Wikström", ("Kungsgatan 18", "753 32", "Uppsala"), "linnea.wikstrom+451@example.net"),
        Card("silent", "Hugo Wallin", ("Parkvägen 2", *SALTSJÖBADEN), "hugo.wallin+reset@example.com"),
        Card("silent_once", "Signe Norberg", ("Trädgårdsgatan 9", "411 08", "Göteborg"),
             "signe.norberg+reset@example.org"),
        Card("moved", "Karin Holm", ("Solvägen 14", *SALTSJÖBADEN), "karin.holm@example.com"),
        Card("mover", "Maja Söderström", ("Bangatan 30", "211 42", "Malmö"), "maja.soderstrom@example.com"),
        Card("nowhere", "Tommy Wallin", ("Ängsstigen 11", "791 31", "Falun")),
        Card("nowhere_too", "Ingrid Åkesson", ("Kyrkbacken 4", "831 30", "Östersund")),
        Card("nowhere_yet", "Sigvard Nyman", ("Fiskargatan 3", "572 30", "Oskarshamn")),
        Card("letter", "Vera Nordin", ("Tallbacken 6", "821 30", "Bollnäs"), method=Method.CENTRAL_PRINT),
        Card("letter_refused", "Sixten Palm", ("Återvändsgränd 1", "593 30", "Västervik"),
             method=Method.CENTRAL_PRINT),
        Card("letter_overdue", "Märta Lilja", ("Dröjgatan 12", "271 31", "Ystad"), method=Method.CENTRAL_PRINT),
        Card("letter_late", "Algot Frisk", ("Dröjgatan 3", "271 31", "Ystad"), method=Method.CENTRAL_PRINT),
        Card("letter_waiting", "Dagny Kvist", ("Myrstigen 9", "981 38", "Kiruna"), method=Method.CENTRAL_PRINT),
        Card("paper", "Gösta Blom", ("Björkallén 8", "352 31", "Växjö"), "gosta.blom@example.net",
             method=Method.OWN_PRINTER),
        Card("english", "Elif Yıldız", ("Rinkebysvängen 66", "163 74", "Spånga"), "elif.yildiz@example.com",
             language="en"),
        Card("finnish", "Aino Virtanen", ("Hämeentie 15 B", "00500", "Helsinki"), "aino.virtanen@example.org",
             country="FI", language="fi"),
        Card("credited", "Łukasz Żółw", ("Nobelvägen 21", "214 33", "Malmö"), "lukasz.zolw@example.com"),
        Card("credited_in_time", "Björn Åkesson", ("Sjögatan 2", "852 30", "Sundsvall"), "bjorn.akesson@example.com"),
    ),
    "fjordgym-norge": (
        Card("haugen", "Haugen AS", ("Havnegata 3", "7010", "Trondheim"), "post@haugen.example", country="NO",
             legal_id="918 273 646", method=Method.OWN_PRINTER),
        Card("kari", "Kari Haugen", ("Fjordveien 8", "5003", "Bergen"), "kari@haugen.example", country="NO",
             of="haugen"),
        Card("busy_no", "Ola Nilsen", ("Ullevålsveien 70", *OSLO), "ola.nilsen+451@example.com", country="NO"),
        Card("refused_no", "Ingvild Strøm", ("Maridalsveien 12", *OSLO), "ingvild.strom+550@example.net",
             country="NO"),
        Card("nowhere_no", "Bjørn Ødegård", ("Strandgata 31", "9008", "Tromsø"), country="NO"),
        Card("nowhere_no_too", "Solveig Bakke", ("Torggata 6", "2317", "Hamar"), country="NO"),
        Card("narrowed", "Pär Sandvik", ("Sveavägen 140", "113 50", "Stockholm"), "par.sandvik@example.org",
             method=Method.OWN_PRINTER, only_at="fjordgym-norge"),
        Card("finnish_no", "Eero Mäkinen", ("Rantatie 4", "99800", "Ivalo"), "eero.makinen@example.com",
             country="FI", language="fi"),
    ),
    "brf-solsidan": (
        Card("shop", "Solsidans Livs AB", ("Solsidevägen 2", *SALTSJÖBADEN), "livs@solsidan.example",
             legal_id="559201-7346"),
        Card("by_document", "Anna och Per Dahl", ("Solsidevägen 4 B", *SALTSJÖBADEN),
             document_email="dahl.familjen@example.com"),
        Card("nowhere_brf", "Dödsboet efter Rut Falk", ("Solsidevägen 6 A", *SALTSJÖBADEN)),
    ),
}  # fmt: skip
REFERENCES = [
    Reference("borg", "4711", "Inköp, Stefan Borg", "inkop@borg.example", Method.EMAIL),
    Reference("borg", "4712", "Friskvård", "friskvard@borg.example", Method.OWN_PRINTER),
]

FIRST = {
    "SE": "Åsa Anders Astrid Ali Britt Cecilia David Elsa Emelie Erik Fatima Göran Greta Henrik Ida Jenny Johan "
    "Kerstin Lars Maria Mikael Nils Olof Petra Rikard Sara Sven Ulla Viktor Yusuf Zeynep Örjan",
    "NO": "Anne Arne Berit Bjørg Dag Eirik Even Gro Håkon Hilde Ingrid Jon Kjell Knut Liv Magnus Marte Nora Odd "
    "Ragnhild Sigrid Siri Stian Terje Tone Tor Trond Åse",
    "FI": "Aapo Elina Hanna Jari Kaisa Matti Outi Päivi Sami Tuula",
}
LAST = {
    "SE": "Andersson Bergström Björk Dahlgren Ek Forsberg Gustafsson Hellström Håkansson Isaksson Jönsson Karlsson "
    "Lindholm Lövgren Månsson Nyström Olsson Pettersson Rosén Sjöberg Ström Sundqvist Söder Törnqvist Vikström Åberg",
    "NO": "Andersen Berge Dahl Eriksen Fjeld Grønland Hansen Iversen Johansen Kristoffersen Lie Myhre Næss Olsen "
    "Pedersen Rønning Solberg Tveit Ødegaard Aasen",
    "FI": "Heikkinen Järvinen Korhonen Lehtonen Nieminen",
}
STREETS = {
    "SE": "Björkgatan Ekvägen Götgatan Kungsgatan Kyrkogatan Ringvägen Skolgatan Storgatan Östergatan",
    "NO": "Bakkegata Elveveien Kirkeveien Parkveien Skolegata Solbakken Storgata",
    "FI": "Kauppakatu Koivutie Mannerheimintie",
}
TOWNS = {
    "SE": [("118 26", "Stockholm"), ("413 01", "Göteborg"), ("222 22", "Lund"), ("703 61", "Örebro"),
           ("722 11", "Västerås"), ("553 16", "Jönköping"), ("981 31", "Kiruna"), SALTSJÖBADEN],
    "NO": [("0182", "Oslo"), ("5014", "Bergen"), ("4006", "Stavanger"), ("7030", "Trondheim"), ("9008", "Tromsø")],
    "FI": [("20100", "Turku"), ("33100", "Tampere")],
}  # fmt: skip
LIVES_IN = {
    "fjordgym": ["SE"] * 18 + ["NO", "FI"],
    "fjordgym-norge": ["NO"] * 12 + ["SE", "FI"],
    "brf-solsidan": ["SE"],
}
MAIL = ["example.com", "example.net", "example.org", "brev.example", "post.example"]


def crowd(company, count):
    """`count` different people around a company: the same ones at every telling."""
    dice = random.Random(company)  # noqa: S311 - a story, no secret
    names = {land: [(f, last) for f in FIRST[land].split() for last in LAST[land].split()] for land in FIRST}
    for pairs in names.values():
        dice.shuffle(pairs)
    people = []
    for position in range(count):
        land = dice.choice(LIVES_IN[company])
        first, last = names[land].pop()
        street, (postcode, town) = dice.choice(STREETS[land].split()), dice.choice(TOWNS[land])
        home = (f"{street} {dice.randint(1, 90)}", postcode, town)
        if company == "brf-solsidan":
            home = (f"Solsidevägen {2 * (position % 6) + 2}", *SALTSJÖBADEN)
        address = "" if dice.random() < 0.04 else f"{plain(first)}.{plain(last)}@{dice.choice(MAIL)}"
        people.append(Card(f"{company}-{position}", f"{first} {last}", home, address, land))
    return people


def plain(name):
    """ "Åsa" -> "asa": what people make of their names in addresses."""
    spelled = name.lower().translate(str.maketrans({"ø": "o", "æ": "ae", "ł": "l", "ı": "i"}))
    return unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()

"""Every string of the house in every language, and no English left on a screen.

The pseudo locale puts ⟦brackets⟧ around what the catalogues know; what stands on a page without them is a string that
nobody can translate, or that nobody has translated.
"""

import gettext
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.test import Client
from django.utils.dates import MONTHS, WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import override, trans_real

from recipients.models import Event
from tests.test_walk import COMPANY_URLS, url
from tests.worlds import World

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]
LOCALE = settings.LOCALE_PATHS[0]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}")
PARTS = re.compile(r'^(msgctxt|msgid|msgid_plural|msgstr|msgstr\[\d\]) ((?:"(?:[^"\\]|\\.)*"\n?)+)', re.MULTILINE)


def entries(path):
    """{(context, msgid, plural): [msgstr, ...]} of a .po file."""
    found = {}
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        said = {name: "".join(map(unquoted, text.splitlines())) for name, text in PARTS.findall(block + "\n")}
        if said.get("msgid"):
            key = said.get("msgctxt", ""), said["msgid"], said.get("msgid_plural", "")
            found[key] = [text for name, text in said.items() if name.startswith("msgstr")]
    return found


def unquoted(line):
    return line[1:-1].replace(r"\"", '"').replace(r"\n", "\n").replace(r"\\", "\\")


def catalogue(language, suffix="po"):
    return LOCALE / language / "LC_MESSAGES" / f"django.{suffix}"


# --- Files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_string_is_translated_and_keeps_its_placeholders(language):
    for (_context, singular, plural), translated in entries(catalogue(language)).items():
        assert all(translated), f"{language}: {singular}"
        wanted = sorted(PLACEHOLDER.findall(plural or singular))
        for text in translated[1:] if plural else translated:
            assert sorted(PLACEHOLDER.findall(text)) == wanted, f"{language}: {text}"
        assert set(PLACEHOLDER.findall(translated[0])) <= {*wanted, *PLACEHOLDER.findall(singular)}, translated[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_django_reads_is_what_translators_wrote(language):
    compiled = gettext.GNUTranslations(catalogue(language, "mo").open("rb"))
    for (context, singular, plural), translated in entries(catalogue(language)).items():
        told = [context] if context else []
        found = (
            [getattr(compiled, "npgettext" if context else "ngettext")(*told, singular, plural, n) for n in (1, 2)]
            if plural
            else [getattr(compiled, "pgettext" if context else "gettext")(*told, singular)]
        )
        assert found == translated, f"{language}: {singular}. Run: ./dev manage compilemessages"


SOURCES = ("manage.py", "config", "recipients", "invoicing", "reminders", "distribution", "templates")


@pytest.mark.skipif(not shutil.which("xgettext"), reason="xgettext is not here")
def test_no_string_of_the_code_is_missing_from_the_catalogues(tmp_path):
    """Collected anew in a copy of the house, since the command writes beside what it reads."""
    for name in SOURCES:
        source = settings.BASE_DIR / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "SECRET_KEY": "of nothing"}
    done = subprocess.run(
        [sys.executable, "manage.py", "makemessages"], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    for language in LANGUAGES:
        fresh = entries(tmp_path / "config" / "locale" / language / "LC_MESSAGES" / "django.po")
        missing = fresh.keys() - entries(catalogue(language)).keys()
        left_over = entries(catalogue(language)).keys() - fresh.keys()
        assert (missing, left_over) == (set(), set()), f"Run: ./dev manage makemessages, then translate {language}"


# --- Screens ---------------------------------------------------------------------------------------------------------

# Not words of a language: formats, standards, units, keys on the keyboard.
NAMES = re.findall(
    r"\w+",
    "Utskick UBL XML PDF SEK NOK EUR kr OCR KID IBAN BIC SHA SMTP MB kB byte bytes Ctrl Enter Esc Svenska Norsk bokmål "
    "SFTP FTPS FTP HTTPS Suomi English AB http https www kg km kWh m² m³ DKK GBP USD Excel xlsx QR PNG JPEG SVG RF "
    "GLN UTF viite",
)


WORD = re.compile(r"[^\W\d_]{2,}")
MACHINES = re.compile(r"Message-ID|<[0-9a-f-]{36}@")
INITIALS = re.compile(r"[A-ZÅÄÖ]{2}")


class Words(HTMLParser):
    """What a page says: its texts, and the attributes that are read or spoken."""

    SPOKEN = ("aria-label", "title", "placeholder", "alt")
    SILENT = ("script", "style", "code", "kbd", "pre", "textarea")

    def __init__(self):
        super().__init__()
        self.texts, self.silent = [], 0

    def handle_starttag(self, tag, attributes):
        self.silent += tag in self.SILENT
        given = dict(attributes)
        self.texts += [given[name] for name in self.SPOKEN if given.get(name)]
        if tag == "input" and given.get("type") in ("submit", "button") and given.get("value"):
            self.texts.append(given["value"])

    def handle_endtag(self, tag):
        self.silent -= tag in self.SILENT

    def handle_data(self, data):
        if not self.silent and data.strip():
            self.texts.append(data.strip())


@pytest.fixture
def pseudo(monkeypatch):
    """All that the Swedish catalogue knows stands in brackets."""
    known = gettext.GNUTranslations(catalogue("sv", "mo").open("rb"))._catalog
    known = {key[0] if isinstance(key, tuple) else key for key in known}
    singular, plural = trans_real.DjangoTranslation.gettext, trans_real.DjangoTranslation.ngettext

    def bracketed(text):
        return f"⟦{text.rpartition(chr(4))[2]}⟧"

    monkeypatch.setattr(
        trans_real.DjangoTranslation,
        "gettext",
        lambda self, message: bracketed(message) if message and message in known else singular(self, message),
    )
    monkeypatch.setattr(
        trans_real.DjangoTranslation,
        "ngettext",
        lambda self, one, many, n: bracketed(one if n == 1 else many) if one in known else plural(self, one, many, n),
    )


def words_of_the_data():
    """Every word that stands in a row: names, addresses, what a server said. Codes of ours are no data."""
    found = set()
    for model in apps.get_models():
        fields = [
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, (models.CharField, models.TextField)) and not field.choices
        ]
        for row in model.objects.values_list(*fields) if fields else ():
            found.update(WORD.findall(" ".join(map(str, row))))
    for said in Event.objects.values_list("data", flat=True):
        found.update(WORD.findall(" ".join(text for text in map(str, said.values()) if "kanari" in text)))
    return found


def untranslated(page, data):
    """The texts of a page that hold a word of no catalogue and no row."""
    reader = Words()
    reader.feed(page)
    said = "\n".join(reader.texts)
    while (shorter := re.sub(r"⟦[^⟦⟧]*⟧", " ", said)) != said:
        said = shorter
    known = {*data, *NAMES}
    return [
        line.strip()
        for line in MACHINES.sub("", said).splitlines()
        if any(word not in known and not INITIALS.fullmatch(word) for word in WORD.findall(line))
    ]


@pytest.mark.django_db
def test_no_english_is_left_on_any_screen(pseudo):
    world = World("ours")
    world.clerk.language = "sv"
    world.clerk.save()
    client = Client(headers={"accept-language": "sv"})
    client.force_login(world.clerk)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "sv"
    with override("sv"):
        today = {str(name) for name in (*MONTHS.values(), *WEEKDAYS.values(), *WEEKDAYS_ABBR.values())}
        today |= {name.capitalize() for name in today}
        today |= {f"{date(2026, month, 1):%b}".lower() for month in range(1, 13)}
    data = words_of_the_data() | today | set(WORD.findall(settings.SENDING_DOMAIN))
    found = {}
    for name, (_kind, read, _write) in COMPANY_URLS.items():
        if read:
            response = client.get(url(name, world.company.slug, world))
            if response.headers["Content-Type"].startswith("text/html") and "preview" not in name:
                found[name] = untranslated(response.content.decode(), data)
    assert {name: texts for name, texts in found.items() if texts} == {}

"""Which language a document speaks."""

import re

from django.conf import settings

LANGUAGES = {code for code, _name in settings.LANGUAGES}
NORWEGIAN = {"no": "nb", "nn": "nb"}  # what other systems call it
LANGUAGE_OF_COUNTRY = {"SE": "sv", "NO": "nb", "FI": "fi"}


def language_of(invoice):
    """The document's own language, else that of the first card that has one, else of the buyer's country."""
    company = invoice.company
    levels = invoice.levels(organisation_first=company.links_to_organisation)
    asked = [invoice.language, *(card.language for _level, card in levels)]
    asked.append(LANGUAGE_OF_COUNTRY.get(invoice.buyer_country, ""))
    return next(filter(None, map(known_language, asked)), company.language)


def known_language(code):
    """Our code for a language tag (sv-SE, no, nb_NO), or "" for a language that we do not speak."""
    main = re.split("[-_]", code.lower())[0]
    main = NORWEGIAN.get(main, main)
    return main if main in LANGUAGES else ""

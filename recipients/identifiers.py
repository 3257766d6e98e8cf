"""Numbers that name a legal entity, in the one form in which they are stored and compared."""

import re

from django.db import models


def normal_legal_id(value):
    """Digits and letters only: "556036-0793" and "16556036-0793" are "5560360793", "987 654 325 MVA" is "987654325"."""
    bare = re.sub(r"[^0-9A-Za-z]", "", value or "").upper()
    if re.fullmatch(r"16\d{10}", bare):  # Sweden's century digits of a legal person
        return bare[2:]
    return re.sub(r"\A(\d{9})MVA\Z", r"\1", bare)


def legal_id_of_vat(vat_id):
    """The organisation number inside a Nordic VAT id, else ""."""
    bare = normal_legal_id(vat_id)
    for pattern in (r"SE(\d{10})01", r"NO(\d{9})(?:MVA)?", r"FI(\d{8})", r"DK(\d{8})"):
        if found := re.fullmatch(pattern, bare):
            return found[1]
    return ""


class LegalIdField(models.CharField):
    """Stored in normal form, so that a filter finds it however it was typed."""

    def get_prep_value(self, value):
        return normal_legal_id(super().get_prep_value(value))

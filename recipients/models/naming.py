"""Names in the order in which people here look for them, and found however they are typed."""

import unicodedata

from django.db import models
from django.utils.translation import gettext_lazy as _

KEY_MAX = 120
# å, ä, ö stand after z, as Swedes and Finns have them, as the ASCII characters that do; the Norwegian and Danish
# letters stand with their likes, since one directory holds names of all four countries.
NORDIC = str.maketrans({"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}", "đ": "d", "ð": "d", "ł": "l", "þ": "th"})


def sort_key(name):
    """ "Åsa  Café" -> "{sa cafe": the same on every database, without case, accents and needless blanks."""
    key = unicodedata.normalize("NFKC", name).casefold().translate(NORDIC)
    plain = "".join(each for each in unicodedata.normalize("NFKD", key) if not unicodedata.combining(each))
    return " ".join(plain.replace("\0", "").split())[:KEY_MAX]


class SortKeyField(models.CharField):
    """Holds the sort_key of the row's name. Compared byte by byte, whatever language the database speaks."""

    def __init__(self, **options):
        super().__init__(**{"max_length": KEY_MAX, "editable": False, "default": ""} | options)

    def db_parameters(self, connection):
        collation = {"collation": "C"} if connection.vendor == "postgresql" else {}
        return super().db_parameters(connection) | collation

    def pre_save(self, row, add):
        key = sort_key(row.name)
        setattr(row, self.attname, key)
        return key


class Named(models.Model):
    """A card that stands in a list by its name."""

    name = models.CharField(_("name"), max_length=120)
    sort_name = SortKeyField()

    class Meta:
        abstract = True

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        if "name" in (kwargs.get("update_fields") or ()):
            kwargs["update_fields"] = {*kwargs["update_fields"], "sort_name"}
        super().save(*args, **kwargs)

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from config.ids import uuid7
from recipients.models import ArchivedFile, Company
from recipients.models.workspace import CompanyQuerySet

from .connection import Connection

# What a person should look at.
PUZZLING = ~Q(trouble="") | Q(unmatched_count__gt=0)


class AnswerQuerySet(CompanyQuerySet):
    def puzzling(self):
        return self.filter(PUZZLING)


class Answer(models.Model):
    """One file in which the next party says what became of deliveries, as it was read.

    The same bytes count once. `filed_at` is null while the file lies where it was found: after a crash it is moved at
    the next look, and one that is not whole gets a second look before it is given up.
    """

    class Trouble(models.TextChoices):
        TOO_LARGE = "too_large", _("It is larger than an answer may be, and was not read")
        NOT_WHOLE = "not_whole", _("It ends in the middle")
        NOT_JSON = "not_json", _("It is not JSON in UTF-8")
        TOO_DEEP = "too_deep", _("It is nested too deep")
        NO_LETTERS = "no_letters", _("It has no list of letters")
        TOO_MANY = "too_many", _("It names more letters than one answer may")

    class Why(models.TextChoices):
        """Why a line of it changed nothing."""

        UNKNOWN = "unknown", _("No letter of this company has this number")
        NOT_SENT = "not_sent", _("The letter does not count as sent here")
        BAD_STATUS = "bad_status", _("A status that we do not know")
        NOT_A_LINE = "not_a_line", _("It is not a line about a letter")
        CONTRADICTS = "contradicts", _("It says the opposite of an earlier answer")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = models.ForeignKey(Company, models.PROTECT, related_name="answers", db_index=False)
    connection = models.ForeignKey(Connection, models.SET_NULL, null=True, related_name="answers")
    name = models.CharField(max_length=200)  # on the other side
    file = models.ForeignKey(ArchivedFile, models.PROTECT, null=True, related_name="+")  # null: too large to fetch
    read_at = models.DateTimeField(db_default=Now())
    filed_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=12, choices=Trouble.choices, blank=True)  # then nothing of it counted
    matched_count = models.PositiveIntegerField(default=0)  # lines about letters of ours
    unmatched_count = models.PositiveIntegerField(default=0)
    # The first UNMATCHED_KEPT of the others: {"id", "status", "message", "why"}
    unmatched = models.JSONField(default=list)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "file"], name="an_answer_is_read_once")]
        indexes = [
            models.Index(fields=["connection", "-read_at", "-id"], name="answer_list"),
            # What somebody has to hear of; nearly all answers are not in it.
            models.Index(fields=["read_at"], condition=PUZZLING, name="answer_puzzles"),
        ]

    def __str__(self):
        return self.name

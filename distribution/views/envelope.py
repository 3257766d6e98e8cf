"""A letter in its envelope: what shows in the window, and what kept it from being posted."""

import logging
from typing import NamedTuple

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import cache_control
from pypdfium2 import PdfiumError

from distribution import envelope_words
from distribution.channels import CHANNELS
from distribution.channels.envelope import REASONS
from distribution.channels.envelope_picture import picture
from distribution.models import Delivery, Enclosure
from invoicing.windows import Window, window_of
from recipients.methods import Method
from recipients.models import Role
from recipients.models.archived_file import Damaged
from recipients.scope import role

log = logging.getLogger(__name__)


class Look(NamedTuple):
    """`sentences`: what is wrong, numbered as in the picture; `alt`: the picture in words."""

    window: Window
    sentences: list
    alt: str


def was_kept_out(delivery):
    """Whether the look at its envelope is why it did not go."""
    return delivery.reason in REASONS.values()


def is_letter(delivery):
    """Whether there is a page to look at. What is about to be prepared has none yet."""
    return delivery.method == Method.CENTRAL_PRINT and delivery.ready_at is not None


def look(delivery):
    """The Look at a letter, or None where its page cannot be read."""
    try:
        findings = findings_of(delivery, pdf_of(delivery))
    except (Enclosure.DoesNotExist, Damaged, OSError):
        log.exception("the page of delivery %s cannot be read", delivery.pk)
        return None
    sentences = [envelope_words.sentence(finding) for finding in findings]
    return Look(window_of(delivery.company), sentences, envelope_words.description(sentences))


def findings_of(delivery, content):
    """Found anew in the bytes that were kept. One that passed is not judged again by what holds today."""
    return CHANNELS[delivery.method].inspect(delivery, content) if was_kept_out(delivery) else []


def pdf_of(delivery):
    return delivery.enclosures.select_related("file").get(role=Enclosure.Role.PDF).file.read()


@role(Role.VIEWER)
@cache_control(private=True, max_age=300)
def envelope(request, pk):
    """Page one as a picture, seen through the window."""
    letters = Delivery.objects.of(request.company).filter(method=Method.CENTRAL_PRINT)
    delivery = get_object_or_404(letters.select_related("company"), pk=pk)
    try:
        content = pdf_of(delivery)
        drawn = picture(content, window=window_of(delivery.company), findings=findings_of(delivery, content))
    except (Enclosure.DoesNotExist, Damaged, OSError, PdfiumError) as error:
        raise Http404 from error  # the words beside it say what is wrong
    return HttpResponse(drawn, content_type="image/png")

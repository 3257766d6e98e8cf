"""Archived files as they left: the PDF to download, the mail to look at."""

import json
import logging

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from distribution.models import Enclosure
from recipients.models import Role
from recipients.models.archived_file import Damaged
from recipients.scope import role

log = logging.getLogger(__name__)
# A mail brings its own style and may show nothing else, neither script nor anything from outside.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'self'"


@role(Role.VIEWER)
def enclosure(request, pk, id):  # noqa: A002 - the name in the address
    """One archived file of a delivery, byte for byte. A mail is shown as a page, with `?part=html` inside a frame."""
    file = get_object_or_404(
        Enclosure.objects.select_related("file", "delivery__invoice"),
        delivery__company=request.company,
        delivery=pk,
        pk=id,
    )
    try:
        content = file.file.read()
    except (Damaged, OSError):
        log.exception("enclosure %s cannot be read", file.pk)
        messages.error(request, _("%s cannot be read back from the archive as it was kept. Tell the operator.") % file)
        return redirect("distribution:delivery", request.company.slug, pk)
    if file.role == Enclosure.Role.MAIL:
        return mail(request, file, json.loads(content))
    return download(content, file.name, file.file.media_type)


def mail(request, file, words):
    if request.GET.get("part") == "html":
        return framed(words["html"])
    context = {"file": file, "delivery": file.delivery, "mail": words}
    return render(request, "distribution/mail.html", context)


def framed(html):
    """HTML of a mail as the page inside a sandboxed frame of ours."""
    response = HttpResponse(html)
    response.frame_ancestors = "'self'"
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


def download(content, name, media_type):
    return HttpResponse(
        content, content_type=media_type, headers={"Content-Disposition": content_disposition_header(True, name)}
    )

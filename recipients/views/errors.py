"""What is not there and what broke: pages in the shell, so that one can go on."""

import logging
import secrets

from django.http import HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from recipients.scope import enter

log = logging.getLogger(__name__)


def missing(request, exception):
    """404. An address below a company keeps that company's shell, if it is one's own."""
    in_shell(request)
    return render(request, "404.html", status=404)


def broken(request):
    """500, with a number that the log has too. Without a database it is a page that needs none."""
    incident = secrets.token_hex(4)
    log.error("a page broke", extra={"incident": incident})
    try:
        in_shell(request)
        return HttpResponseServerError(render_to_string("broken.html", {"incident": incident}, request))
    except Exception:
        return HttpResponseServerError(render_to_string("500.html", {"incident": incident}))


def forged(request, reason=""):
    """403: a form that did not come from a page of ours, or came after its page had grown old."""
    in_shell(request)
    words = _("The page lay open for too long, or this browser keeps no cookies. Go back, load it anew and try again.")
    return render(request, "403.html", {"exception": words}, status=403)


def in_shell(request):
    _empty, *parts = request.path.split("/")
    if not getattr(request, "company", None) and parts[0] == "c" and len(parts) > 1 and request.user.is_authenticated:
        enter(request, parts[1])

"""What happens to every request: a number and a line in the log, a limit, headers."""

import logging
import re
import time
import uuid

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _

from config.logs import about

log = logging.getLogger(__name__)

# No nonces: there is no inline script or style anywhere. Stylesheets, scripts, fonts and pictures are our own files.
POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors {ancestors}"


class SecurityHeaders:
    """Content-Security-Policy, X-Frame-Options and Cache-Control.

    A view whose page is shown inside our own pages (a preview) sets `response.frame_ancestors = "'self'"`.
    One that sets its own Content-Security-Policy or Cache-Control keeps it.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        ancestors = getattr(response, "frame_ancestors", "'none'")
        response.headers.setdefault("Content-Security-Policy", POLICY.format(ancestors=ancestors))
        response.headers.setdefault("X-Frame-Options", "SAMEORIGIN" if ancestors == "'self'" else "DENY")
        # No page stays behind: not in a browser after the logout, not in a proxy. Static files pass WhiteNoise alone.
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class RequestLog:
    """Gives each request an id, the proxy's if it sent one, and logs how it was answered: the view's name, never its
    address, which may hold a link's secret or what somebody searches for."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        sent = request.headers.get("X-Request-ID", "")
        request_id = sent if re.fullmatch(r"[0-9a-f]{32}", sent) else uuid.uuid4().hex
        began = time.monotonic()
        with about(request=request_id):
            response = self.get_response(request)
            view = request.resolver_match.view_name if request.resolver_match else ""
            seconds = round(time.monotonic() - began, 3)
            said = {"verb": request.method, "view": view, "status": response.status_code, "seconds": seconds}
            log.info("answered", extra=said)
        response.headers["X-Request-ID"] = request_id
        return response


class BodyLimit:
    """413 for a request of more than REQUEST_MAX_BYTES, before any of it is read. A proxy in front says the same."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        size = request.headers.get("Content-Length", "")
        if size.isdigit() and int(size) > settings.REQUEST_MAX_BYTES:
            mebibytes = settings.REQUEST_MAX_BYTES // 1024**2
            words = _("That is more than %(limit)s MB at once. Send it in several parts.") % {"limit": mebibytes}
            return HttpResponse(words, status=413, content_type="text/plain; charset=utf-8")
        return self.get_response(request)

"""Headers that every answer carries."""

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

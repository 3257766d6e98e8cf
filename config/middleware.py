"""Headers that every answer carries."""

# No nonces: there is no inline script or style anywhere. Stylesheets, scripts, fonts and pictures are our own files.
POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors {ancestors}"


class SecurityHeaders:
    """Content-Security-Policy and X-Frame-Options.

    A view whose page is shown inside our own pages (a preview) sets `response.frame_ancestors = "'self'"`.
    One that sets its own Content-Security-Policy keeps it.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        ancestors = getattr(response, "frame_ancestors", "'none'")
        response.headers.setdefault("Content-Security-Policy", POLICY.format(ancestors=ancestors))
        response.headers.setdefault("X-Frame-Options", "SAMEORIGIN" if ancestors == "'self'" else "DENY")
        return response

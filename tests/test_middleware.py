"""Headers that every answer carries."""

from django.http import HttpResponse

from config.middleware import SecurityHeaders


def answered(**attributes):
    response = HttpResponse()
    vars(response).update(attributes)
    return SecurityHeaders(lambda request: response)(None)


def test_no_page_may_be_framed_and_nothing_inline_runs():
    headers = answered().headers
    assert headers["Content-Security-Policy"] == (
        "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert headers["X-Frame-Options"] == "DENY"


def test_a_preview_may_be_framed_by_our_own_pages():
    headers = answered(frame_ancestors="'self'").headers
    assert headers["Content-Security-Policy"].endswith("frame-ancestors 'self'")
    assert headers["X-Frame-Options"] == "SAMEORIGIN"

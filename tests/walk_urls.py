"""The URLs of the house with error pages of one line: the walk meets thousands of them, and reads none.

test_what_is_anothers_looks_like_what_never_was looks at the real one.
"""

from django.http import HttpResponseForbidden, HttpResponseNotFound

from config.urls import handler500, urlpatterns

__all__ = ["handler403", "handler404", "handler500", "urlpatterns"]


def handler404(request, exception):
    return HttpResponseNotFound("404")


def handler403(request, exception):
    return HttpResponseForbidden(str(exception))

"""Every URL of the house. Each app brings its own list; config adds the pages for developers."""

from django.contrib import admin
from django.urls import include, path

from config import gallery

urlpatterns = [
    path("", include("recipients.urls")),
    path("", include("invoicing.urls")),
    path("", include("distribution.urls")),
    path("admin/", admin.site.urls),
    path("dev/gallery/", gallery.show, name="gallery"),
    path("dev/gallery/<slug:screen>/", gallery.show, name="gallery_screen"),
]
handler404 = "recipients.views.errors.missing"
handler500 = "recipients.views.errors.broken"

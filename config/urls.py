"""Every URL of the house. Each app brings its own list; config adds the pages for developers."""

from django.contrib import admin
from django.urls import path

from config import gallery

urlpatterns = [
    path("admin/", admin.site.urls),
    path("dev/gallery/", gallery.show, name="gallery"),
    path("dev/gallery/<slug:screen>/", gallery.show, name="gallery_screen"),
]

"""Sheets, batches, deliveries, uploads, settings. `/c/<company>/` is opened by recipients.scope."""

from django.urls import path  # noqa: F401

app_name = "distribution"
urlpatterns = []

"""Sheets, batches, deliveries, uploads, settings. `/c/<company>/` is opened by recipients.scope."""

from django.urls import path

from .views import (
    answers,
    batch,
    connection,
    connections,
    crediting,
    deliveries,
    distribution_settings,
    doubts,
    envelope,
    files,
    health,
    mail_texts,
    mailbox,
    notifications,
    outside,
    overview,
    parcels,
    reachability,
    search,
    sheet,
    triage,
    uploads,
)

CONNECTION = "c/<slug:company>/settings/connections/<uuid:pk>"

app_name = "distribution"
MAILS = "c/<slug:company>/settings/mails/"
urlpatterns = [
    # Landing and finding
    path("c/<slug:company>/", overview.overview, name="overview"),
    path("c/<slug:company>/first-steps/", overview.put_away, name="put_away"),
    path("c/<slug:company>/search/", search.search, name="search"),
    path("c/<slug:company>/notifications/", notifications.notifications, name="notifications"),
    path("c/<slug:company>/notifications/<uuid:pk>/", notifications.notification, name="notification"),
    # Sending
    path("c/<slug:company>/plans/", sheet.plan, name="plan"),
    path("c/<slug:company>/batches/<uuid:pk>/", batch.batch, name="batch"),
    path("c/<slug:company>/batches/<uuid:pk>/sheet/", sheet.sheet, name="sheet"),
    path("c/<slug:company>/batches/<uuid:pk>/send/", sheet.send, name="send"),
    path("c/<slug:company>/batches/<uuid:pk>/undo/", batch.undo, name="undo"),
    path("c/<slug:company>/deliveries/undo/", batch.undo_deliveries, name="undo_deliveries"),
    path("c/<slug:company>/outgoing/", batch.outgoing, name="outgoing"),
    # Watching and deciding
    path("c/<slug:company>/deliveries/", deliveries.deliveries, name="deliveries"),
    path("c/<slug:company>/deliveries/decide/", doubts.decide, name="decide"),
    path("c/<slug:company>/deliveries/handled/", doubts.handled, name="handled"),
    path("c/<slug:company>/deliveries/again/", doubts.send_again, name="send_again"),
    path("c/<slug:company>/deliveries/triage/", triage.board, name="triage"),
    path("c/<slug:company>/deliveries/triage/export/", triage.export, name="triage_export"),
    path("c/<slug:company>/deliveries/outside/", outside.mark, name="outside"),
    path("c/<slug:company>/deliveries/<uuid:pk>/not-sent/", outside.take_back, name="take_back_outside"),
    path("c/<slug:company>/deliveries/<uuid:pk>/", deliveries.delivery, name="delivery"),
    path("c/<slug:company>/deliveries/<uuid:pk>/envelope.png", envelope.envelope, name="envelope"),
    path("c/<slug:company>/deliveries/<uuid:pk>/files/<int:id>/", files.enclosure, name="enclosure"),
    path("c/<slug:company>/parcels/<uuid:pk>/download/", parcels.parcel_download, name="parcel_download"),
    path("c/<slug:company>/parcels/<uuid:pk>/file/", parcels.parcel_file, name="parcel_file"),
    # Giving back
    path("c/<slug:company>/invoices/<uuid:pk>/credit/", crediting.credit, name="credit"),
    # Invoices in
    path("c/<slug:company>/invoices/import/", uploads.upload, name="upload"),
    path("c/<slug:company>/uploads/<uuid:pk>/", uploads.upload_report, name="upload_report"),
    # Reports
    path("c/<slug:company>/reports/reachability/", reachability.reachability, name="reachability"),
    path("c/<slug:company>/reports/reachability/excel/", reachability.excel, name="reachability_excel"),
    # Setting up
    path("c/<slug:company>/settings/distribution/", distribution_settings.settings, name="settings"),
    path("c/<slug:company>/settings/connections/", connections.connections, name="connections"),
    path("c/<slug:company>/settings/connections/new/", connections.connection_new, name="connection_new"),
    path(f"{CONNECTION}/", connection.connection, name="connection"),
    path(f"{CONNECTION}/edit/", connections.connection_edit, name="connection_edit"),
    path(f"{CONNECTION}/test/", connection.connection_test, name="connection_test"),
    path(f"{CONNECTION}/accept/", connection.connection_accept, name="connection_accept"),
    path(f"{CONNECTION}/pause/", connection.connection_pause, name="connection_pause"),
    path(f"{CONNECTION}/resume/", connection.connection_resume, name="connection_resume"),
    path(f"{CONNECTION}/answers/", answers.answers, name="answers"),
    path(f"{CONNECTION}/remove/", connection.connection_remove, name="connection_remove"),
    path(MAILS, mail_texts.mail_texts, name="mail_texts"),
    path(f"{MAILS}test/", mail_texts.mail_test, name="mail_test"),
    path(f"{MAILS}<slug:kind>/<slug:language>/", mail_texts.mail_text, name="mail_text"),
    path(f"{MAILS}<slug:kind>/<slug:language>/preview/", mail_texts.mail_preview, name="mail_preview"),
    # For machines and developers
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics_page, name="metrics"),
    path("health/", health.health, name="health"),
    path("dev/mailbox/", mailbox.mailbox, name="mailbox"),
    path("dev/mailbox/<int:n>/", mailbox.mail, name="mail"),
]

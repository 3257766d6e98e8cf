"""Invoices. `/c/<company>/` is opened by recipients.scope."""

from django.urls import path

from invoicing.views import draft, invoice, invoices, issuing, looks, numbers, payments, template_preview, templates

app_name = "invoicing"
ONE = "c/<slug:company>/invoices/<uuid:pk>/"
TEMPLATES = "c/<slug:company>/settings/templates/"
urlpatterns = [
    path("c/<slug:company>/invoices/", invoices.invoices, name="invoices"),
    path("c/<slug:company>/invoices/new/", draft.new, name="invoice_new"),
    path("c/<slug:company>/settings/numbers/", numbers.numbers, name="numbers"),
    path(ONE, invoice.document, name="invoice"),
    path(f"{ONE}edit/", draft.edit, name="invoice_edit"),
    path(f"{ONE}issue/", issuing.issue, name="invoice_issue"),
    path(f"{ONE}duplicate/", issuing.duplicate, name="invoice_duplicate"),
    path(f"{ONE}delete/", issuing.delete, name="invoice_delete"),
    path(f"{ONE}files/<uuid:id>/", issuing.attached, name="invoice_file"),
    path(f"{ONE}delivery/", invoice.delivery, name="invoice_delivery"),
    path(f"{ONE}payments/", payments.payments, name="invoice_payments"),
    path(f"{ONE}payments/<int:payment>/take-back/", payments.take_back, name="payment_take_back"),
    path(f"{ONE}history/", invoice.history, name="invoice_history"),
    path(f"{ONE}email/", invoice.email, name="invoice_email"),
    path(f"{ONE}pdf/", invoice.pdf, name="invoice_pdf"),
    path(f"{ONE}preview/", invoice.preview, name="invoice_preview"),
    path(f"{ONE}preview/<str:name>", invoice.preview_file, name="invoice_preview_file"),
    path(f"{ONE}original/", invoice.original, name="invoice_original"),
    # Looks
    path(TEMPLATES, templates.templates, name="templates"),
    path(f"{TEMPLATES}new/", templates.template_new, name="template_new"),
    path(f"{TEMPLATES}preview/", template_preview.template_preview, name="template_preview"),
    path(f"{TEMPLATES}<uuid:pk>/", templates.template, name="template"),
    path(f"{TEMPLATES}<uuid:pk>/copy/", templates.template_copy, name="template_copy"),
    path(f"{TEMPLATES}<uuid:pk>/remove/", templates.template_remove, name="template_remove"),
    path(f"{TEMPLATES}<uuid:pk>/take-back/", templates.template_take_back, name="template_take_back"),
    path("c/<slug:company>/settings/looks/", looks.looks, name="looks"),
    path("c/<slug:company>/settings/looks/logo/", looks.logo, name="logo"),
    path("c/<slug:company>/settings/looks/<uuid:pk>/", looks.picture, name="logo_picture"),
]

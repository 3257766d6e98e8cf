"""Invoices for superusers. What an invoice shows of its deliveries is never typed here."""

from django.contrib import admin

from .models import DocumentTemplate, Draft, Invoice, InvoiceFile, Line, Payment, Series


class LineInline(admin.TabularInline):
    model = Line
    extra = 0
    fields = ["position", "name", "quantity", "unit", "price", "net", "vat_category", "vat_rate"]


class PaymentInline(admin.TabularInline):
    model = Payment
    extra = 0


@admin.register(Invoice)
class InvoiceAdmin(admin.ModelAdmin):
    list_display = [
        "number",
        "company",
        "kind",
        "buyer_name",
        "issued_on",
        "payable",
        "currency",
        "sent_at",
        "in_flight",
    ]
    list_filter = ["company", "kind", "in_flight", "currency"]
    list_select_related = ["company"]
    search_fields = ["number", "buyer_name", "payment_reference", "email"]
    date_hierarchy = "issued_on"
    raw_id_fields = ["company", "customer", "organisation", "reference", "credits", "original"]
    readonly_fields = ["sent_at", "in_flight", "attention", "reminder_count", "created_at"]
    inlines = [LineInline, PaymentInline]
    show_full_result_count = False


@admin.register(Line)
class LineAdmin(admin.ModelAdmin):
    list_display = ["name", "invoice", "position", "quantity", "net"]
    list_filter = ["vat_category"]
    list_select_related = ["invoice"]
    search_fields = ["name", "invoice__number"]
    raw_id_fields = ["invoice"]
    show_full_result_count = False


@admin.register(Payment)
class PaymentAdmin(admin.ModelAdmin):
    list_display = ["invoice", "amount", "paid_on", "note"]
    list_filter = ["paid_on"]
    list_select_related = ["invoice"]
    search_fields = ["invoice__number", "note"]
    raw_id_fields = ["invoice"]


@admin.register(DocumentTemplate)
class DocumentTemplateAdmin(admin.ModelAdmin):
    list_display = ["name", "company", "layout"]
    list_filter = ["layout"]
    list_select_related = ["company"]
    search_fields = ["name", "company__name"]
    raw_id_fields = ["company"]


@admin.register(Series)
class SeriesAdmin(admin.ModelAdmin):
    list_display = ["company", "prefix", "next_number", "payment_days"]
    list_select_related = ["company"]
    search_fields = ["company__name"]
    raw_id_fields = ["company"]


@admin.register(Draft)
class DraftAdmin(admin.ModelAdmin):
    list_display = ["invoice", "version", "saved_at", "saved_by"]
    list_select_related = ["invoice", "saved_by"]
    search_fields = ["invoice__buyer_name"]
    raw_id_fields = ["invoice", "saved_by"]


@admin.register(InvoiceFile)
class InvoiceFileAdmin(admin.ModelAdmin):
    list_display = ["name", "invoice", "file"]
    list_select_related = ["invoice", "file"]
    search_fields = ["name", "invoice__number"]
    raw_id_fields = ["invoice", "file"]

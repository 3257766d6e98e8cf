"""Sending for superusers: companies with their settings, the relay. What has happened is looked at, never changed."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from config.sealing import NoKey, keyring
from recipients.admin import MemberInline, ReadOnly
from recipients.models import Company

from .actions.setting_up import open_company
from .models import (
    Answer,
    Batch,
    Connection,
    Delivery,
    Enclosure,
    Installation,
    MailTest,
    MailText,
    Measure,
    Notification,
    Parcel,
    PlanLine,
    Settings,
)


class SettingsInline(admin.StackedInline):
    model = Settings
    can_delete = False
    raw_id_fields = ["last_template"]

    def has_add_permission(self, request, obj=None):
        return False  # a new company gets its settings when it is saved


@admin.register(Company)
class CompanyAdmin(admin.ModelAdmin):
    list_display = ["name", "slug", "workspace", "legal_id", "vat_id"]
    list_filter = ["workspace", "country"]
    list_select_related = ["workspace"]
    search_fields = ["name", "slug", "legal_id", "vat_id"]
    prepopulated_fields = {"slug": ["name"]}
    raw_id_fields = ["workspace", "logo"]
    inlines = [SettingsInline, MemberInline]

    def get_inlines(self, request, obj):
        return self.inlines if obj else [MemberInline]

    def get_readonly_fields(self, request, obj=None):
        return ["slug"] if obj else []  # part of every address of the company

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else self.prepopulated_fields

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if not change:
            open_company(obj)


@admin.register(Settings)
class SettingsAdmin(admin.ModelAdmin):
    list_display = ["company", "default_method", "reserve_method", "undo_minutes", "sender_prefix"]
    list_filter = ["default_method", "reserve_method"]
    list_select_related = ["company"]
    search_fields = ["company__name", "sender_prefix"]
    raw_id_fields = ["last_template"]
    readonly_fields = ["company"]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class ConnectionForm(forms.ModelForm):
    """The password goes in and never comes out."""

    password = forms.CharField(
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Write-only. Leave it empty to keep the stored one."),
    )
    without_password = forms.BooleanField(required=False, help_text=_("Forget the stored password."))

    class Meta:
        model = Connection
        fields = ["company", "method", "host", "port", "security", "username"]

    def clean_password(self):
        password = self.cleaned_data["password"]
        if password:
            try:
                keyring()
            except NoKey as error:
                raise forms.ValidationError(str(error)) from error
        return password

    def save(self, commit=True):
        if self.cleaned_data["password"] or self.cleaned_data["without_password"]:
            self.instance.set_password(self.cleaned_data["password"])
        return super().save(commit)


@admin.register(Connection)
class ConnectionAdmin(admin.ModelAdmin):
    form = ConnectionForm
    list_display = ["__str__", "company", "method", "kind", "security", "has_password", "paused_until"]
    list_filter = ["method", "security"]
    list_select_related = ["company"]
    search_fields = ["host", "username", "company__name"]
    raw_id_fields = ["company"]
    readonly_fields = ["has_password", "paused_until", "pause_reason", "trouble", "brake", "failures"]

    @admin.display(boolean=True)
    def has_password(self, connection):
        return bool(connection.secret)


@admin.register(Installation)
class InstallationAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["instance_id", "sender_seen_at", "queue_seen_at", "backed_up_at"]


@admin.register(Measure)
class MeasureAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["what", "method", "outcome", "bucket", "count", "seconds"]
    list_filter = ["what", "method", "outcome"]
    search_fields = ["method"]


@admin.register(Batch)
class BatchAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["opened_at", "company", "by", "confirmed_at", "selected_count", "cannot_count", "left_out_count"]
    list_filter = ["company", "confirmed_at"]
    list_select_related = ["company", "by"]
    search_fields = ["id", "by__email"]


@admin.register(PlanLine)
class PlanLineAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["batch", "position", "invoice", "method", "address", "reason"]
    list_filter = ["method", "reason"]
    list_select_related = ["batch", "invoice"]
    search_fields = ["invoice__number", "address"]
    show_full_result_count = False


class EnclosureInline(ReadOnly, admin.TabularInline):
    model = Enclosure
    fields = ["role", "name", "file"]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["invoice", "company", "method", "address", "state", "reason", "created_at"]
    list_filter = ["state", "method", "company"]
    list_select_related = ["invoice", "company"]
    search_fields = ["invoice__number", "address", "id"]
    inlines = [EnclosureInline]
    show_full_result_count = False


@admin.register(Enclosure)
class EnclosureAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["name", "role", "delivery", "file"]
    list_filter = ["role"]
    list_select_related = ["delivery", "file"]
    search_fields = ["name", "file__sha256"]
    show_full_result_count = False


@admin.register(Parcel)
class ParcelAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["name", "company", "batch", "method", "part", "taken_at"]
    list_filter = ["method", "company"]
    list_select_related = ["company", "batch"]
    search_fields = ["name"]


@admin.register(Answer)
class AnswerAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["name", "company", "read_at", "trouble", "matched_count", "unmatched_count"]
    list_filter = ["trouble", "company"]
    list_select_related = ["company"]
    search_fields = ["name", "file__sha256"]


@admin.register(Notification)
class NotificationAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["kind", "company", "user", "role", "created_at"]
    list_filter = ["kind", "company"]
    list_select_related = ["company", "user"]
    search_fields = ["key"]
    exclude = ["read_by"]


@admin.register(MailText)
class MailTextAdmin(admin.ModelAdmin):
    list_display = ["company", "kind", "language", "subject"]
    list_filter = ["kind", "language", "company"]
    list_select_related = ["company"]
    search_fields = ["subject", "body"]


@admin.register(MailTest)
class MailTestAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["asked_at", "company", "by", "address", "outcome"]
    list_filter = ["outcome", "company"]
    list_select_related = ["company", "by"]
    search_fields = ["address"]

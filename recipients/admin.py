"""The directory for superusers. Company is registered by distribution, which gives a new one its settings."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from . import person
from .actions.profile import end_sessions, reset_factors
from .models import (
    ArchivedFile,
    Customer,
    Event,
    FormerCard,
    InvoiceReference,
    LoginAttempt,
    Member,
    Organisation,
    Preference,
    SavedView,
    Upload,
    UploadedFile,
    User,
    Workspace,
)

admin.site.unregister(Group)  # roles are Member.role; there are no groups
# allauth's own pages show secrets, and its addresses are not used: a person's address is User.email.
admin.site.unregister([EmailAddress, Authenticator])
RIGHTS = {"is_active", "is_staff", "is_superuser"}


class ReadOnly:
    """Looked at, never made, changed or taken away by hand."""

    def has_add_permission(self, request, obj=None):
        return False

    has_change_permission = has_delete_permission = has_add_permission


def end_sessions_but_own(request, user):
    end_sessions(user)
    if user == request.user:
        person.keep_session(request)


class MemberInline(admin.TabularInline):
    model = Member
    extra = 0
    raw_id_fields = ["user", "company"]


class UserCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ["email", "name"]


@admin.action(description=_("Take away the second factor, which was lost"))
def reset_second_factor(modeladmin, request, users):
    for user in users:
        reset_factors(user, by=request.user)
    messages.success(request, _("Taken away. They log in with the password and can set up another one."))


@admin.action(description=_("Log out everywhere"))
def log_out(modeladmin, request, users):
    for user in users:
        end_sessions_but_own(request, user)
    messages.success(request, _("They have to log in again."))


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    actions = [log_out, reset_second_factor]
    add_form = UserCreationForm
    ordering = ["email"]
    list_display = ["email", "name", "is_active", "is_superuser", "last_login"]
    list_filter = ["is_active", "is_superuser", "language"]
    search_fields = ["email", "name"]
    filter_horizontal = []
    inlines = [MemberInline]
    fieldsets = [
        (None, {"fields": ["email", "password"]}),
        (_("Person"), {"fields": ["name", "language", "theme", "has_compact_lists", "has_shortcuts"]}),
        (_("May"), {"fields": ["is_active", "is_staff", "is_superuser"]}),
        (_("When"), {"fields": ["last_login", "date_joined"]}),
    ]
    readonly_fields = ["last_login", "date_joined"]
    add_fieldsets = [(None, {"fields": ["email", "name", "usable_password", "password1", "password2"]})]

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        if change and (RIGHTS & set(form.changed_data) or any(formset.has_changed() for formset in formsets)):
            end_sessions_but_own(request, form.instance)


@admin.register(Workspace)
class WorkspaceAdmin(admin.ModelAdmin):
    list_display = ["name", "id"]
    search_fields = ["name"]


@admin.register(Member)
class MemberAdmin(admin.ModelAdmin):
    list_display = ["user", "company", "role"]
    list_filter = ["role"]
    list_select_related = ["user", "company"]
    search_fields = ["user__email", "user__name", "company__name"]
    raw_id_fields = ["user", "company"]

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        end_sessions_but_own(request, obj.user)

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        end_sessions_but_own(request, obj.user)


class CardAdmin(admin.ModelAdmin):
    list_display = ["name", "number", "email", "invoice_email", "workspace"]
    list_filter = ["workspace", "language", "country"]
    list_select_related = ["workspace"]
    search_fields = ["name", "number", "email", "invoice_email"]
    raw_id_fields = ["workspace"]


@admin.register(Customer)
class CustomerAdmin(CardAdmin):
    raw_id_fields = ["workspace", "organisation"]


@admin.register(FormerCard)
class FormerCardAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["name", "number", "customer", "organisation", "workspace", "merged_at"]
    list_filter = ["workspace"]
    list_select_related = ["customer", "organisation", "workspace"]
    search_fields = ["name", "number"]


class InvoiceReferenceInline(admin.TabularInline):
    model = InvoiceReference
    extra = 0
    fields = ["code", "name", "invoice_email", "email", "language"]


@admin.register(Organisation)
class OrganisationAdmin(CardAdmin):
    list_display = [*CardAdmin.list_display, "legal_id"]
    search_fields = [*CardAdmin.search_fields, "legal_id", "vat_id"]
    inlines = [InvoiceReferenceInline]


@admin.register(InvoiceReference)
class InvoiceReferenceAdmin(admin.ModelAdmin):
    list_display = ["code", "name", "organisation", "email", "invoice_email"]
    list_filter = ["organisation__workspace"]
    list_select_related = ["organisation"]
    search_fields = ["code", "name", "organisation__name"]
    raw_id_fields = ["organisation"]


@admin.register(Preference)
class PreferenceAdmin(admin.ModelAdmin):
    list_display = ["__str__", "method", "company", "workspace"]
    list_filter = ["method", "workspace"]
    list_select_related = ["reference", "organisation", "customer", "company", "workspace"]
    search_fields = ["reference__code", "organisation__name", "customer__name"]
    raw_id_fields = ["workspace", "reference", "organisation", "customer", "company"]


class UploadedFileInline(ReadOnly, admin.TabularInline):
    model = UploadedFile
    fields = ["position", "name", "outcome", "findings", "document"]


@admin.register(Upload)
class UploadAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["at", "company", "by", "already_sent", "finished_at"]
    list_filter = ["company", "already_sent"]
    list_select_related = ["company", "by"]
    search_fields = ["files__name", "by__email"]
    inlines = [UploadedFileInline]


@admin.register(UploadedFile)
class UploadedFileAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["name", "upload", "outcome", "document"]
    list_filter = ["outcome"]
    list_select_related = ["upload"]
    search_fields = ["name"]


@admin.register(ArchivedFile)
class ArchivedFileAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["sha256", "company", "media_type", "size", "kept_at"]
    list_filter = ["media_type", "company"]
    list_select_related = ["company"]
    search_fields = ["sha256"]


@admin.register(Event)
class EventAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["at", "company", "what", "by", "about"]
    list_filter = ["what", "company"]
    list_select_related = ["company", "by"]
    search_fields = ["about", "thread", "by__email"]
    show_full_result_count = False


@admin.register(SavedView)
class SavedViewAdmin(admin.ModelAdmin):
    list_display = ["name", "list", "company", "by", "is_shared", "is_pinned"]
    list_filter = ["list", "is_shared", "company"]
    list_select_related = ["company", "by"]
    search_fields = ["name", "by__email"]
    raw_id_fields = ["company", "by"]


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnly, admin.ModelAdmin):
    """Who has which second factor. It is taken away on the page of users, with a line of history."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type"]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__name"]
    exclude = ["data"]


@admin.register(LoginAttempt)
class LoginAttemptAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["email", "ip", "door", "at"]
    list_filter = ["door", "at"]
    search_fields = ["email", "ip"]

    def has_delete_permission(self, request, obj=None):
        return True  # lets somebody in who has to wait

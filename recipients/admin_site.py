"""The admin behind our own login: second factor, and who changes something has shown lately who they are."""

from functools import wraps

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from . import confirm, second_factor
from .scope import enter_last


class Site(admin.AdminSite):
    site_header = site_title = "Utskick"

    def has_permission(self, request):
        return super().has_permission(request) and not self.lacks_factor(request)

    def lacks_factor(self, request):
        """Whoever may see everything needs one, but for the demo, where everybody knows the password."""
        return not settings.DEV_PAGES and not second_factor.has_factor(request.user)

    @method_decorator(login_not_required)
    @method_decorator(never_cache)
    def login(self, request, extra_context=None):
        """There is one login in the house. Who has come through it and gets here may not go further."""
        index = reverse("admin:index", current_app=self.name)
        if not request.user.is_authenticated:
            return redirect_to_login(request.GET.get("next", index))
        if self.has_permission(request):
            return redirect(index)
        if super().has_permission(request):
            enter_last(request)
            return confirm.say_factor_missing(request)
        raise PermissionDenied(_("The admin is for those who run Utskick."))

    def admin_view(self, view, cacheable=False):
        """A form is taken only from who has shown lately who they are; leaving is always free."""

        @wraps(view)
        def confirmed(request, *args, **kwargs):
            asked = request.method not in confirm.SAFE and view != self.logout and confirm.ask(request)
            return asked or view(request, *args, **kwargs)

        return super().admin_view(confirmed, cacheable)

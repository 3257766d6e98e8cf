"""A password by link: asked for by who forgot it, chosen by whoever holds the link."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import PasswordResetConfirmView
from django.shortcuts import render
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache

from recipients.actions import people
from recipients.forms.login import PasswordLinkForm
from recipients.forms.profile import NewPasswordForm
from recipients.views.members import origin


@login_not_required
@never_cache
def password(request):
    """One answer whoever asks: whether somebody has this address is not said."""
    form = PasswordLinkForm(request, request.POST or None)
    if form.is_valid():
        people.ask_for_password(form.cleaned_data["email"], origin=origin(request))
        return render(request, "recipients/password_asked.html", {"email": form.cleaned_data["email"]})
    status = 429 if form.must_wait else 422 if form.is_bound else 200
    return render(request, "recipients/password.html", {"form": form}, status=status)


class ChoosePassword(PasswordResetConfirmView):
    """Django's own: the token leaves the address before the page is shown, and is good for one password."""

    form_class = NewPasswordForm
    template_name = "recipients/choose_password.html"
    success_url = reverse_lazy("recipients:home")
    post_reset_login = True

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

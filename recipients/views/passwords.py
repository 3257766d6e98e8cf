"""A password by link: asked for by who forgot it, chosen by whoever holds the link."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN, PasswordResetConfirmView
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from recipients.actions import people
from recipients.forms.login import PasswordLinkForm
from recipients.forms.profile import NewPasswordForm
from recipients.views.members import origin
from recipients.views.session import come_in


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

    def form_valid(self, form):
        """The link stands for the password alone: who has a second factor is asked for it."""
        user = form.save()
        del self.request.session[INTERNAL_RESET_SESSION_TOKEN]
        return come_in(self.request, user)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

"""What one may ask of the list of notifications."""

from django import forms
from django.utils.translation import gettext_lazy as _


class NotificationFilter(forms.Form):
    """The list's state as it stands in the URL. A value that means nothing is left out, never an error page."""

    TABS = (("unread", _("Unread")), ("all", _("All")))

    tab = forms.ChoiceField(choices=TABS, required=False)

    def __init__(self, data, *, user):
        super().__init__(data)
        self.user = user

    def tab_asked(self):
        self.is_valid()
        return self.cleaned_data.get("tab") or "all"

    def apply(self, notifications):
        return notifications.unread(self.user) if self.tab_asked() == "unread" else notifications

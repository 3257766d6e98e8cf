"""What one may ask of the list of answers."""

from django import forms
from django.utils.translation import gettext_lazy as _


class AnswerFilter(forms.Form):
    """The list's state as it stands in the URL. A value that means nothing is left out, never an error page."""

    TABS = (("puzzling", _("To look at")), ("all", _("All")))

    tab = forms.ChoiceField(choices=TABS, required=False)

    def tab_asked(self):
        self.is_valid()
        return self.cleaned_data.get("tab") or "all"

    def apply(self, answers):
        return answers.puzzling() if self.tab_asked() == "puzzling" else answers

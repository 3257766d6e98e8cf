from django import forms
from django.utils.translation import gettext_lazy as _


class SearchForm(forms.Form):
    """What somebody looks for. Blanks around it and control characters mean nothing."""

    q = forms.CharField(required=False, max_length=100, label=_("Search"))

    def asked(self):
        self.is_valid()
        return self.cleaned_data.get("q", "")

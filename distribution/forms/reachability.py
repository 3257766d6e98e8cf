"""What staff may ask of the reachability report."""

from django import forms
from django.utils.translation import gettext_lazy as _

from distribution.reasons import OF_A_RUNG


class ReachabilityFilter(forms.Form):
    """The report's state as it stands in the URL. A value that means nothing is left out, never an error page."""

    HAS = (("open", _("Something open")), ("to_send", _("Something to send")))

    reason = forms.ChoiceField(choices=[(code, code.label) for code in OF_A_RUNG], required=False)
    has = forms.ChoiceField(choices=HAS, required=False)

    def cleaned(self):
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def apply(self, rows):
        """Narrow a list of Unreached to what is asked."""
        asked = self.cleaned()
        if "reason" in asked:
            rows = [row for row in rows if row.reason == asked["reason"]]
        if "has" in asked:
            rows = [row for row in rows if getattr(row, asked["has"])]
        return rows

"""What staff choose when they change the method of many cards at once."""

from django import forms
from django.utils.translation import gettext_lazy as _

from recipients.methods import Method
from recipients.models.preference import CHOOSABLE


class MethodsForm(forms.Form):
    """The method, and where it counts. `counted` is what the page that is confirmed had said would change."""

    EVERYWHERE, HERE = "everywhere", "here"
    DEFAULT = "default"

    # not "method": a form with a field of that name has lost its own to every script
    distribution = forms.ChoiceField(label=_("Invoice distribution"), widget=forms.RadioSelect)
    where = forms.ChoiceField(label=_("Where"), widget=forms.RadioSelect, initial=EVERYWHERE)
    counted = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data, *, company, is_shared):
        super().__init__(data, initial={"distribution": self.DEFAULT}, auto_id="methods_%s")
        self.company = company
        active = company.distribution.active_methods
        default = Method(company.distribution.default_method).label
        self.fields["distribution"].choices = [
            (self.DEFAULT, _("Company default (%s)") % default),
            *((code, label) for code, label in CHOOSABLE if code in active),
        ]
        here = _("Only at %s") % company.name
        self.fields["where"].choices = [(self.EVERYWHERE, _("At every company")), (self.HERE, here)]
        if not is_shared:
            del self.fields["where"]

    @property
    def chosen(self):
        """(method or "" for none of its own, the company that it is narrowed to or None) of a valid form."""
        method, where = self.cleaned_data["distribution"], self.cleaned_data.get("where")
        return "" if method == self.DEFAULT else method, self.company if where == self.HERE else None

    def method_label(self):
        return dict(self.fields["distribution"].choices)[self.cleaned_data["distribution"]]

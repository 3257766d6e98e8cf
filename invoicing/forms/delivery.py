"""What staff may type about how one invoice goes out."""

from django import forms
from django.utils.translation import gettext_lazy as _


class InvoiceEmailForm(forms.Form):
    """One address for this one invoice, or nothing."""

    email = forms.EmailField(required=False, max_length=254, label=_("E-mail for this invoice"))

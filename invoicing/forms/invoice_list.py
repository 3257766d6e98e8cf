"""What staff may ask of the invoice list."""

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from invoicing.models import Invoice
from recipients.methods import Method


class InvoiceFilter(forms.Form):
    """The list's state as it stands in the URL. A value that means nothing is left out, never an error page."""

    TABS = (
        ("to_send", _("To send")),
        ("waiting", _("Waiting")),
        ("attention", _("Needs attention")),
        ("sent", _("Sent")),
        ("overdue", _("Overdue")),
        ("drafts", _("Drafts")),
        ("all", _("All")),
    )

    tab = forms.ChoiceField(choices=TABS, required=False, label=_("State"))
    q = forms.CharField(required=False, max_length=100, label=_("Number, customer, OCR, e-mail"))
    issued_from = forms.DateField(required=False, label=_("Issued from"))
    issued_to = forms.DateField(required=False, label=_("Issued to"))
    method = forms.ChoiceField(required=False, label=_("Method"), choices=[("", _("Any method")), *Method.choices])
    kind = forms.ChoiceField(required=False, label=_("Kind"), choices=[("", _("Any kind")), *Invoice.Kind.choices])
    batch = forms.UUIDField(required=False)

    def cleaned(self):
        """The values that can be used; what cannot be read is as if it were not there."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}

    def apply(self, invoices):
        """Narrow a queryset of invoices to what is asked."""
        asked = self.cleaned()
        return self.on_tab(self.narrowed(invoices), asked.get("tab", "to_send"))

    def narrowed(self, invoices):
        """All but the tab: the tabs' counts are taken over this."""
        asked, ours = self.cleaned(), invoices
        if "q" in asked:
            invoices = invoices.filter(_matches(asked["q"]))
        if "issued_from" in asked:
            invoices = invoices.filter(issued_on__gte=asked["issued_from"])
        if "issued_to" in asked:
            invoices = invoices.filter(issued_on__lte=asked["issued_to"])
        if "kind" in asked:
            invoices = invoices.filter(kind=asked["kind"])
        # The method that was used, not the forecast. By primary key, since an invoice may have many deliveries.
        if "method" in asked:
            invoices = invoices.filter(pk__in=ours.filter(deliveries__method=asked["method"]).values("pk"))
        if "batch" in asked:
            invoices = invoices.filter(pk__in=ours.filter(deliveries__batch=asked["batch"]).values("pk"))
        return invoices

    @staticmethod
    def on_tab(invoices, tab):
        return {
            "to_send": lambda: invoices.to_send(),
            "waiting": lambda: invoices.in_flight(),
            "attention": lambda: invoices.needing_attention(),
            "sent": lambda: invoices.sent(),
            "overdue": lambda: invoices.overdue(timezone.localdate()),
            "drafts": lambda: invoices.drafts(),
            "all": lambda: invoices,
        }[tab]()


def _matches(text):
    return (
        Q(number__istartswith=text)
        | Q(buyer_name__icontains=text)
        | Q(customer__name__icontains=text)
        | Q(organisation__name__icontains=text)
        | Q(customer__number=text)
        | Q(organisation__number=text)
        | Q(payment_reference__startswith=text.replace(" ", ""))
        | Q(email__icontains=text)
        | Q(customer__email__icontains=text)
        | Q(organisation__email__icontains=text)
    )

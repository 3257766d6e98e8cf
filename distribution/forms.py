"""What staff choose and type about sending."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from config.template_tags import count
from distribution.channels import CHANNELS
from distribution.models import Batch, Delivery, Settings
from distribution.states import STOPPABLE, State
from recipients.methods import Method

# --- Watching and deciding -------------------------------------------------------------------------------------------


class DeliveryFilter(forms.Form):
    """The list's state as it stands in the URL. A value that means nothing is left out, never an error page."""

    TABS = (
        ("waiting", _("Waiting")),
        ("sending", _("Sending")),
        ("doubt", _("In doubt")),
        ("attention", _("Needs attention")),
        ("sent", _("Sent")),
        ("all", _("All")),
    )

    tab = forms.ChoiceField(choices=TABS, required=False)
    q = forms.CharField(required=False, max_length=100)
    method = forms.ChoiceField(required=False, choices=Method.choices)
    batch = forms.UUIDField(required=False)

    def cleaned(self):
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}

    def apply(self, deliveries):
        """Narrow a queryset of deliveries to what is asked."""
        return self.on_tab(self.narrowed(deliveries), self.cleaned().get("tab", "all"))

    def narrowed(self, deliveries):
        """All but the tab: the tabs' counts are taken over this."""
        asked = self.cleaned()
        if "q" in asked:
            deliveries = deliveries.matching(asked["q"])
        if "method" in asked:
            deliveries = deliveries.filter(method=asked["method"])
        if "batch" in asked:
            deliveries = deliveries.filter(batch=asked["batch"])
        return deliveries

    @staticmethod
    def on_tab(deliveries, tab):
        return {
            "waiting": lambda: deliveries.stoppable(),
            "sending": lambda: deliveries.filter(state=State.HANDING_OVER),
            "doubt": lambda: deliveries.filter(state=State.IN_DOUBT),
            "attention": lambda: deliveries.needing_attention(),
            "sent": lambda: deliveries.filter(state=State.SENT),
            "all": lambda: deliveries,
        }[tab]()

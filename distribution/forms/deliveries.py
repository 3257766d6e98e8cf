"""What staff may ask of the list of deliveries, and decide about doubts."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from config.template_tags import count
from distribution.reasons import Reason
from distribution.states import State
from recipients.methods import Method


class DeliveryFilter(forms.Form):
    """The list's state as it stands in the URL. A value that means nothing is left out, never an error page."""

    TABS = (
        ("waiting", _("Waiting")),
        ("sending", _("Sending")),
        ("doubt", _("In doubt")),
        ("attention", _("Needs attention")),
        ("overdue", _("Answer overdue")),
        ("sent", _("Sent")),
        ("all", _("All")),
    )

    tab = forms.ChoiceField(choices=TABS, required=False, label=_("State"))
    q = forms.CharField(required=False, max_length=100, label=_("Number, customer, address"))
    method = forms.ChoiceField(required=False, choices=Method.choices, label=_("Method"))
    batch = forms.UUIDField(required=False)
    reason = forms.ChoiceField(required=False, choices=Reason.choices)

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
        if "reason" in asked:
            deliveries = deliveries.filter(reason=asked["reason"])
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
            "overdue": lambda: deliveries.answer_overdue(),
            "sent": lambda: deliveries.filter(state=State.SENT),
            "all": lambda: deliveries,
        }[tab]()


class DecideForm(forms.Form):
    """What a person says became of deliveries in doubt, and how they know."""

    # verdict of sending.DOUBT: title, what it does, what the button says, what has been done
    VERDICTS = {
        "arrived": (
            _("They arrived"),
            _("The invoices show Sent. Nothing is sent again."),
            lambda n: ngettext("Mark %(n)s as sent", "Mark %(n)s as sent", n),
            lambda n: ngettext("%(n)s is marked as sent.", "%(n)s are marked as sent.", n),
        ),
        "not_arrived": (
            _("They did not arrive"),
            _("The invoices show again what they showed before, and can be sent."),
            lambda n: ngettext("Mark %(n)s as not arrived", "Mark %(n)s as not arrived", n),
            lambda n: ngettext("%(n)s is marked as not arrived.", "%(n)s are marked as not arrived.", n),
        ),
        "again": (
            _("Send again"),
            _("Each gets a second e-mail with the same invoice. If the first one did arrive, they have it twice."),
            lambda n: ngettext("Send %(n)s again", "Send %(n)s again", n),
            lambda n: ngettext("%(n)s is sent again.", "%(n)s are sent again.", n),
        ),
        "cancel": (
            _("Close without knowing"),
            _("The invoices show again what they showed before. Nothing is sent."),
            lambda n: ngettext("Close %(n)s", "Close %(n)s", n),
            lambda n: ngettext("%(n)s is closed.", "%(n)s are closed.", n),
        ),
    }

    verdict = forms.ChoiceField(
        widget=forms.HiddenInput, choices=[(name, words[0]) for name, words in VERDICTS.items()]
    )
    why = forms.CharField(
        label=_("How do you know?"),
        max_length=200,
        help_text=_("For example: asked Eva by phone. It is kept in the history of each."),
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )

    def __init__(self, data, *, verdict, count):
        super().__init__(data, initial={"verdict": verdict}, auto_id="decide_%s")
        self.words = self.VERDICTS[verdict]
        self.number = count

    def title(self):
        return self.words[0]

    def consequence(self):
        return self.words[1]

    def button(self):
        return self.words[2](self.number) % {"n": count(self.number)}

    def done(self, decided):
        return self.words[3](decided) % {"n": count(decided)}

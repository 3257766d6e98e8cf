"""What staff choose and type about sending."""

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from config.template_tags import count
from distribution.channels import CHANNELS
from distribution.models import Settings
from distribution.states import State
from recipients.methods import Method

# --- Sending ---------------------------------------------------------------------------------------------------------


class SheetForm(forms.Form):
    """What the clerk chooses in the sheet. `going(again)` is the number that a large batch must be confirmed with."""

    template = forms.ModelChoiceField(None, required=False, label=_("Template"), empty_label=None)
    again = forms.BooleanField(required=False)
    number = forms.CharField(required=False, label=_("Type the number of invoices to send them"))

    def __init__(self, *args, batch, going, **kwargs):
        super().__init__(*args, auto_id="sheet_%s", **kwargs)
        self.going = going
        template = self.fields["template"]
        template.queryset = batch.company.templates.all()
        template.initial = batch.template or template.queryset.first()  # the one that was used last, else the first
        if "again" not in self.initial:  # else the focus is on that choice
            template.widget.attrs["autofocus"] = True
        self.fields["number"].widget.attrs |= {"inputmode": "numeric", "autocomplete": "off"}

    def clean_template(self):
        return self.cleaned_data["template"] or self.fields["template"].initial

    def is_large(self, again):
        return self.going(again) > settings.SENDING["typed_confirmation_over"]

    def clean(self):
        data = super().clean()
        typed = "".join(filter(str.isdigit, data.get("number", "")))
        again = data.get("again", False)
        if self.is_large(again) and typed != str(self.going(again)):
            self.add_error("number", _("Type %s, the number of invoices that leave.") % count(self.going(again)))
        return data


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


# --- Invoices in -----------------------------------------------------------------------------------------------------


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Any number of files. One that is empty or too large is a line in the report, not an error of the form."""

    widget = ManyFilesInput

    def clean(self, data, initial=None):
        if not data:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        if len(data) > settings.UPLOAD_MAX_FILES:
            too_many = _("%(given)s files at one time; %(most)s are the most. Upload them in parts.")
            raise forms.ValidationError(
                too_many % {"given": count(len(data)), "most": count(settings.UPLOAD_MAX_FILES)}, code="too_many"
            )
        return data


class UploadForm(forms.Form):
    files = ManyFilesField(
        label=_("Files"),
        help_text=format_lazy(
            _(
                "UBL 2.1 invoices and credit notes, one a file; at most {n} files of {mb} MB. The seller in each file "
                "chooses the company, and good files go in whatever the others are."
            ),
            n=count(settings.UPLOAD_MAX_FILES),
            mb=settings.UPLOAD_MAX_BYTES // 1024**2,
        ),
        error_messages={"required": _("Choose at least one file.")},
        widget=ManyFilesInput(attrs={"accept": ".xml,application/xml,text/xml"}),
    )
    history = forms.ChoiceField(
        label=_("These invoices"),
        widget=forms.RadioSelect,
        initial="new",
        choices=[
            ("new", _("are to be sent from here")),
            ("elsewhere", _("were already sent elsewhere")),
        ],
        help_text=_(
            "What was already sent elsewhere comes in as Sent outside the system: "
            "it can be looked at, paid and credited, and is never offered for sending."
        ),
    )


# --- Setting up ------------------------------------------------------------------------------------------------------


class SettingsForm(forms.ModelForm):
    """A company's distribution. Methods that have no channel here are not offered."""

    active_methods = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, choices=[(code, code.label) for code in CHANNELS]
    )
    links_to_organisation = forms.BooleanField(
        required=False,
        label=_("Link invoices to the person's organisation"),
        help_text=_(
            "When on, method and address come from the invoice reference first, then the organisation, "
            "then the person. When off, from the person alone."
        ),
    )

    class Meta:
        model = Settings
        fields = [
            "active_methods", "default_method", "reserve_method", "undo_minutes", "sender_prefix", "sender_name",
            "reply_to", "sends_to_document_address",
        ]  # fmt: skip

    def __init__(self, data, *, instance, is_read_only):
        initial = {"links_to_organisation": instance.company.links_to_organisation}
        super().__init__(data, instance=instance, initial=initial)
        for name, nothing in (("default_method", []), ("reserve_method", [("", _("None"))])):
            stored = getattr(instance, name)
            offered = [(code, code.label) for code in CHANNELS]
            if stored and stored not in CHANNELS:
                offered.append((stored, Method(stored).label))
            self.fields[name].choices = [*nothing, *offered]
        self.fields["undo_minutes"].widget.attrs["min"] = 0
        self.fields["sender_name"].widget.attrs["placeholder"] = instance.company.name
        self.fields["reply_to"].widget.attrs["placeholder"] = instance.company.email
        for field in self.fields.values():
            field.disabled = is_read_only

    def clean_sender_prefix(self):
        prefix = self.cleaned_data["sender_prefix"].lower()
        others = Settings.objects.exclude(pk=self.instance.pk)
        if others.filter(sender_prefix__iexact=prefix).exists():
            raise forms.ValidationError(_("Another company sends from this address. Choose another prefix."))
        return prefix

    def clean(self):
        data = super().clean()
        active, default, reserve = (data.get(name) for name in ("active_methods", "default_method", "reserve_method"))
        if active and default and default not in active:
            self.add_error("default_method", _("This method is not active. Activate it, or choose an active one."))
        if reserve and active and reserve not in active:
            self.add_error("reserve_method", _("This method is not active. Activate it, or choose another or none."))
        if reserve and reserve == default:
            self.add_error("reserve_method", _("The same as the default method. Choose another, or none."))
        if "links_to_organisation" in data:
            self.instance.company.links_to_organisation = data["links_to_organisation"]
        return data

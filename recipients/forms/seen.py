"""Two people at one card: each keeps the other's work, and hears of it when both changed the same."""

import json
from functools import cached_property

from django import forms
from django.utils.translation import gettext_lazy as _


class SeenForm(forms.ModelForm):
    """A form that brings along what its fields showed when it was opened.

    What somebody left as they saw it is not written over what has been stored meanwhile. What they typed is, but only
    after they were told. Call `remember_what_is_shown()` when the fields are set up.
    """

    changed_meanwhile = _(
        "Somebody else changed this while you were looking. It is now “%s”. Save again to keep yours."
    )
    emptied_meanwhile = _("Somebody else emptied this while you were looking. Save again to keep yours.")

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def remember_what_is_shown(self):
        self.shown = {name: self._text(name) for name in self.fields if name != "seen"}
        self.was_shown = self._was_shown()
        self.initial["seen"] = json.dumps(self.shown)
        if self.is_bound:  # shown again, it knows what is stored now: the next save is one that was warned
            self.data = self.data.copy()
            self.data[self.add_prefix("seen")] = self.initial["seen"]

    def _text(self, name):
        value = self.fields[name].prepare_value(self.get_initial_for_field(self.fields[name], name))
        return "" if value is None else str(value)

    def _was_shown(self):
        """{field: text} as the page that was sent back had it; what it does not say is as it is stored."""
        try:
            said = json.loads(self.data.get(self.add_prefix("seen"), "") if self.is_bound else "")
        except ValueError:
            said = {}
        return self.shown | (said if isinstance(said, dict) else {})

    @cached_property
    def changed_data(self):
        return [name for name in super().changed_data if name != "seen" and name not in self.left_alone]

    @cached_property
    def left_alone(self):
        """The fields in which nothing was typed, whatever has been stored in them since."""
        if not self.is_bound:
            return []
        return [name for name in self.shown if (self[name].data or "") == self.was_shown.get(name)]

    def clean(self):
        cleaned = super().clean()
        for name in self.left_alone:
            if name in cleaned and self.shown[name] != self.was_shown[name]:
                cleaned[name] = self.get_initial_for_field(self.fields[name], name)
        for name in self.shown.keys() & set(self.changed_data):
            now = self.shown[name]
            if self.was_shown.get(name) != now and name not in self.errors:
                words = dict(getattr(self.fields[name], "choices", ())).get(now, now)
                self.add_error(name, self.changed_meanwhile % words if now else self.emptied_meanwhile)
        return cleaned

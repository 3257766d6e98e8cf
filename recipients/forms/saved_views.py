"""A filter of a list under a name."""

from django import forms
from django.utils.translation import gettext_lazy as _

from recipients.models import Role, SavedView

MOST = 50  # views of one person in one list


class SavedViewForm(forms.ModelForm):
    """Name, who sees it, whether it is a tab. Only a clerk shares: it changes what colleagues see."""

    class Meta:
        model = SavedView
        fields = ["name", "is_shared", "is_pinned"]
        help_texts = {
            "is_shared": _("Everybody who works in the company finds it in the menu."),
            "is_pinned": _("It stands behind the list's own tabs."),
        }

    def __init__(self, *args, role, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs |= {"autofocus": True, "autocomplete": "off"}
        if role < Role.CLERK:
            self.fields["is_shared"].disabled = True
            self.fields["is_shared"].help_text = _("It takes the role Clerk to share a view.")

    def clean(self):
        view, name = self.instance, self.cleaned_data.get("name")
        mine = SavedView.objects.of(view.company).filter(list=view.list, by=view.by).exclude(pk=view.pk)
        if name and mine.filter(name=name).exists():
            self.add_error("name", _("You have a view with this name. Choose another one."))
        if view._state.adding and mine.count() >= MOST:
            self.add_error(None, _("You have %s views of this list. Delete one first.") % MOST)
        return self.cleaned_data

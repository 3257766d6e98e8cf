"""The lists of customers and organisations."""

from django.utils.translation import gettext as _

from config.listing import Alphabet, show
from recipients.forms.directory import CardFilter
from recipients.models import Organisation, Role
from recipients.models.naming import sort_key
from recipients.scope import role
from recipients.views.kinds import KINDS


@role(Role.VIEWER)
def cards(request, kind):
    """Everybody who gets invoices, from A to Ö."""
    company, kind = request.company, KINDS[kind]
    form = CardFilter(request.GET, company=company)
    asked = form.cleaned()
    rows = kind.cards(company)
    listing = Alphabet(request, rows, form, order=("sort_name", "id"), key_of=sort_key)
    return show(
        request,
        "recipients/cards.html",
        {
            "kind": kind,
            "listing": listing,
            "q": asked.get("q", ""),
            "chips": chips(listing, company, kind, asked),
            "kept": [(name, value) for name, value in asked.items() if name != "q"],
            "is_new": not listing.rows and not kind.cards(company).exists(),
            "may_choose": request.role >= Role.CLERK,
        },
    )


def chips(listing, company, kind, asked):
    """The filters of the list as ui/_chips.html shows them."""
    active = {CardFilter.DEFAULT, *company.distribution.active_methods, asked.get("method")}
    methods = [(code, words) for code, words in CardFilter.METHODS if code in active]
    found = [
        _choice(listing, asked, "method", _("Method"), methods),
        _choice(listing, asked, "lacks", _("Lacks"), CardFilter.LACKS),
        _choice(listing, asked, "invoices", _("Invoices"), CardFilter.INVOICES),
    ]
    if "organisation" in asked and kind.name == "customer":
        body = Organisation.objects.of(company).filter(pk=asked["organisation"]).first()
        people = _("People of %s") % body if body else _("Nobody's people")
        found.append({"label": "", "value": people, "clear_url": listing.url(organisation=None)})
    return found


def _choice(listing, asked, name, label, choices):
    return {
        "label": label,
        "value": dict(choices).get(asked.get(name), ""),
        "clear_url": listing.url(**{name: None}),
        "options": [{"label": words, "url": listing.url(**{name: value})} for value, words in choices],
    }

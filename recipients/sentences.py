"""What each code of history says: icon, tone and words. `history.tell` puts them together."""

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .models import Customer, InvoiceReference, Organisation


class Sentence(NamedTuple):
    """How a code is told: icon and tone of ui/_timeline.html, the words after a person's name, and without one."""

    icon: str
    tone: str
    person: str
    machine: str


SENTENCES = {
    "invoice.imported": Sentence(
        "receipt-text", "neutral", pgettext_lazy("Kim Berg …", "took the invoice in"), _("The invoice came in")
    ),
    "invoice.drafted": Sentence(
        "pencil", "neutral", pgettext_lazy("Kim Berg …", "began the draft"), _("The draft was begun")
    ),
    "invoice.duplicated": Sentence(
        "copy", "neutral", pgettext_lazy("Kim Berg …", "made it as a copy"), _("It was made as a copy")
    ),
    "invoice.edited": Sentence(
        "pencil", "neutral", pgettext_lazy("Kim Berg …", "changed the draft"), _("The draft was changed")
    ),
    "invoice.issued": Sentence(
        "receipt-text", "success", pgettext_lazy("Kim Berg …", "issued the invoice"), _("The invoice was issued")
    ),
    "invoice.deleted": Sentence(
        "trash-2", "neutral", pgettext_lazy("Kim Berg …", "deleted the draft"), _("The draft was deleted")
    ),
    "numbers.changed": Sentence(
        "pencil",
        "neutral",
        pgettext_lazy("Kim Berg …", "changed the numbers"),
        _("The numbers were changed"),
    ),
    "invoice.paid": Sentence(
        "circle-check-big", "success", pgettext_lazy("Kim Berg …", "registered a payment"), _("A payment came in")
    ),
    "invoice.payment_taken_back": Sentence(
        "undo-2", "warning", pgettext_lazy("Kim Berg …", "took a payment back"), _("A payment was taken back")
    ),
    "invoice.credited": Sentence(
        "circle-minus", "neutral", pgettext_lazy("Kim Berg …", "credited the invoice"), _("The invoice was credited")
    ),
    "invoice.credited_in_part": Sentence(
        "circle-minus",
        "neutral",
        pgettext_lazy("Kim Berg …", "credited a part of the invoice"),
        _("A part of the invoice was credited"),
    ),
    "invoice.credit_issued": Sentence(
        "receipt-text",
        "neutral",
        pgettext_lazy("Kim Berg …", "issued the credit note"),
        _("The credit note was issued"),
    ),
    "invoice.email": Sentence(
        "at-sign",
        "info",
        pgettext_lazy("Kim Berg …", "typed a new e-mail address"),
        _("A new e-mail address was typed"),
    ),
    "invoice.email_cleared": Sentence(
        "at-sign",
        "neutral",
        pgettext_lazy("Kim Berg …", "took the typed e-mail address away"),
        _("The typed e-mail address was taken away"),
    ),
    "invoice.not_sent": Sentence(
        "triangle-alert", "warning", pgettext_lazy("Kim Berg …", "could not send it"), _("It could not be sent")
    ),
    "invoice.not_sent_handled": Sentence(
        "check",
        "neutral",
        pgettext_lazy("Kim Berg …", "marked it as handled that it could not be sent"),
        _("That it could not be sent was seen to"),
    ),
    "invoice.differs": Sentence(
        "triangle-alert",
        "warning",
        pgettext_lazy("Kim Berg …", "found that it does not show what its deliveries say"),
        _("The nightly check: it does not show what its deliveries say"),
    ),
    "delivery.queued": Sentence(
        "hourglass", "info", pgettext_lazy("Kim Berg …", "pressed Send"), _("It was put in line to be sent")
    ),
    "delivery.waiting": Sentence(
        "hourglass",
        "warning",
        pgettext_lazy("Kim Berg …", "put it back in line"),
        _("Not yet: it is tried again by itself"),
    ),
    "delivery.parked": Sentence(
        "coins", "warning", pgettext_lazy("Kim Berg …", "made it wait for credits"), _("It waits for credits")
    ),
    "delivery.in_doubt": Sentence(
        "circle-question-mark",
        "warning",
        pgettext_lazy("Kim Berg …", "put it in doubt"),
        _("Nobody knows whether it arrived"),
    ),
    "delivery.sent": Sentence(
        "check", "success", pgettext_lazy("Kim Berg …", "found that it had arrived"), _("Sent by %(method)s")
    ),
    "delivery.handed_over": Sentence(
        "check",
        "success",
        pgettext_lazy("Kim Berg …", "found that it had arrived"),
        _("Handed over to the print provider"),
    ),
    "delivery.printed": Sentence(
        "printer", "success", pgettext_lazy("Kim Berg …", "downloaded the file to print it"), _("Sent by %(method)s")
    ),
    "delivery.printed_again": Sentence(
        "printer",
        "neutral",
        pgettext_lazy("Kim Berg …", "downloaded the file again"),
        _("The file was downloaded again"),
    ),
    "delivery.outside": Sentence(
        "external-link",
        "neutral",
        pgettext_lazy("Kim Berg …", "marked it as sent outside the system"),
        _("Sent outside the system"),
    ),
    "delivery.returned": Sentence(
        "undo-2", "danger", pgettext_lazy("Kim Berg …", "marked it as returned"), _("It came back")
    ),
    "delivery.not_printed": Sentence(
        "undo-2",
        "danger",
        pgettext_lazy("Kim Berg …", "marked it as refused by the print provider"),
        _("Refused by the print provider"),
    ),
    "delivery.receipt_accepted": Sentence(
        "check", "neutral", pgettext_lazy("Kim Berg …", "marked it as accepted"), _("Accepted by %(provider)s")
    ),
    "delivery.receipt_printed": Sentence(
        "printer", "neutral", pgettext_lazy("Kim Berg …", "marked it as printed"), _("Printed by %(provider)s")
    ),
    "delivery.receipt_posted": Sentence(
        "mail", "success", pgettext_lazy("Kim Berg …", "marked it as posted"), _("Posted by %(provider)s")
    ),
    "delivery.failed": Sentence(
        "octagon-alert",
        "danger",
        pgettext_lazy("Kim Berg …", "closed the doubt; the invoice shows what it showed before"),
        _("Not sent; the invoice shows what it showed before"),
    ),
    "delivery.undone": Sentence(
        "rotate-ccw", "neutral", pgettext_lazy("Kim Berg …", "undid the sending"), _("The sending was undone")
    ),
    "delivery.handled": Sentence(
        "check", "neutral", pgettext_lazy("Kim Berg …", "marked the failure as handled"), _("The failure was seen to")
    ),
    "delivery.answer_given_up": Sentence(
        "check",
        "neutral",
        pgettext_lazy("Kim Berg …", "stopped waiting for the print provider's answer"),
        _("The print provider's answer is waited for no more"),
    ),
    "card.changed": Sentence(
        "pencil", "neutral", pgettext_lazy("Kim Berg …", "changed the card"), _("The card was changed")
    ),
    "member.invited": Sentence(
        "user", "info", pgettext_lazy("Kim Berg …", "invited a colleague"), _("A colleague was invited")
    ),
    "member.mailed": Sentence(
        "mail", "success", pgettext_lazy("Kim Berg …", "sent the link"), _("The link was mailed")
    ),
    "member.not_mailed": Sentence(
        "triangle-alert",
        "warning",
        pgettext_lazy("Kim Berg …", "could not mail the link"),
        _("The link could not be mailed. Send it again, or give it yourself"),
    ),
    "member.role": Sentence("user", "neutral", pgettext_lazy("Kim Berg …", "changed a role"), _("A role was changed")),
    "member.removed": Sentence(
        "x", "neutral", pgettext_lazy("Kim Berg …", "ended a membership"), _("A membership was ended")
    ),
    "member.left": Sentence("log-out", "neutral", pgettext_lazy("Kim Berg …", "left the company"), _("A member left")),
    "member.factor_reset": Sentence(
        "lock",
        "warning",
        pgettext_lazy("Kim Berg …", "took away somebody's second factor, which was lost"),
        _("A second factor was taken away, which was lost"),
    ),
    "member.factor_required": Sentence(
        "lock",
        "neutral",
        pgettext_lazy("Kim Berg …", "asked for a second factor from who sends"),
        _("A second factor is asked for from who sends"),
    ),
    "member.factor_optional": Sentence(
        "lock",
        "warning",
        pgettext_lazy("Kim Berg …", "let a password be enough to send"),
        _("A password is enough to send"),
    ),
    "company.changed": Sentence(
        "pencil",
        "neutral",
        pgettext_lazy("Kim Berg …", "changed the company's details"),
        _("The company's details were changed"),
    ),
    "view.shared": Sentence("eye", "neutral", pgettext_lazy("Kim Berg …", "shared a view"), _("A view was shared")),
    "view.unshared": Sentence(
        "eye", "neutral", pgettext_lazy("Kim Berg …", "took a view back"), _("A view is not shared any more")
    ),
    "view.deleted": Sentence(
        "trash-2", "neutral", pgettext_lazy("Kim Berg …", "deleted a shared view"), _("A shared view was deleted")
    ),
    "card.made": Sentence("plus", "neutral", pgettext_lazy("Kim Berg …", "made the card"), _("The card was made")),
    "card.method": Sentence(
        "route",
        "info",
        pgettext_lazy("Kim Berg …", "changed the invoice distribution"),
        _("The invoice distribution was changed"),
    ),
    "card.moved": Sentence(
        "building-2",
        "neutral",
        pgettext_lazy("Kim Berg …", "changed who belongs to the organisation"),
        _("It was changed who belongs to the organisation"),
    ),
    "card.merged": Sentence(
        "copy",
        "info",
        pgettext_lazy("Kim Berg …", "merged another card into this one"),
        _("Another card was merged in"),
    ),
    "card.merged_away": Sentence(
        "copy",
        "info",
        pgettext_lazy("Kim Berg …", "merged this card into another"),
        _("It was merged into another card"),
    ),
    "card.deleted": Sentence(
        "trash-2", "danger", pgettext_lazy("Kim Berg …", "deleted the card"), _("The card was deleted")
    ),
    "settings.changed": Sentence(
        "pencil", "neutral", pgettext_lazy("Kim Berg …", "changed the settings"), _("The settings were changed")
    ),
    "settings.steps_closed": Sentence(
        "check", "neutral", pgettext_lazy("Kim Berg …", "put the first steps away"), _("The first steps were put away")
    ),
    "template.made": Sentence(
        "file-text", "neutral", pgettext_lazy("Kim Berg …", "made a template"), _("A template was made")
    ),
    "template.changed": Sentence(
        "pencil", "neutral", pgettext_lazy("Kim Berg …", "changed a template"), _("A template was changed")
    ),
    "template.put_away": Sentence(
        "inbox", "neutral", pgettext_lazy("Kim Berg …", "put a template away"), _("A template was put away")
    ),
    "template.taken_back": Sentence(
        "rotate-ccw", "neutral", pgettext_lazy("Kim Berg …", "took a template back"), _("A template was taken back")
    ),
    "template.deleted": Sentence(
        "trash-2", "neutral", pgettext_lazy("Kim Berg …", "deleted a template"), _("A template was deleted")
    ),
    "company.colour": Sentence(
        "pencil", "neutral", pgettext_lazy("Kim Berg …", "changed the colour"), _("The colour was changed")
    ),
    "company.logo": Sentence(
        "upload", "neutral", pgettext_lazy("Kim Berg …", "uploaded a logo"), _("A logo was uploaded")
    ),
    "company.logo_removed": Sentence(
        "trash-2", "neutral", pgettext_lazy("Kim Berg …", "took the logo away"), _("The logo was taken away")
    ),
    "mail.changed": Sentence(
        "pencil",
        "neutral",
        pgettext_lazy("Kim Berg …", "changed the words of an e-mail"),
        _("The words of an e-mail were changed"),
    ),
    "mail.shipped": Sentence(
        "rotate-ccw",
        "neutral",
        pgettext_lazy("Kim Berg …", "took the shipped words of an e-mail again"),
        _("The shipped words of an e-mail were taken again"),
    ),
    "mail.tested": Sentence(
        "mail", "neutral", pgettext_lazy("Kim Berg …", "asked for a test e-mail"), _("A test e-mail was asked for")
    ),
    "connection.added": Sentence(
        "plus", "neutral", pgettext_lazy("Kim Berg …", "added the connection"), _("The connection was added")
    ),
    "connection.changed": Sentence(
        "pencil", "neutral", pgettext_lazy("Kim Berg …", "changed the connection"), _("The connection was changed")
    ),
    "connection.removed": Sentence(
        "trash-2", "neutral", pgettext_lazy("Kim Berg …", "removed the connection"), _("The connection was removed")
    ),
    "connection.host_key": Sentence(
        "lock",
        "success",
        pgettext_lazy("Kim Berg …", "accepted the server's key"),
        _("The server's key was accepted"),
    ),
    "connection.paused": Sentence(
        "pause", "warning", pgettext_lazy("Kim Berg …", "paused the connection"), _("The connection was paused")
    ),
    "connection.braked": Sentence(
        "octagon-alert",
        "danger",
        pgettext_lazy("Kim Berg …", "paused the connection"),
        _("The connection paused by itself"),
    ),
    "connection.resumed": Sentence(
        "skip-forward",
        "neutral",
        pgettext_lazy("Kim Berg …", "resumed the connection"),
        _("The connection was resumed"),
    ),
}
# The names of columns and form fields that "card.changed" holds.
LABELS = {
    **{
        f.name: f.verbose_name
        for model in (InvoiceReference, Customer, Organisation)
        for f in model._meta.concrete_fields
    },
    "method": _("invoice distribution"),
    "method_here": _("invoice distribution at one company"),
}
# Steps on the way that say nothing to a clerk: told in the technical detail of what came of them.
TECHNICAL = {
    "delivery.claimed": "taken in hand",
    "delivery.handing_over": "handing over",
    "delivery.waiting": "back in line",
}

"""Why something cannot go, did not arrive or needs a look: a closed list, each with what to do about it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Reason(models.TextChoices):
    # Of a rung, an invoice or a plan
    NOT_ACTIVE = "not_active", _("Method not active for this company")
    NO_EMAIL = "no_email", _("No e-mail address")
    BAD_EMAIL = "bad_email", _("The e-mail address is not one")
    NO_POSTAL_ADDRESS = "no_postal_address", _("No postal address")
    BAD_POSTAL_ADDRESS = "bad_postal_address", _("The postal address is not whole")
    PRINTED_ENOUGH = "printed_enough", _("Printed three times already")
    NO_CHANNEL = "no_channel", _("Method not available here")
    DRAFT = "draft", _("Still a draft")
    CREDITED = "credited", _("Credited in full")
    BOOKS_ONLY = "books_only", _("Credits what never left")
    ALREADY_WAITING = "already_waiting", _("Already waiting to be sent")
    ALREADY_IN_DOUBT = "already_in_doubt", _("An earlier send is in doubt")
    SENT_BEFORE = "sent_before", _("Sent before")
    # Of a delivery
    CHANGED = "changed", _("Changed while you were looking")
    METHOD_OFF = "method_off", _("Method switched off while it waited")
    UNPRINTABLE = "unprintable", _("The document could not be made")
    STOPPED_WORKER = "stopped_worker", _("It stopped the worker three times")
    TOO_LARGE = "too_large", _("Larger than a mail may be")
    NO_MAILBOX = "no_mailbox", _("The mailbox does not exist")
    MAILBOX_FULL = "mailbox_full", _("Mailbox full")
    POLICY = "policy", _("Refused by the receiver's rules")
    REFUSED = "refused", _("Refused by the mail server")
    REFUSED_THERE = "refused_there", _("Refused by the other side")
    NAME_TAKEN = "name_taken", _("Another file has this name there")
    TRY_LATER = "try_later", _("The server says: try later")
    CUT_OFF = "cut_off", _("The line broke at the last step")
    GAVE_UP = "gave_up", _("Refused for 48 hours")
    NO_ANSWER = "no_answer", _("The answer was lost")
    NOT_ARRIVED = "not_arrived", _("A person found that it did not arrive")
    CANCELLED = "cancelled", _("A person closed it")
    REPLACED = "replaced", _("A person sent it again")
    RETURNED = "returned", _("It came back")
    NOT_SENT = "not_sent", _("It was not sent after all")
    NO_CONNECTION = "no_connection", _("No connection to send it over")
    NOT_PRINTED = "not_printed", _("The print provider refused it")
    # Of a letter, before it is posted: see channels.envelope
    OUTSIDE_WINDOW = "outside_window", _("The address does not fit in the envelope's window")
    WRONG_IN_WINDOW = "wrong_in_window", _("The window does not show the address")
    WINDOW_NOT_CLEAR = "window_not_clear", _("Something else shows in the window or stands too near the address")
    IN_NO_PRINT_ZONE = "in_no_print_zone", _("Something stands where the printer prints its own code")
    TOO_MANY_SHEETS = "too_many_sheets", _("More sheets than an envelope takes")
    NOT_PRINTABLE = "not_printable", _("A print provider cannot print this PDF")


# What a rung of the resolver may fall for.
OF_A_RUNG = (
    Reason.NOT_ACTIVE, Reason.NO_CHANNEL, Reason.NO_EMAIL, Reason.BAD_EMAIL,
    Reason.NO_POSTAL_ADDRESS, Reason.BAD_POSTAL_ADDRESS, Reason.PRINTED_ENOUGH,
)  # fmt: skip

WHAT_TO_DO = {
    Reason.NOT_ACTIVE: _("Activate the method in Distribution, or choose another default or reserve method."),
    Reason.NO_EMAIL: _("Type an address on the invoice, or on the customer's or organisation's card."),
    Reason.BAD_EMAIL: _("Correct the address on the invoice or on the card: one address, name@domain."),
    Reason.NO_POSTAL_ADDRESS: _("Type street, postcode and town on the customer's or organisation's card."),
    Reason.BAD_POSTAL_ADDRESS: _("A letter needs street, town and a postcode of its country: correct the card."),
    Reason.PRINTED_ENOUGH: _("Three letters of one invoice are the most. Send it another way, or make a new invoice."),
    Reason.NO_CHANNEL: _("Choose another method for this customer, or a reserve method in Distribution."),
    Reason.DRAFT: _("Issue it first: a draft has no number."),
    Reason.CREDITED: _("Nothing is owed any more, so there is nothing to send."),
    Reason.BOOKS_ONLY: _("Nobody got the invoice, so nobody needs the credit note. It is for the books."),
    Reason.ALREADY_WAITING: _("It leaves by itself. Undo it first to send it another way."),
    Reason.ALREADY_IN_DOUBT: _("Decide first, under Deliveries, whether the earlier one arrived."),
    Reason.SENT_BEFORE: _("Choose Send again in the sheet if the recipient needs it once more."),
    Reason.CHANGED: _("Look at the new method and address, then send again."),
    Reason.METHOD_OFF: _("Activate the method again in Distribution, or send: another method is then used."),
    Reason.UNPRINTABLE: _("Open the document to see what is wrong with it, then send again."),
    Reason.STOPPED_WORKER: _("Look at the document: something in it cannot be printed. Then send again."),
    Reason.TOO_LARGE: _("Make the document smaller, or send it by another method."),
    Reason.NO_MAILBOX: _("Ask the customer for a new address, then send again."),
    Reason.MAILBOX_FULL: _("Ask the customer to make room or for another address, then send again."),
    Reason.POLICY: _("Ask the receiver to accept mail from your sending address, then send again."),
    Reason.REFUSED: _("Read the server's answer in the delivery, correct what it names, then send again."),
    Reason.REFUSED_THERE: _("Read the answer in the delivery, correct what it names, then send again."),
    Reason.NAME_TAKEN: _("Ask the other side what the file is. Nothing was overwritten."),
    Reason.TRY_LATER: _("Nothing: it is tried again by itself for 48 hours. Undo it to send another way."),
    Reason.CUT_OFF: _("Nothing: it did not arrive and is tried again by itself. If it goes on, ask the other side."),
    Reason.GAVE_UP: _("Check the address with the customer, then send again."),
    Reason.NO_ANSWER: _("Find out whether it arrived, then decide under Deliveries."),
    Reason.NOT_ARRIVED: _("Send again when you like."),
    Reason.CANCELLED: _("Send again when you like."),
    Reason.REPLACED: _("Look at the newer delivery."),
    Reason.RETURNED: _("Ask the customer for a new address, then send again."),
    Reason.NOT_SENT: _("Send it when you like."),
    Reason.NO_CONNECTION: _("A manager adds the connection under Set up, Connections. It waits until then."),
    Reason.NOT_PRINTED: _("Read the provider's answer in the delivery, correct what it names, then send again."),
    Reason.OUTSIDE_WINDOW: _("Shorten the name or the address on the invoice or the card, then send again."),
    Reason.WRONG_IN_WINDOW: _("Correct the address: a character in it may not be printable. Then send again."),
    Reason.WINDOW_NOT_CLEAR: _("Move or shorten what the picture shows, then send again, or send it another way."),
    Reason.IN_NO_PRINT_ZONE: _("Move what the picture shows away from the margin, then send again."),
    Reason.TOO_MANY_SHEETS: _("Send it another way, or divide it into several invoices."),
    Reason.NOT_PRINTABLE: _("Open the PDF to see what is wrong with it, then send it another way."),
}

"""Routes and reasons of deliveries in the reader's words. The rows hold codes; no page shows one."""

from django.utils.formats import date_format
from django.utils.timezone import localtime, now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.template_tags import METHODS, count, day_format, money, on_one_line
from distribution.reasons import WHAT_TO_DO, Reason
from distribution.states import State
from invoicing.money import currency_of
from recipients.methods import Method

RUNGS = {"default": gettext_lazy("Default method"), "reserve": gettext_lazy("Reserve method")}
CHOSEN_BY = {
    "reference": gettext_lazy("Choice of the invoice reference"),
    "organisation": gettext_lazy("Choice of the organisation"),
    "customer": gettext_lazy("Choice of the customer"),
}
SOURCES = {
    "typed": gettext_lazy("typed on the invoice"),
    "document": gettext_lazy("from the invoice file"),
    "reference": gettext_lazy("from the invoice reference"),
    "organisation": gettext_lazy("from the organisation"),
    "customer": gettext_lazy("from the customer"),
}
# Beside a pill there is room for two words.
SHORT = {
    Reason.NOT_ACTIVE: gettext_lazy("Method off"),
    Reason.NO_EMAIL: gettext_lazy("No address"),
    Reason.BAD_EMAIL: gettext_lazy("Wrong address"),
    Reason.NO_CHANNEL: gettext_lazy("No way"),
    Reason.NO_POSTAL_ADDRESS: gettext_lazy("No address"),
    Reason.BAD_POSTAL_ADDRESS: gettext_lazy("Wrong address"),
    Reason.PRINTED_ENOUGH: gettext_lazy("Printed 3 times"),
    Reason.NO_CONNECTION: gettext_lazy("No connection"),
    Reason.NOT_PRINTED: gettext_lazy("Refused"),
    Reason.CHANGED: gettext_lazy("It changed"),
    Reason.METHOD_OFF: gettext_lazy("Method off"),
    Reason.UNPRINTABLE: gettext_lazy("Not printable"),
    Reason.STOPPED_WORKER: gettext_lazy("Not printable"),
    Reason.TOO_LARGE: gettext_lazy("Too large"),
    Reason.NO_MAILBOX: gettext_lazy("No mailbox"),
    Reason.POLICY: gettext_lazy("Refused"),
    Reason.REFUSED: gettext_lazy("Refused"),
    Reason.TRY_LATER: gettext_lazy("Refused for now"),
    Reason.GAVE_UP: gettext_lazy("Refused"),
    Reason.NO_ANSWER: gettext_lazy("No answer"),
    Reason.RETURNED: gettext_lazy("Came back"),
    Reason.OUTSIDE_WINDOW: gettext_lazy("Address too long"),
    Reason.WRONG_IN_WINDOW: gettext_lazy("Wrong address"),
    Reason.WINDOW_NOT_CLEAR: gettext_lazy("Window not clear"),
    Reason.IN_NO_PRINT_ZONE: gettext_lazy("Not printable"),
    Reason.TOO_MANY_SHEETS: gettext_lazy("Too many sheets"),
    Reason.NOT_PRINTABLE: gettext_lazy("Not printable"),
}
# What to do about a card that nothing reaches; for the others see WHAT_TO_DO.
ON_THE_CARD = {
    Reason.NO_EMAIL: gettext_lazy("Type an address on the card."),
    Reason.BAD_EMAIL: gettext_lazy("Correct the address on the card."),
    Reason.NOT_ACTIVE: gettext_lazy("Activate a method in Distribution, or choose one on the card."),
}
REASONS = {str(reason): (reason.label, WHAT_TO_DO[reason]) for reason in Reason}  # for recipients.history.story


def steps(because, address, home):
    """A route's trace for ui/_chain.html; `address` is where the rung that was used leads. `home` is a country code."""
    return [
        {
            "title": CHOSEN_BY[step["level"]] if step["rung"] == "chosen" else RUNGS[step["rung"]],
            "method": step["method"],
            "state": {"used": "chosen", "not_needed": "unused"}.get(step["verdict"], "passed"),
            "text": _verdict(step, on_one_line(address, home)),
        }
        for step in because
    ]


def _verdict(step, address):
    if step["verdict"] == "not_needed":
        return _("Not needed.")
    if step["verdict"] != "used":
        return Reason(step["verdict"]).label
    return _("Used: %s") % place(address, step["source"]) if address else _("Used")


def place(address, source):
    """anna@borg.example, from the organisation"""
    return f"{address}, {SOURCES[source]}" if source in SOURCES else address


def way(route, home):
    """A route as a sentence: E-mail to anna@borg.example, from the organisation. `home` is the company's country."""
    if not route.method:
        return _("No way: %s.") % Reason(route.reason).label
    name = METHODS[route.method][0]
    if not route.address:
        return f"{name}."
    source = next((step["source"] for step in route.because if step["verdict"] == "used"), "")
    return _("%(method)s to %(place)s.") % {"method": name, "place": place(on_one_line(route.address, home), source)}


def clock(moment):
    """14:35"""
    return date_format(localtime(moment), "H:i")


def note(delivery):
    """What stands beside the pill: why, and when it is tried again."""
    reason = Reason(delivery.reason).label if delivery.reason else ""
    if delivery.state == State.WAITING and delivery.refused_since:
        return _("%(reason)s, next try %(at)s") % {"reason": reason, "at": clock(delivery.leaves_at)}
    if delivery.state != State.SENT:
        return reason
    if delivery.receipt_due_at and delivery.receipt_due_at < now():
        return _("Answer overdue")
    return handed_over(delivery) if delivery.method == Method.CENTRAL_PRINT else ""


def handed_over(delivery):
    """Of a letter that has left: Handed over, or what the provider told since: Posted 14:02."""
    if not delivery.receipt:
        return _("Handed over")
    told = {"what": delivery.get_receipt_display(), "when": _short(delivery.receipt_at)}
    return _("%(what)s %(when)s") % told


def _short(moment):
    """14:02, or the day before it when it was not today"""
    at = localtime(moment)
    return clock(moment) if at.date() == localtime(now()).date() else date_format(at, f"{day_format()} H:i")


def parcel(row):
    """The pill of a part that a print provider gets: label, look and icon_name. `row` is of Parcel.with_states()."""
    if row.doubted:
        return {"label": _("In doubt"), "look": "warning", "icon_name": "circle-question-mark"}
    if row.taken_at:
        words = _("Handed over %(when)s") % {"when": _short(row.taken_at)}
        return {"label": words, "look": "success", "icon_name": "check"}
    if row.moving:
        return {"label": _("On its way"), "look": "info", "icon_name": "loader-circle"}
    if not row.waiting:
        return {"label": _("Not sent"), "look": "neutral", "icon_name": "x"}
    if row.file_id is None:
        return {"label": _("Being made"), "look": "dashed", "icon_name": "circle"}
    return {"label": _("Ready"), "look": "info", "icon_name": "hourglass"}


def cost(letters, company):
    """3 letters, 3 × 9,50 = 28,50 kr; nothing where no price is set."""
    price = company.distribution.letter_price
    if price is None or not letters:
        return ""
    currency = currency_of(company.country)
    shown = {"n": count(letters), "price": money(price), "sum": money(letters * price, currency)}
    return (
        ngettext("%(n)s letter, %(n)s × %(price)s = %(sum)s", "%(n)s letters, %(n)s × %(price)s = %(sum)s", letters)
        % shown
    )


def started(batch):
    """Started by Kim Berg 14:30 · leaves 14:35 · Medlemsfaktura"""
    facts = [_("Started by %(who)s %(at)s") % {"who": batch.by, "at": clock(batch.confirmed_at)}]
    when = _("leaves %(at)s") if batch.leaves_at > now() else _("undo was possible until %(at)s")
    facts.append(when % {"at": clock(batch.leaves_at)})
    return " · ".join([*facts, *([batch.template.name] if batch.template else [])])


def rate(per_minute, left):
    """About 2 minutes left · 122 a minute"""
    if not per_minute:
        return ""
    minutes = -(-left // per_minute)
    time_left = ngettext("About %(n)s minute left", "About %(n)s minutes left", minutes) % {"n": count(minutes)}
    return f"{time_left} · " + _("%(n)s a minute") % {"n": count(per_minute)}


# --- What just happened ----------------------------------------------------------------------------------------------


def sent(n, leaves_at):
    """After Send. `leaves_at` is None where there is no undo window."""
    if leaves_at is None:
        return ngettext("%(n)s invoice is being sent.", "%(n)s invoices are being sent.", n) % {"n": count(n)}
    words = ngettext("%(n)s invoice will be sent at %(at)s.", "%(n)s invoices will be sent at %(at)s.", n)
    return words % {"n": count(n), "at": clock(leaves_at)}


def changed(n):
    """Send was pressed on a sheet that is not true any more."""
    return ngettext(
        "%(n)s invoice changed while you were looking. New counts below.",
        "%(n)s invoices changed while you were looking. New counts below.",
        n,
    ) % {"n": count(n)}


def undone(stopped, left):
    """After Undo, truthfully: how many it stopped and how many it did not."""
    if not stopped and not left:
        return _("Nothing was waiting any more.")
    if not stopped:
        return ngettext(
            "Nothing could be stopped: %(n)s had already left.",
            "Nothing could be stopped: %(n)s had already left.",
            left,
        ) % {"n": count(left)}
    halted = _("Stopped %(n)s.") % {"n": count(stopped)}
    if not left:
        nothing = _("Nothing had left.")
        return f"{halted} {nothing}"
    return f"{halted} " + ngettext("%(n)s had already left.", "%(n)s had already left.", left) % {"n": count(left)}


# --- Crediting -------------------------------------------------------------------------------------------------------


def credit_does(invoice, deliveries):
    """What crediting does to what is on its way, before it is done: {"all", "part"}."""
    name = invoice.recipient_name()
    ready, books = _("The credit note will be ready to send."), _("The credit note is for the books only.")
    if deliveries.stoppable().exists():
        stops = _("It waits to be sent. Crediting all of it stops the sending: %s gets nothing.") % name
        return {"all": f"{stops} {books}", "part": ready}
    gone = deliveries.may_have_left().order_by("created_at").last()
    if gone is None:
        never = _("It has not been sent.")
        nothing = _("%s gets nothing.") % name
        return {
            "all": f"{never} {nothing} {books}",
            "part": " ".join([never, _("It stays to be sent, the credit note too.")]),
        }
    return dict.fromkeys(("all", "part"), f"{left(gone)} {ready}")


def left(delivery):
    """When it left, or why nobody knows whether it did."""
    if delivery.state == State.HANDING_OVER:
        return _("The invoice is being handed over now and cannot be stopped.")
    if delivery.state in (State.IN_DOUBT, State.FAILED):
        return _("The invoice may have left: nobody knows whether it arrived.")
    if delivery.state == State.RETURNED:
        return _("The invoice had left, and came back.")
    return _("The invoice had left %(at)s.") % {"at": when(delivery.finished_at)}


def when(moment):
    """at 14:02, or the day before it when it was not today"""
    at = localtime(moment)
    return _("at %s") % clock(moment) if at.date() == localtime(now()).date() else date_format(at, "Y-m-d H:i")


def credited(done):
    """After crediting, which of the two happened: it was stopped, or it had left."""
    number = {"number": done.note}
    ready = _("The credit note %(number)s is ready to send.") % number
    if done.note.is_books_only:
        stopped = _("Sending stopped: %s gets nothing.") if done.stopped else _("%s had got nothing, and gets nothing.")
        books = _("The credit note %(number)s is for the books only.") % number
        return f"{stopped % done.note.recipient_name()} {books}"
    if done.gone:
        return f"{left(done.gone)} {ready}"
    if done.stopped:
        return " ".join([_("Sending stopped: the invoice shows To send again."), ready])
    if done.waits:
        return " ".join([_("The invoice still waits to be sent."), ready])
    return ready


# --- Sent outside the system -----------------------------------------------------------------------------------------


def marked_outside(marked, left_out):
    """How many show Sent now, and how many do not and why."""
    done = ngettext(
        "%(n)s is marked as sent outside the system.", "%(n)s are marked as sent outside the system.", marked
    ) % {"n": count(marked)}
    if not left_out:
        return done
    rest = sum(left_out.values())
    said = ngettext("%(n)s was left out:", "%(n)s were left out:", rest) % {"n": count(rest)}
    return f"{done} {said} {reasons(left_out)}."


def reasons(counts):
    """Still a draft 2, Sent before 1"""
    return ", ".join(f"{reason.label} {count(n)}" for reason, n in counts.items())

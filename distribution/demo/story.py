"""The plot: who does what to which invoices, in order. Every line of it can be seen on a screen afterwards."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from distribution.actions import printing, sending
from distribution.models import Delivery
from invoicing.actions.changing import set_email
from invoicing.actions.drafting import duplicate
from invoicing.models import Invoice
from recipients.actions.cards import CardChange, change_cards
from recipients.methods import Method
from recipients.models import User

from . import acts, invoices
from .companies import COMPANIES, USERS

OPEN_WINDOW = 30  # minutes that the waiting pill is seen after the start


def is_told():
    """The doors are opened last: who can log in finds the whole story."""
    return any(user.has_usable_password() for user in User.objects.filter(email__in=USERS))


def tell(count, say):
    """About `count` invoices. Mails go where this process's mail goes."""
    today = timezone.localdate()
    with transaction.atomic():
        users = acts.hire()
        manager, clerk, _viewer, admin = users.values()
        companies, bills, people = {}, {}, 0
        for slug in COMPANIES:
            company = companies[slug] = acts.found(slug, users)
            directory = acts.write_cards(company, invoices.cards(slug, count))
            bills[slug] = invoices.bills(slug, acts.seller(company), directory, count, today)
            people += len(directory)
        say(f"{len(companies)} companies, {people} customers and organisations")
        taken = {
            slug: acts.take_in(companies[slug], bills[slug], by=admin if slug == "brf-solsidan" else clerk)
            for slug in companies
        }
        fjordgym, norge, solsidan = companies.values()
        acts.connect(fjordgym, by=manager)
        acts.upload(fjordgym, bills["fjordgym"]["uploaded"], by=clerk)
        for _card, bill in bills["fjordgym"]["to_send"][:2]:
            duplicate(Invoice.objects.of(fjordgym).get(number=bill.number), by=clerk)
    say(f"{sum(len(rows) for scenes in bills.values() for rows in scenes.values())} invoices came in")
    last_month(fjordgym, bills["fjordgym"], taken["fjordgym"], manager=manager, clerk=clerk)
    this_week(fjordgym, taken["fjordgym"], clerk=clerk)
    in_norway(norge, taken["fjordgym-norge"], clerk=clerk)
    at_solsidan(solsidan, taken["brf-solsidan"], admin=admin)
    letters(taken["fjordgym"])
    left = Delivery.objects.left().exclude(batch=None)
    say(f"{left.count()} of them were rendered and sent")
    today_so_far(fjordgym, bills["fjordgym"], taken["fjordgym"], manager=manager, clerk=clerk)
    for company in companies.values():
        acts.number_on(company)
    acts.open_doors(users)


def last_month(company, bills, taken, *, manager, clerk):
    """A run that is over: sent, printed, paid for the most part, and its troubles seen to."""
    everything, invoice_of = acts.all_of(taken["last_month"]), taken["last_month"]
    batch = acts.send(company, everything, by=clerk)
    acts.get_ready(batch)
    acts.hand_over()
    for parcel in batch.parcels.filter(method=Method.OWN_PRINTER):
        printing.take(parcel, by=clerk)
    silent, moved, refused = (acts.delivery_of(invoice_of[key]) for key in ("silent_once", "moved", "refused"))
    sending.decide(silent, "arrived", why="Signe rang: it is in her inbox", by=clerk)
    sending.mark_returned(moved, why="Her employer's server sent it back: she has left", by=clerk)
    sending.mark_handled(refused, by=clerk)
    credited = next(bill for card, bill in bills["last_month"] if card.key == "credited")
    acts.credit(company, credited, "K-1", by=manager)
    letters = ("letter_refused", "letter_overdue")
    cast = [invoice_of[key] for key in ("silent_once", "moved", "refused", "credited", *letters)]
    rest = [invoice for invoice in everything if invoice not in cast]
    acts.pay(rest[::2], by=clerk)
    elsewhere = acts.all_of(taken["sent_elsewhere"])
    acts.pay([invoice for position, invoice in enumerate(elsewhere) if position % 4], by=clerk)
    acts.pay(elsewhere[:1], by=clerk, share=0.5)


def this_week(company, taken, *, clerk):
    """A run with what still needs somebody: a refusal, a doubt, an address that changed, a part to print."""
    batch = acts.send(company, acts.all_of(taken["this_week"]), by=clerk)
    mover = taken["this_week"]["mover"].customer
    mover.email = "maja@soderstrom.example"
    change_cards([CardChange(mover, ["email"], {})], company=company, by=clerk)
    acts.get_ready(batch)
    acts.hand_over()


def letters(taken):
    """The print provider has posted one, refused one, and is late with two: one of them should be there by now."""
    told = taken["last_month"]
    acts.hear_from_printers([told["letter"], told["letter_refused"]])
    overdue = acts.delivery_of(told["letter_overdue"])
    # Tests and stories move the moment, never the clock.
    overdue.update(receipt_due_at=F("receipt_due_at") - timedelta(hours=50))


def in_norway(company, taken, *, clerk):
    """No reserve method there: who has no address cannot be sent to."""
    batch = acts.send(company, acts.all_of(taken["this_week"]), by=clerk)
    acts.get_ready(batch)
    acts.hand_over()
    elsewhere = acts.all_of(taken["sent_elsewhere"])
    acts.pay(elsewhere[::2], by=clerk)


def at_solsidan(company, taken, *, admin):
    batch = acts.send(company, acts.all_of(taken["this_week"]), by=admin)
    acts.get_ready(batch)
    acts.hand_over()
    acts.pay(acts.all_of(taken["sent_elsewhere"])[1:], by=admin)


def today_so_far(company, bills, taken, *, manager, clerk):
    """A run that was taken back, and one whose window is open when the page is first seen."""
    regretted = acts.send(company, acts.all_of(taken["undone"]), by=clerk, window=5)
    sending.undo(regretted.deliveries.all(), by=clerk)
    set_email(taken["fresh"]["bakery"], "kassan@sjobergsbageri.example", by=clerk)
    waiting = acts.send(company, acts.all_of(taken["waiting"]), by=manager, window=OPEN_WINDOW)
    acts.get_ready(waiting)
    sending.undo(acts.delivery_of(taken["waiting"]["paper"]), by=manager)
    in_time = next(bill for card, bill in bills["waiting"] if card.key == "credited_in_time")
    acts.credit(company, in_time, "K-2", by=manager)
    acts.pay([taken["fresh"][0]], by=clerk)

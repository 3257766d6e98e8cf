"""What every page of a company shows around its content: the nav, the sender's health, what can still be undone."""

from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Count, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from config.bulk import counted
from distribution.actions import watching
from distribution.models import Batch, Delivery
from distribution.states import STOPPABLE
from invoicing.models import Invoice
from recipients.models import Company, Role

# The part of the address after the company -> the item of the nav that it lies under.
PLACES = {
    "invoices": "invoices", "plans": "invoices", "uploads": "invoices",
    "batches": "deliveries", "deliveries": "deliveries", "parcels": "deliveries",
    "settings": "settings", "settings/numbers": "numbers",
}  # fmt: skip
SHOWN_AT_ONCE = 2  # batches in the top bar; the others are in Deliveries


def shell(request):
    """Context processor. Each value is looked up when a template asks for it, so that a fragment costs nothing."""
    if not getattr(request, "company", None):
        return {}
    return {
        "nav": SimpleLazyObject(lambda: nav(request)),
        "sender": SimpleLazyObject(lambda: Sender.of(watching.health())),
        "outgoing": SimpleLazyObject(lambda: outgoing(request)),
        "outgoing_url": reverse("distribution:outgoing", args=[request.company.slug]),
    }


def nav(request):
    """The groups of the nav."""
    company = request.company
    parts = request.path.split("/")[3:5]
    here = PLACES.get("/".join(parts)) or PLACES.get(parts[0])

    def item(place, name, label, icon, **more):
        url = reverse(name, args=[company.slug])
        return {"label": label, "url": url, "icon": icon, "current": place == here, **more}

    counts = Company.objects.filter(pk=company.pk).values(
        to_send=counted(Invoice.objects.of(company).to_send()),
        alarms=counted(Delivery.objects.of(company).needing_attention()),
    )[0]
    work = [
        item("invoices", "invoicing:invoices", _("Invoices"), "receipt-text", count=counts["to_send"], key="g i"),
        item(
            "deliveries",
            "distribution:deliveries",
            _("Deliveries"),
            "send",
            count=counts["alarms"],
            alarm=True,
            key="g d",
        ),
    ]
    set_up = [
        item("settings", "distribution:settings", _("Distribution"), "route"),
        item("numbers", "invoicing:numbers", _("Numbers and terms"), "file-text"),
    ]
    return [{"title": _("Work"), "items": work}, {"title": _("Set up"), "items": set_up}]


def outgoing(request):
    """What waits in an open undo window, newest first: the pills of the top bar."""
    batches = (
        Batch.objects.of(request.company)
        .filter(leaves_at__gt=Now())
        .annotate(count=Count("deliveries", filter=Q(deliveries__state__in=STOPPABLE)))
        .filter(count__gt=0)
        .order_by("-confirmed_at")[:SHOWN_AT_ONCE]
    )
    return [
        {
            "count": batch.count,
            "leaves_at": batch.leaves_at,
            "now": timezone.now(),
            "window": round((batch.leaves_at - batch.confirmed_at).total_seconds()),
            "batch_url": reverse("distribution:batch", args=[request.company.slug, batch.pk]),
            "undo_url": reverse("distribution:undo", args=[request.company.slug, batch.pk])
            if request.role >= Role.CLERK
            else "",
        }
        for batch in batches
    ]


@dataclass(frozen=True)
class Sender:
    """Health in the words of a page. `banners` are {"id", "title", "text"}."""

    works: bool
    seen_at: object
    test_mode: str = ""
    banners: list = field(default_factory=list)

    @classmethod
    def of(cls, health):
        is_copy = health.mode == "copy"
        banners = []

        def banner(id_, title, text=""):
            banners.append({"id": id_, "title": title, "text": text})

        if is_copy:
            banner("database-copy", _("This is a copy of the database: nothing is sent."))
        elif not health.sender_works:
            banner("sender-silent", _silence(health.sender_seen_at), _("Your deliveries are safe."))
        if health.paused_until:
            said = {"reason": health.pause_reason.rstrip("."), "at": _clock(health.paused_until, seconds=True)}
            banner(
                "relay-paused",
                _("E-mail is paused: the mail server does not take any."),
                _("It said: %(reason)s. Next try %(at)s. Your deliveries are safe.") % said,
            )
        test_mode = ""
        if health.mode == "test":
            sink = _("E-mails go to the mailbox on this machine, to nobody else.")
            test_mode = sink if settings.MAIL_SINK else _("Nothing leaves this machine.")
        return cls(health.sender_works and not is_copy, health.sender_seen_at, test_mode, banners)


def _silence(since):
    if since is None:
        return _("Nothing has been sent: the sender is not running.")
    return _("Nothing has been sent since %(at)s: the sender is not running.") % {"at": _clock(since)}


def _clock(moment, *, seconds=False):
    """14:02, and the day before it when it was not today."""
    moment = timezone.localtime(moment)
    clock = "H:i:s" if seconds else "H:i"
    return date_format(moment, clock if moment.date() == timezone.localdate() else f"Y-m-d {clock}")

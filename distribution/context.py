"""What every page of a company shows around its content: the nav, the sender's health, what can still be undone."""

from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Count, Exists, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from config.bulk import counted
from config.template_tags import day_format
from distribution.actions import braking, watching
from distribution.connection_words import waits, why
from distribution.models import Batch, Connection, Delivery, Notification
from distribution.states import STOPPABLE, State
from invoicing.models import Invoice
from recipients.methods import Method
from recipients.models import Company, Role

# The part of the address after the company -> the item of the nav that it lies under; a longer one goes before.
PLACES = {
    "": "overview",
    "invoices": "invoices", "plans": "invoices", "uploads": "invoices",
    "batches": "deliveries", "deliveries": "deliveries", "parcels": "deliveries",
    "customers": "customers", "organisations": "organisations", "reports": "reachability",
    "settings": "settings", "settings/company": "company", "settings/numbers": "numbers", "members": "members",
    "settings/connections": "connections",
    "settings/templates": "templates", "settings/looks": "templates", "settings/mails": "templates",
}  # fmt: skip
SHOWN_AT_ONCE = 2  # batches in the top bar; the others are in Deliveries


def shell(request):
    """Context processor. Each value is looked up when a template asks for it, so that a fragment costs nothing."""
    if not getattr(request, "company", None):
        return {}
    seen = SimpleLazyObject(lambda: glance(request))
    return {
        "nav": SimpleLazyObject(lambda: nav(request, seen)),
        "glance": seen,
        "lacking": SimpleLazyObject(lambda: lacking(request, seen)),
        "sender": SimpleLazyObject(lambda: Sender.of(watching.health())),
        "brakes": SimpleLazyObject(lambda: brakes(request, seen)),
        "outgoing": SimpleLazyObject(lambda: outgoing(request)),
        "outgoing_url": reverse("distribution:outgoing", args=[request.company.slug]),
    }


def glance(request):
    """{"to_send", "alarms", "unread", "is_moving", "has_printer", "is_braked"} in one query: for the nav, the bell, the
    banners and whether to ask again."""
    company = request.company
    told = Notification.objects.of(company).to(request.user, request.role)
    moving = Delivery.objects.of(company).filter(state__in=(State.WAITING, State.CLAIMED, State.HANDING_OVER))
    return Company.objects.filter(pk=company.pk).values(
        to_send=counted(Invoice.objects.of(company).to_send()),
        alarms=counted(Delivery.objects.of(company).needing_attention()),
        unread=counted(told.unread(request.user)),
        is_moving=Exists(moving.exclude(method=Method.OWN_PRINTER)),
        has_printer=Exists(Connection.objects.of(company).filter(method=Method.CENTRAL_PRINT)),
        is_braked=Exists(Connection.objects.of(company).filter(brake__has_key="why")),
    )[0]


def nav(request, seen):
    """The groups of the nav."""
    company = request.company
    first, second = (*request.path.split("/")[3:5], "", "")[:2]
    here = PLACES.get(f"{first}/{second}", PLACES.get(first))

    def item(place, name, label, icon, **more):
        url = reverse(name, args=[company.slug])
        return {"label": label, "url": url, "icon": icon, "current": place == here, **more}

    work = [
        item("overview", "distribution:overview", _("Overview"), "layout-dashboard", key="g h"),
        item("invoices", "invoicing:invoices", _("Invoices"), "receipt-text", count=seen["to_send"], key="g i"),
        item(
            "deliveries",
            "distribution:deliveries",
            _("Deliveries"),
            "send",
            count=seen["alarms"],
            alarm=True,
            key="g d",
        ),
    ]
    directory = [
        item("customers", "recipients:customers", _("Customers"), "user", key="g c"),
        item("organisations", "recipients:organisations", _("Organisations"), "building-2", key="g o"),
        item("reachability", "distribution:reachability", _("Reachability"), "at-sign"),
    ]
    set_up = [
        item("settings", "distribution:settings", _("Distribution"), "route"),
        item("templates", "invoicing:templates", _("Templates"), "file-text"),
        item("numbers", "invoicing:numbers", _("Numbers and terms"), "coins"),
        item("company", "recipients:company", _("Company"), "building-2"),
    ]
    if request.role >= Role.MANAGER:
        set_up.append(item("connections", "distribution:connections", _("Connections"), "plug"))
        set_up.append(item("members", "recipients:members", _("Members"), "users"))
    return [
        {"title": _("Work"), "items": work},
        {"title": _("Directory"), "items": directory},
        {"title": _("Set up"), "items": set_up},
    ]


def lacking(request, seen):
    """Banners, [{"id", "title", "text", "url"}], about what the company lacks; the url is for those who can mend it."""
    if Method.CENTRAL_PRINT not in request.company.distribution.active_methods or seen["has_printer"]:
        return []
    is_manager = request.role >= Role.MANAGER
    return [
        {
            "id": "no-print-connection",
            "title": _("Central print has no connection."),
            "text": _("Letters wait until there is one. Nothing is lost."),
            "url": reverse("distribution:connection_new", args=[request.company.slug]) if is_manager else "",
        }
    ]


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


def brakes(request, seen):
    """Banners, as those of Sender, of connections that paused by themselves; a manager's leads to where it resumes.

    `url` is also the page that needs none: it says the same.
    """
    if not seen["is_braked"]:
        return []
    found = Connection.objects.of(request.company).filter(brake__has_key="why").order_by("name")
    return [banner_of(way, request) for way in found]


def banner_of(way, request):
    is_manager = request.role >= Role.MANAGER
    who = _("Resume it when that is mended.") if is_manager else _("A manager resumes it.")
    safe = _("Nothing is lost.")
    return {
        "title": _("%(name)s paused by itself.") % {"name": way},
        "text": f"{why(way)} {waits(braking.waiting(way))} {safe} {who}",
        "url": reverse("distribution:connection", args=[request.company.slug, way.pk]) if is_manager else "",
    }


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
    return date_format(moment, clock if moment.date() == timezone.localdate() else f"{day_format()} {clock}")

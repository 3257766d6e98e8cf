"""/dev/gallery/: every component in every state, and the main screens built from them, with sample data only."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone

from config.gallery_samples import SAMPLES, Sample

SCREENS = ["components", "invoices", "sheet", "batch", "delivery", "document", "settings", "login", "empty", "missing"]


@login_not_required
def show(request, screen="components"):
    """One page of the gallery; 404 unless settings.DEV_PAGES."""
    if not settings.DEV_PAGES or screen not in SCREENS:
        raise Http404
    template = f"dev/_{screen}.html" if request.headers.get("HX-Request") else f"dev/{screen}.html"
    return render(request, template, shell(screen) | SAMPLES.get(screen, dict)())


def company(name, slug):
    return Sample(name=name, slug=slug, get_absolute_url=f"#{slug}")


def shell(screen):
    """What base.html reads, as the context processor of recipients fills it."""
    now = timezone.now()
    fjordgym = company("Fjordgym AB", "fjordgym")
    work = [
        {"label": "Overview", "url": "/dev/gallery/", "icon": "layout-dashboard", "key": "g h"},
        {"label": "Invoices", "url": "/dev/gallery/invoices/", "icon": "receipt-text", "count": 951, "key": "g i"},
        {"label": "Deliveries", "url": "/dev/gallery/batch/", "icon": "send", "count": 3, "alarm": True, "key": "g d"},
    ]
    set_up = [{"label": "Distribution", "url": "/dev/gallery/settings/", "icon": "route"}]
    place = {"batch": work[2], "settings": set_up[0]}.get(screen, work[1])
    place["current"] = True
    waiting = Sample(count=40, leaves_at=now + timedelta(seconds=228), now=now, undo_url="#undo", batch_url="#batch")
    return {
        "screens": SCREENS,
        "company": fjordgym,
        "companies": [
            fjordgym,
            company("Fjordgym Syd AB", "fjordgym-syd"),
            company("Nordanvind Bygg AB", "nordanvind"),
        ],
        "nav": [{"title": "Work", "items": work}, {"title": "Set up", "items": set_up}],
        "sender": {
            "works": screen != "empty",
            "seen_at": now,
            "banners": [
                {
                    "title": "Nothing has been sent since 14:18: the sender is not running.",
                    "text": "Your deliveries are safe.",
                }
            ]
            if screen == "empty"
            else [],
            "test_mode": "Nothing leaves this machine." if screen in {"components", "empty"} else "",
        },
        "glance": {"unread": 3, "is_moving": False},
        "outgoing": [] if screen == "batch" else [waiting],
        "user": Sample(name="Kim Berg", email="clerk@demo.test", is_authenticated=True),
        "now": now,
        "soon": waiting.leaves_at,
    }

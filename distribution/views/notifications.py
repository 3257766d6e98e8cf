"""What a person should hear of in a company: the bell's list, and what they have read of it."""

from django.db.models import Exists, OuterRef
from django.shortcuts import get_object_or_404, redirect

from config.listing import Listing, show
from distribution import notices
from distribution.actions.noticing import mark_read
from distribution.forms.notifications import NotificationFilter
from distribution.models import Notification
from recipients.models import Role
from recipients.scope import role


def told(request):
    """What this person is told in this company."""
    return Notification.objects.of(request.company).to(request.user, request.role)


@role(Role.VIEWER)
def notifications(request):
    """The list, newest first. POST: all of them are read."""
    rows = told(request)
    if request.method == "POST":
        mark_read(rows.unread(request.user), by=request.user)
        return redirect("distribution:notifications", request.company.slug)
    form = NotificationFilter(request.GET, user=request.user)
    tab, unread = form.tab_asked(), rows.unread(request.user)
    counts = {"unread": unread.count()}
    known = rows.annotate(is_unread=Exists(unread.filter(pk=OuterRef("pk")))).select_related("company")
    listing = Listing(request, known, form, order=("created_at", "id"), matching=counts.get(tab))
    for row in listing.rows:
        row.told = notices.tell(row)
    tabs = [
        {"label": label, "url": listing.url(tab=name), "count": counts.get(name), "current": name == tab}
        for name, label in NotificationFilter.TABS
    ]
    context = {"listing": listing, "tab": tab, "tabs": tabs, "unread": counts["unread"]}
    return show(request, "distribution/notifications.html", context)


@role(Role.VIEWER)
def notification(request, pk):
    """Go where it leads; it is read then."""
    row = get_object_or_404(told(request).select_related("company"), pk=pk)
    if request.method == "POST":
        mark_read(told(request).filter(pk=pk), by=request.user)
    return redirect(notices.tell(row)["url"])

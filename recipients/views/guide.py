"""Help: what stands behind "About this page", all pages in one."""

from pathlib import Path

from django.conf import settings
from django.shortcuts import render
from django.template.loader import get_template

from recipients.scope import enter_last

FOLDER = Path(settings.BASE_DIR, "templates", "help")
APPS = ("invoicing", "reminders", "distribution", "recipients")


def guide(request):
    """What there is to do first, what one sets up last."""
    enter_last(request)
    topics = [
        (path.stem, get_template(f"help/{path.name}").render({"company": request.company}))
        for path in sorted(FOLDER.glob("*.*.html"), key=place)
        if "<h2>" in path.read_text(encoding="utf-8")  # the others are the words of another page
    ]
    return render(request, "recipients/help.html", {"topics": topics})


def place(path):
    return APPS.index(path.name.partition(".")[0]), path.name

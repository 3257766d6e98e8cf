"""Help: what stands behind "About this page", all pages in one."""

from pathlib import Path

from django.conf import settings
from django.shortcuts import render
from django.template.loader import get_template

from recipients.scope import enter

FOLDER = Path(settings.BASE_DIR, "templates", "help")


def guide(request):
    """In the shell of the company that one worked in last."""
    enter(request, request.session.get("company", ""))
    topics = [
        (path.stem, get_template(f"help/{path.name}").render({"company": request.company}))
        for path in sorted(FOLDER.glob("*.*.html"))
        if "<h2>" in path.read_text(encoding="utf-8")  # the others are the words of another page
    ]
    return render(request, "recipients/help.html", {"topics": topics})

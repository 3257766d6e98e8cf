"""/dev/mailbox/: what the local mail sink got, for demo and tests. Absent in production."""

import json
from email import message_from_bytes, policy
from functools import wraps
from pathlib import Path

from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.utils.dateparse import parse_datetime

from .files import download, framed


def only_for_developers(view):
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not settings.DEV_PAGES:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def received():
    """The sink's log, oldest first: at, message_id, mail_from, rcpt, subject, sha256, size, path, and n from 1."""
    log = Path(settings.MAIL_SINK_LOG)
    lines = log.read_bytes().splitlines(keepends=True) if log.exists() else []
    whole = [json.loads(line) for line in lines if line.endswith(b"\n")]  # the last one may be half written
    return [mail | {"n": n, "at": parse_datetime(mail["at"])} for n, mail in enumerate(whole, 1)]


@only_for_developers
def mailbox(request):
    """The newest 200."""
    mails = received()
    return render(request, "dev/mailbox.html", {"mails": mails[:-201:-1], "total": len(mails)})


@only_for_developers
def mail(request, n):
    """One mail as its reader sees it; ?part=html is its HTML for the frame, ?part=1 its first attachment."""
    mails = received()
    if not 1 <= n <= len(mails):
        raise Http404
    line = mails[n - 1]
    message = message_from_bytes(
        (Path(settings.MAIL_SINK_LOG).parent / line["path"]).read_bytes(), policy=policy.default
    )
    attachments = list(message.iter_attachments())
    part = request.GET.get("part", "")
    if part == "html":
        return framed(message.get_body(("html",)).get_content())
    if part:
        if not part.isdigit() or not 1 <= int(part) <= len(attachments):
            raise Http404
        attachment = attachments[int(part) - 1]
        return download(
            attachment.get_payload(decode=True), attachment.get_filename("file"), attachment.get_content_type()
        )
    text = message.get_body(("plain",))
    return render(
        request,
        "dev/mail.html",
        {
            "mail": line,
            "headers": message.items(),
            "text": text.get_content() if text else "",
            "has_html": message.get_body(("html",)) is not None,
            "attachments": [attachment.get_filename("file") for attachment in attachments],
        },
    )

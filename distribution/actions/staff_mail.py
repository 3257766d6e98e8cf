"""Mail to those who work here: a link to choose a password, a word that one is a member now.

Not a delivery: no invoice, no gate, no money. What the relay said of an invitation is in the company's history, and the
manager can send it again; who forgot a password asks again.
"""

import logging
from datetime import timedelta
from email.utils import make_msgid

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from config.template_tags import day_format
from distribution.channels.email import in_ascii
from distribution.relay import Closed, relay
from distribution.transports.smtp import Lost, Rejected, Session
from recipients import history
from recipients.actions.people import login_link
from recipients.models import User

log = logging.getLogger(__name__)
SENDER = f"utskick@{settings.SENDING_DOMAIN}"


class NotMailed(Exception):
    """The relay did not take it; its words, or why there is no relay."""


def mail_invitation(member, *, by, origin):
    """Tell a member; who has no password yet gets the link to choose one."""
    user, company = member.user, member.company
    with override(user.language):
        said = {"who": by, "company": company}
        if user.is_invited:
            words = {
                "subject": _("%(who)s invites you to %(company)s") % said,
                "lines": [_("%(who)s invites you to work with the invoices of %(company)s in Utskick.") % said, once()],
                "link": login_link(user, origin),
                "label": _("Choose a password"),
            }
        else:
            words = {
                "subject": _("You are a member of %(company)s now") % said,
                "lines": [
                    _("%(who)s has made you a member of %(company)s in Utskick.") % said,
                    _("Log in with the password that you have."),
                ],
                "link": origin + reverse("recipients:home"),
                "label": _("Log in"),
            }
        why = _("You get this because %(who)s typed your address. If you do not know why, do nothing.") % said
        outcome = {"person": str(user), "email": user.email}
        try:
            hand_over(user, words | {"why": why}, reply_to=by.email)
        except NotMailed as trouble:
            log.warning("an invitation to company %s was not mailed: %s", company.pk, trouble)
            history.record(company, "member.not_mailed", company=company, **outcome, note=str(trouble))
        else:
            history.record(company, "member.mailed", company=company, **outcome)


def mail_password_link(email, *, origin):
    """The link to choose a new password, if anybody logs in with this address."""
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is None:
        return
    with override(user.language):
        words = {
            "subject": _("Choose a new password"),
            "lines": [_("Somebody asked for a new password for %s in Utskick.") % user.email, once()],
            "link": login_link(user, origin),
            "label": _("Choose a password"),
            "why": _("If it was not you, do nothing: your password stays as it is."),
        }
        try:
            hand_over(user, words)
        except NotMailed as trouble:
            log.warning("a link to choose a password was not mailed: %s", trouble)


def once():
    """How long a link works."""
    until = timezone.localtime() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    return _("The link works once, until %s.") % date_format(until, f"{day_format()} H:i")


def hand_over(user, words, *, reply_to=""):
    """One mail over the installation's relay; in test mode to the sink or nowhere. Raises NotMailed."""
    context = words | {"language": user.language}
    mail = EmailMultiAlternatives(
        subject=" ".join(words["subject"].split()),
        body=render_to_string("emails/login_link.txt", context),
        from_email=f'"Utskick" <{SENDER}>',
        to=[user.email],
        reply_to=[reply_to] if reply_to else None,
        headers={
            "Message-ID": make_msgid(domain=settings.SENDING_DOMAIN),
            "Auto-Submitted": "auto-generated",  # RFC 3834
            "Content-Language": user.language,
        },
    )
    mail.attach_alternative(render_to_string("emails/login_link.html", context), "text/html")
    try:
        way = relay()
        session = Session(way.host, way.port, way.security, way.username, way.password)
        try:
            session.deliver(SENDER, in_ascii(user.email), mail.message().as_bytes(linesep="\r\n"), gate=lambda: None)
        finally:
            session.close()
    except Closed as closed:
        raise NotMailed(closed.reason) from closed
    except (Rejected, Lost, OSError, ValueError) as error:
        raise NotMailed(str(error)) from error

"""Who works in a company: asked in, given another role, gone. A company always keeps one who can let others in."""

from django.contrib.auth.hashers import make_password
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django_q.tasks import async_task

from recipients import history
from recipients.actions.profile import end_sessions
from recipients.models import Company, Member, Role, User
from recipients.scope import RoleMissing


class LastManager(Exception):
    """Nobody would be left who can let others in."""


class AlreadyMember(Exception):
    """`member` is the row."""

    def __init__(self, member):
        super().__init__(member)
        self.member = member


class LoginClosed(Exception):
    """The operator closed this person's login."""


@transaction.atomic
def invite(company, *, email, name, role, language, origin, by):
    """Make whoever has this e-mail address a member, and mail them a link; returns the Member.

    A new person gets a login without a password: the link lets them choose one. Somebody who has a login keeps it, with
    its name and language. `origin` is the scheme and host of the house. Raises AlreadyMember and LoginClosed.
    """
    fresh = {"email": email, "name": name, "language": language, "password": make_password(None)}
    user, _is_new = User.objects.get_or_create(email__iexact=email, defaults=fresh)
    if not user.is_active:
        raise LoginClosed
    member, is_new = Member.objects.get_or_create(user=user, company=company, defaults={"role": role})
    if not is_new:
        raise AlreadyMember(member)
    _remember("member.invited", member, by=by, role=Role(role).name)
    send_link(member, origin=origin, by=by)
    return member


def send_link(member, *, origin, by):
    """Queue the mail that lets a member in."""
    async_task("distribution.jobs.mail_invitation", member.pk, str(by.pk), origin)


def ask_for_password(email, *, origin):
    """Queue the mail with which one chooses a new password. Whether anybody has this address is seen by the job alone,
    so that the page takes as long for a stranger."""
    async_task("distribution.jobs.mail_password_link", email, origin)


def login_link(user, origin):
    """The address at which this person chooses a password: once, and for PASSWORD_RESET_TIMEOUT."""
    key = urlsafe_base64_encode(force_bytes(user.pk))
    return origin + reverse("recipients:choose_password", args=[key, default_token_generator.make_token(user)])


def may_hand_over(member, *, by):
    """Whether `by` may see the link of somebody invited: it opens every company that the person is a member of."""
    user = member.user
    theirs = Company.objects.filter(members__user=by, members__role=Role.MANAGER)
    elsewhere = user.memberships.exclude(company__in=theirs)
    return user.is_invited and user.is_active and not user.is_staff and not elsewhere.exists()


@transaction.atomic
def change_role(member, role, *, by):
    """Give a member another role; their sessions end. Raises LastManager."""
    member = _locked(member, by=by)
    if member.role == role:
        return
    if role < Role.MANAGER:
        _keep_a_manager(member)
    was = Role(member.role).name
    member.role = role
    member.save(update_fields=["role"])
    end_sessions(member.user)
    _remember("member.role", member, by=by, was=was, role=Role(role).name)


@transaction.atomic
def remove(member, *, by):
    """End a membership; one's own: leave. What the person did stays in the history, what they shared stays shared;
    their sessions end.

    Raises LastManager.
    """
    member = _locked(member, by=by)
    _keep_a_manager(member)
    member.user.saved_views.of(member.company).filter(is_shared=False).delete()
    _remember("member.left" if member.user_id == by.pk else "member.removed", member, by=by)
    member.delete()
    end_sessions(member.user)


def _locked(member, *, by):
    """The row as it is now. The company's row is the lock: two managers who remove each other come one after the other,
    and the second one is no manager any more."""
    company = Company.objects.select_for_update(no_key=True).get(pk=member.company_id)
    member = Member.objects.select_related("user", "company").get(pk=member.pk)
    if member.user_id != by.pk and not company.members.filter(user=by, role=Role.MANAGER).exists():
        raise RoleMissing(company, Role.MANAGER)
    return member


def _keep_a_manager(member):
    others = Member.objects.of(member.company).filter(role=Role.MANAGER, user__is_active=True).exclude(pk=member.pk)
    if member.role == Role.MANAGER and not others.exists():
        raise LastManager


def _remember(what, member, *, by, **data):
    company = member.company
    history.record(company, what, by=by, company=company, person=str(member.user), email=member.user.email, **data)

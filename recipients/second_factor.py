"""The second factor: codes of an app (TOTP), passkeys (WebAuthn), recovery codes. The one door to django-allauth.

Its rows (Authenticator), its ceremony of passkeys and its recovery codes are used; its pages, its login and its limits
are not, because ours meet the same people (docs/decisions/0013).
"""

import hmac

import segno
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn.internal import auth as webauthn
from cryptography.fernet import InvalidToken
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.ipv6 import is_valid_ipv6_address
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from config.sealing import opened, renewed, sealed

APP, PASSKEY, CODES = Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN, Authenticator.Type.RECOVERY_CODES
OWNER = "second factor"  # whose secrets these are: one copied from a connection does not open here


class Adapter(DefaultMFAAdapter):
    """What allauth asks the house."""

    def encrypt(self, text):
        return sealed(OWNER, text)

    def decrypt(self, encrypted_text):
        return opened(OWNER, encrypted_text, _("the second factor"))

    def get_totp_label(self, user):
        return user.email

    def get_totp_issuer(self):
        return "Utskick"

    def get_public_key_credential_rp_entity(self):
        return super().get_public_key_credential_rp_entity() | {"name": "Utskick"}

    def get_public_key_credential_user_entity(self, user):
        return {"id": user_pk_to_url_str(user).encode(), "display_name": str(user), "name": user.email}


def factors(user):
    """The apps and passkeys of a person, the oldest first; recovery codes are none, they stand in for one."""
    return Authenticator.objects.filter(user=user, type__in=(APP, PASSKEY)).order_by("created_at", "pk")


def name_of(factor):
    """As its owner named it; there is one app."""
    return _("App with codes") if factor.type == APP else str(factor)


def has_factor(user):
    return factors(user).exists()


def kinds(user):
    """{"app", "passkey", "codes"}: which of them a person has."""
    names = {APP: "app", PASSKEY: "passkey", CODES: "codes"}
    return {names[kind] for kind in Authenticator.objects.filter(user=user).values_list("type", flat=True)}


def holders(company):
    """The keys of a company's members who have one."""
    ours = Authenticator.objects.filter(user__memberships__company=company, type__in=(APP, PASSKEY))
    return set(ours.values_list("user", flat=True))


def remove_all(user):
    """Of every kind, the recovery codes too."""
    Authenticator.objects.filter(user=user).delete()


# --- Codes ------------------------------------------------------------------------------------------------------------


def new_secret():
    return totp.generate_totp_secret()


def picture(user, secret):
    """The QR code that an app reads, as SVG to stand in the page."""
    code = segno.make(Adapter().build_totp_url(user, secret), micro=False)
    return mark_safe(code.svg_inline(omitsize=True, border=4, dark="#000", light="#fff"))  # noqa: S308  # nosec B308 B703 - it has no text


def add_app(user, secret, code):
    """Keep the secret if the code is one of it; returns whether. Raises NoKey when secrets cannot be stored."""
    counter = _counter(secret, code)
    if counter is None:
        return False
    app = totp.TOTP.activate(user, secret).instance
    app.data["counter"] = counter
    app.save(update_fields=["data"])
    return True


@transaction.atomic
def takes(user, code):
    """Whether this is a code of the person's app, or one of their recovery codes. It is good once. Raises NoKey."""
    rows = Authenticator.objects.select_for_update().filter(user=user, type__in=(APP, CODES))
    for row in rows:
        if _takes_once(row, code) if row.type == APP else row.wrap().validate_code(code):
            row.record_usage()
            return True
    return False


def _takes_once(app, code):
    """allauth remembers used codes in a cache, which each process has for itself: ours remembers in the row."""
    counter = _counter(Adapter().decrypt(app.data["secret"]), code, after=app.data.get("counter", -1))
    if counter is None:
        return False
    app.data["counter"] = counter
    app.save(update_fields=["data"])
    return True


def _counter(secret, code, after=-1):
    """The step of 30 s that the code belongs to, if it is near and later than `after`."""
    typed = "".join(code.split())
    for counter in totp.yield_hotp_counters_from_time():
        expected = totp.format_hotp_value(totp.hotp_value(secret, counter))
        if counter > after and hmac.compare_digest(expected.encode(), typed.encode()):
            return counter
    return None


def ensure_codes(user):
    """Make recovery codes if there are none."""
    RecoveryCodes.activate(user)


def new_codes(user):
    """The old ones open nothing any more."""
    Authenticator.objects.filter(user=user, type=CODES).delete()
    RecoveryCodes.activate(user)


def _recovery(user):
    row = Authenticator.objects.filter(user=user, type=CODES).first()
    return row.wrap() if row else None


def codes_left(user):
    """How many recovery codes are left."""
    found = _recovery(user)
    return len(found.get_unused_codes()) if found else 0


def were_codes_seen(user):
    found = _recovery(user)
    return bool(found) and found.did_view


def codes_to_show(user):
    """The recovery codes as texts, the first time that they are asked for; after that []."""
    found = _recovery(user)
    if not found or found.did_view:
        return []
    found.mark_as_viewed()
    return found.get_unused_codes()


# --- Passkeys ---------------------------------------------------------------------------------------------------------


def can_have_passkeys(request):
    """A passkey belongs to a name: there are none where the house is reached by a number."""
    host = request.get_host().rpartition(":")[0] or request.get_host()
    is_number = host.replace(".", "").isdigit() or is_valid_ipv6_address(host.strip("[]"))
    return not is_number and (request.is_secure() or host == "localhost")


def begin_passkey(user):
    """What the browser needs to make one, as JSON."""
    return {"creation_options": webauthn.begin_registration(user, passwordless=False)}


def add_passkey(user, name, credential, *, alone):
    """Keep what the browser made; `alone`: it is to log in without a password, so it must have looked who holds it.

    Returns whether it fits what was asked for.
    """
    try:
        webauthn.parse_registration_response(credential)
        made = webauthn.complete_registration(credential)
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError):
        return False
    if alone and not made.is_user_verified():
        return False
    webauthn.WebAuthn.add(user, name, credential)
    return True


def ask_passkey(user=None):
    """What the browser needs to show one, as JSON; without a user: any that can log in alone."""
    return {"request_options": webauthn.begin_authentication(user)}


def shown_passkey(credential, user=None):
    """The passkey (Authenticator) that the browser's answer is of, or None; without a user the answer names them."""
    try:
        webauthn.parse_authentication_response(credential)
        row = webauthn.complete_authentication(user or webauthn.extract_user_from_response(credential), credential)
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError):
        return None
    row.record_usage()
    return row


@transaction.atomic
def rotate_secrets():
    """Encrypt the seeds of apps and recovery codes with the newest key; how many, and whose no key opens."""
    done, locked = 0, []
    for row in Authenticator.objects.filter(type__in=(APP, CODES)).select_for_update():
        name = "secret" if row.type == APP else "seed"
        try:
            row.data[name] = renewed(row.data[name])
        except InvalidToken:
            locked.append(f"the second factor of user {row.user_id}")
        else:
            row.save(update_fields=["data"])
            done += 1
    return done, locked

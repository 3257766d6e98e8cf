"""Secrets at rest: encrypted with the keys of the environment, and bound to whom they belong."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class NoKey(Exception):
    """A secret cannot be opened."""


def keyring():
    if not settings.SECRETS_KEYS:
        raise NoKey(_("SECRETS_KEYS is empty: no secret can be stored or read."))
    return MultiFernet([Fernet(key) for key in settings.SECRETS_KEYS])


def sealed(owner, secret):
    """A value copied to another owner does not open there. "" stays "". Raises NoKey."""
    return keyring().encrypt(f"{owner}:{secret}".encode()).decode() if secret else ""


def renewed(sealed):
    """The same secret under the newest key. "" stays "". Raises InvalidToken when no key opens it."""
    return keyring().rotate(sealed).decode() if sealed else ""


def opened(owner, sealed, row):
    """The clear text. `row` is what NoKey names when no key opens it, or when it belongs to another owner."""
    if not sealed:
        return ""
    try:
        whose, _colon, secret = keyring().decrypt(sealed.encode()).decode().partition(":")
    except InvalidToken as error:
        raise NoKey(_("No key in SECRETS_KEYS opens the password of %s. Type it again.") % row) from error
    if whose != owner:
        raise NoKey(_("The password of %s belongs to another connection. Type it again.") % row)
    return secret

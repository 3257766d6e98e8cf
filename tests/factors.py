"""An authenticator app and a login with it, for tests. The codes are counted here by RFC 6238, not by the product."""

import base64
import hashlib
import hmac
import struct
import time

from recipients import second_factor
from recipients.actions import profile

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code(secret=SECRET, *, steps=0):
    """What the app shows now, or some steps of 30 s later."""
    counter = int(time.time()) // 30 + steps
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", counter), hashlib.sha1).digest()
    at = digest[-1] & 0x0F
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def give_app(user):
    """The user has an app with SECRET; the code of this step is used up, that of the next one is taken."""
    assert profile.add_app(user, SECRET, code())
    return user


def recovery_codes(user):
    return second_factor.codes_to_show(user)

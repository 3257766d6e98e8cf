"""Identifiers of rows."""

import os
import time
import uuid


def uuid7():
    """A time-ordered UUID (RFC 9562 section 5.7): unguessable, and newer rows sort and index after older ones."""
    value = bytearray((time.time_ns() // 1_000_000).to_bytes(6, "big") + os.urandom(10))
    value[6] = 0x70 | (value[6] & 0x0F)
    value[8] = 0x80 | (value[8] & 0x3F)
    return uuid.UUID(bytes=bytes(value))

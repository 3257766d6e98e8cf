"""The suite's settings with small clocks, for the processes that the journeys start. Nothing else differs."""

from tests.settings import *  # noqa: F403
from tests.settings import SENDING

# What must be longer than what stays so: a hand-over's lease than the wait after the dot.
SENDING |= {
    "lease_claimed": 10,
    "lease_handing_over": 12,
    "lease_prepare": 20,
    "prepare_size": 10,
    "dot_timeout": 10,
    "command_timeout": 10,
    "sweep_every": 2,
    "idle": 0.3,  # what looks more often has no processor left for Chromium
    "back_off": [2, 3, 5],
    "breaker": [1, 2],
    "queue_silent": 15,
    "sender_silent": 8,
}
ALLOW_PRIVATE_CONNECTIONS = True  # the other sides of the journeys are on this machine
# Hashed names as in production, so that a missing file shows; not compressed, which takes long.
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"  # noqa: F405
WHITENOISE_AUTOREFRESH = False
STATIC_ROOT = env.str("JOURNEY_STATIC_ROOT")  # noqa: F405

"""The project's settings with small clocks, so that minutes of recovery pass in seconds. No other rule differs."""

import os

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS, LOGGING, Q_CLUSTER, SENDING

# The queue's processes say their numbers when they start (world.ROLES).
LOGGING["loggers"]["django-q"] = {"level": LOGGING["root"]["level"]}

# What must be longer than what stays so: a hand-over's lease than the wait after the dot, the silence of the queue than
# a sweep. Chunks are small, so that a kill has many moments to hit.
SENDING |= {
    "lease_claimed": 5,
    "lease_handing_over": 6,
    "lease_prepare": 12,
    "dot_timeout": 3,
    "command_timeout": 10,
    "sweep_every": 1.5,
    "idle": 0.1,
    "back_off": [0.5, 1, 2],
    "breaker": [0.5, 1, 2],
    "queue_silent": 5,
    "sender_silent": 5,
    "route_size": 20,
    "prepare_size": 5,
    "print_part": 10,
    "ask_again_after": 2,
}

if "CHAOS_SLIPS" in os.environ:
    INSTALLED_APPS += ["tests.reliability.slips.Slips"]
if "CHAOS_DEAF" in os.environ:
    Q_CLUSTER["broker_class"] = "tests.reliability.bells.Deaf"
